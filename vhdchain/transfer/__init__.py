"""What goes along when a machine leaves its host, where does it lie meanwhile, and how does it come back?

An export is an exact copy of a machine's files in one folder, with a record of what each of them is. Its layout stands
here, and the plans that make an export or bring one back; all of it as values, since files are read, and new ids and
times made, by the shell. How a record is written and read stands where audits of exports use it, too.
"""

from __future__ import annotations

from vhdchain.audit.backup.export_record import (
    RECORD_NAME,
    ExportedFile,
    ExportedPart,
    ExportRecord,
    RecordPlace,
    RecordText,
    build_record,
    parse_record,
)
from vhdchain.transfer.layout import DiskPlaces, configuration_place, safe_name, state_place

__all__ = [
    "RECORD_NAME",
    "DiskPlaces",
    "ExportRecord",
    "ExportedFile",
    "ExportedPart",
    "RecordPlace",
    "RecordText",
    "build_record",
    "configuration_place",
    "parse_record",
    "safe_name",
    "state_place",
]

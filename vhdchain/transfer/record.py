"""What does an export say of itself? How that is written and read stands where audits of exports use it, too."""

from __future__ import annotations

from vhdchain.audit.backup.export_record import (
    RECORD_NAME,
    ExportedFile,
    ExportedPart,
    ExportRecord,
    RecordPlace,
    RecordText,
    build_record,
    digest_length,
    parse_record,
)
from vhdchain.hyperv.folders import MAX_RECORD_BYTES

MOST_BYTES = MAX_RECORD_BYTES
"""How long a record may be."""

__all__ = [
    "MOST_BYTES",
    "RECORD_NAME",
    "ExportRecord",
    "ExportedFile",
    "ExportedPart",
    "RecordPlace",
    "RecordText",
    "build_record",
    "digest_length",
    "parse_record",
]

"""Could a host back this machine up, how, and does a backup hold all of it?

What files can prove of it, without touching one: the guest's partition tables, read through the chain, and the
registry's registration of the VSS writer.
"""

from __future__ import annotations

from vhdchain.audit.backup.answers import Answer, Judgement
from vhdchain.audit.backup.disks import GuestDisk, GuestDiskKind, GuestPartition, PartitionScheme
from vhdchain.audit.backup.guest import guest_reader
from vhdchain.audit.backup.partitions import guest_disk_kind
from vhdchain.audit.backup.registration import wsb_registration
from vhdchain.audit.backup.registry import RegistryExport, RegistryKey, load_registry_export, parse_registry_export
from vhdchain.audit.backup.registry_values import RegistryValue

__all__ = [
    "Answer",
    "GuestDisk",
    "GuestDiskKind",
    "GuestPartition",
    "Judgement",
    "PartitionScheme",
    "RegistryExport",
    "RegistryKey",
    "RegistryValue",
    "guest_disk_kind",
    "guest_reader",
    "load_registry_export",
    "parse_registry_export",
    "wsb_registration",
]

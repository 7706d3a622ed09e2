"""Could a host back this machine up, how, and does a backup hold all of it?

What files can prove of it, without touching one: the conditions of an online backup, the guest's partition tables, read
through the chain, the registry's registration of the VSS writer, the list of files that a backup must hold, and a set
that is held against it.
"""

from __future__ import annotations

from vhdchain.audit.backup.answers import Answer, Judgement
from vhdchain.audit.backup.conditions import ONLINE, STATEMENTS, Condition, ConditionName
from vhdchain.audit.backup.disks import GuestDisk, GuestDiskKind, GuestPartition, PartitionScheme
from vhdchain.audit.backup.exports import ExportReport, Prove, judge_exports
from vhdchain.audit.backup.guest import guest_reader
from vhdchain.audit.backup.guest_disks import MachineDisk
from vhdchain.audit.backup.guest_system import ANY_GUEST, guest_system
from vhdchain.audit.backup.held import BackupSet, Compare, OtherFile
from vhdchain.audit.backup.listing import required_files
from vhdchain.audit.backup.method import Method, Prediction, Verdict
from vhdchain.audit.backup.partitions import guest_disk_kind
from vhdchain.audit.backup.registration import wsb_registration
from vhdchain.audit.backup.registry import RegistryExport, RegistryKey, load_registry_export, parse_registry_export
from vhdchain.audit.backup.registry_values import RegistryValue
from vhdchain.audit.backup.report import BackupReport, MachineBackup, SetReport, VolumeFiles
from vhdchain.audit.backup.required import Part, Presence, RequiredFile
from vhdchain.audit.backup.run import backup_check
from vhdchain.audit.backup.verify import verify_set

__all__ = [
    "ANY_GUEST",
    "ONLINE",
    "STATEMENTS",
    "Answer",
    "BackupReport",
    "BackupSet",
    "Compare",
    "Condition",
    "ConditionName",
    "ExportReport",
    "GuestDisk",
    "GuestDiskKind",
    "GuestPartition",
    "Judgement",
    "MachineBackup",
    "MachineDisk",
    "Method",
    "OtherFile",
    "Part",
    "PartitionScheme",
    "Prediction",
    "Presence",
    "Prove",
    "RegistryExport",
    "RegistryKey",
    "RegistryValue",
    "RequiredFile",
    "SetReport",
    "Verdict",
    "VolumeFiles",
    "backup_check",
    "guest_disk_kind",
    "guest_reader",
    "guest_system",
    "judge_exports",
    "load_registry_export",
    "parse_registry_export",
    "required_files",
    "verify_set",
    "wsb_registration",
]

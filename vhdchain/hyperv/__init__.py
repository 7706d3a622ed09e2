"""What do the configurations of a Hyper-V host say, and which machines and snapshots do they make up?

Configuration files become a typed key tree, records, and, with the disks and their parents, machines with a snapshot
tree. The only door of lxml. Nothing here opens a file.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from vhdchain.hyperv.assembly import assemble
from vhdchain.hyperv.check_configuration import STRUCTURE, check_configuration
from vhdchain.hyperv.check_document import check_document, malformed
from vhdchain.hyperv.check_machine import MAX_SNAPSHOTS, check_domain_controller, check_machine, snapshot_count
from vhdchain.hyperv.devices import has_device_section
from vhdchain.hyperv.find_path import find_path
from vhdchain.hyperv.folders import FileRole, is_export_record, is_guid, is_host_folder, role_of
from vhdchain.hyperv.keytree import Key, KeyKind, Remark, make_key
from vhdchain.hyperv.known_files import KnownFiles
from vhdchain.hyperv.machines import (
    AttachedDisk,
    FoundPath,
    Machine,
    Machines,
    MachineState,
    PathAttempt,
    PathOutcome,
    PathRule,
)
from vhdchain.hyperv.path_finder import PathFinder, stored_paths
from vhdchain.hyperv.reading import is_machine_tree, read_configuration
from vhdchain.hyperv.records import (
    Configuration,
    ConfigurationKind,
    ControllerKind,
    Drive,
    HostFile,
    PowerGuess,
    PowerState,
    SavedState,
    Service,
)
from vhdchain.hyperv.snapshot_tree import NOW, SnapshotTree, derive_tree
from vhdchain.hyperv.viewpoint import Viewpoint
from vhdchain.hyperv.volumes import volume_of

if TYPE_CHECKING:
    from vhdchain.hyperv.xml import (
        MAX_CONFIGURATION_BYTES,
        ConfigurationDocument,
        build_document,
        is_configuration,
        parse_document,
    )

__all__ = [
    "MAX_CONFIGURATION_BYTES",
    "MAX_SNAPSHOTS",
    "NOW",
    "STRUCTURE",
    "AttachedDisk",
    "Configuration",
    "ConfigurationDocument",
    "ConfigurationKind",
    "ControllerKind",
    "Drive",
    "FileRole",
    "FoundPath",
    "HostFile",
    "Key",
    "KeyKind",
    "KnownFiles",
    "Machine",
    "MachineState",
    "Machines",
    "PathAttempt",
    "PathFinder",
    "PathOutcome",
    "PathRule",
    "PowerGuess",
    "PowerState",
    "Remark",
    "SavedState",
    "Service",
    "SnapshotTree",
    "Viewpoint",
    "assemble",
    "build_document",
    "check_configuration",
    "check_document",
    "check_domain_controller",
    "check_machine",
    "derive_tree",
    "find_path",
    "has_device_section",
    "is_configuration",
    "is_export_record",
    "is_guid",
    "is_host_folder",
    "is_machine_tree",
    "make_key",
    "malformed",
    "parse_document",
    "read_configuration",
    "role_of",
    "snapshot_count",
    "stored_paths",
    "volume_of",
]

# The reader of XML brings lxml, which scans of folders without configurations have no need of.
_XML = frozenset(
    {
        "MAX_CONFIGURATION_BYTES",
        "ConfigurationDocument",
        "build_document",
        "is_configuration",
        "parse_document",
    }
)

if not TYPE_CHECKING:  # a type checker that saw it would take any name for a public one

    def __getattr__(name: str) -> object:
        if name not in _XML:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module("vhdchain.hyperv.xml"), name)

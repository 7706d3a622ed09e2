"""Which names does ``vhdchain`` offer?

The public names, nothing else. Each resolves on first use (PEP 562), so that ``import vhdchain`` loads neither NumPy
nor networkx, lxml, construct, click or rich: a pytest plugin or an import for types costs nothing.

`vhdchain.audit` is both a package and a public function. The import system binds a package's name when it is loaded,
which would hide the function for whoever comes later; the class of this module keeps the public name. Take what the
package holds by ``from vhdchain.audit import ...``.

A name stands in three places, and a test holds them together: the imports that type checkers read, the table of homes
that resolves it, and ``__all__``. This module knows where a name lives, never what it does.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vhdchain.audit import AuditReport, audit
    from vhdchain.audit.backup import BackupReport, backup_check
    from vhdchain.audit.manifest import Manifest, ManifestComparison
    from vhdchain.blockmap import EXTENT_DTYPE, RANGE_DTYPE, BlockMap, DiskChange
    from vhdchain.chain import Chain
    from vhdchain.errors import (
        CancelledError,
        ChainError,
        ConfigError,
        FormatError,
        OutOfRangeError,
        PlanRefusedError,
        ShortReadError,
        SnapshotLimitError,
        UnknownDataError,
        VhdChainError,
    )
    from vhdchain.findings import Finding, Location, Severity
    from vhdchain.graph import Inventory
    from vhdchain.image import Image, load_image, scan_image
    from vhdchain.locate import PathMap
    from vhdchain.plan import Plan
    from vhdchain.shell.changes import changed_ranges
    from vhdchain.shell.executor.pace import Pace
    from vhdchain.shell.executor.run import execute, resume, undo
    from vhdchain.shell.flatten import flatten_to_file, flatten_to_stream
    from vhdchain.shell.flattening import plan_flatten
    from vhdchain.shell.handle import OpenChain
    from vhdchain.shell.machine_changes import changed_disks
    from vhdchain.shell.manifest import create_manifest, load_manifest, save_manifest, verify_manifest
    from vhdchain.shell.merging import plan_merge
    from vhdchain.shell.opening import chain_from_sources, open_chain, open_image
    from vhdchain.shell.repairing import plan_repair, plan_resize
    from vhdchain.shell.reparenting import plan_reparent
    from vhdchain.shell.scanning import scan_folder
    from vhdchain.shell.snapshots.simulating import Foretold, foretell, simulate
    from vhdchain.shell.transfer.exporting import plan_export
    from vhdchain.shell.transfer.importing import plan_import
    from vhdchain.shell.usage import disk_usage
    from vhdchain.snapshots import POLICIES, Policy, Simulation

__version__ = "0.1.0"

# Module -> the public names that it defines, in the order of the flow.
_NAMES: dict[str, tuple[str, ...]] = {
    "vhdchain.errors": (
        "CancelledError",
        "ChainError",
        "ConfigError",
        "FormatError",
        "OutOfRangeError",
        "PlanRefusedError",
        "ShortReadError",
        "SnapshotLimitError",
        "UnknownDataError",
        "VhdChainError",
    ),
    "vhdchain.findings": (
        "Finding",
        "Location",
        "Severity",
    ),
    "vhdchain.image": (
        "Image",
        "load_image",
        "scan_image",
    ),
    "vhdchain.locate": ("PathMap",),
    "vhdchain.graph": ("Inventory",),
    "vhdchain.chain": ("Chain",),
    "vhdchain.blockmap": (
        "BlockMap",
        "DiskChange",
        "EXTENT_DTYPE",
        "RANGE_DTYPE",
    ),
    "vhdchain.plan": ("Plan",),
    "vhdchain.audit": (
        "AuditReport",
        "audit",
    ),
    "vhdchain.audit.backup": (
        "BackupReport",
        "backup_check",
    ),
    "vhdchain.audit.manifest": (
        "Manifest",
        "ManifestComparison",
    ),
    "vhdchain.shell.changes": ("changed_ranges",),
    "vhdchain.shell.executor.pace": ("Pace",),
    "vhdchain.shell.executor.run": (
        "execute",
        "resume",
        "undo",
    ),
    "vhdchain.shell.handle": ("OpenChain",),
    "vhdchain.shell.merging": ("plan_merge",),
    "vhdchain.shell.flatten": (
        "flatten_to_file",
        "flatten_to_stream",
    ),
    "vhdchain.shell.flattening": ("plan_flatten",),
    "vhdchain.shell.machine_changes": ("changed_disks",),
    "vhdchain.shell.manifest": (
        "create_manifest",
        "load_manifest",
        "save_manifest",
        "verify_manifest",
    ),
    "vhdchain.shell.opening": (
        "chain_from_sources",
        "open_chain",
        "open_image",
    ),
    "vhdchain.shell.repairing": (
        "plan_repair",
        "plan_resize",
    ),
    "vhdchain.shell.reparenting": ("plan_reparent",),
    "vhdchain.shell.scanning": ("scan_folder",),
    "vhdchain.shell.snapshots.simulating": (
        "Foretold",
        "foretell",
        "simulate",
    ),
    "vhdchain.shell.transfer.exporting": ("plan_export",),
    "vhdchain.shell.transfer.importing": ("plan_import",),
    "vhdchain.shell.usage": ("disk_usage",),
    "vhdchain.snapshots": (
        "POLICIES",
        "Policy",
        "Simulation",
    ),
}
_HOME = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [
    "EXTENT_DTYPE",
    "POLICIES",
    "RANGE_DTYPE",
    "AuditReport",
    "BackupReport",
    "BlockMap",
    "CancelledError",
    "Chain",
    "ChainError",
    "ConfigError",
    "DiskChange",
    "Finding",
    "Foretold",
    "FormatError",
    "Image",
    "Inventory",
    "Location",
    "Manifest",
    "ManifestComparison",
    "OpenChain",
    "OutOfRangeError",
    "Pace",
    "PathMap",
    "Plan",
    "PlanRefusedError",
    "Policy",
    "Severity",
    "ShortReadError",
    "Simulation",
    "SnapshotLimitError",
    "UnknownDataError",
    "VhdChainError",
    "__version__",
    "audit",
    "backup_check",
    "chain_from_sources",
    "changed_disks",
    "changed_ranges",
    "create_manifest",
    "disk_usage",
    "execute",
    "flatten_to_file",
    "flatten_to_stream",
    "foretell",
    "load_image",
    "load_manifest",
    "open_chain",
    "open_image",
    "plan_export",
    "plan_flatten",
    "plan_import",
    "plan_merge",
    "plan_repair",
    "plan_reparent",
    "plan_resize",
    "resume",
    "save_manifest",
    "scan_folder",
    "scan_image",
    "simulate",
    "undo",
    "verify_manifest",
]

if not TYPE_CHECKING:  # a type checker that saw it would take any name for a public one

    def __getattr__(name: str) -> object:
        try:
            home = _HOME[name]
        except KeyError:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
        value = getattr(import_module(home), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Facade(ModuleType):
    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Facade

"""How does a test suite get VHD chains whose every byte is known?

Builder, labs of whole hosts, small programs, reference model, Hypothesis strategies, adapters to other readers, and
damage; ``docs/testing.md`` shows how to use them. Names resolve on first use, so that importing this package loads
neither Hypothesis nor NumPy.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vhdchain.testing.builder import EXPECTED_NAME, ChainBuilder
    from vhdchain.testing.damage import RECIPES, DamageError, Recipe, damage
    from vhdchain.testing.damage_folder import FOLDER_RECIPES, FolderRecipe
    from vhdchain.testing.damage_plan import PLAN_RECIPES, PlanRecipe
    from vhdchain.testing.damage_set import SET_RECIPES, SetRecipe
    from vhdchain.testing.dialects import DIALECTS, Dialect, Layout, Locator, LocatorsAt, NameForm, Order
    from vhdchain.testing.exclusions import EXCLUSIONS, Exclusion, exclusions_of
    from vhdchain.testing.expected import ExpectedDisk, ExpectedExtent
    from vhdchain.testing.images import BuiltBlock, BuiltImage
    from vhdchain.testing.lab import (
        HEALTHY_LABS,
        HostLab,
        LabDisk,
        LabMachine,
        LabSnapshot,
        Partitions,
        host_lab,
    )
    from vhdchain.testing.layout import BuiltFile
    from vhdchain.testing.model import ModelDisks, naive_map, naive_read
    from vhdchain.testing.opening import built_chain, built_image
    from vhdchain.testing.oracles import ORACLES, Cannot, Oracle, oracle_versions
    from vhdchain.testing.programs import (
        Create,
        Program,
        ProgramState,
        Resize,
        Snapshot,
        Step,
        Write,
        check_builder,
        run_program,
    )
    from vhdchain.testing.recipes import BlockRecipe, ChainRecipe, Content, LayerRecipe
    from vhdchain.testing.report import expected_report
    from vhdchain.testing.shrinking import ShrunkSource
    from vhdchain.testing.snapshot_world import SnapshotWorld
    from vhdchain.testing.sparse import SparseBytes, SparseSource

_NAMES: dict[str, tuple[str, ...]] = {
    "builder": (
        "EXPECTED_NAME",
        "ChainBuilder",
    ),
    "damage": (
        "RECIPES",
        "DamageError",
        "Recipe",
        "damage",
    ),
    "damage_folder": (
        "FOLDER_RECIPES",
        "FolderRecipe",
    ),
    "damage_plan": (
        "PLAN_RECIPES",
        "PlanRecipe",
    ),
    "damage_set": (
        "SET_RECIPES",
        "SetRecipe",
    ),
    "dialects": (
        "DIALECTS",
        "Dialect",
        "Layout",
        "Locator",
        "LocatorsAt",
        "NameForm",
        "Order",
    ),
    "exclusions": (
        "EXCLUSIONS",
        "Exclusion",
        "exclusions_of",
    ),
    "expected": (
        "ExpectedDisk",
        "ExpectedExtent",
    ),
    "images": (
        "BuiltBlock",
        "BuiltImage",
    ),
    "lab": (
        "HEALTHY_LABS",
        "HostLab",
        "LabDisk",
        "LabMachine",
        "LabSnapshot",
        "Partitions",
        "host_lab",
    ),
    "layout": ("BuiltFile",),
    "model": (
        "ModelDisks",
        "naive_map",
        "naive_read",
    ),
    "opening": (
        "built_chain",
        "built_image",
    ),
    "oracles": (
        "ORACLES",
        "Cannot",
        "Oracle",
        "oracle_versions",
    ),
    "programs": (
        "Create",
        "Program",
        "ProgramState",
        "Resize",
        "Snapshot",
        "Step",
        "Write",
        "check_builder",
        "run_program",
    ),
    "recipes": (
        "BlockRecipe",
        "ChainRecipe",
        "Content",
        "LayerRecipe",
    ),
    "report": ("expected_report",),
    "shrinking": ("ShrunkSource",),
    "snapshot_world": ("SnapshotWorld",),
    "sparse": (
        "SparseBytes",
        "SparseSource",
    ),
}
_HOME = {name: f"{__name__}.{module}" for module, names in _NAMES.items() for name in names}

__all__ = [
    "DIALECTS",
    "EXCLUSIONS",
    "EXPECTED_NAME",
    "FOLDER_RECIPES",
    "HEALTHY_LABS",
    "ORACLES",
    "PLAN_RECIPES",
    "RECIPES",
    "SET_RECIPES",
    "BlockRecipe",
    "BuiltBlock",
    "BuiltFile",
    "BuiltImage",
    "Cannot",
    "ChainBuilder",
    "ChainRecipe",
    "Content",
    "Create",
    "DamageError",
    "Dialect",
    "Exclusion",
    "ExpectedDisk",
    "ExpectedExtent",
    "FolderRecipe",
    "HostLab",
    "LabDisk",
    "LabMachine",
    "LabSnapshot",
    "LayerRecipe",
    "Layout",
    "Locator",
    "LocatorsAt",
    "ModelDisks",
    "NameForm",
    "Oracle",
    "Order",
    "Partitions",
    "PlanRecipe",
    "Program",
    "ProgramState",
    "Recipe",
    "Resize",
    "SetRecipe",
    "ShrunkSource",
    "Snapshot",
    "SnapshotWorld",
    "SparseBytes",
    "SparseSource",
    "Step",
    "Write",
    "built_chain",
    "built_image",
    "check_builder",
    "damage",
    "exclusions_of",
    "expected_report",
    "host_lab",
    "naive_map",
    "naive_read",
    "oracle_versions",
    "run_program",
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
        # What the import system does with every submodule that it has loaded; `damage` is the function here.
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Facade

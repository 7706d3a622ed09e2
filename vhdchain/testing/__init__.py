"""How does a test suite get VHD chains whose every byte is known?

Builder, small programs, reference model, Hypothesis strategies, adapters to other readers, and damage;
``docs/testing.md`` shows how to use them. Names resolve on first use, so that importing this package loads neither
Hypothesis nor NumPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vhdchain.testing.builder import EXPECTED_NAME, ChainBuilder
    from vhdchain.testing.damage import RECIPES, Recipe
    from vhdchain.testing.damage_folder import FOLDER_RECIPES, FolderRecipe
    from vhdchain.testing.dialects import DIALECTS, Dialect, Layout, Locator, LocatorsAt, NameForm, Order
    from vhdchain.testing.expected import ExpectedDisk, ExpectedExtent
    from vhdchain.testing.images import BuiltBlock, BuiltImage
    from vhdchain.testing.layout import BuiltFile
    from vhdchain.testing.shrinking import ShrunkSource
    from vhdchain.testing.sparse import SparseBytes, SparseSource

_NAMES: dict[str, tuple[str, ...]] = {
    "builder": ("EXPECTED_NAME", "ChainBuilder"),
    "damage": ("RECIPES", "Recipe"),
    "damage_folder": ("FOLDER_RECIPES", "FolderRecipe"),
    "dialects": ("DIALECTS", "Dialect", "Layout", "Locator", "LocatorsAt", "NameForm", "Order"),
    "expected": ("ExpectedDisk", "ExpectedExtent"),
    "images": ("BuiltBlock", "BuiltImage"),
    "layout": ("BuiltFile",),
    "shrinking": ("ShrunkSource",),
    "sparse": ("SparseBytes", "SparseSource"),
}
_HOME = {name: f"{__name__}.{module}" for module, names in _NAMES.items() for name in names}

__all__ = [
    "DIALECTS",
    "EXPECTED_NAME",
    "FOLDER_RECIPES",
    "RECIPES",
    "BuiltBlock",
    "BuiltFile",
    "BuiltImage",
    "ChainBuilder",
    "Dialect",
    "ExpectedDisk",
    "ExpectedExtent",
    "FolderRecipe",
    "Layout",
    "Locator",
    "LocatorsAt",
    "NameForm",
    "Order",
    "Recipe",
    "ShrunkSource",
    "SparseBytes",
    "SparseSource",
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

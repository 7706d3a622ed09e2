"""How is one single fault planted in a backup set that is otherwise complete?

What a set lacks or has too much shows only beside the folder that it was made of. So a `SetRecipe` starts from two
equal copies of a healthy host, and changes the second.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from vhdchain.testing.damage_folder.recipe import Files, moved
from vhdchain.testing.folder import write_folder
from vhdchain.testing.lab import host_lab

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRecipe:
    """How to plant one condition in a backup set.

    Attributes:
        code: The code that it plants.
        what: What is done to the set, as a clause.
        damage: From the files of the complete set to those of the faulty one.
        also: Codes that unavoidably follow, each with the reason.
    """

    code: str
    what: str
    damage: Callable[[Files], Files]
    also: Mapping[str, str] = field(default_factory=dict)

    @property
    def codes(self) -> frozenset[str]:
        """All the codes that the comparison shows."""
        return frozenset({self.code, *self.also})

    def plant(self, folder: Path, held: Path) -> None:
        """Write the healthy host below ``folder`` and the faulty set below ``held``; both exist."""
        lab = host_lab()
        for place, files in ((folder, lab.contents()), (held, self.damage(lab.contents()))):
            write_folder(files, place, modified=lab.modified())


_LAB = host_lab()
_SRV = _LAB.machines[0]
_BASE = _LAB.disk_path(_SRV.snapshot("first"))

SET_RECIPES: Mapping[str, SetRecipe] = MappingProxyType(
    {
        recipe.code: recipe
        for recipe in (
            SetRecipe(
                code="VHD833",
                what="the base of a machine's disk was left out",
                damage=lambda files: moved(files, _BASE),
            ),
            SetRecipe(
                code="VHD834",
                what="a list of the backup program lies beside the files",
                damage=lambda files: {**files, "catalog.txt": b"what was backed up when"},
            ),
        )
    }
)
"""The recipe of every code that only a backup set can show, in the order of the codes."""

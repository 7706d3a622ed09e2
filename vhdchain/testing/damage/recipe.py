"""What is a recipe: which single condition is planted in which healthy image, and what does it bring along?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TypeAlias

from vhdchain.structures import DiskType
from vhdchain.testing.dialects import HYPER_V_2008_R2, Dialect
from vhdchain.testing.edits import healthy

SPARSE = frozenset({DiskType.DYNAMIC, DiskType.DIFFERENCING})
FIXED = frozenset({DiskType.FIXED})
DYNAMIC = frozenset({DiskType.DYNAMIC})
DIFFERENCING = frozenset({DiskType.DIFFERENCING})
ANY = SPARSE | FIXED

LOOKED_AT = datetime(2012, 1, 1, tzinfo=UTC)
"""The time at which damaged images are looked at: later than everything that a healthy one records."""

Damage: TypeAlias = Callable[[bytes], bytes]
"""From the bytes of a healthy image to those of the damaged one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to plant one condition in one image.

    Attributes:
        code: The code that it plants.
        what: What is done to the file, as a clause.
        kinds: For which kinds of images it is meant; its bytes must be like those of `healthy`: a 512-byte footer,
            and in a sparse one a BAT within one sector, and the last block partial and last in the file.
        damage: From the bytes of a healthy image to those of the damaged one.
        also: Codes that unavoidably follow, each with the reason.
        variants: The same condition at other places or by other values, by a few words each; they show the same codes.
        base: The healthy image that it starts from, by kind and dialect.
        dialects: The names of the dialects in which it can be planted; all where None.
        name: What the file must be called; None: whatever fits its kind.
        children: How many images build on the damaged one.
        deep: Whether bitmaps and data must be read to see it.
    """

    code: str
    what: str
    kinds: frozenset[DiskType]
    damage: Damage
    also: Mapping[str, str] = field(default_factory=dict)
    variants: Mapping[str, Damage] = field(default_factory=dict)
    base: Callable[[DiskType, Dialect], bytes] = healthy
    dialects: frozenset[str] | None = None
    name: str | None = None
    children: int = 0
    deep: bool = False

    @property
    def codes(self) -> frozenset[str]:
        """All the codes that the damaged image shows beyond the notes that the healthy one has."""
        return frozenset({self.code, *self.also})

    def healthy(self, kind: DiskType, dialect: Dialect = HYPER_V_2008_R2) -> bytes:
        """Return the bytes of the healthy image that it starts from."""
        return self.base(kind, dialect)

    def damages(self) -> Mapping[str, Damage]:
        """Return all the ways in which it is planted: the main one under an empty text, and the variants."""
        return {"": self.damage, **self.variants}

    def fits(self, dialect: Dialect) -> bool:
        """Say whether it can be planted in the images of a dialect."""
        return self.dialects is None or dialect.name in self.dialects

    def file_name(self, kind: DiskType) -> str:
        """Return what the damaged file is called."""
        return self.name or healthy_name(kind)


def healthy_name(kind: DiskType) -> str:
    """Return what an image of ``kind`` is called when nothing is to be told of its name."""
    return "disk.avhd" if kind is DiskType.DIFFERENCING else "disk.vhd"


def recipe(
    code: str,
    what: str,
    kinds: frozenset[DiskType],
    damage: Damage,
    *,
    variants: Mapping[str, Damage] | None = None,
    options: Mapping[str, Any] | None = None,
    **also: str,
) -> Recipe:
    """Return a recipe; ``also`` gives the reason of each code that follows, ``options`` further fields of `Recipe`."""
    return Recipe(
        code=code,
        what=what,
        kinds=kinds,
        damage=damage,
        also=MappingProxyType(also),
        variants=MappingProxyType(dict(variants or {})),
        **(options or {}),
    )

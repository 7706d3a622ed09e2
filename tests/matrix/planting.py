"""The images of the matrix: every recipe in every dialect and kind that it fits, and what the checks say of them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from vhdchain.audit import check_alone
from vhdchain.audit.deep import check_deep
from vhdchain.image import scan_image
from vhdchain.source import BytesSource
from vhdchain.structures import DiskType
from vhdchain.testing.damage import LOOKED_AT, healthy_name
from vhdchain.testing.dialects import BLKTAP, HYPER_V_2008_R2, QEMU, VIRTUALBOX, Dialect
from vhdchain.testing.edits import healthy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.findings import Finding
    from vhdchain.testing.damage import Recipe

DIALECTS = (HYPER_V_2008_R2, BLKTAP, VIRTUALBOX, QEMU)
KINDS = (DiskType.FIXED, DiskType.DYNAMIC, DiskType.DIFFERENCING)

healthy_image = cache(healthy)


def cells(recipe: Recipe | None = None) -> Iterator[tuple[DiskType, Dialect]]:
    """Yield the kinds and dialects of the matrix, or those that a recipe fits."""
    for dialect in DIALECTS:
        for kind in KINDS:
            if dialect is QEMU and kind is DiskType.DIFFERENCING:
                continue  # qemu writes none
            if recipe is None or (kind in recipe.kinds and recipe.fits(dialect)):
                yield kind, dialect


def findings_of(raw: bytes, name: str, *, children: int = 0, deep: bool = False) -> tuple[Finding, ...]:
    """Return everything that can be said of one file by itself."""
    with scan_image(BytesSource(raw, name=name)) as image:
        found = check_alone(image, now=LOOKED_AT, children=children)
        return (*found, *check_deep(image)) if deep else found


def healthy_codes(kind: DiskType, dialect: Dialect, *, deep: bool = False) -> set[str]:
    """Return the codes that the healthy image of a cell shows."""
    return {item.code for item in findings_of(healthy_image(kind, dialect), healthy_name(kind), deep=deep)}

"""What is wrong with one image, as far as it can be said without looking at any other file?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, worst_first
from vhdchain.image.checks import findings_of
from vhdchain.locate import check_references

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from vhdchain.image import Image


def check_alone(image: Image, *, now: datetime | None = None, children: int | None = None) -> tuple[Finding, ...]:
    """Return everything that is wrong with ``image`` by itself, the paths that it stores included, worst first.

    Args:
        image: What a scan recorded; neither its sector bitmaps nor its data are read.
        now: The present time (aware); where it is None, times are not compared with it.
        children: How many images build on this one; None where that is not known.
    """
    return worst_first(findings_alone(image, now=now, children=children))


def findings_alone(image: Image, *, now: datetime | None, children: int | None) -> Iterator[Finding]:
    """Yield what `check_alone` returns, in no certain order: for a caller that sorts more than one image's."""
    yield from findings_of(image, now=now, children=children)
    yield from check_references(image)

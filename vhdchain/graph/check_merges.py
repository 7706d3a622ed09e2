"""Was a merge into one of these disks, or another change of it, interrupted?

The journal of this program beside a disk says so by itself. Of other programs' merges the disk tells: nobody writes to
a disk that others build on, unless it is merged into; so one that others build on, or beside which the state of a merge
lies, and whose footers are not of one piece, is told. What is wrong with the footers is told by their own checks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, finding
from vhdchain.graph.paths import folder_and_name
from vhdchain.image import FooterPolicy
from vhdchain.image.scan import footer_is_valid
from vhdchain.structures.footer import NULL_ID
from vhdchain.structures.footer_difference import differing_fields

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from vhdchain.graph.inventory import Inventory
    from vhdchain.image import Image

MERGE_STATE = ".merge.json"
"""How the name of a file ends in which Xen Orchestra keeps the state of a merge."""

OWN_MARK = ".vhdchain-"
"""What stands in the names of this program's own files, behind the disk's."""

_JOURNAL = f"{OWN_MARK}journal"
_REPLACED = ("unique_id", "current_size")
"""What a merge replaces last, in one footer and then in the other."""


def is_of_a_journal(path: str, leftovers: Collection[str]) -> bool:
    """Say whether ``path`` is a journal of this program, or belongs to one of ``leftovers``."""
    disk, mark, _ = path.rpartition(OWN_MARK)
    return bool(mark) and disk + _JOURNAL in leftovers


def check_merges(inventory: Inventory) -> tuple[Finding, ...]:
    """Return VHD901 for each disk of which an interrupted change can be seen."""
    journals = {path.removesuffix(_JOURNAL): path for path in inventory.leftovers if path.endswith(_JOURNAL)}
    states = {_disk_of(path): path for path in inventory.leftovers if path.endswith(MERGE_STATE)}
    names = {path: item.path for item in inventory.inputs for path in (item.path, *item.aliases)}
    told = [_own(names.get(disk, disk), path) for disk, path in sorted(journals.items())]
    wanting: dict[bytes, list[str]] = {}
    for image in inventory.images:
        wanted = image.parent_unique_id
        if wanted is not None and wanted != NULL_ID:
            wanting.setdefault(wanted, []).append(image.name)
    for image in inventory.images:
        if image.name not in journals and image.is_sparse and footer_is_valid(image.footer_copy):
            told.extend(_of_others(image, states.get(image.name), _children(image, inventory, wanting)))
    return tuple(told)


def _children(image: Image, inventory: Inventory, wanting: Mapping[bytes, list[str]]) -> tuple[str, ...]:
    """Return the disks that build on one, by either of its two identifiers."""
    own = {stored.record.unique_id for stored in (image.footer_end, image.footer_copy) if stored is not None}
    by_id = (name for unique_id in sorted(own) for name in wanting.get(unique_id, ()))
    children = dict.fromkeys((*inventory.graph.children.get(image.name, ()), *by_id))
    return tuple(sorted(name for name in children if name != image.name))


def _own(disk: str, journal: str) -> Finding:
    message = (
        "a change of this disk was begun and not finished; 'vhdchain resume' on the file finishes it, or takes it back "
        "with --undo"
    )
    return finding("VHD901", Location(path=disk), message, related=(journal,))


def _of_others(image: Image, state: str | None, children: tuple[str, ...]) -> Iterator[Finding]:
    if state is None and not children:
        return
    sign = _sign(image)
    if sign is None:
        return
    why = "the state of a merge lies beside it" if state is not None else "other disks build on it"
    message = f"a merge into this disk seems to have been interrupted: {sign}, and {why}"
    related = (*(() if state is None else (state,)), *children)
    yield finding("VHD901", Location(path=image.name, structure="footer"), message, related=related)


def _sign(image: Image) -> str | None:
    """Return how an interrupted merge shows in the footers of a sparse image whose copy is valid, as a clause."""
    if not footer_is_valid(image.footer_end):
        lost = "missing" if image.footer_end is None else "not valid"
        return f"the footer at its end is {lost}, the copy is" if image.footer_source is FooterPolicy.COPY else None
    assert image.footer_end is not None
    assert image.footer_copy is not None
    differing = differing_fields(image.footer_end.record, image.footer_copy.record)
    replaced = [name for name in _REPLACED if name in differing]
    return f"its two valid footers differ in {' and '.join(replaced)}" if replaced else None


def _disk_of(state: str) -> str:
    folder, name = folder_and_name(state)
    return folder + name.removesuffix(MERGE_STATE).removeprefix(".")

"""Which file of a folder is which one of its manifest?

By name first; where letter case alone differs, as Windows does not tell it apart. Of what is left, a file that is gone
and one that is new are the same file under another name where they are equal in all that is known of them, or where an
image has an identifier that no other one left has. Nothing is guessed: where several fit, none is taken.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

from vhdchain.audit.manifest.records import FileEntry, ImageEntry
from vhdchain.locate import fold_case
from vhdchain.structures.footer import NULL_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

E = TypeVar("E", ImageEntry, FileEntry)
_NO_ID = NULL_ID.hex()


def matched(then: Sequence[E], now: Sequence[E]) -> dict[str, str]:
    """Return the path now of every file of ``then`` that is still there, by its path then."""
    pairs = {item.path: item.path for item in now}
    found = {item.path: pairs[item.path] for item in then if item.path in pairs}
    for key in (_folded, _all_of_it, _identity):
        there = set(found.values())
        gone = [item for item in then if item.path not in found]
        new = [item for item in now if item.path not in there]
        if gone and new:
            found.update(_pairs(gone, new, key))
    return found


def _pairs(gone: Iterable[E], new: Iterable[E], key: Callable[[E], Hashable | None]) -> dict[str, str]:
    one, other = _by_key(gone, key), _by_key(new, key)
    both = ((paths, other.get(value, [])) for value, paths in one.items())
    return {paths[0]: there[0] for paths, there in both if len(paths) == len(there) == 1}


def _by_key(items: Iterable[E], key: Callable[[E], Hashable | None]) -> Mapping[Hashable, list[str]]:
    groups: dict[Hashable, list[str]] = defaultdict(list)
    for item in items:
        value = key(item)
        if value is not None:
            groups[value].append(item.path)
    return groups


def _folded(item: ImageEntry | FileEntry) -> Hashable:
    return fold_case(item.path)


def _all_of_it(item: ImageEntry | FileEntry) -> Hashable | None:
    """Return what a file that only moved keeps; None where that says too little."""
    if isinstance(item, ImageEntry):
        known = item.metadata_sha256 is not None
        return (item.size, item.unique_id, item.metadata_sha256) if known else (item.size, item.mtime_ns, None)
    if not item.size:
        return None
    return (item.size, item.sha256 or item.mtime_ns)


def _identity(item: ImageEntry | FileEntry) -> Hashable | None:
    if isinstance(item, FileEntry) or item.unique_id in (None, _NO_ID):
        return None
    return item.unique_id

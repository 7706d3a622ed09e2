"""Is this the finding that was known before?

A fingerprint names a finding by what stays when files move as a whole, or grow: its code, the file relative to the
folder that was audited, structure, field and block. Offsets, messages and values are not in it. It is readable text, so
that a baseline can be reviewed: ``VHD402 sub/leaf.avhd BAT#5``.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vhdchain.findings import Finding


def fingerprint(item: Finding, scanned: Sequence[str]) -> str:
    """Return the fingerprint of a finding of an audit of ``scanned`` (folders and files as the caller wrote them)."""
    place = item.location
    structure = ".".join(part for part in (place.structure, place.field) if part)
    block = "" if place.block is None else f"#{place.block}"
    return " ".join(part for part in (item.code, relative_path(place.path, scanned), structure + block) if part)


def relative_path(path: str, scanned: Iterable[str]) -> str:
    """Return ``path``, with ``/``, relative to the innermost of the scanned folders that holds it.

    With several of them the folder's own path stays in front: their contents must not be mistaken for each other.
    """
    return _relative(path, tuple(dict.fromkeys(scanned)))


@lru_cache(maxsize=1024)  # a file may have many findings, and they come one behind the other
def _relative(path: str, scanned: tuple[str, ...]) -> str:
    file = PurePath(path)
    roots = tuple(dict.fromkeys(PurePath(root) for root in scanned))
    if not path or len(roots) != 1:
        return file.as_posix() if path else ""
    (root,) = roots
    if file == root:
        return file.name
    return (file.relative_to(root) if file.is_relative_to(root) else file).as_posix()

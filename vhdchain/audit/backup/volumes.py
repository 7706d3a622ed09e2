r"""On which volume of the host does a file lie, and what does the host call a disk's parent?

Both are read off the paths that configurations and disks store. A drive letter is a volume, so is each
``C:\ClusterStorage\VolumeN`` and each share. A volume that is mounted into a folder looks like part of the drive: paths
that say two volumes prove two, paths that say one prove nothing for certain.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vhdchain.locate import PathKind, collapse, fold_case, parse_path
from vhdchain.locate.stored_names import stored_names
from vhdchain.structures import PlatformCode

if TYPE_CHECKING:
    from vhdchain.image import Image

_CLUSTER_FOLDER = "CLUSTERSTORAGE"
_CLUSTER_VOLUME = re.compile(r"VOLUME[0-9]+")
_VOLUME_GUID = re.compile(r"\\\\\?\\(Volume\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\})\\")
_ABSOLUTE = (PathKind.DRIVE, PathKind.UNC)


def host_volume(stored: str) -> str | None:
    r"""Return the volume that a stored Windows path lies on, in one spelling; None where the path does not say.

    >>> host_volume(r"d:\VMs\srv.vhd"), host_volume(r"C:\clusterstorage\volume2\srv.vhd")
    ('D:', 'C:\\ClusterStorage\\Volume2')
    """
    if named := _VOLUME_GUID.match(stored):
        return f"\\\\?\\{named[1]}"
    path = parse_path(stored)
    if path.kind is PathKind.UNC:
        return path.anchor.lower()
    if path.kind is not PathKind.DRIVE:
        return None
    names = [fold_case(name) for name in collapse(path.parts)[:2]]
    if len(names) == 2 and names[0] == _CLUSTER_FOLDER and _CLUSTER_VOLUME.fullmatch(names[1]):
        return f"{path.anchor}\\ClusterStorage\\{names[1].capitalize()}"
    return path.anchor


def joined(folder: str, *names: str) -> str:
    """Return the Windows path of ``names`` below ``folder``."""
    return "\\".join([folder.rstrip("\\/"), *names])


def place_of(stored: str) -> tuple[str, ...]:
    """Return what two Windows paths have in common when they mean one place: drive or share, and folded names."""
    path = parse_path(stored)
    if path.problem:
        return (fold_case(stored),)
    return (fold_case(path.anchor), *(fold_case(name) for name in collapse(path.parts)))


def parent_path(child: Image, stored: str | None) -> str | None:
    """Return what the host calls the parent of a differencing disk; None where no text in it says so.

    Args:
        child: The disk.
        stored: What the host calls the disk itself; None where that is not known. Only with it a relative path says
            where the parent lies.
    """
    names = [name for name in stored_names(child) if not name.path.problem and name.path.basename]
    folder = None if stored is None else parse_path(stored)
    for name in names:
        if name.code is PlatformCode.W2RU and folder is not None and folder.kind in _ABSOLUTE:
            parts = collapse((*folder.parts[:-1], *name.path.parts))
            return "\\".join([folder.anchor, *parts])
    absolute = [name for name in names if name.path.kind in _ABSOLUTE]
    return next((name.text for name in (*absolute, *names)), None)

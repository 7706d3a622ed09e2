"""On which volume of the host does a file lie, and what does the host call a disk's parent?

Both are read off the paths that configurations and disks store.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vhdchain.hyperv import volume_of
from vhdchain.locate import PathKind, collapse, fold_case, parse_path
from vhdchain.locate.stored_names import stored_names
from vhdchain.structures import PlatformCode

if TYPE_CHECKING:
    from vhdchain.image import Image

_VOLUME_GUID = re.compile(r"\\\\\?\\(Volume\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\})\\")
_ABSOLUTE = (PathKind.DRIVE, PathKind.UNC)


def host_volume(stored: str) -> str | None:
    r"""Return the volume that a stored Windows path lies on; None where the path does not say.

    As `volume_of`, and volumes that are named by their GUIDs (``\\?\Volume{...}\VMs\srv.vhd``) besides. One volume may
    be spelled in several ways: compare with `fold_case`.
    """
    named = _VOLUME_GUID.match(stored)
    return f"\\\\?\\{named[1]}" if named else volume_of(stored)


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
        relative = name.code is PlatformCode.W2RU and name.path.kind is PathKind.RELATIVE
        if relative and folder is not None and folder.kind in _ABSOLUTE:
            parts = collapse((*folder.parts[:-1], *name.path.parts))
            return "\\".join([folder.anchor, *parts])
    absolute = [name for name in names if name.path.kind in _ABSOLUTE]
    return next((name.text for name in (*absolute, *names)), None)

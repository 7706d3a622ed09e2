"""How is a folder of files put on a disk as a careful copy has it: with times, read-only, links as links?"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NewType, TypeAlias

from vhdchain.structures import DiskType
from vhdchain.structures.footer import FOOTER_COOKIE, FOOTER_LENGTH
from vhdchain.testing.edits import end_footer, header_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

Link = NewType("Link", str)
"""A symbolic link, by its target."""

Files: TypeAlias = "Mapping[str, bytes | Link]"
"""The files of a folder by their paths below it, with ``/``."""

_PAGE = 4096
_EPOCH = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())


def write_folder(
    files: Files,
    folder: Path,
    *,
    sparse: bool = False,
    modified: Mapping[str, int] | None = None,
    writable: Collection[str] = (),
) -> None:
    """Write ``files`` below ``folder``, which exists, as a careful copy: with their times, and read-only.

    Args:
        files: Their contents by their paths.
        folder: Where they are written.
        sparse: Whether pages of zeros become holes.
        modified: When some were modified, in seconds since 2000, instead of what the images record of each other.
        writable: Those that may be written to all the same.
    """
    times = {**_recorded_times(files), **(modified or {})}
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, bytes):
            path.symlink_to(content)
            continue
        _write(path, content, sparse=sparse)
        path.chmod(0o644 if name in writable else 0o444)
        if name in times:
            os.utime(path, (times[name] + _EPOCH, times[name] + _EPOCH))


def _recorded_times(files: Files) -> dict[str, int]:
    """Return when each image was modified: as its children have it, else when it was made."""
    images = {
        name: content
        for name, content in files.items()
        if isinstance(content, bytes) and content[-FOOTER_LENGTH:].startswith(FOOTER_COOKIE)
    }
    footers = {name: end_footer(content) for name, content in images.items()}
    recorded: dict[bytes, int] = {}
    for name, footer in footers.items():
        if footer.disk_type is DiskType.DIFFERENCING:
            header = header_of(images[name])
            recorded[header.parent_unique_id] = header.parent_time_stamp
    return {name: recorded.get(footer.unique_id) or footer.time_stamp for name, footer in footers.items()}


def _write(path: Path, content: bytes, *, sparse: bool) -> None:
    with path.open("wb") as file:
        for start in range(0, len(content), _PAGE):
            page = content[start : start + _PAGE]
            if any(page) or not sparse:
                file.seek(start)
                file.write(page)
        file.truncate(len(content))

"""What is known of a file beside its bytes: its names, whether it may be written to, changed meanwhile, has holes?

Gathered by the scan with a call or two per file: the mode and the room that a file takes came with its opening, holes
are looked for only in sparse files and only where a structure was not seen to have data. What it means is for the
checks.
"""

from __future__ import annotations

import errno
import stat
from typing import TYPE_CHECKING

from vhdchain.graph import InputFile, MetadataHole, Unreadable
from vhdchain.shell.files import FileSource
from vhdchain.structures import DiskType
from vhdchain.structures.bat import ENTRY_LENGTH
from vhdchain.structures.dynamic_header import HEADER_COOKIE, HEADER_LENGTH
from vhdchain.structures.footer import FOOTER_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.image import Image

_ANYBODY_WRITES = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH

REFUSALS = frozenset({errno.EACCES, errno.EPERM, errno.EBUSY, errno.EAGAIN, errno.EIO, errno.ETXTBSY})
"""What a system says that has the file and does not give it: no right, in use, locked, a device that fails."""


def input_file(image: Image, *, names: Iterable[str], holes: tuple[MetadataHole, ...]) -> InputFile:
    """Return the record of ``image``'s file, which is looked at again; ``names`` are all that it was met under."""
    source, aliases = image.source, tuple(sorted(set(names) - {image.name}))
    if not isinstance(source, FileSource):
        return InputFile(path=image.name, size=image.file_size, mtime_ns=0, aliases=aliases)
    return InputFile(
        path=image.name,
        size=image.file_size,
        mtime_ns=source.mtime_ns,
        aliases=aliases,
        writable=bool(source.mode & _ANYBODY_WRITES),
        changed=source.change(),
        holes=() if image.raw else holes,
    )


def unreadable(shown: str, error: Exception) -> Unreadable:
    """Return the record of a file or folder that was met and gave ``error``."""
    if not isinstance(error, OSError):
        return Unreadable(path=shown, reason=str(error))
    return Unreadable(path=shown, reason=error.strerror or str(error), refused=error.errno in REFUSALS)


def metadata_holes(image: Image) -> tuple[MetadataHole, ...]:
    """Return the structures of ``image`` that lie whole in holes of its file, and the first hole in its BAT.

    A BAT is never zero anywhere when it is healthy, so that any hole in it counts; the other structures may end in
    padding, and count only where none of their bytes has data.

    Raises:
        OSError: The operating system could not read.
    """
    source = image.source
    if not isinstance(source, FileSource) or source.allocated >= source.size:
        return ()
    holes = []
    for structure, start, end in _doubtful(image):
        hole = source.hole_in(start, end)
        if hole is None:
            continue
        if structure == "BAT" or hole == (start, end):
            holes.append(MetadataHole(structure=structure, offset=hole[0], length=hole[1] - hole[0]))
    return tuple(holes)


def _doubtful(image: Image) -> Iterator[tuple[str, int, int]]:
    """Yield (structure, start, end) of what was not seen to have a byte that is not zero."""
    if image.footer_end is None:
        yield "footer", image.file_size - FOOTER_LENGTH, image.file_size
    elif image.is_sparse and image.footer_copy is None:
        yield "footer copy", 0, FOOTER_LENGTH
    if image.header is not None and image.header.record.cookie != HEADER_COOKIE:
        yield "dynamic header", image.header.offset, image.header.offset + HEADER_LENGTH
    if image.bat is not None:
        entries = min(len(image.bat.entries), image.block_count)
        yield "BAT", image.bat.offset, image.bat.offset + entries * ENTRY_LENGTH
    # In a dynamic disk locators are leftovers that nobody follows.
    for locator in image.locators if image.disk_type is DiskType.DIFFERENCING else ():
        if locator.data and not any(locator.data):
            start = locator.entry.platform_data_offset
            yield f"locator {locator.slot}", start, start + len(locator.data)

"""Which ranges of a disk changed between two points?

For whoever makes incremental backups: the ranges of the newer disk that must be read, from metadata or exactly, as a
list that fits the backup's own blocks. Files are opened where paths are given, by the rules of `open_chain`.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from vhdchain.blockmap import gathered_ranges, may_differ, widened
from vhdchain.read import differing
from vhdchain.shell.handle import OpenChain
from vhdchain.shell.opening import open_chain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.blockmap import Ranges
    from vhdchain.locate import PathMapping
    from vhdchain.progress import Cancel, Progress
    from vhdchain.shell.opening import Folders, PathLike


def changed_ranges(
    older: OpenChain | PathLike,
    newer: OpenChain | PathLike,
    *,
    exact: bool = False,
    block_size: int = 1,
    gap: int = 0,
    within: Folders | None = None,
    path_map: PathMapping | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Ranges:
    """Return the ranges of the disk of ``newer`` that must be read to make it from that of ``older``.

    Args:
        older: A chain, or the path of its leaf: a snapshot's frozen disk, or any other node. Behind the end of its disk
            count zeros.
        newer: Another one, of the same family or of none.
        exact: Whether contents are compared, where metadata leave open whether they differ; otherwise sectors that
            were written and hold the same count as changed.
        block_size: Ranges begin and end at multiples of so many bytes, but for the end of the disk.
        gap: Ranges that are no more than so many bytes apart become one.
        within: Where parents may be opened, as in `open_chain`; for what is given as a path.
        path_map: As in `open_chain`, likewise.
        progress: Called with the bytes of the disk that are done, and its size.
        cancel: Asked again and again.

    Returns:
        An array of shape (n,) and dtype `vhdchain.RANGE_DTYPE` (start, length; bytes): sorted, disjoint, maximal.

    Raises:
        ValueError: ``block_size`` is not positive, or ``gap`` is negative.
        ChainError: A path's chain cannot be opened whole.
        FormatError: An image of it has an error.
        ConfigError: ``within`` or ``path_map`` cannot be understood.
        UnknownDataError: Contents are in a missing parent (a partial view was given).
        ShortReadError: A file was truncated after the chain was opened.
        CancelledError: ``cancel`` asked to stop.
        OSError: A file could not be opened or read.
    """
    with ExitStack() as stack:
        one, other = (
            given
            if isinstance(given, OpenChain)
            else stack.enter_context(open_chain(given, within=within, path_map=path_map, cancel=cancel))
            for given in (older, newer)
        )
        return gathered_ranges(
            changed_pieces(one, other, exact=exact, block_size=block_size, gap=gap, progress=progress, cancel=cancel)
        )


def changed_pieces(
    older: OpenChain,
    newer: OpenChain,
    *,
    exact: bool = False,
    block_size: int = 1,
    gap: int = 0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Iterator[Ranges]:
    """Yield the ranges of `changed_ranges` in arrays, one behind the other, in bounded memory; raises as that does."""
    pieces = may_differ(older.chain, newer.chain, progress=None if exact else progress, cancel=cancel)
    if exact:
        pieces = differing(older.reader, newer.reader, pieces, progress=progress, cancel=cancel)
    return widened(pieces, block_size=block_size, gap=gap, size=newer.virtual_size)

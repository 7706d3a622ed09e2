"""Which ranges of a disk changed between two points?

For whoever makes incremental backups: the ranges of the newer disk that must be read, from metadata or exactly, as a
list that fits the backup's own blocks. Files are opened where paths are given, by the rules of `open_chain`.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from vhdchain.blockmap import may_differ, widened
from vhdchain.read import differing
from vhdchain.shell.handle import OpenChain
from vhdchain.shell.opening import open_chain

if TYPE_CHECKING:
    import os

    from vhdchain.blockmap import Ranges
    from vhdchain.progress import Cancel, Progress


def changed_ranges(
    older: OpenChain | str | os.PathLike[str],
    newer: OpenChain | str | os.PathLike[str],
    *,
    exact: bool = False,
    block_size: int = 1,
    gap: int = 0,
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
        progress: Called with what is done and what there is; in bytes of the disk, or of what is compared.
        cancel: Asked again and again.

    Returns:
        An array of shape (n,) and dtype `vhdchain.blockmap.RANGE_DTYPE` (start, length; bytes): sorted, disjoint,
        maximal.

    Raises:
        ValueError: ``block_size`` is not positive, or ``gap`` is negative.
        ChainError: A path's chain cannot be opened whole.
        UnknownDataError: Contents are in a missing parent (a partial view was given).
        ShortReadError: A file was truncated after the chain was opened.
        CancelledError: ``cancel`` asked to stop.
    """
    with ExitStack() as stack:
        one, other = (
            given if isinstance(given, OpenChain) else stack.enter_context(open_chain(given))
            for given in (older, newer)
        )
        ranges = may_differ(one.chain, other.chain, progress=None if exact else progress, cancel=cancel)
        if exact:
            ranges = differing(one.reader, other.reader, ranges, progress=progress, cancel=cancel)
        return widened(ranges, block_size=block_size, gap=gap, size=other.virtual_size)

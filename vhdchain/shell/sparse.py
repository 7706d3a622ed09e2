"""Which bytes need not be written, because a file without them reads the same?

Whole pages of zeros: where nothing is written, a new file has a hole. Most pages that are not zeros show it in their
first bytes, so that little more than one look at each page is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

PAGE_SIZE = 4096
"""Zeros are left out in whole pages of this size; file systems allocate no less."""

_WORDS = PAGE_SIZE // 8


def runs_of_data(data: NDArray[np.uint8], offset: int) -> Iterator[tuple[int, int]]:
    """Yield (first, end) of the runs in ``data`` whose pages are not all zeros, in order.

    Args:
        data: Contiguous bytes.
        offset: Where in a file they shall lie: what counts are the file's pages.
    """
    head = min(-offset % PAGE_SIZE, len(data))
    tail = len(data) - (len(data) - head) % PAGE_SIZE
    used = np.empty((tail - head) // PAGE_SIZE + 2, dtype=np.bool_)
    used[0], used[-1] = data[:head].any(), data[tail:].any()
    used[1:-1] = _used_pages(data[head:tail])
    edges = np.flatnonzero(np.diff(used, prepend=False, append=False))
    # The first page is what lies before the first border, and may be empty, as may be the last one.
    borders = np.clip(head + (edges - 1) * PAGE_SIZE, 0, len(data))
    borders[edges > len(used) - 1] = len(data)
    yield from zip(borders[::2].tolist(), borders[1::2].tolist(), strict=True)


def _used_pages(data: NDArray[np.uint8]) -> NDArray[np.bool_]:
    words = data.view(np.uint64).reshape(-1, _WORDS)
    used: NDArray[np.bool_] = words[:, 0] != 0
    unsure = np.flatnonzero(~used)
    if len(unsure) > len(used) // 2:
        np.not_equal(np.bitwise_or.reduce(words, axis=1), 0, out=used)
    else:
        used[unsure] = words[unsure].any(axis=1)
    return used

"""Small files' facts for the tests of the layout: blocks of 4 KiB, the BAT in the fourth sector."""

from __future__ import annotations

from typing import Any

import numpy as np

from vhdchain.structures import Bat
from vhdchain.structures.layout_facts import LayoutOfFile

BLOCK = 4096
STORED = 512 + BLOCK
HEADER, TABLE = 512, 1536
METADATA_END = 2048


def layout_file(
    entries: list[int],
    *,
    size: int | None = None,
    data_end: int = 1 << 20,
    declared: int = 0,
    padding: bytes = b"",
    **further: Any,
) -> LayoutOfFile:
    """Return the facts of a file with a footer at ``data_end`` whose disk has as many blocks as there are entries."""
    bat = Bat(
        offset=TABLE,
        declared=declared or len(entries),
        entries=np.array(entries, dtype=np.uint32),
        padding=padding,
    )
    facts: dict[str, Any] = {
        "path": "x.vhd",
        "bat": bat,
        "header_offset": HEADER,
        "block_size": BLOCK,
        "virtual_size": len(entries) * BLOCK if size is None else size,
        "data_end": data_end,
        "file_size": data_end + 512,
    }
    return LayoutOfFile(**(facts | further))

"""Small files' facts for the tests of the layout: blocks of 4 KiB, the BAT in the fourth sector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vhdchain.structures import UNUSED, Bat
from vhdchain.structures.check_layout_shape import check_layout_shape
from vhdchain.structures.layout import layout_of
from vhdchain.structures.layout_facts import LayoutOfFile

if TYPE_CHECKING:
    from vhdchain.findings import Finding

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


def found_in(file: LayoutOfFile) -> dict[str, Finding]:
    findings = list(check_layout_shape(layout_of(file)))
    codes = {item.code: item for item in findings}
    assert len(codes) == len(findings), "one finding per code"
    return codes


def blocks(*entries: int, size: int | None = None, tail: int = 0, **further: Any) -> LayoutOfFile:
    """Return a file whose footer follows the last block, and ``tail`` bytes."""
    end = max((entry for entry in entries if entry != UNUSED), default=-5) * 512 + STORED + tail
    return layout_file(list(entries), size=size, data_end=end, **further)

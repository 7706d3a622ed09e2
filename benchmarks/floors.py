"""What is the least that opening a file costs? The same bytes, read and parsed, and nothing looked at.

The same ``os.pread`` calls (end footer, footer copy, dynamic header, locators, BAT, batmap) and the same construct
declarations. Both footers are taken apart, which vhdchain does only if their bytes differ.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vhdchain.structures import _declarations as declarations

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FLOOR = "construct and pread"
_FOOTER, _HEADER = 512, 1024


def read_and_parse(paths: Iterable[Path]) -> int:
    """Read and parse the metadata of every image; return how many bytes that were."""
    total = 0
    for path in paths:
        fd = os.open(path, os.O_RDONLY)
        try:
            total += _metadata(fd, os.fstat(fd).st_size)
        finally:
            os.close(fd)
    return total


def _metadata(fd: int, size: int) -> int:
    end, copy = os.pread(fd, _FOOTER, size - _FOOTER), os.pread(fd, _FOOTER, 0)
    footer = declarations.FOOTER.parse(end)
    declarations.FOOTER.parse(copy)
    raw = os.pread(fd, _HEADER, footer["data_offset"])
    header = declarations.HEADER.parse(raw)
    total = len(end) + len(copy) + len(raw)
    for entry in header["locators"]:
        if entry["platform_data_length"]:
            total += len(os.pread(fd, entry["platform_data_length"], entry["platform_data_offset"]))
    # With the padding to a sector, and blktap's batmap behind it, as the audit reads them.
    length = -(-header["max_table_entries"] * 4 // 512) * 512
    total += len(os.pread(fd, length, header["table_offset"]))
    raw = os.pread(fd, _FOOTER, header["table_offset"] + length)
    if raw.startswith(b"tdbatmap"):
        batmap = declarations.BATMAP_HEADER.parse(raw)
        total += len(os.pread(fd, batmap["batmap_sectors"] * 512, batmap["batmap_offset"]))
    return total + len(raw)

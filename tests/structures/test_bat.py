"""Entries are sectors, the file is bytes, and nothing overflows between them."""

from __future__ import annotations

import numpy as np
import pytest

from vhdchain.structures import UNUSED, build_bat, parse_bat
from vhdchain.structures.bat import entry_offsets

ENTRIES = np.array([0x9F, UNUSED, 0, 0xFFFFFFFE], dtype=np.uint32)


def test_entries_are_big_endian() -> None:
    raw = bytes.fromhex("0000009f ffffffff 00000000 fffffffe")
    assert parse_bat(raw, offset=8192, declared=4).entries.tolist() == ENTRIES.tolist()
    assert build_bat(ENTRIES)[:16] == raw


@pytest.mark.parametrize("padding", [0x00, 0xFF])
def test_a_table_is_padded_to_whole_sectors(padding: int) -> None:
    assert build_bat(ENTRIES, padding=padding)[16:] == bytes([padding]) * 496
    assert len(build_bat(np.full(128, UNUSED, dtype=np.uint32), padding=padding)) == 512
    assert len(build_bat(np.full(129, UNUSED, dtype=np.uint32), padding=padding)) == 1024


def test_a_table_knows_its_places() -> None:
    table = parse_bat(build_bat(ENTRIES)[:12], offset=8192, declared=200)
    assert (table.allocated, table.length, table.entry_offset(3)) == (2, 1024, 8204)
    assert not table.entries.flags.writeable


def test_an_offset_beyond_4_gib_does_not_overflow() -> None:
    assert entry_offsets(ENTRIES)[3] == 0xFFFFFFFE * 512

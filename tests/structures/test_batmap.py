"""blktap's batmap header, as a real XenServer wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vhdchain.structures import BatmapHeader, batmap_checksum, parse_batmap_header

if TYPE_CHECKING:
    from pathlib import Path


def test_the_checksum_is_the_complement_of_the_sum_of_the_bitmap() -> None:
    assert batmap_checksum(bytes(512)) == 0xFFFFFFFF
    assert batmap_checksum(b"\x80" + bytes(511)) == 0xFFFFFF7F


@pytest.mark.corpus
def test_a_real_batmap(corpus: Path) -> None:
    raw = (corpus / "single" / "govhd_xapi.vhd").read_bytes()
    header = parse_batmap_header(raw[2048:2560])
    checksum = batmap_checksum(raw[2560:3072])
    assert header == BatmapHeader(batmap_offset=2560, batmap_sectors=1, checksum=checksum)

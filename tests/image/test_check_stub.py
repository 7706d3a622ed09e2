"""Differencing disks to which nothing has been written."""

from __future__ import annotations

import dataclasses

import pytest

from vhdchain.findings import Severity
from vhdchain.image import Image, scan_image
from vhdchain.image.check_stub import check_stub
from vhdchain.testing import ChainBuilder
from vhdchain.testing.dialects import DIALECTS, Dialect

SIZE = 64 << 20


def _leaf(dialect: Dialect, *, blocks: int = 0) -> Image:
    tree = ChainBuilder(dialect=dialect)
    leaf = tree.snapshot(tree.dynamic("base.vhd", size=SIZE), "leaf.avhd")
    for block in range(blocks):
        tree.block(leaf, block)
    return scan_image(tree.source(leaf))


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_a_new_snapshot_is_a_note(dialect: Dialect) -> None:
    image = _leaf(dialect)
    assert image.bat is not None
    (found,) = check_stub(image)
    assert (found.code, found.severity, found.found) == ("VHD558", Severity.NOTE, 0)
    assert (found.location.structure, found.location.offset) == ("BAT", image.bat.offset)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_a_snapshot_with_a_block_is_none(dialect: Dialect) -> None:
    assert list(check_stub(_leaf(dialect, blocks=1))) == []


def test_a_file_with_room_for_a_block_that_the_table_has_lost_is_none() -> None:
    image = _leaf(DIALECTS[0])
    assert image.bat is not None
    room = image.bitmap_length + image.block_size
    for more, number in ((room - 4096, 1), (room, 0)):
        end = image.footer_end
        assert end is not None
        grown = dataclasses.replace(image, footer_end=dataclasses.replace(end, offset=end.offset + more))
        assert len(list(check_stub(grown))) == number


def test_a_dynamic_disk_without_blocks_is_none() -> None:
    tree = ChainBuilder()
    assert list(check_stub(scan_image(tree.source(tree.dynamic("new.vhd", size=SIZE))))) == []

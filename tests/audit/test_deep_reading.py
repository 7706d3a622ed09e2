"""What cannot be read is told with its place, reads are bounded, counted and can be stopped, and hostile files end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.audit.deep_images import KIB, MIB, Switched, deep, differencing, dynamic, file_of
from vhdchain.audit.deep import check_deep
from vhdchain.audit.deep.reading import PIECE
from vhdchain.chain import link_images
from vhdchain.errors import CancelledError, ShortReadError
from vhdchain.findings import Severity
from vhdchain.image import scan_image
from vhdchain.source import BytesSource
from vhdchain.testing.damage import RECIPES
from vhdchain.testing.dialects import PLAIN, WINDOWS_10
from vhdchain.testing.edits import USED_BLOCKS, edit_entry, entry_of, healthy, overwrite
from vhdchain.testing.failing import FailingSource
from vhdchain.testing.opening import built_chain
from vhdchain.testing.shrinking import ShrunkSource
from vhdchain.testing.sparse import SparseBytes, SparseSource
from vhdchain.units import SECTOR_SIZE, sectors_to_bytes

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from vhdchain.structures import DiskType
    from vhdchain.testing.dialects import Layout

SPARSE = RECIPES["VHD452"].kinds


# -------------------------------------------------------------------------------------------------- what cannot be read


@pytest.mark.parametrize("kind", sorted(SPARSE))
def test_a_bitmap_that_cannot_be_read_is_told_and_nothing_else_of_its_block(kind: DiskType) -> None:
    raw = healthy(kind)
    places = [sectors_to_bytes(entry_of(raw, block)) for block in (USED_BLOCKS[1], USED_BLOCKS[2])]
    found = deep(raw, behind=lambda source: FailingSource(source, [(at, at + 1) for at in places]))
    assert set(found) == {"VHD451"}
    item = found["VHD451"]
    assert (item.severity, item.found) == (Severity.ERROR, 2)
    # Block 4 lies behind block 5 in the file, and is told first.
    assert (item.location.block, item.location.offset) == (min(USED_BLOCKS[1:3]), places[0])
    assert "Input/output error" in item.message


def test_a_file_that_became_shorter_is_told_by_the_blocks_behind_its_end() -> None:
    tree, image = dynamic()
    for block in range(4):
        tree.block(image, block)
    raw, built = file_of(tree, image), tree.file(image)
    left = built.data_offset(2, image.block_size) + 3 * SECTOR_SIZE
    found = deep(raw, behind=lambda source: ShrunkSource(source, left=left))
    assert {code: (item.found, item.location.block) for code, item in found.items()} == {
        "VHD451": (1, 3),
        # Tried down to 4 KiB: the first three sectors are there and not told apart from their neighbours.
        "VHD460": (32, 2),
    }
    assert "shorter" in found["VHD460"].message


@pytest.mark.parametrize("error", [OSError, lambda: ShortReadError("x")])
def test_of_a_block_with_a_bad_spot_the_rest_is_read(error: type[Exception]) -> None:
    tree, image = dynamic(64 * MIB, 16 * MIB)
    tree.block(image, 2)
    offset = tree.file(image).data_offset(2, image.block_size)
    bad = offset + 9 * MIB + 4 * KIB
    source = SparseSource(tree.file(image).content, name="disk.vhd")
    found = deep(source, behind=lambda source: FailingSource(source, [(bad, bad + 1)], error=error))
    assert set(found) == {"VHD460"}
    item = found["VHD460"]
    assert (item.severity, item.found, item.location.offset) == (Severity.ERROR, 8, bad)
    assert item.location.sector == (2 * 16 * MIB + 9 * MIB + 4 * KIB) // SECTOR_SIZE


def test_sectors_that_are_not_in_this_file_are_not_missed() -> None:
    tree, image = differencing()
    tree.block(image, 1, sectors=range(24))
    offset = tree.file(image).data_offset(1, image.block_size) + 24 * SECTOR_SIZE
    raw = file_of(tree, image)
    assert deep(raw, behind=lambda source: FailingSource(source, [(offset, offset + 1)])) == {}


def test_a_block_that_does_not_end_in_the_file_is_missed_only_where_its_bits_are_set() -> None:
    raw = RECIPES["VHD404"].damage(healthy(min(SPARSE)))
    # Nothing of it is there, neither bitmap nor data: the checks of the BAT tell that.
    assert deep(raw) == {}
    tree, image = differencing(16 * KIB)
    tree.block(image, 0, sectors=range(24))
    raw = file_of(tree, image)
    cut = raw[: -SECTOR_SIZE - 8 * SECTOR_SIZE] + raw[-SECTOR_SIZE:]
    assert deep(cut) == {}
    assert deep(raw[: -SECTOR_SIZE - 9 * SECTOR_SIZE] + raw[-SECTOR_SIZE:])["VHD460"].found == 1


def test_a_parent_that_cannot_be_read_ends_the_comparison_and_is_no_fault_of_the_child() -> None:
    tree, image = differencing()
    tree.write(image, 0, image.stack[0].read_sector(0))
    chain = built_chain(tree, image.stack[0])
    source = Switched(chain.base.source)
    broken = scan_image(source)
    source.now = FailingSource(source.now, [(0, 512)])
    found = deep(file_of(tree, image), parent=link_images([broken]))
    assert set(found) == {"VHD002", "VHD459"}
    assert found["VHD002"].severity is Severity.NOTE


# ----------------------------------------------------------------------------------------------- how much, and how long


class Measured(SparseSource):
    """A source that records how much is read at once."""

    def __init__(self, content: SparseBytes) -> None:
        super().__init__(content, name="disk.vhd")
        self.lengths: list[int] = []

    def readinto_at(self, offset: int, buffer: Buffer) -> None:
        self.lengths.append(memoryview(buffer).nbytes)
        super().readinto_at(offset, buffer)


def test_reads_are_bounded_and_each_block_is_read_once() -> None:
    tree, image = dynamic(64 * MIB, 16 * MIB)
    tree.block(image, 1, sectors=[0])
    tree.block(image, 3, sectors=[0])
    source = Measured(tree.file(image).content)
    with scan_image(source) as scanned:
        source.lengths.clear()
        check_deep(scanned)
    data = [length for length in source.lengths if length > 8 * KIB]
    assert max(data) == PIECE
    assert sum(data) == 2 * 16 * MIB


def test_progress_counts_the_bytes_up_to_the_announced_sum() -> None:
    tree, image = dynamic()
    tree.block(image, 1)
    tree.block(image, 2, at=100 * KIB)
    told: list[tuple[int, int]] = []
    with scan_image(BytesSource(file_of(tree, image), name="disk.vhd")) as scanned:
        check_deep(scanned, progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1]
    assert len({total for _, total in told}) == 1
    assert [done for done, _ in told] == sorted({done for done, _ in told})


def test_it_can_be_stopped_at_every_read() -> None:
    tree, image = dynamic()
    tree.block(image, 1)
    tree.block(image, 2, at=100 * KIB)
    with scan_image(BytesSource(file_of(tree, image), name="disk.vhd")) as scanned:
        asked = 0

        def count() -> bool:
            nonlocal asked
            asked += 1
            return False

        check_deep(scanned, cancel=count)
        for limit in range(1, asked + 1):
            left = iter(range(limit - 1))
            with pytest.raises(CancelledError):
                check_deep(scanned, cancel=lambda left=left: next(left, None) is None)
    # Two bitmaps, two blocks, and the gap between them.
    assert asked == 5


def test_nothing_is_read_of_a_fixed_image() -> None:
    tree, _ = dynamic()
    fixed = tree.fixed("disk2.vhd", size=16 * KIB)
    tree.fill(fixed, 0, fixed.size)
    source = Measured(tree.file(fixed).content)
    with scan_image(source) as scanned:
        source.lengths.clear()
        assert check_deep(scanned) == ()
    assert source.lengths == []


# ------------------------------------------------------------------------------------------------ what is not looked at


@pytest.mark.parametrize("code", ["VHD002", "VHD005", "VHD116", "VHD210"])
def test_an_image_without_blocks_to_follow_is_skipped_and_that_is_told(code: str) -> None:
    recipe = RECIPES[code]
    raw = recipe.damage(recipe.healthy(min(recipe.kinds)))
    found = deep(raw)
    assert set(found) == {"VHD002"}
    assert code in found["VHD002"].message


@pytest.mark.parametrize("code", ["VHD402", "VHD403"])
def test_an_entry_that_leads_nowhere_takes_only_its_own_block_away(code: str) -> None:
    raw = RECIPES[code].damage(healthy(min(SPARSE)))
    block = USED_BLOCKS[1]
    emptied = overwrite(raw, sectors_to_bytes(entry_of(raw, block)), b"\0")
    found = deep(emptied)
    assert (found["VHD454"].found, found["VHD454"].location.block) == (1, block)


def _all_at_one_place(count: int) -> bytes:
    tree, image = dynamic(4096 * 4 * KIB, 4 * KIB)
    tree.block(image, 0)
    tree.block(image, 4095, sectors=[])
    raw = file_of(tree, image)
    for block in range(1, count):
        raw = edit_entry(raw, block, entry_of(raw, 4095))
    return raw


def test_blocks_at_one_place_are_read_as_long_as_that_is_bounded_by_the_file() -> None:
    most = 4 * len(_all_at_one_place(0)) // (SECTOR_SIZE + 4 * KIB)
    assert {code: item.found for code, item in deep(_all_at_one_place(most)).items()} == {"VHD454": most}
    found = deep(_all_at_one_place(most + 1))
    assert set(found) == {"VHD002"}
    assert "overlap" in found["VHD002"].message


def test_a_last_block_that_ends_with_a_small_disk_is_looked_at() -> None:
    # The block counts for 2 MiB, and the file holds 1 KiB of it.
    tree, image = dynamic(1024, 2 * MIB, replace(PLAIN, truncated_tail=True))
    tree.block(image, 0, bitmap=b"\x80")
    raw = file_of(tree, image)
    assert len(raw) < 8 * KIB
    assert {code: item.found for code, item in deep(raw).items()} == {"VHD455": 1}


@pytest.mark.parametrize("layout", [PLAIN, WINDOWS_10.layout], ids=["plain", "aligned"])
def test_the_gaps_of_a_table_that_leads_all_blocks_to_one_place_are_looked_at(layout: Layout) -> None:
    tree, image = dynamic(100 * 4 * KIB, 4 * KIB, layout)
    for block in range(100):
        tree.block(image, block)
    raw = file_of(tree, image)
    for entry in (0, entry_of(raw, 0)):
        wiped = raw
        for block in range(100):
            wiped = edit_entry(wiped, block, entry)
        assert deep(wiped)["VHD413"].found == (100 if entry == 0 else 99)

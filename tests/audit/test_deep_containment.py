"""Is a merge that was not finished told by what it leaves, and nothing else taken for one?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.audit.deep_images import Switched
from vhdchain.audit.deep import check_deep
from vhdchain.audit.deep.containment import BLOCKS_NEEDED, SECTORS_NEEDED
from vhdchain.chain import Chain, Layer
from vhdchain.errors import ShortReadError
from vhdchain.image import scan_image
from vhdchain.source import BytesSource
from vhdchain.structures import DiskType
from vhdchain.testing import ChainBuilder
from vhdchain.testing.edits import edit_entry

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from vhdchain.findings import Finding
    from vhdchain.testing.images import BuiltImage

SECTOR = 512
BLOCK = 16 * SECTOR
BLOCKS = (1, 3, 4, 7, 8, 11)
LATER = 1 << 30


class _Merge:
    """A child of six blocks above its parent, and what a merge has copied of it."""

    def __init__(
        self,
        *,
        kind: DiskType = DiskType.DYNAMIC,
        parent_block: int = BLOCK,
        sectors: int = 16,
        middle: bool = False,
        blocks: tuple[int, ...] = BLOCKS,
    ) -> None:
        self.tree = ChainBuilder(seed="merge")
        size = 12 * BLOCK
        self.parent = self.tree.create(kind, "base.vhd", size=size, block_size=parent_block)
        self.tree.write(self.parent, 0, b"below" * 100)
        if middle:
            self.parent = self.tree.differencing("middle.avhd", parent=self.parent, block_size=parent_block)
        self.child = self.tree.differencing("child.avhd", parent=self.parent, block_size=BLOCK)
        for block in blocks:
            self.tree.fill(self.child, block * BLOCK, sectors * SECTOR)

    def copied(self, *blocks: int, into: BuiltImage | None = None) -> _Merge:
        for sector in (16 * block + at for block in blocks for at in range(16)):
            if self.child.has(sector):
                data = self.child.read_sector(sector)
                self.tree.write(into or self.parent, sector * SECTOR, data, under_children=True)
        return self

    def told(self, *, modified: int | None = LATER) -> dict[str, Finding]:
        """Return what a deep check says of containment, by code."""
        child, *below = (scan_image(self.tree.source(image)) for image in reversed(self.child.stack))
        chain = Chain(layers=tuple(Layer(index=index, image=image) for index, image in enumerate(reversed(below))))
        found = check_deep(child, parent=chain, parent_modified=modified)
        return {item.code: item for item in found if item.code in ("VHD902", "VHD903")}


KINDS = pytest.mark.parametrize(
    ("kind", "parent_block"),
    [(DiskType.DYNAMIC, BLOCK), (DiskType.DYNAMIC, 4 * BLOCK), (DiskType.DYNAMIC, SECTOR), (DiskType.FIXED, BLOCK)],
)


@KINDS
@pytest.mark.parametrize("count", range(len(BLOCKS) + 1))
def test_how_far_a_merge_came_is_told(kind: DiskType, parent_block: int, count: int) -> None:
    merge = _Merge(kind=kind, parent_block=parent_block).copied(*BLOCKS[:count])
    told = {code: (item.location.block, item.found, item.expected) for code, item in merge.told().items()}
    if count == len(BLOCKS):
        assert told == {"VHD902": (BLOCKS[0], 16 * len(BLOCKS), None)}
    elif count >= BLOCKS_NEEDED:
        assert told == {"VHD903": (BLOCKS[count], count, len(BLOCKS))}
    else:
        assert told == {}


def test_the_finding_names_the_parent_and_counts() -> None:
    (item,) = _Merge(sectors=9).copied(*BLOCKS[:4]).told().values()
    assert item.related == ("base.vhd",)
    assert item.details == (
        "contained of the first 4 blocks: 36 sectors, 36 with data",
        "contained of the others: 0 of 18 sectors",
    )


def test_a_block_that_was_copied_in_part_is_where_it_stopped() -> None:
    merge = _Merge().copied(*BLOCKS[:3])
    for sector in range(16 * BLOCKS[3], 16 * BLOCKS[3] + 5):
        data = merge.child.read_sector(sector)
        merge.tree.write(merge.parent, sector * SECTOR, data, under_children=True)
    item = merge.told()["VHD903"]
    assert (item.location.block, item.details[1]) == (BLOCKS[3], "contained of the others: 5 of 48 sectors")


@pytest.mark.parametrize("blocks", [BLOCKS[1:], BLOCKS[:2] + BLOCKS[3:], (*BLOCKS[:2], BLOCKS[-1]), BLOCKS[-3:]])
def test_what_is_not_in_the_order_of_the_blocks_is_no_merge_that_stopped(blocks: tuple[int, ...]) -> None:
    assert _Merge().copied(*blocks).told() == {}


def test_what_lies_below_the_parent_is_no_evidence() -> None:
    for count in (3, len(BLOCKS)):
        merge = _Merge(middle=True)
        assert merge.copied(*BLOCKS[:count], into=merge.tree.image("base.vhd")).told() == {}
        assert len(_Merge(middle=True).copied(*BLOCKS[:count]).told()) == 1


@pytest.mark.parametrize("fewer", [0, 1])
def test_a_few_sectors_are_no_evidence(fewer: int) -> None:
    merge = _Merge(sectors=SECTORS_NEEDED - fewer, blocks=(1,)).copied(1)
    assert set(merge.told()) == (set() if fewer else {"VHD902"})


def test_zeros_are_no_evidence() -> None:
    merge = _Merge(blocks=())
    for block in BLOCKS:
        merge.tree.write(merge.child, block * BLOCK, bytes(BLOCK))
        merge.tree.write(merge.parent, block * BLOCK, bytes(BLOCK), under_children=True)
    assert merge.told() == {}


def test_an_empty_child_is_none() -> None:
    assert _Merge(blocks=()).told() == {}


@pytest.mark.parametrize("when", ["recorded", "before", "at its making"])
def test_a_parent_that_was_not_written_to_since_has_taken_in_nothing(when: str) -> None:
    merge = _Merge()
    modified = {
        "recorded": merge.child.parent_time_stamp,
        "before": merge.parent.created,
        "at its making": merge.child.created,
    }[when]
    assert merge.copied(*BLOCKS[:3]).told(modified=modified) == {}
    whole = merge.copied(*BLOCKS).told(modified=modified)["VHD902"]
    assert whole.message.endswith(
        "by their times the parent was not written to since, so that the guest wrote it all back"
    )


def test_where_no_time_tells_the_blocks_do() -> None:
    merge = _Merge().copied(*BLOCKS[:3])
    assert "no time tells" in merge.told(modified=None)["VHD903"].message
    assert "no time tells" in merge.copied(*BLOCKS).told(modified=None)["VHD902"].message


def test_a_block_that_the_table_loses_is_not_judged() -> None:
    merge = _Merge().copied(*BLOCKS)
    raw = edit_entry(bytes(merge.tree.file(merge.child).content), BLOCKS[-1], 1)  # into the header
    chain = Chain(layers=(Layer(index=0, image=scan_image(merge.tree.source(merge.parent))),))
    codes = {item.code for item in check_deep(scan_image(BytesSource(raw, name="child.avhd")), parent=chain)}
    assert "VHD457" in codes
    assert not codes & {"VHD902", "VHD903"}


def test_what_cannot_be_read_is_not_judged() -> None:
    class Faulty(Switched):
        def readinto_at(self, offset: int, buffer: Buffer) -> None:
            if offset + len(memoryview(buffer)) > faulty >= offset:
                raise ShortReadError("gone")
            super().readinto_at(offset, buffer)

    merge = _Merge().copied(*BLOCKS)
    file = merge.tree.file(merge.child)
    faulty = file.bitmaps[BLOCKS[2]] + SECTOR
    child = scan_image(Faulty(merge.tree.source(merge.child)))
    chain = Chain(layers=(Layer(index=0, image=scan_image(merge.tree.source(merge.parent))),))
    codes = {item.code for item in check_deep(child, parent=chain)}
    assert "VHD460" in codes
    assert not codes & {"VHD902", "VHD903"}
    parent = scan_image(Faulty(merge.tree.source(merge.parent)))
    faulty = merge.tree.file(merge.parent).bitmaps[BLOCKS[2]] + SECTOR
    chain = Chain(layers=(Layer(index=0, image=parent),))
    codes = {item.code for item in check_deep(scan_image(merge.tree.source(merge.child)), parent=chain)}
    assert "VHD002" in codes
    assert not codes & {"VHD902", "VHD903"}

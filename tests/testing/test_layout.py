"""Does every structure lie where the layout says, and hold exactly what was planted?"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.testing.small_trees import BLOCK, header_of, pair, scan
from vhdchain.structures import DiskType, PlatformCode, SpaceUnit, to_timestamp
from vhdchain.structures.footer import footer_checksum
from vhdchain.testing import ChainBuilder, Layout, Locator, LocatorsAt, NameForm, Order
from vhdchain.testing.dialects import BLKTAP, DIALECTS, DISCUTILS, MACX, W2KU, W2RU, WI2R, WINDOWS_10, XEN_ORCHESTRA
from vhdchain.testing.opening import built_chain

if TYPE_CHECKING:
    from vhdchain.testing import BuiltImage, Dialect


@pytest.mark.parametrize("pattern", [0x80, 0x01, 0xA5, 0x0F, 0xFF, 0x00])
def test_bits_are_planted_exactly(pattern: int) -> None:
    tree, leaf = pair()
    tree.block(leaf, 3, bitmap=bytes([pattern]), data=bytes(range(1, 9)) * 512)
    file = tree.file(leaf)
    assert file.content.read(file.bitmaps[3], 512) == bytes([pattern]) + bytes(511)
    # Bytes under clear bits are stored as given, and mean nothing.
    assert file.content.read(file.data_offset(3, BLOCK), BLOCK) == bytes(range(1, 9)) * 512
    owners = {extent.start: extent.layer for extent in tree.expected_map(leaf)}
    for sector in range(8):
        start = max(start for start in owners if start <= 3 * BLOCK + sector * 512)
        assert owners[start] == (1 if pattern & (0x80 >> sector) else -1)


def test_a_block_lies_where_it_was_put_and_others_go_around_it() -> None:
    tree, leaf = pair()
    tree.block(leaf, 0)
    tree.block(leaf, 1, at=8192)
    tree.block(leaf, 2, sectors=[0, 7])
    places = tree.file(leaf).bitmaps
    assert places[1] == 8192
    spans = sorted((place, place + 512 + BLOCK) for place in places.values())
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert scan(tree, leaf).bat is not None
    assert leaf.blocks[2].present.tolist() == [True, *[False] * 6, True]


@pytest.mark.parametrize(
    "wrong", [{"index": 10}, {"index": -1}, {"index": 0, "bitmap": bytes(513)}, {"index": 0, "data": bytes(BLOCK + 1)}]
)
def test_a_block_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    tree, leaf = pair()
    with pytest.raises(ValueError, match=r"blocks|longer"):
        tree.block(leaf, wrong.pop("index"), **wrong)


def test_the_layout_decides_where_things_lie() -> None:
    layout = Layout(header_offset=2048, locators_at=LocatorsAt.BEFORE_BAT, spare_entries=200, gap=1536)
    tree, leaf = pair(layout=layout)
    tree.block(leaf, 0)
    file, image = tree.file(leaf), scan(tree, leaf)
    assert (file.header, image.block_count) == (2048, 10)
    assert file.locators == {0: 3072, 1: 3584}
    assert file.table == 4096
    assert file.bitmaps == {0: 4096 + 1024 + 1536}
    assert image.bat is not None
    assert (image.bat.declared, image.bat.allocated) == (210, 1)
    assert [one.entry.platform_data_offset for one in image.locators] == [3072, 3584]


@pytest.mark.parametrize("padding", [0x00, 0xFF])
def test_paddings_are_what_was_asked_for(padding: int) -> None:
    tree, leaf = pair(layout=Layout(bat_padding=padding, bitmap_padding=padding))
    tree.write(leaf, 0, b"x")
    file = tree.file(leaf)
    assert file.table is not None
    assert file.content.read(file.table + 40, 512 - 40) == bytes([padding]) * (512 - 40)
    assert file.content.read(file.bitmaps[0], 512) == b"\x80" + bytes([padding]) * 511


def test_data_is_aligned_and_bitmaps_lie_right_before() -> None:
    tree, leaf = pair(layout=Layout(data_alignment=4096))
    for block in range(4):
        tree.block(leaf, block)
    file = tree.file(leaf)
    assert all(file.data_offset(block, BLOCK) % 4096 == 0 for block in range(4))
    assert all(place % 4096 == 3584 for place in file.bitmaps.values())


@pytest.mark.parametrize(
    ("order", "expected"), [(Order.WRITTEN, [5, 2, 9, 0]), (Order.INDEX, [0, 2, 5, 9]), (Order.SHUFFLED, None)]
)
def test_blocks_lie_in_the_order_that_was_asked_for(order: Order, expected: list[int] | None) -> None:
    tree, leaf = pair(layout=Layout(order=order))
    for block in (5, 2, 9, 0):
        tree.block(leaf, block)
    places = tree.file(leaf).bitmaps
    found = sorted(places, key=places.__getitem__)
    assert sorted(found) == [0, 2, 5, 9]
    if expected:
        assert found == expected


def test_blocks_may_lie_before_the_locators() -> None:
    tree, leaf = pair(layout=Layout(locators_at=LocatorsAt.AFTER_DATA))
    tree.block(leaf, 0)
    file = tree.file(leaf)
    assert min(file.locators.values()) >= file.bitmaps[0] + 512 + BLOCK
    assert file.footer is not None
    assert max(file.locators.values()) < file.footer


def test_a_footer_of_511_bytes_lacks_its_last_byte_at_the_end_only() -> None:
    tree, leaf = pair(layout=Layout(footer_length=511))
    content = bytes(tree.file(leaf).content)
    assert len(content) % 512 == 511
    assert content[-511:] + b"\0" == content[:512]
    image = scan(tree, leaf)
    assert image.footer_end is not None
    assert len(image.footer_end.raw) == 511


def test_a_truncated_tail_ends_where_the_disk_ends() -> None:
    tree = ChainBuilder()
    image = tree.dynamic("a.vhd", size=BLOCK + 1024, block_size=BLOCK, layout=Layout(truncated_tail=True, junk=True))
    tree.block(image, 1)
    tree.block(image, 0, bitmap=b"\x01")
    file = tree.file(image)
    assert file.footer == file.data_offset(1, BLOCK) + 1024
    assert file.content.size == file.footer + 512
    assert file.bitmaps[0] < file.bitmaps[1]


def test_junk_lies_under_clear_bits_only() -> None:
    tree, leaf = pair(layout=Layout(junk=True))
    tree.block(leaf, 0, bitmap=b"\x0f")
    file = tree.file(leaf)
    stored = file.content.read(file.data_offset(0, BLOCK), BLOCK)
    assert all(stored[:2048])
    assert stored[2048:] == leaf.data.read(2048, 2048)
    assert tree.expected(leaf).read(0, 2048) == bytes(2048)


def test_the_batmap_tells_which_blocks_are_whole() -> None:
    tree = ChainBuilder(dialect=BLKTAP)
    image = tree.dynamic("a.vhd", size=10 * BLOCK, block_size=BLOCK)
    tree.block(image, 0)
    tree.block(image, 9)
    tree.block(image, 4, bitmap=b"\xfe")
    stored = scan(tree, image).batmap
    assert stored is not None
    assert stored.offset == 2048
    assert tree.file(image).content.read(stored.record.batmap_offset, 2) == b"\x80\x40"
    assert stored.record.checksum == ~(0x80 + 0x40) & 0xFFFFFFFF


@pytest.mark.parametrize("size", [512, 1024, BLOCK - 512, BLOCK, BLOCK + 512, 255 * BLOCK + 512])
@pytest.mark.parametrize("block_size", [512, 4096, 0x80000, 0x200000, 0x10000000])
def test_any_size_and_block_size_can_be_written(size: int, block_size: int) -> None:
    tree = ChainBuilder()
    image = tree.dynamic("a.vhd", size=size, block_size=block_size)
    tree.write(image, size - 1, b"x")
    scanned = scan(tree, image)
    assert (scanned.virtual_size, scanned.block_size) == (size, block_size)
    assert scanned.bat is not None
    assert (scanned.bat.declared, scanned.bat.allocated) == (-(-size // block_size), 1)


def test_a_disk_of_two_tebibytes_costs_what_it_holds() -> None:
    tree = ChainBuilder()
    base = tree.dynamic("base.vhd", size=2040 << 30)
    tree.write(base, (2040 << 30) - 3, b"end")
    leaf = tree.snapshot(base)
    assert tree.expected(leaf).read((2040 << 30) - 4, 9) == b"\0end"
    assert [extent.layer for extent in tree.expected_map(leaf)] == [-1, 0]


@pytest.mark.parametrize(
    ("locator", "text"),
    [
        (W2RU, r"..\base\base.vhd"),
        (W2KU, r"D:\VMs\base\base.vhd"),
        (MACX, "file://../base/base.vhd"),
        (WI2R, r"..\base\base.vhd"),
        (Locator(code=PlatformCode.W2KU, text="{relative}"), r"..\base\base.vhd"),
        (Locator(code=PlatformCode.W2RU, text=r".\other.vhd"), r".\other.vhd"),
    ],
)
@pytest.mark.parametrize("unit", list(SpaceUnit)[:2])
def test_a_locator_names_the_parent(locator: Locator, text: str, unit: SpaceUnit) -> None:
    tree = ChainBuilder(windows_folder="D:\\VMs")
    base = tree.dynamic("base/base.vhd", size=BLOCK, block_size=BLOCK)
    placed = Locator(code=locator.code, text=locator.text, space_unit=unit, slot=6, space=1024)
    leaf = tree.differencing("snapshots/leaf.avhd", parent=base, locators=[placed])
    (found,) = scan(tree, leaf).locators
    assert (found.slot, found.text, found.entry.code) == (6, text, locator.code)
    assert found.entry.platform_data_space == 1024
    assert found.entry.platform_data_space_raw == (2 if unit is SpaceUnit.SECTORS else 1024)


@pytest.mark.parametrize(
    ("form", "name", "encoding"),
    [
        (NameForm.BASENAME, "base.vhd", "utf-16-be"),
        (NameForm.FULL_PATH, r"D:\VMs\base.vhd", "utf-16-be"),
        (NameForm.SLASHES, "/VMs/base.vhd", "utf-16-be"),
        (NameForm.LITTLE_ENDIAN, "base.vhd", "utf-16-le"),
        (NameForm.EMPTY, "", "utf-16-be"),
    ],
)
def test_the_header_names_the_parent(form: NameForm, name: str, encoding: str) -> None:
    tree = ChainBuilder(windows_folder="D:\\VMs")
    base = tree.dynamic("base.vhd", size=BLOCK)
    header = header_of(tree, tree.differencing("leaf.avhd", parent=base, name_form=form))
    assert (header.parent_name, header.parent_name_encoding) == (name, encoding)


def test_a_child_knows_its_parents_identity_and_time() -> None:
    tree = ChainBuilder(start=datetime(2011, 5, 2, 8, 0, tzinfo=UTC))
    base = tree.dynamic("base.vhd", size=BLOCK, block_size=BLOCK)
    tree.write(base, 0, b"x")
    header = header_of(tree, tree.snapshot(base, "leaf.avhd"))
    assert header.parent_unique_id == base.unique_id
    assert header.parent_time_stamp == to_timestamp(datetime(2011, 5, 2, 8, 2, tzinfo=UTC))
    assert header_of(tree, tree.snapshot(base, "new.avhd", dialect=WINDOWS_10)).parent_time_stamp == 0


def test_the_child_of_a_raw_disk_asks_for_the_null_identifier() -> None:
    tree = ChainBuilder()
    base = tree.raw("base.raw", size=BLOCK)
    tree.fill(base, 0, BLOCK)
    leaf = tree.differencing("leaf.vhd", parent=base, block_size=BLOCK)
    assert header_of(tree, leaf).parent_unique_id == bytes(16)
    assert bytes(tree.file(base).content) == bytes(tree.expected(leaf))


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_every_dialect_writes_a_chain_that_opens(dialect: Dialect) -> None:
    tree = ChainBuilder(dialect=dialect)
    base = tree.dynamic("base.vhd", size=3 * dialect.block_size)
    leaf = tree.snapshot(base)
    tree.write(leaf, 5, b"x")
    chain = built_chain(tree, leaf)
    assert [layer.image.disk_type for layer in chain.layers] == [DiskType.DYNAMIC, DiskType.DIFFERENCING]
    assert chain.leaf.footer is not None
    assert chain.leaf.footer.creator_application == dialect.creator_application


@pytest.mark.parametrize("kind", ["fixed", "dynamic"])
@pytest.mark.parametrize("footer_length", [512, 511])
def test_windows_own_sector_0_stands_in_the_reserved_bytes(kind: str, footer_length: int) -> None:
    sector = bytes(number % 255 + 1 for number in range(510)) + b"\x55\xaa"
    tree = ChainBuilder(seed=1, dialect=WINDOWS_10)
    layout = Layout(sector_0_in_footer=True, footer_length=footer_length)
    base = getattr(tree, kind)("base.vhd", size=1 << 20, layout=layout)
    assert not any(tree.files()["base.vhd"][-footer_length:][85:])
    tree.write(base, 0, sector)
    footer = tree.files()["base.vhd"][-footer_length:]
    assert footer[85:] == sector[85:footer_length]
    assert int.from_bytes(footer[64:68], "big") == footer_checksum(footer)


def test_a_child_that_does_not_hold_sector_0_has_nothing_of_it_in_its_footer() -> None:
    tree = ChainBuilder(seed=1, dialect=WINDOWS_10)
    base = tree.dynamic("base.vhd", size=1 << 20, layout=Layout(sector_0_in_footer=True))
    tree.fill(base, 0, 512)
    leaf = tree.snapshot(base, "leaf.avhd")
    assert any(tree.files()["base.vhd"][-427:])
    assert not any(tree.files()["leaf.avhd"][-427:])
    tree.write(leaf, 3, b"x")
    assert tree.files()["leaf.avhd"][-427:] == tree.files()["base.vhd"][-427:]


def test_xen_orchestra_names_the_parent_by_a_relative_path_with_slashes() -> None:
    tree, leaf = _in_folders(XEN_ORCHESTRA)
    header = header_of(tree, leaf)
    assert header.parent_name == "../base/base.vhd"
    (entry,) = [entry for entry in header.locators if entry.is_used]
    assert (entry.platform_code, entry.platform_data_space_raw) == (PlatformCode.W2KU.value, 1)
    text = tree.file(leaf).content.read(entry.platform_data_offset, entry.platform_data_length)
    assert text == "../base/base.vhd".encode("utf-16-le")
    assert header.parent_time_stamp == 0


def test_discutils_fills_the_last_slots() -> None:
    tree, leaf = _in_folders(DISCUTILS)
    header = header_of(tree, leaf)
    used = [(slot, entry.platform_code) for slot, entry in enumerate(header.locators) if entry.is_used]
    assert used == [(6, PlatformCode.W2RU.value), (7, PlatformCode.W2KU.value)]
    assert header.locators[7].platform_data_offset + 512 == header.locators[6].platform_data_offset
    assert header.parent_name == "base.vhd"


def _in_folders(dialect: Dialect) -> tuple[ChainBuilder, BuiltImage]:
    tree = ChainBuilder(seed=1, dialect=dialect)
    base = tree.dynamic("base/base.vhd", size=1 << 20)
    return tree, tree.snapshot(base, "snapshots/leaf.avhd")

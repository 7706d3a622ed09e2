"""What lies over locators and batmap, behind the disk's entries, and behind the table's end."""

from __future__ import annotations

import pytest

from tests.structures.layout_files import BLOCK, METADATA_END, STORED, TABLE, blocks, found_in, layout_file
from tests.structures.test_free_space import locator
from vhdchain.findings import Severity
from vhdchain.structures import UNUSED, BatmapHeader, Stored
from vhdchain.structures.check_layout import check_layout
from vhdchain.structures.layout import layout_of

NOTE, WARNING, ERROR = Severity.NOTE, Severity.WARNING, Severity.ERROR

# -------------------------------------------------------------------------------------------------- locators and batmap


@pytest.mark.parametrize(("begin", "length", "told"), [(4, 512, False), (4, 513, True), (13, 1, True), (14, 1, False)])
def test_a_locator_counts_by_its_length(begin: int, length: int, told: bool) -> None:
    one = locator(begin * 512, space=65536, length=length)
    found = found_in(blocks(5, tail=1024, locators=(one,), is_differencing=True))
    assert ("VHD408" in found) is told


def test_the_finding_names_the_block_and_what_it_lies_over() -> None:
    one = locator(14 * 512, space=512, length=20)
    found = found_in(blocks(22, 13, 4, locators=(one,), is_differencing=True))["VHD408"]
    assert (found.severity, found.location.block, found.location.offset, found.found) == (ERROR, 1, TABLE + 4, 13)
    assert found.message == "block 1 would lie over the data of locator 0 (W2ru)"


@pytest.mark.parametrize(("begin", "told"), [(18, False), (17, True)])
def test_a_last_block_may_be_stored_only_as_far_as_the_disk_goes(begin: int, told: bool) -> None:
    # Half of the last block belongs to the disk: with its bitmap five sectors, from 13 on.
    one = locator(begin * 512, space=512, length=20)
    file = blocks(4, 13, size=BLOCK + BLOCK // 2, locators=(one,), is_differencing=True)
    assert ("VHD408" in found_in(file)) is told
    # Another block at the same place is whole.
    file = blocks(13, 13, size=BLOCK + BLOCK // 2, locators=(one,), is_differencing=True)
    assert found_in(file)["VHD408"].location.block == 0


def test_the_locators_of_a_dynamic_disk_are_leftovers() -> None:
    assert found_in(blocks(4, 13, locators=(locator(5 * 512, space=512, length=20),))) == {}


def test_a_locator_behind_the_end_is_another_finding() -> None:
    one = locator(5 * 512, space=512, length=1 << 30)
    assert found_in(blocks(4, 13, locators=(one,), is_differencing=True)) == {}


def batmap(offset: int, bits_offset: int, sectors: int) -> Stored[BatmapHeader]:
    record = BatmapHeader(batmap_offset=bits_offset, batmap_sectors=sectors)
    return Stored(offset=offset, raw=b"", record=record)


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        (batmap(2048, 2560, 1), None),
        (batmap(2560, 2048, 1), None),
        (batmap(2560, 3072, 1), "the batmap"),
        (batmap(3072, 2048, 1), "the batmap's header"),
        # Only the one bit per entry that a batmap needs counts, and none that would lie behind the end.
        (batmap(2048, 2560, 1 << 31), None),
        (batmap(2048, 1 << 63, 1), None),
        (batmap(2048, 3072, 0), None),
    ],
)
def test_a_block_over_the_batmap(stored: Stored[BatmapHeader], told: str | None) -> None:
    found = found_in(blocks(6, 15, batmap=stored))
    assert set(found) == ({"VHD408"} if told else set())
    assert told is None or found["VHD408"].message == f"block 0 would lie over {told}"


def test_a_block_that_lies_over_the_header_too_is_told_once() -> None:
    one = locator(2048, space=512, length=20)
    file = blocks(1, 13, 22, locators=(one,), is_differencing=True)
    assert "VHD408" not in found_in(file)
    assert "VHD402" in {item.code for item in check_layout(layout_of(file))}


# -------------------------------------------------------------------------------------------------- entries behind


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (UNUSED, False),
        (0, False),  # filling
        (1, True),
        (3, True),
        (4, True),
        (12, True),
        (13, False),
        (14, False),
        (15, True),  # its end lies behind that of the data
        (UNUSED - 1, True),
    ],
)
def test_an_entry_behind_the_disk(entry: int, told: bool) -> None:
    file = layout_file([4, entry], size=BLOCK, data_end=METADATA_END + 2 * STORED + 512)
    found = found_in(file)
    assert ("VHD409" in found) is told
    if told:
        item = found["VHD409"]
        assert (item.severity, item.location.block, item.location.offset) == (WARNING, 1, TABLE + 4)
        assert item.found == entry
    assert layout_of(file).leftovers.sound.tolist() == ([1] if entry in (13, 14) else [])


def test_all_entries_behind_the_disk_are_counted() -> None:
    (item,) = (found_in(blocks(4, *[4] * 12, size=BLOCK))[code] for code in ["VHD409"])
    assert item.message.startswith("each of 12 entries (1, 2, 3, 4, 5, 6, 7, 8, …) behind the disk's 1 blocks leads")


def test_entries_of_a_table_that_the_file_cannot_hold_are_none() -> None:
    file = layout_file([4, 4, 4], size=BLOCK, declared=1 << 30)
    assert "VHD409" not in found_in(file)


# -------------------------------------------------------------------------------------------------- padding


@pytest.mark.parametrize(
    ("padding", "severity", "found"),
    [
        (b"\xff" * 500, NOTE, "0xFF"),
        (bytes(500), NOTE, "0x00"),
        (b"\xff" * 499 + b"\0", WARNING, "0xFFFFFFFFFFFFFFFF"),
        (bytes(4) + b"\xff" * 496, WARNING, "0x00000000FFFFFFFF"),
        (b"\x11" * 4, WARNING, "0x11111111"),
    ],
)
def test_the_padding_of_the_table(padding: bytes, severity: Severity, found: str) -> None:
    item = found_in(blocks(4, padding=padding))["VHD410"]
    assert (item.severity, item.found, item.location.offset) == (severity, found, TABLE + 4)

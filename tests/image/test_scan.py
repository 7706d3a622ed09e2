"""Everything that a file says is recorded, whatever it says, and what could not be read is a fault."""

from __future__ import annotations

import tracemalloc
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vhdchain.image import FaultKind, FooterPolicy, Limits, raw_image, scan_image
from vhdchain.source import BytesSource, short_read
from vhdchain.structures import UNUSED, DiskType
from vhdchain.testing.edits import (
    BLOCK_SIZE,
    USED_BLOCKS,
    edit_entry,
    edit_footer,
    edit_header,
    edit_locator,
    end_footer,
    header_of,
    healthy,
    overwrite,
    used_locator,
)

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Buffer

_healthy = cache(healthy)
SPARSE = _healthy(DiskType.DYNAMIC)
CHILD = _healthy(DiskType.DIFFERENCING)
FIXED = _healthy(DiskType.FIXED)


def _faults(raw: bytes, limits: Limits | None = None) -> list[tuple[FaultKind, str]]:
    return [(fault.kind, fault.structure) for fault in scan_image(BytesSource(raw), limits=limits).faults]


def test_a_dynamic_image_is_recorded_whole() -> None:
    image = scan_image(BytesSource(SPARSE, name="x.vhd"))
    assert image.name == "x.vhd"
    assert (image.disk_type, image.is_sparse, image.is_differencing) == (DiskType.DYNAMIC, True, False)
    assert (image.virtual_size, image.block_size, image.block_count) == (21 * 2048, BLOCK_SIZE, 11)
    assert (image.file_size, image.data_end, image.bitmap_length) == (len(SPARSE), len(SPARSE) - 512, 512)
    assert (image.footer, image.header.record if image.header else None) == (end_footer(SPARSE), header_of(SPARSE))
    assert image.footer_source is FooterPolicy.END
    assert image.parent_unique_id is None
    assert image.faults == ()
    assert image.bat is not None
    used = np.flatnonzero(image.bat.entries != UNUSED).tolist()
    assert used == sorted(USED_BLOCKS)
    assert image.bat.allocated == len(USED_BLOCKS)


def test_a_differencing_image_names_its_parent() -> None:
    image = scan_image(BytesSource(CHILD))
    assert image.is_differencing
    assert image.parent_unique_id == header_of(CHILD).parent_unique_id != bytes(16)
    assert [locator.text for locator in image.locators if locator.name == "W2ru"] == [r".\base.vhd"]
    assert all(locator.data is not None for locator in image.locators)


def test_a_fixed_image_has_nothing_but_a_footer() -> None:
    image = scan_image(BytesSource(FIXED))
    assert (image.disk_type, image.virtual_size) == (DiskType.FIXED, len(FIXED) - 512)
    assert (image.header, image.bat, image.block_count, image.locators) == (None, None, 0, ())


def test_a_raw_image_is_its_file() -> None:
    image = raw_image(BytesSource(FIXED))
    assert (image.disk_type, image.virtual_size, image.data_end) == (DiskType.RAW, len(FIXED), len(FIXED))
    assert image.unique_id == bytes(16)


@pytest.mark.parametrize(
    ("raw", "policy", "chosen"),
    [
        (SPARSE, FooterPolicy.AUTO, FooterPolicy.END),
        (SPARSE, FooterPolicy.COPY, FooterPolicy.COPY),
        (SPARSE[:-512], FooterPolicy.AUTO, FooterPolicy.COPY),
        (SPARSE[:-512], FooterPolicy.END, FooterPolicy.COPY),
        (bytes(512) + SPARSE[512:], FooterPolicy.COPY, FooterPolicy.END),
        (edit_footer(SPARSE, copy=False, checksum=False, time_stamp=1), FooterPolicy.AUTO, FooterPolicy.COPY),
        (edit_footer(SPARSE, copy=False, checksum=False, time_stamp=1), FooterPolicy.END, FooterPolicy.END),
        (edit_footer(SPARSE, checksum=False, time_stamp=1), FooterPolicy.AUTO, FooterPolicy.END),
        (SPARSE[:512] + FIXED[512:-512] + bytes(512), FooterPolicy.AUTO, FooterPolicy.COPY),
        (FIXED[-512:] + FIXED[512:-1], FooterPolicy.AUTO, FooterPolicy.END),
        (edit_footer(SPARSE, end=False, checksum=False, time_stamp=1), FooterPolicy.COPY, FooterPolicy.COPY),
        (FIXED[-512:] + edit_footer(FIXED, checksum=False, time_stamp=1)[512:], FooterPolicy.AUTO, FooterPolicy.END),
        (b"", FooterPolicy.AUTO, None),
        (bytes(2000), FooterPolicy.AUTO, None),
    ],
)
def test_which_footer_counts(raw: bytes, policy: FooterPolicy, chosen: FooterPolicy | None) -> None:
    image = scan_image(BytesSource(raw), footer=policy)
    assert image.footer_source is chosen
    assert (image.footer is None) == (chosen is None)


def test_the_hidden_byte_does_not_make_a_footer_invalid() -> None:
    reserved = b"\1" + bytes(426)
    raw = edit_footer(SPARSE, copy=False, checksum=False, reserved=reserved)
    assert scan_image(BytesSource(raw)).footer_source is FooterPolicy.END


KEPT = bytes(50) + b"kept" + bytes(373)
DOUBTFUL_END = edit_footer(SPARSE, copy=False, checksum=False, reserved=KEPT)


@pytest.mark.parametrize(
    ("raw", "chosen"),
    [
        (DOUBTFUL_END, FooterPolicy.COPY),
        (edit_footer(SPARSE, checksum=False, reserved=KEPT), FooterPolicy.END),
        (edit_footer(SPARSE, end=False, checksum=False, reserved=KEPT), FooterPolicy.END),
        (edit_footer(DOUBTFUL_END, copy=True, end=False, checksum=False, time_stamp=9), FooterPolicy.END),
        (edit_footer(FIXED, checksum=False, reserved=KEPT), FooterPolicy.END),
        (edit_footer(SPARSE, checksum=False, reserved=KEPT)[:-512], FooterPolicy.COPY),
        (overwrite(edit_footer(SPARSE, checksum=False, reserved=KEPT), len(SPARSE) - 485, b"x"), FooterPolicy.COPY),
    ],
)
def test_a_checksum_without_the_reserved_bytes_is_valid_where_none_fits_better(
    raw: bytes, chosen: FooterPolicy
) -> None:
    assert scan_image(BytesSource(raw)).footer_source is chosen


def test_a_511_byte_footer_is_found_at_its_place() -> None:
    image = scan_image(BytesSource(FIXED[:-1]))
    assert image.footer_end is not None
    assert (image.footer_end.offset, len(image.footer_end.raw)) == (len(FIXED) - 512, 511)


@pytest.mark.parametrize(
    ("raw", "faults"),
    [
        (edit_footer(SPARSE, data_offset=1 << 40), [(FaultKind.BEYOND_END, "dynamic header")]),
        (edit_header(SPARSE, max_table_entries=UNUSED), [(FaultKind.BEYOND_END, "BAT")]),
        (edit_header(SPARSE, table_offset=1 << 63), [(FaultKind.BEYOND_END, "BAT")]),
        (edit_locator(CHILD, 1, platform_data_offset=1 << 50), [(FaultKind.BEYOND_END, "locator 1")]),
        (edit_locator(CHILD, 0, platform_data_length=UNUSED), [(FaultKind.LIMIT, "locator 0")]),
    ],
)
def test_what_lies_behind_the_end_is_a_fault(raw: bytes, faults: list[tuple[FaultKind, str]]) -> None:
    assert _faults(raw) == faults


def test_a_limit_is_a_fault() -> None:
    limits = Limits(max_bat_entries=10)
    assert _faults(SPARSE, limits) == [(FaultKind.LIMIT, "BAT")]
    bat = scan_image(BytesSource(SPARSE), limits=limits).bat
    assert bat is not None
    assert (len(bat.entries), bat.declared) == (10, 11)


def test_a_claimed_table_of_16_gib_allocates_nothing() -> None:
    raw = edit_header(SPARSE, max_table_entries=UNUSED)
    source = BytesSource(raw)
    tracemalloc.start()
    try:
        image = scan_image(source)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert image.bat is not None
    assert len(image.bat.entries) == (len(raw) - 1536) // 4
    assert peak < 2 * len(raw) + (1 << 20)


def test_the_stored_texts_are_read_by_their_length_whatever_the_space_says() -> None:
    raw = edit_locator(CHILD, 0, platform_data_space_raw=0)
    image = scan_image(BytesSource(raw))
    assert image.locators[0].data is not None
    assert len(image.locators[0].data) == used_locator(CHILD, 0).platform_data_length


def test_entries_keep_their_slots() -> None:
    locators = header_of(CHILD).locators
    raw = edit_header(CHILD, locators=(*locators[2:], *locators[:2]))
    assert [locator.slot for locator in scan_image(BytesSource(raw)).locators] == [6, 7]


def test_a_huge_size_is_counted_exactly() -> None:
    raw = edit_footer(SPARSE, current_size=(1 << 64) - 512)
    assert scan_image(BytesSource(raw)).block_count == 1 << 52


def test_a_file_of_one_footer_has_no_copy_of_it() -> None:
    for raw in (FIXED[-512:], FIXED[-512:-1], FIXED[-512:].rjust(1023, b"\0")):
        image = scan_image(BytesSource(raw))
        assert (image.footer_source, image.footer_copy, image.faults) == (FooterPolicy.END, None, ())
        assert image.footer_end is not None
        assert image.footer_end.offset + len(image.footer_end.raw) == len(raw)
    assert scan_image(BytesSource(FIXED[-512:] * 2)).footer_copy is not None


@pytest.mark.parametrize("entries", [11, 128])
def test_a_batmap_lies_behind_the_tables_last_sector(entries: int) -> None:
    raw = overwrite(edit_header(SPARSE, max_table_entries=entries), 2048, b"tdbatmap".ljust(512, b"\0"))
    for file in (raw, raw[:2560]):  # also where the header is the last that the file holds
        batmap = scan_image(BytesSource(file)).batmap
        assert batmap is not None
        assert (batmap.offset, batmap.raw) == (2048, raw[2048:2560])
    assert scan_image(BytesSource(raw[:2559])).batmap is None
    assert scan_image(BytesSource(overwrite(raw, 2048, b"tdbatman"))).batmap is None


def test_a_table_that_is_cut_off_while_it_is_read_is_none() -> None:
    class Shrinking(BytesSource):
        def readinto_at(self, offset: int, buffer: Buffer) -> None:
            raise short_read(self.name, offset, memoryview(buffer).nbytes, 0)

    image = scan_image(Shrinking(SPARSE))
    assert image.bat is None
    assert [(fault.kind, fault.structure) for fault in image.faults] == [(FaultKind.SHORT_READ, "BAT")]


def test_a_locator_of_just_the_limit_is_read() -> None:
    length = used_locator(CHILD, 0).platform_data_length
    assert _faults(CHILD, Limits(max_locator_bytes=length)) == []
    assert (FaultKind.LIMIT, "locator 0") in _faults(CHILD, Limits(max_locator_bytes=length - 1))


def test_entries_are_never_changed_by_who_reads_them() -> None:
    image = scan_image(BytesSource(edit_entry(SPARSE, 0, 77)))
    assert image.bat is not None
    assert int(image.bat.entries[0]) == 77
    with pytest.raises(ValueError, match="read-only"):
        image.bat.entries[0] = 1


@pytest.mark.corpus
def test_the_facts_of_real_files(corpus: Path) -> None:
    child = scan_image(BytesSource((corpus / "fat-pair" / "fat-differential.vhd").read_bytes()))
    parent = scan_image(BytesSource((corpus / "fat-pair" / "fat-parent.vhd").read_bytes()))
    assert child.parent_unique_id == parent.unique_id == bytes.fromhex("5fa21a55f394aa4d99581951a67d5540")
    assert [
        (item.name, item.text, len(item.data or b""), item.entry.platform_data_space) for item in child.locators
    ] == [
        ("W2ku", r"C:\Projects\dfvfs\test_data\fat-parent.vhd", 84, 4096),
        ("W2ru", r".\fat-parent.vhd", 32, 65536),
    ]
    assert child.bat is not None
    assert (child.bat.offset, child.bat.entries.tolist()) == (8192, [81408 // 512, UNUSED])
    xapi = scan_image(BytesSource((corpus / "single" / "govhd_xapi.vhd").read_bytes()))
    assert xapi.batmap is not None
    assert (xapi.batmap.offset, xapi.batmap.record.batmap_offset) == (2048, 2560)
    patched = scan_image(BytesSource((corpus / "single" / "ronin_origsize_mismatch.vhd").read_bytes()))
    assert patched.footer is not None
    assert (patched.footer.original_size, patched.virtual_size) == (1061888, 2123776)

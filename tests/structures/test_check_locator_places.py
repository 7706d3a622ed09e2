"""Which structures may a locator's data and its stated space not touch, and where does each of them end?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.structures.locator_files import DATA_END, file_of, locator
from vhdchain.findings import Finding, Severity
from vhdchain.structures import Bat, BatmapHeader, Stored, StoredLocator
from vhdchain.structures.check_locator_places import check_places


def _bat(*, declared: int = 129, read: int | None = None, offset: int = 4096) -> Bat:
    return Bat(offset=offset, declared=declared, entries=np.zeros(declared if read is None else read, dtype=np.uint32))


def _batmap(*, offset: int, sectors: int = 2) -> Stored[BatmapHeader]:
    return Stored(offset=8192, raw=b"", record=BatmapHeader(batmap_offset=offset, batmap_sectors=sectors))


def _told(*locators: StoredLocator, **facts: Any) -> list[Finding]:
    return list(check_places(file_of(*locators, **facts)))


def _at(offset: int, length: int = 20, space: int = 0) -> StoredLocator:
    return locator(platform_data_offset=offset, platform_data_length=length, platform_data_space_raw=space)


@pytest.mark.parametrize(
    ("offset", "length", "over"),
    [
        (511, 1, True),  # the footer copy
        (512, 1, True),  # the header
        (1535, 1, True),
        (1536, 2560, False),
        (1536, 2561, True),  # the BAT
        (4096 + 1023, 1, True),  # 129 entries need a second sector
        (4096 + 1024, 20, False),
        (8191, 1, False),
        (8191, 2, True),  # the batmap's header
        (8703, 1, True),
        (8704, 512, False),
        (9215, 2, True),  # the batmap
        (10239, 1, True),
        (10240, 1, False),
    ],
)
def test_data_keeps_clear_of_the_metadata(offset: int, length: int, over: bool) -> None:
    found = _told(_at(offset, length), bat=_bat(), batmap=_batmap(offset=9216))
    assert [(item.code, item.severity, item.found) for item in found] == [("VHD312", Severity.ERROR, offset)] * over


def test_it_is_told_at_the_entry_with_the_structure_and_its_range() -> None:
    (item,) = _told(_at(4100), bat=_bat())
    assert (item.location.structure, item.location.field) == ("locator 0", "platform_data_offset")
    assert item.location.offset == 512 + 576 + 16
    assert "the BAT (4096–5120)" in item.message


@pytest.mark.parametrize(
    ("space", "severity"),
    [
        (512, None),
        (1024, Severity.WARNING),  # bytes: they reach the BAT
        (2, Severity.WARNING),  # too small for bytes, so it is of sectors
        (1, None),
        (84, None),  # may be the text's own length, in bytes: then it reaches nothing
        (1000, None),  # of no certain unit
    ],
)
def test_space_alone_is_a_warning_where_its_unit_is_certain(space: int, severity: Severity | None) -> None:
    found = _told(_at(3584, space=space), bat=_bat())
    assert [item.severity for item in found] == ([severity] if severity else [])


def test_space_that_would_end_behind_the_file_is_no_evidence_of_an_overlap() -> None:
    assert _told(_at(3584, space=512 * 1024), bat=_bat()) == []


@pytest.mark.parametrize(
    ("offset", "length"),
    [(0, 20), (2048, 0), (DATA_END, 20), (DATA_END - 10, 20), (0xFFFFFFFF_00000000, 20)],
)
def test_data_without_a_place_in_the_file_overlaps_nothing(offset: int, length: int) -> None:
    assert _told(_at(offset, length), locator(1, platform_data_offset=DATA_END - 5, platform_data_length=1)) == []


@pytest.mark.parametrize(
    ("first", "second", "severity"),
    [
        ((2048, 20, 512), (2560, 20, 512), None),
        ((2048, 600, 1024), (2560, 20, 512), Severity.ERROR),
        ((2560, 20, 512), (2048, 513, 1024), Severity.ERROR),
        ((2048, 20, 512), (2048, 20, 512), Severity.ERROR),  # one text for both: a longer one would not fit both
        ((2048, 20, 1024), (2560, 20, 512), Severity.WARNING),
        ((2048, 20, 512), (2068, 20, 512), Severity.WARNING),  # packed texts with a whole sector stated for each
        ((2048, 20, 0), (2068, 20, 0), None),
    ],
)
def test_two_locators_keep_clear_of_each_other(
    first: tuple[int, int, int], second: tuple[int, int, int], severity: Severity | None
) -> None:
    fields = ("platform_data_offset", "platform_data_length", "platform_data_space_raw")
    locators = (
        locator(slot, None, **dict(zip(fields, place, strict=True))) for slot, place in enumerate((first, second))
    )
    found = _told(*locators)
    assert [item.severity for item in found] == ([severity] if severity else [])
    assert {item.location.structure for item in found} <= {"locator 1"}


def test_a_table_that_claims_more_than_the_file_holds_covers_only_what_the_disk_needs() -> None:
    bat = _bat(declared=0xFFFFFFFF, read=20_000)
    assert _told(_at(8192), bat=bat, block_count=11) == []
    assert len(_told(_at(4400), bat=bat, block_count=11)) == 1
    assert len(_told(_at(8192), bat=_bat(declared=20_000))) == 1


@pytest.mark.parametrize("offset", [0, 2000])
def test_a_table_at_an_impossible_place_is_told_elsewhere(offset: int) -> None:
    assert _told(_at(2048), bat=_bat(offset=offset)) == []


@pytest.mark.parametrize(("offset", "sectors"), [(0, 100), (2000, 2), (DATA_END - 512, 2), (2048, 0xFFFFFFFF)])
def test_a_batmap_at_an_impossible_place_is_told_elsewhere(offset: int, sectors: int) -> None:
    assert _told(_at(2048), batmap=_batmap(offset=offset, sectors=sectors)) == []

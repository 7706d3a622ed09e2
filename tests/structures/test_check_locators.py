"""Edges of the locators' checks; that each code is found in a whole image is shown by the recipes of damages."""

from __future__ import annotations

import pytest

from tests.structures.locator_files import DATA_END, file_of, locator
from vhdchain.findings import Finding, Severity
from vhdchain.structures import ParentLocator, StoredLocator
from vhdchain.structures.check_locators import check_locators

ENTRIES = 512 + 576
ENTRY = 24


def _check(*locators: StoredLocator) -> list[Finding]:
    """Return what is found, but for the note that says which unit the space is in."""
    return [item for item in check_locators(file_of(*locators)) if item.code != "VHD311"]


@pytest.mark.parametrize("code", [b"W2ru", b"W2ku", b"MacX", b"Mac "])
def test_known_platforms_are_in_order(code: bytes) -> None:
    assert _check(locator(platform_code=code)) == []


@pytest.mark.parametrize(
    ("code", "told", "severity", "expected", "found"),
    [
        (b"Be64", "VHD301", Severity.WARNING, None, "Be64"),
        (b"\x00\x00\x00\x01", "VHD301", Severity.WARNING, None, "0x00000001"),
        (b"\x4d\x16\x32\x20", "VHD302", Severity.NOTE, "Mac ", "0x4d163220"),
        (b"\x4d\x16\x32\x58", "VHD302", Severity.NOTE, "MacX", "0x4d163258"),
        (b"\x4d\x16\x32\x59", "VHD301", Severity.WARNING, None, "0x4d163259"),
        (b"Wi2r", "VHD303", Severity.NOTE, None, "Wi2r"),
        (b"Wi2k", "VHD303", Severity.NOTE, None, "Wi2k"),
    ],
)
def test_other_platforms_are_told_with_their_code(
    code: bytes, told: str, severity: Severity, expected: str | None, found: str
) -> None:
    (item,) = _check(locator(platform_code=code))
    assert (item.code, item.severity, item.expected, item.found) == (told, severity, expected, found)
    assert (item.location.field, item.location.offset) == ("platform_code", ENTRIES)


@pytest.mark.parametrize(
    ("entry", "severity", "field", "offset", "found"),
    [
        (ParentLocator(platform_data_space_raw=1), Severity.WARNING, "platform_data_space", 4, 1),
        (ParentLocator(platform_data_length=9, platform_data_offset=8), Severity.WARNING, "platform_data_length", 8, 9),
        (ParentLocator(reserved=7), Severity.WARNING, "reserved", 12, 7),
        # What vhd-lib leaves behind when it clears an entry.
        (ParentLocator(platform_data_offset=4096), Severity.NOTE, "platform_data_offset", 16, 4096),
    ],
)
def test_an_unused_entry_is_empty(
    entry: ParentLocator, severity: Severity, field: str, offset: int, found: int
) -> None:
    (item,) = check_locators(file_of(unused=[(3, entry)]))
    assert (item.code, item.severity, item.expected, item.found) == ("VHD304", severity, 0, found)
    assert (item.location.structure, item.location.field) == ("locator 3", field)
    assert item.location.offset == ENTRIES + 3 * ENTRY + offset


def test_eight_empty_entries_are_in_order() -> None:
    assert list(check_locators(file_of())) == []


@pytest.mark.parametrize(
    ("name", "field", "offset", "severity"),
    [
        ("platform_data_offset", "platform_data_offset", 16, Severity.WARNING),
        ("platform_data_length", "platform_data_length", 8, Severity.WARNING),
        ("platform_data_space_raw", "platform_data_space", 4, Severity.NOTE),
    ],
)
def test_a_used_locator_has_a_place(name: str, field: str, offset: int, severity: Severity) -> None:
    (item,) = _check(locator(0, None, **{name: 0}))
    assert (item.code, item.severity, item.found) == ("VHD305", severity, 0)
    assert (item.location.field, item.location.offset) == (field, ENTRIES + offset)


@pytest.mark.parametrize(
    ("space", "length", "codes"),
    [
        (512, 512, []),
        (512, 513, ["VHD306"]),
        (1, 512, []),
        (1, 513, ["VHD306"]),
        (84, 84, []),  # bytes meant, sectors understood: the data fits in both
        (600, 600, ["VHD310"]),
        (600, 601, ["VHD306", "VHD310"]),
        (0, 100, ["VHD305"]),  # a space of zero says nothing about the data
    ],
)
def test_data_fits_its_space(space: int, length: int, codes: list[str]) -> None:
    found = _check(locator(platform_data_space_raw=space, platform_data_length=length))
    assert [item.code for item in found] == codes


@pytest.mark.parametrize(
    ("offset", "space", "severity"),
    [
        (DATA_END - 160 - 512, 512, None),
        (DATA_END - 160, 512, Severity.ERROR),
        (DATA_END - 160 - 512, 1, None),
        (DATA_END - 160 - 1024, 4, Severity.WARNING),  # taken as bytes it would lie inside, and the data does
        (0xFFFFFFFF_FFFFFE00, 512, Severity.ERROR),
        (512 * 8, 0xFFFFFE00, Severity.ERROR),
    ],
)
def test_the_space_ends_before_the_end_footer(offset: int, space: int, severity: Severity | None) -> None:
    found = _check(locator(platform_data_offset=offset, platform_data_space_raw=space))
    assert [(item.code, item.severity) for item in found] == ([("VHD307", severity)] if severity else [])


def test_the_last_byte_before_the_end_footer_is_inside() -> None:
    assert DATA_END % 512 == 160
    found = _check(locator(platform_data_offset=DATA_END - 512))
    assert [item.code for item in found] == ["VHD313"]
    found = _check(locator(platform_data_offset=DATA_END - 511))
    assert [item.code for item in found] == ["VHD313", "VHD307"]


def test_a_length_behind_the_end_is_found_without_a_space() -> None:
    found = _check(locator(platform_data_space_raw=0, platform_data_length=0xFFFFFFFF))
    assert [(item.code, item.severity) for item in found] == [("VHD305", Severity.NOTE), ("VHD307", Severity.ERROR)]


def test_every_locator_is_judged_at_its_own_place() -> None:
    found = _check(locator(slot=0, platform_code=b"?" * 4), locator(slot=1, platform_data_length=600))
    assert [(item.code, item.location.structure, item.location.field, item.location.offset) for item in found][:2] == [
        ("VHD301", "locator 0", "platform_code", ENTRIES),
        ("VHD306", "locator 1", "platform_data_length", ENTRIES + ENTRY + 8),
    ]


def test_what_several_locators_have_in_common_is_told_once_at_the_worst() -> None:
    found = _check(
        locator(slot=0, platform_data_space_raw=0),
        locator(slot=1, platform_code=b"W2ku", platform_data_length=0),
        locator(slot=2, platform_code=b"MacX", platform_data_offset=0),
    )
    (item,) = found
    assert (item.code, item.severity, item.location.structure) == ("VHD305", Severity.WARNING, "locator 1")
    assert [detail.partition(":")[0] for detail in item.details] == ["locator 0", "locator 2"]


def test_a_reserved_field_is_zero() -> None:
    (item,) = _check(locator(slot=0), locator(slot=1, platform_code=b"W2ku", reserved=0x80000000))
    assert (item.code, item.severity, item.expected, item.found) == ("VHD308", Severity.WARNING, 0, 0x80000000)
    assert item.location.offset == ENTRIES + ENTRY + 12


def test_of_three_locators_of_one_platform_the_second_is_told() -> None:
    (item,) = _check(*(locator(slot=slot, platform_code=b"MacX") for slot in range(3)))
    assert (item.code, item.severity, item.found) == ("VHD309", Severity.WARNING, "MacX")
    assert item.location.structure == "locator 1"
    assert len(item.details) == 1


@pytest.mark.parametrize(("space", "ambiguous"), [(511, False), (512, False), (513, True), (1023, True), (1024, False)])
def test_a_space_is_sectors_or_whole_sectors_in_bytes(space: int, ambiguous: bool) -> None:
    found = _check(locator(platform_data_space_raw=space, platform_data_offset=8192))
    assert [item.code for item in found if item.code == "VHD310"] == ["VHD310"] * ambiguous


@pytest.mark.parametrize(
    ("spaces", "found", "slot"),
    [
        ((512, 1024), "bytes", 0),
        ((1, 2), "sectors", 0),
        ((1, 512), "bytes and sectors", 0),
        ((0, 512), "bytes", 1),
        ((600, 2), "sectors", 1),
        ((0, 600), None, None),
    ],
)
def test_the_unit_is_told_once_for_all_locators(spaces: tuple[int, ...], found: str | None, slot: int | None) -> None:
    codes = (b"W2ru", b"W2ku")
    file = file_of(
        *(
            locator(number, platform_code=codes[number], platform_data_space_raw=space)
            for number, space in enumerate(spaces)
        )
    )
    told = [item for item in check_locators(file) if item.code == "VHD311"]
    assert [(item.severity, item.expected, item.found) for item in told] == (
        [(Severity.NOTE, "sectors", found)] if found else []
    )
    assert [item.location.structure for item in told] == ([f"locator {slot}"] if found else [])


@pytest.mark.parametrize(("offset", "told"), [(4096, False), (4097, True), (4608 + 256, True), (200_001, False)])
def test_a_place_inside_the_file_is_a_multiple_of_512(offset: int, told: bool) -> None:
    found = [item for item in _check(locator(platform_data_offset=offset)) if item.code == "VHD313"]
    assert [(item.severity, item.found) for item in found] == [(Severity.NOTE, offset)] * told


@pytest.mark.parametrize(
    ("slots", "told"),
    [((0,), False), ((0, 1, 2), False), ((6, 7), True), ((1,), True), ((0, 2), True), (tuple(range(8)), False)],
)
def test_slots_are_filled_from_the_first_on(slots: tuple[int, ...], told: bool) -> None:
    codes = (b"W2ru", b"W2ku", b"MacX", b"Mac ", b"?001", b"?002", b"?003", b"?004")
    found = _check(*(locator(slot, platform_code=codes[number]) for number, slot in enumerate(slots)))
    order = [item for item in found if item.code == "VHD325"]
    assert [(item.severity, item.found) for item in order] == [(Severity.NOTE, ", ".join(map(str, slots)))] * told

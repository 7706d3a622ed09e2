"""Edges of the checks of single fields: severities, values, and what must stay quiet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.structures.footers import DYNAMIC, FIXED, SIZE, check, check_both, copy
from vhdchain.findings import Severity
from vhdchain.structures.footer import NO_DATA_OFFSET
from vhdchain.structures.writers import WRITERS
from vhdchain.testing.dialects import DIALECTS

if TYPE_CHECKING:
    from vhdchain.testing.dialects import Dialect

NOTE, WARNING, ERROR = Severity.NOTE, Severity.WARNING, Severity.ERROR
HOUR = 3600
NOW = 500_000_000


def _severities(**fields: Any) -> dict[str, Severity]:
    return {code: item.severity for code, item in check_both(**fields).items()}


@pytest.mark.parametrize(
    ("version", "codes"),
    [
        (0x00010000, set()),
        (0x00010001, {"VHD110"}),
        (0x0001FFFF, {"VHD110"}),
        (0x00020000, {"VHD109"}),
        (0x00020001, {"VHD109"}),
        (0x00040000, {"VHD109"}),
        (0, {"VHD109"}),
    ],
)
def test_a_minor_version_is_a_warning_where_the_major_one_is_right(version: int, codes: set[str]) -> None:
    assert check_both(file_format_version=version).keys() == codes


def test_the_version_is_told_by_its_two_halves() -> None:
    item = check_both(file_format_version=0x00010102)["VHD110"]
    assert (item.severity, item.expected, item.found) == (WARNING, 0, 0x102)
    assert (item.location.field, item.location.offset) == ("file_format_version", SIZE - 512 + 12)


@pytest.mark.parametrize(
    ("features", "severities"),
    [
        (0x2, {}),
        (0x0, {"VHD111": NOTE}),
        (0x3, {"VHD113": WARNING}),
        (0x1, {"VHD111": NOTE, "VHD113": WARNING}),
        (0x102, {"VHD112": NOTE}),
        (0x100, {"VHD111": NOTE, "VHD112": NOTE}),
        (0x6, {"VHD112": WARNING}),
        (0x106, {"VHD112": WARNING}),
        (0xFFFFFFFF, {"VHD112": WARNING, "VHD113": WARNING}),
    ],
)
def test_each_feature_bit_has_its_meaning(features: int, severities: dict[str, Severity]) -> None:
    assert _severities(features=features) == severities


def test_the_bits_that_should_be_there_are_told() -> None:
    found = check_both(features=0x101)
    told = {code: (item.expected, item.found, item.location.offset) for code, item in found.items()}
    place = SIZE - 512 + 8
    assert told == {
        "VHD111": ("0x00000103", "0x00000101", place),
        "VHD112": ("0x00000001", "0x00000101", place),
        "VHD113": ("0x00000100", "0x00000101", place),
    }


@pytest.mark.parametrize(
    ("data_offset", "severity"),
    [(NO_DATA_OFFSET, None), (0xFFFFFFFF, NOTE), (0, WARNING), (512, WARNING), (NO_DATA_OFFSET - 1, WARNING)],
)
def test_a_fixed_disk_names_no_header(data_offset: int, severity: Severity | None) -> None:
    found = check_both(FIXED, data_offset=data_offset)
    told = {code: (item.severity, item.expected, item.found) for code, item in found.items()}
    expected = "0xFFFFFFFFFFFFFFFF"
    assert told == ({"VHD115": (severity, expected, f"0x{data_offset:X}")} if severity else {})


@pytest.mark.parametrize("disk_type", [3, 4])
@pytest.mark.parametrize(
    ("offset", "severities"),
    [
        (512, {}),
        (0, {"VHD116": ERROR}),
        (NO_DATA_OFFSET, {"VHD116": ERROR}),
        (1, {"VHD117": WARNING}),
        (511, {"VHD117": WARNING}),
        (513, {"VHD117": WARNING}),
        (1024, {"VHD118": NOTE}),
        (SIZE - 512 - 1024, {"VHD118": NOTE}),
        (SIZE - 512 - 1023, {"VHD119": ERROR}),
        (SIZE, {"VHD119": ERROR}),
        (NO_DATA_OFFSET - 1, {"VHD119": ERROR}),
    ],
)
def test_a_header_lies_at_a_sector_before_the_end_footer(
    disk_type: int, offset: int, severities: dict[str, Severity]
) -> None:
    assert _severities(disk_type_raw=disk_type, data_offset=offset) == severities


def test_a_header_at_its_usual_place_must_lie_in_the_file_as_well() -> None:
    assert check(None, copy(), size=1500, copy_counts=True).keys() == {"VHD102", "VHD119"}


@pytest.mark.parametrize(
    ("time", "now", "severities"),
    [
        (0, NOW, {"VHD121": NOTE}),
        (0, None, {"VHD121": NOTE}),
        (94_694_399, NOW, {"VHD121": NOTE}),
        (94_694_400, NOW, {}),
        (NOW, NOW, {}),
        (NOW + 14 * HOUR, NOW, {}),
        (NOW + 14 * HOUR + 1, NOW, {"VHD120": WARNING}),
        (0xFFFFFFFF, NOW, {"VHD120": WARNING}),
        (0xFFFFFFFF, None, {}),
        # A clock that was never set is no measure, but what lies before 2003 is told of itself.
        (94_694_400, 0, {"VHD120": WARNING}),
        (94_694_399, 0, {"VHD121": NOTE}),
    ],
)
def test_a_time_is_judged_by_the_clock_and_by_history(
    time: int, now: int | None, severities: dict[str, Severity]
) -> None:
    assert _severities(time_stamp=time, facts={"now": now}) == severities


def test_a_time_is_told_in_seconds_since_2000() -> None:
    item = check_both(time_stamp=NOW + 86_400, facts={"now": NOW})["VHD120"]
    assert (item.expected, item.found) == (NOW, NOW + 86_400)
    assert (item.location.field, item.location.offset) == ("time_stamp", SIZE - 512 + 24)


@pytest.mark.parametrize("creator", WRITERS)
def test_known_writers_are_known(creator: bytes) -> None:
    assert check_both(creator_application=creator, creator_version=0x00010003) == {}


@pytest.mark.parametrize(
    ("creator", "shown"),
    [(bytes(4), r"\x00\x00\x00\x00"), (b"WIN ", "WIN "), (b"tap ", "tap "), (b"\xe9\x1b[m", r"\xe9\x1b[m")],
)
def test_another_writer_is_a_note_that_no_terminal_obeys(creator: bytes, shown: str) -> None:
    found = check_both(creator_application=creator)
    assert {code: (item.severity, item.found) for code, item in found.items()} == {"VHD122": (NOTE, shown)}
    assert found["VHD122"].message.isprintable()


@pytest.mark.parametrize(
    ("version", "severities"),
    [
        (0x00010003, {}),
        (0x00010001, {}),
        (0x00000002, {}),
        (0x00000001, {"VHD123": ERROR}),
        (0x00010004, {"VHD123": WARNING}),
        (0x00020000, {"VHD123": WARNING}),
    ],
)
def test_versions_of_blktap(version: int, severities: dict[str, Severity]) -> None:
    assert _severities(creator_application=b"tap\0", creator_version=version) == severities
    assert _severities(creator_application=b"win ", creator_version=version) == {}


@pytest.mark.parametrize(
    ("host", "severities"),
    [(b"Wi2k", {}), (b"Mac ", {}), (bytes(4), {"VHD124": NOTE}), (b"wi2k", {"VHD124": NOTE})],
)
def test_systems_of_the_specification_are_known(host: bytes, severities: dict[str, Severity]) -> None:
    assert _severities(creator_host_os=host) == severities


@pytest.mark.parametrize(
    ("disk_type", "children", "severity"),
    [(3, None, NOTE), (3, 0, NOTE), (3, 1, NOTE), (4, 0, WARNING), (4, None, WARNING), (4, 2, WARNING)],
)
def test_an_expanded_disk_is_a_warning_only_where_it_has_a_parent(
    disk_type: int, children: int | None, severity: Severity
) -> None:
    found = check_both(disk_type_raw=disk_type, original_size=512, facts={"children": children})
    told = [(item.code, item.severity, item.expected, item.found) for item in found.values()]
    assert told == [("VHD125", severity, DYNAMIC.current_size, 512)]
    assert found["VHD125"].location.offset == SIZE - 512 + 40


def test_a_parent_that_was_expanded_may_be_fixed() -> None:
    found = check_both(FIXED, original_size=512, facts={"children": 3})
    assert {code: item.severity for code, item in found.items()} == {"VHD125": NOTE}


@pytest.mark.parametrize("children", [None, 0, 5])
def test_a_shrunk_disk_is_told_as_such_alone(children: int | None) -> None:
    found = check_both(original_size=DYNAMIC.current_size + 1, facts={"children": children})
    assert {code: item.severity for code, item in found.items()} == {"VHD126": WARNING}


@pytest.mark.parametrize(("size", "code"), [(0, "VHD127"), (511, "VHD128"), (1, "VHD128")])
def test_a_size_that_is_none_is_not_compared(size: int, code: str) -> None:
    assert check_both(current_size=size).keys() == {code}


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_what_known_programs_write_is_a_note_at_most(dialect: Dialect) -> None:
    severities = _severities(
        features=dialect.features,
        creator_application=dialect.creator_application,
        creator_version=dialect.creator_version,
        creator_host_os=dialect.creator_host_os,
        facts={"now": NOW, "children": 1},
    )
    notes = {"blktap 1.3": {"VHD124": NOTE}, "Virtual PC for Mac": {"VHD111": NOTE}}
    assert severities == notes.get(dialect.name, {})


@pytest.mark.parametrize("fields", [{"features": 0}, {"features": 0x100}, {"creator_host_os": bytes(4)}])
def test_what_other_checkers_take_for_damage_is_a_note(fields: dict[str, Any]) -> None:
    assert set(_severities(**fields).values()) == {NOTE}

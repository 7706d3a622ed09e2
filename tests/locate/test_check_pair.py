"""What a child and its parent say of each other: sizes, structures, times."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from tests.locate.links import pair
from vhdchain.findings import Severity
from vhdchain.image import Image, raw_image, scan_image
from vhdchain.locate.check_pair import check_pair
from vhdchain.source import BytesSource
from vhdchain.structures import Geometry
from vhdchain.structures.footer import LOCAL_TIME_TOLERANCE
from vhdchain.testing import ChainBuilder, dialects

if TYPE_CHECKING:
    from vhdchain.findings import Finding

BORN = 350_000_000
HOUR, DAY = 3600, 86_400


def _codes(findings: tuple[Finding, ...]) -> list[str]:
    return [item.code for item in findings]


def _aged(*, born: int = BORN, made: int = BORN - DAY, stored: int = 0) -> tuple[Image, Image]:
    """Return a child made at ``born`` above a parent made at ``made``, whose time the child stores as ``stored``."""
    return pair(
        child={"footer": {"time_stamp": born}, "parent_time_stamp": stored}, parent={"footer": {"time_stamp": made}}
    )


@pytest.mark.parametrize("dialect", dialects.DIALECTS, ids=lambda dialect: dialect.name)
def test_a_healthy_pair_has_no_findings(dialect: dialects.Dialect) -> None:
    tree = ChainBuilder(dialect=dialect)
    base = tree.dynamic("base.vhd", size=1 << 20, block_size=4096)
    tree.write(base, 0, b"x")
    leaf = tree.snapshot(base, "leaf.avhd")
    assert check_pair(scan_image(tree.source(leaf)), scan_image(tree.source(base)), modified=base.modified) == ()


# -------------------------------------------------------------------------------------------------------------- sizes


@pytest.mark.parametrize(("child", "parent", "code"), [(1 << 19, 1 << 20, "VHD610"), (1 << 20, 1 << 19, "VHD611")])
def test_a_child_of_another_size_is_told(child: int, parent: int, code: str) -> None:
    (told,) = check_pair(*pair(child={"size": child}, parent={"size": parent}))
    assert (told.code, told.expected, told.found) == (code, parent, child)
    assert (told.location.structure, told.location.field) == ("link", "current_size")
    assert told.related == ("base.vhd",)


@pytest.mark.parametrize(
    ("dialect", "severity"),
    [
        pytest.param(dialects.HYPER_V_2008_R2, Severity.ERROR, id="2008 R2"),
        pytest.param(dialects.WINDOWS_10, Severity.WARNING, id="Windows 10"),
        pytest.param(dialects.BLKTAP, Severity.WARNING, id="blktap"),
    ],
)
def test_a_cut_disk_is_an_error_where_its_host_refuses_it(dialect: dialects.Dialect, severity: Severity) -> None:
    (told,) = check_pair(*pair(child={"size": 1 << 19, "dialect": dialect}, parent={"dialect": dialect}))
    assert (told.code, told.severity) == ("VHD610", severity)


def test_a_raw_parent_may_have_any_length() -> None:
    child, _ = pair()
    assert check_pair(child, raw_image(BytesSource(bytes(100), name="base.vhd"))) == ()


def test_a_parent_expanded_under_its_child_is_told_as_such() -> None:
    child, parent = pair(child={"size": 1 << 20}, parent={"size": 1 << 21, "original_size": 1 << 20})
    (told,) = check_pair(child, parent)
    assert (told.code, told.severity) == ("VHD612", Severity.ERROR)
    assert (told.expected, told.found, told.related) == (1 << 21, 1 << 20, ("base.vhd",))


@pytest.mark.parametrize(
    ("child", "current", "original", "codes"),
    [
        (1 << 21, 1 << 21, 1 << 20, []),  # expanded before the child was made
        (1 << 19, 1 << 21, 1 << 20, ["VHD610"]),
        (1 << 21, 1 << 20, 1 << 21, ["VHD611"]),  # shrunk
    ],
)
def test_other_resized_parents_are_not_taken_for_expanded_ones(
    child: int, current: int, original: int, codes: list[str]
) -> None:
    images = pair(child={"size": child}, parent={"size": current, "original_size": original})
    assert _codes(check_pair(*images)) == codes


# --------------------------------------------------------------------------------------------------------- structures

OTHER_GEOMETRY = Geometry(cylinders=1, heads=2, sectors_per_track=3)

FACTS: list[tuple[str, dict[str, Any], dict[str, Any], tuple[object, object]]] = [
    ("VHD613", {"block_size": 8192}, {}, (4096, 8192)),
    ("VHD614", {"footer": {"geometry": OTHER_GEOMETRY}}, {}, ("30/4/17", "1/2/3")),
    ("VHD616", {}, {"footer": {"saved_state": 1}}, (0, 1)),
    ("VHD626", {"footer": {"creator_application": b"tap\0"}}, {}, ("win", "tap")),
    ("VHD626", {"footer": {"creator_application": b"\n\x80a\0"}}, {}, ("win", "\\n\\x80a")),
]


@pytest.mark.parametrize(("code", "child", "parent", "values"), FACTS)
def test_a_structure_that_differs_is_told_with_both_values(
    code: str, child: dict[str, Any], parent: dict[str, Any], values: tuple[object, object]
) -> None:
    (told,) = check_pair(*pair(child=child, parent=parent))
    assert (told.code, told.expected, told.found) == (code, *values)
    assert told.severity is (Severity.WARNING if code == "VHD616" else Severity.NOTE)
    assert (told.location.path, told.location.structure, told.related) == ("leaf.avhd", "link", ("base.vhd",))


def test_geometries_of_two_sizes_are_not_compared() -> None:
    images = pair(child={"size": 1 << 21, "footer": {"geometry": OTHER_GEOMETRY}})
    assert _codes(check_pair(*images)) == ["VHD611"]


@pytest.mark.parametrize("child", [{"footer": {"saved_state": 1}}, {"footer": {"creator_version": 0x000A0000}}])
def test_what_is_no_matter_of_the_link_is_quiet(child: dict[str, Any]) -> None:
    assert check_pair(*pair(child=child)) == ()


def test_a_saved_state_that_is_no_state_is_left_to_the_parent() -> None:
    assert check_pair(*pair(parent={"footer": {"saved_state": 7}})) == ()


def test_a_fixed_parent_has_no_block_size_to_differ() -> None:
    tree = ChainBuilder()
    leaf = tree.snapshot(tree.fixed("base.vhd", size=1 << 20), "leaf.avhd", block_size=8192)
    images = [scan_image(tree.source(image)) for image in reversed(leaf.stack)]
    assert check_pair(images[0], images[1]) == ()


@pytest.mark.parametrize(
    ("child", "parent", "codes"),
    [
        ("snap/disk.vhd", "base/disk.vhd", ["VHD618"]),
        ("snap/disk.vhd", "base/DISK.VHD", ["VHD618"]),
        ("snap/disk.avhd", "base/disk.vhd", []),
        ("disk.vhd", "base/disk.vhd", ["VHD618"]),
    ],
)
def test_one_name_in_two_folders_is_a_warning(child: str, parent: str, codes: list[str]) -> None:
    tree = ChainBuilder()
    leaf = tree.snapshot(tree.dynamic(parent, size=1 << 20), child)
    told = check_pair(scan_image(tree.source(leaf)), scan_image(tree.source(leaf.stack[0])))
    assert _codes(told) == codes
    assert {item.severity for item in told} <= {Severity.WARNING}
    assert {item.found for item in told} <= {"disk.vhd"}


# -------------------------------------------------------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("later", "codes"),
    [
        (-DAY, []),
        (0, []),
        (2, []),
        (3, ["VHD609"]),
        (LOCAL_TIME_TOLERANCE + 2, ["VHD609"]),
        (LOCAL_TIME_TOLERANCE + 3, ["VHD625"]),
        (1000 * DAY, ["VHD625"]),
    ],
)
def test_a_parent_younger_than_its_child(later: int, codes: list[str]) -> None:
    told = check_pair(*_aged(made=BORN + later))
    assert _codes(told) == codes
    assert {(item.severity, item.expected, item.found) for item in told} <= {(Severity.WARNING, BORN, BORN + later)}


@pytest.mark.parametrize(("born", "made"), [(0, BORN), (BORN, 0)])
def test_a_time_that_was_not_set_proves_nothing(born: int, made: int) -> None:
    assert check_pair(*_aged(born=born, made=made), modified=None) == ()


@pytest.mark.parametrize(
    "apart", [0, 1, -2, HOUR, -HOUR + 2, 14 * HOUR + 2, -5 * HOUR - 30 * 60, 45 * 60, 8 * HOUR - 1]
)
def test_the_parents_time_may_be_told_in_another_zone_or_rounded(apart: int) -> None:
    stored = BORN - 20 * DAY
    assert check_pair(*_aged(stored=stored, made=BORN - 30 * DAY), modified=stored + apart) == ()


@pytest.mark.parametrize("apart", [3, -3, HOUR + 3, 14 * HOUR + 15 * 60, -15 * HOUR, 10 * DAY])
def test_another_time_of_the_parents_file_is_a_note(apart: int) -> None:
    stored = BORN - 20 * DAY
    (told,) = check_pair(*_aged(stored=stored, made=BORN - 30 * DAY), modified=stored + apart)
    assert (told.code, told.severity) == ("VHD606", Severity.NOTE)
    assert (told.expected, told.found) == (stored + apart, stored)
    assert told.location.field == "parent_time_stamp"


def test_the_time_of_the_parents_footer_is_told_as_a_dialect() -> None:
    made = BORN - 30 * DAY
    (told,) = check_pair(*_aged(stored=made, made=made), modified=BORN - DAY)
    assert (told.code, told.severity, told.expected, told.found) == ("VHD607", Severity.NOTE, BORN - DAY, made)
    assert check_pair(*_aged(stored=made, made=made), modified=made) == ()


@pytest.mark.parametrize("stored", [0, BORN - 20 * DAY, BORN - DAY])
def test_a_parent_modified_after_its_child_was_made_is_one_note(stored: int) -> None:
    (told,) = check_pair(*_aged(stored=stored), modified=BORN + 10 * DAY)
    assert (told.code, told.severity, told.expected, told.found) == (
        "VHD608",
        Severity.NOTE,
        BORN,
        BORN + 10 * DAY,
    )


@pytest.mark.parametrize(("later", "codes"), [(LOCAL_TIME_TOLERANCE + 2, []), (LOCAL_TIME_TOLERANCE + 3, ["VHD608"])])
def test_a_zone_may_make_a_parent_seem_modified_later(later: int, codes: list[str]) -> None:
    assert _codes(check_pair(*_aged(), modified=BORN + later)) == codes


@pytest.mark.parametrize(("born", "modified"), [(0, BORN), (BORN, None)])
def test_a_file_whose_time_is_not_known_is_not_compared(born: int, modified: int | None) -> None:
    assert check_pair(*_aged(born=born, made=1), modified=modified) == ()


def test_a_raw_parent_has_a_file_time_alone() -> None:
    child, parent = _aged(stored=BORN - DAY)
    raw = raw_image(BytesSource(bytes(1024), name="base.img"))
    assert _codes(check_pair(child, raw, modified=BORN + DAY)) == ["VHD608"]
    assert _codes(check_pair(child, raw, modified=BORN - 2 * DAY)) == ["VHD606"]
    assert check_pair(child, dataclasses.replace(parent, raw=True)) == ()


@pytest.mark.parametrize("modified", [1 << 62, (1 << 33) * 1000])
def test_a_year_that_no_calendar_has_is_told_in_seconds(modified: int) -> None:
    (told,) = check_pair(*_aged(), modified=modified)
    assert (told.code, told.found) == ("VHD608", modified)
    assert str(modified) in told.message


def test_a_child_without_a_footer_or_header_is_not_judged() -> None:
    child, parent = pair(child={"size": 1 << 19})
    assert check_pair(dataclasses.replace(child, header=None), parent) == ()
    assert check_pair(dataclasses.replace(child, footer_source=None, footer_end=None, footer_copy=None), parent) == ()

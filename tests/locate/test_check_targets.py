"""Where the locators of one child lead: to one file, to several, to nothing, elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.locate.links import WANTED, absolute, attempt, found, guessed, pair
from vhdchain.findings import Severity
from vhdchain.locate import Outcome, PathKind, Resolution, Rule, check_search

if TYPE_CHECKING:
    from vhdchain.findings import Finding
    from vhdchain.locate import Attempt


def _told(resolution: Resolution) -> list[Finding]:
    child, _ = pair()
    return list(check_search(child, resolution))


def _codes(*attempts: Attempt) -> list[str]:
    return [item.code for item in _told(found(*attempts))]


# ------------------------------------------------------------------------------------------------------ two files


def test_two_files_with_the_wanted_identifier_are_an_error() -> None:
    (told,) = _told(found(attempt(), absolute(candidate="old/base.vhd")))
    assert (told.code, told.severity) == ("VHD320", Severity.ERROR)
    assert told.related == ("base.vhd", "old/base.vhd")
    assert told.expected == WANTED.hex()
    assert told.location.structure == "locator 0"
    assert told.location.offset == pair()[0].locators[0].entry.platform_data_offset


@pytest.mark.parametrize("other", [attempt(Outcome.MISMATCH, "x.vhd"), attempt(Outcome.SELF, "leaf.avhd")])
def test_another_disk_beside_the_right_one_is_a_warning(other: Attempt) -> None:
    resolution = found(other, absolute())
    (told,) = _told(resolution)
    assert (told.code, told.severity) == ("VHD320", Severity.WARNING)
    assert told.related == (other.candidate, "base.vhd")
    assert told.location.structure == "locator 1"


def test_two_names_of_one_file_do_not_disagree() -> None:
    assert _codes(attempt(file=7), absolute(candidate="alias.vhd", file=7)) == []


def test_a_guess_does_not_disagree_with_a_locator() -> None:
    assert _codes(attempt(), guessed(Outcome.MISMATCH, "x.vhd")) == []


def test_locators_that_mislead_are_told_once_where_the_parent_was_guessed() -> None:
    trace = (
        attempt(Outcome.MISMATCH, "a.vhd"),
        absolute(Outcome.MISMATCH, "b.vhd"),
        guessed(candidate="c.vhd", rule=Rule.UUID_INDEX),
    )
    (told,) = _told(found(*trace, parent="c.vhd"))
    assert (told.code, told.related) == ("VHD604", ("c.vhd", "a.vhd", "b.vhd"))


# ---------------------------------------------------------------------------------------------------------- stale


def test_a_locator_to_nothing_beside_one_that_works_is_stale() -> None:
    (told,) = _told(found(attempt(), absolute(Outcome.MISSING, "gone/base.vhd")))
    assert (told.code, told.severity) == ("VHD323", Severity.WARNING)
    assert (told.found, told.related) == (r"C:\VMs\base.vhd", ("base.vhd",))
    assert told.location.structure == "locator 0"


@pytest.mark.parametrize("outcome", [Outcome.UNMAPPED, Outcome.REFUSED, Outcome.AMBIGUOUS, Outcome.ACCESS_DENIED])
def test_a_place_that_was_not_looked_at_is_not_stale(outcome: Outcome) -> None:
    assert _codes(attempt(), absolute(outcome, None)) == []


def test_a_missing_name_is_no_stale_locator() -> None:
    assert _codes(attempt(), guessed(Outcome.MISSING, "x.vhd")) == []


def test_a_missing_place_is_part_of_the_fallback_where_nothing_works() -> None:
    assert _codes(attempt(Outcome.MISSING, "x/base.vhd"), guessed()) == ["VHD602"]


def test_a_stale_locator_is_told_beside_other_letter_case() -> None:
    assert _codes(attempt(bent=True), absolute(Outcome.MISSING, "x.vhd")) == ["VHD619", "VHD323"]


# ---------------------------------------------------------------------------------------------------------- no VHD


def test_a_target_that_is_no_disk_is_a_warning_where_the_parent_was_found() -> None:
    (told,) = _told(found(attempt(Outcome.NOT_A_VHD, "x.bin", detail="it has no VHD footer"), absolute()))
    assert (told.code, told.severity, told.related) == ("VHD324", Severity.WARNING, ("x.bin",))


def test_a_target_that_is_no_disk_is_an_error_where_nothing_else_is_found() -> None:
    trace = (attempt(Outcome.NOT_A_VHD, "x.bin"), absolute(Outcome.MISMATCH, "y.vhd"))
    resolution = Resolution(child="leaf.avhd", outcome=Outcome.MISMATCH, wanted=WANTED, attempts=trace)
    told = {item.code: item.severity for item in _told(resolution)}
    assert told == {"VHD603": Severity.ERROR, "VHD324": Severity.ERROR}


# ------------------------------------------------------------------------------------------------------- elsewhere


@pytest.mark.parametrize(
    ("child", "parent", "other", "code"),
    [
        ("copy/leaf.avhd", "copy/base.vhd", "live/base.vhd", "VHD620"),
        ("copy/a/leaf.avhd", "copy/b/base.vhd", "live/b/base.vhd", "VHD620"),
        ("copy/leaf.avhd", "copy/base.vhd", "copy-2/base.vhd", "VHD620"),
        ("leaf.avhd", "base.vhd", "/live/base.vhd", "VHD620"),
        ("copy/leaf.avhd", "copy/base.vhd", "copy/old/base.vhd", "VHD320"),
        ("leaf.avhd", "base.vhd", "old/base.vhd", "VHD320"),
        ("/a/leaf.avhd", "/b/base.vhd", "/c/base.vhd", "VHD320"),
    ],
)
def test_an_absolute_path_out_of_the_copied_folder(child: str, parent: str, other: str, code: str) -> None:
    (told,) = _told(found(attempt(candidate=parent), absolute(candidate=other), child=child, parent=parent))
    assert (told.code, told.severity) == (code, Severity.WARNING if code == "VHD620" else Severity.ERROR)
    assert told.related == (parent, other)


def test_an_absolute_path_out_of_the_allowed_folders_is_told_although_nobody_looked() -> None:
    (told,) = _told(found(attempt(), absolute(Outcome.REFUSED, "/live/base.vhd", outside=True)))
    assert (told.code, told.found, told.related) == ("VHD620", r"C:\VMs\base.vhd", ("base.vhd", "/live/base.vhd"))


@pytest.mark.parametrize("kind", [PathKind.POSIX, PathKind.RELATIVE])
def test_a_path_that_nobody_mapped_says_nothing_of_this_machine(kind: PathKind) -> None:
    outside = absolute(Outcome.REFUSED, "/var/run/base.vhd", outside=True, kind=kind, rule=Rule.MACX)
    assert _codes(attempt(), outside) == []


def test_another_disk_out_of_the_copied_folder_is_a_disagreement() -> None:
    trace = (attempt(candidate="copy/base.vhd"), absolute(Outcome.MISMATCH, "live/base.vhd"))
    (told,) = _told(found(*trace, child="copy/leaf.avhd", parent="copy/base.vhd"))
    assert (told.code, told.severity) == ("VHD320", Severity.WARNING)


# --------------------------------------------------------------------------------------------------- other volumes


@pytest.mark.parametrize(
    ("kind", "other_volume", "codes"),
    [
        (PathKind.DRIVE, True, ["VHD621"]),
        (PathKind.DRIVE, False, []),
        (PathKind.DRIVE, None, []),
        (PathKind.UNC, True, ["VHD621"]),
        (PathKind.UNC, None, ["VHD621"]),
        (PathKind.UNC, False, []),
    ],
)
def test_a_parent_on_another_volume_is_a_note(kind: PathKind, other_volume: bool | None, codes: list[str]) -> None:
    resolution = found(absolute(kind=kind, other_volume=other_volume))
    told = _told(resolution)
    assert [item.code for item in told] == codes
    assert {item.severity for item in told} <= {Severity.NOTE}


def test_a_relative_path_that_works_leads_to_no_other_volume() -> None:
    assert _codes(attempt(), absolute(other_volume=True)) == []

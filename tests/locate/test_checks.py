"""Findings of one search: each outcome by its code, with the evidence."""

from __future__ import annotations

import dataclasses

import pytest

from tests.locate.links import OTHER, WANTED, absolute, attempt, found, guessed, pair
from vhdchain.findings import Severity
from vhdchain.locate import (
    Attempt,
    Outcome,
    Resolution,
    Rule,
    check_link,
    check_outside,
    check_search,
    describe_attempt,
)

FAILURES: list[tuple[str, Outcome, list[Attempt], tuple[str, ...]]] = [
    ("VHD601", Outcome.MISSING, [attempt(Outcome.MISSING)], ("base.vhd",)),
    ("VHD601", Outcome.UNREADABLE, [attempt(Outcome.UNREADABLE)], ("base.vhd",)),
    ("VHD601", Outcome.NOT_A_VHD, [guessed(Outcome.NOT_A_VHD)], ("base.vhd",)),
    ("VHD601", Outcome.REFUSED, [attempt(Outcome.REFUSED, None)], ()),
    ("VHD601", Outcome.AMBIGUOUS, [attempt(Outcome.AMBIGUOUS)], ("base.vhd",)),
    ("VHD601", Outcome.MISSING, [], ()),
    ("VHD324", Outcome.NOT_A_VHD, [attempt(Outcome.NOT_A_VHD), absolute(Outcome.MISSING, "gone.vhd")], ("base.vhd",)),
    ("VHD603", Outcome.MISMATCH, [attempt(Outcome.MISMATCH, unique_id=bytes(16))], ("base.vhd",)),
    (
        "VHD605",
        Outcome.AMBIGUOUS,
        [
            attempt(Outcome.MISSING, "gone.vhd"),
            guessed(Outcome.AMBIGUOUS, "a.vhd", rule=Rule.UUID_INDEX),
            guessed(Outcome.AMBIGUOUS, "b.vhd", rule=Rule.UUID_INDEX),
        ],
        ("a.vhd", "b.vhd"),
    ),
    ("VHD617", Outcome.SELF, [attempt(Outcome.SELF, "leaf.avhd")], ("leaf.avhd",)),
    ("VHD628", Outcome.ACCESS_DENIED, [attempt(Outcome.ACCESS_DENIED)], ("base.vhd",)),
]


@pytest.mark.parametrize(("code", "outcome", "attempts", "related"), FAILURES)
def test_a_link_without_a_parent_has_one_finding(
    code: str, outcome: Outcome, attempts: list[Attempt], related: tuple[str, ...]
) -> None:
    child, _ = pair()
    resolution = Resolution(child="leaf.avhd", outcome=outcome, wanted=WANTED, attempts=tuple(attempts))
    (told,) = check_link(child, None, resolution)
    assert (told.code, told.severity, told.related) == (code, Severity.ERROR, related)
    assert (told.location.path, told.expected) == ("leaf.avhd", WANTED.hex())
    if code in ("VHD601", "VHD617", "VHD628") and attempts:
        assert list(told.details) == [describe_attempt(item) for item in attempts]
    assert told.location.structure == ("locator 1" if code == "VHD324" else "link")
    assert check_outside(resolution) == ()


def test_a_mismatch_tells_both_identifiers() -> None:
    child, _ = pair()
    resolution = Resolution(
        child="leaf.avhd", outcome=Outcome.MISMATCH, wanted=WANTED, attempts=(attempt(Outcome.MISMATCH),)
    )
    (told,) = check_link(child, None, resolution)
    assert (told.expected, told.found) == (WANTED.hex(), OTHER.hex())
    assert told.location.field == "parent_unique_id"


def test_a_parent_that_was_not_looked_for_is_the_tools_own_limit() -> None:
    child, _ = pair()
    attempts = (attempt(Outcome.REFUSED, "/x/base.vhd", outside=True), attempt(Outcome.MISSING))
    resolution = Resolution(child="leaf.avhd", outcome=Outcome.REFUSED, wanted=WANTED, attempts=attempts)
    assert check_link(child, None, resolution) == ()
    (told,) = check_outside(resolution)
    assert (told.code, told.related, told.expected) == ("VHD003", ("/x/base.vhd",), WANTED.hex())


def test_a_child_without_a_header_is_not_judged_by_its_link() -> None:
    child, parent = pair()
    headless = dataclasses.replace(child, header=None)
    assert check_link(headless, None, Resolution(child="leaf.avhd", outcome=Outcome.MISSING)) == ()
    assert check_link(headless, parent, found(guessed()), parent_modified=1 << 30) == ()


def test_a_healthy_link_has_no_findings() -> None:
    assert check_link(*pair(), found(attempt(), absolute())) == ()


@pytest.mark.parametrize("rule", [Rule.HEADER_NAME, Rule.BASENAME, Rule.UUID_INDEX])
def test_a_parent_found_by_a_guess_is_a_warning_that_says_the_rule(rule: Rule) -> None:
    trace = (attempt(Outcome.MISSING, "x/base.vhd"), guessed(rule=rule))
    (told,) = check_link(*pair(), found(*trace))
    assert (told.code, told.severity, told.found) == ("VHD602", Severity.WARNING, rule)
    assert told.related == ("base.vhd",)


def test_an_accepted_mismatch_stays_a_finding() -> None:
    (told,) = check_link(*pair(), found(attempt(Outcome.MISMATCH), agrees=False))
    assert (told.code, told.related) == ("VHD603", ("base.vhd",))


@pytest.mark.parametrize("rule", [Rule.BASENAME, Rule.UUID_INDEX])
def test_a_path_to_another_disk_is_an_error_although_the_right_one_was_found(rule: Rule) -> None:
    trace = (attempt(Outcome.MISMATCH, "base.vhd"), guessed(candidate="moved.vhd", rule=rule))
    (told,) = check_link(*pair(), found(*trace, parent="moved.vhd"))
    assert (told.code, told.severity) == ("VHD604", Severity.ERROR)
    assert (told.expected, told.found) == (WANTED.hex(), OTHER.hex())
    assert told.related == ("moved.vhd", "base.vhd")
    assert told.location.field == "parent_unique_id"


def test_another_disk_that_only_bears_the_name_does_not_mislead() -> None:
    trace = (
        attempt(Outcome.MISSING, "x/base.vhd"),
        guessed(Outcome.MISMATCH, "base.vhd"),
        guessed(candidate="moved.vhd", rule=Rule.UUID_INDEX),
    )
    (told,) = check_link(*pair(), found(*trace, parent="moved.vhd"))
    assert told.code == "VHD602"


def test_letter_case_alone_is_told_as_such() -> None:
    trace = (attempt(bent=True, reference=r".\BASE.vhd"), guessed(bent=True))
    (told,) = check_link(*pair(), found(*trace))
    assert (told.code, told.severity) == ("VHD619", Severity.WARNING)
    assert (told.found, told.related) == (r".\BASE.vhd", ("base.vhd",))
    assert told.location.structure == "locator 1"


def test_a_bare_name_in_other_letter_case_is_still_a_guess() -> None:
    (told,) = check_link(*pair(), found(guessed(bent=True)))
    assert told.code == "VHD602"


def test_letter_case_is_no_matter_where_another_path_is_exact() -> None:
    resolution = found(attempt(bent=True), absolute(), found_by=Rule.W2KU, fallback=False)
    assert check_link(*pair(), resolution) == ()


def test_how_two_disks_fit_is_not_asked_where_only_the_search_is_judged() -> None:
    child, parent = pair(child={"size": 1 << 19})
    resolution = found(attempt())
    assert check_search(child, resolution) == ()
    assert [item.code for item in check_link(child, parent, resolution)] == ["VHD610"]

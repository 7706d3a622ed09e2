"""Findings of one link: each outcome by its code, with the evidence."""

from __future__ import annotations

import dataclasses

import pytest

from vhdchain.findings import Severity
from vhdchain.image import Image, raw_image, scan_image
from vhdchain.locate import Attempt, Outcome, Resolution, Rule, check_link, check_outside
from vhdchain.source import BytesSource
from vhdchain.testing import ChainBuilder, dialects

WANTED = bytes(range(16))


def _attempt(
    outcome: Outcome,
    candidate: str | None = "base.vhd",
    *,
    rule: Rule = Rule.W2RU,
    unique_id: bytes | None = None,
    outside: bool = False,
) -> Attempt:
    return Attempt(
        child="leaf.avhd",
        rule=rule,
        reference=r".\base.vhd",
        candidate=candidate,
        outcome=outcome,
        unique_id=unique_id,
        outside=outside,
    )


def _pair(*, child: int = 1 << 20, parent: int = 1 << 20) -> tuple[Image, Image]:
    tree = ChainBuilder()
    base = tree.dynamic("base.vhd", size=parent)
    leaf = tree.snapshot(base, "leaf.avhd", size=child)
    return scan_image(tree.source(leaf)), scan_image(tree.source(base))


FAILURES: list[tuple[str, Outcome, list[Attempt], tuple[str, ...]]] = [
    ("VHD601", Outcome.MISSING, [_attempt(Outcome.MISSING)], ("base.vhd",)),
    ("VHD601", Outcome.UNREADABLE, [_attempt(Outcome.UNREADABLE)], ("base.vhd",)),
    ("VHD601", Outcome.NOT_A_VHD, [_attempt(Outcome.NOT_A_VHD)], ("base.vhd",)),
    ("VHD601", Outcome.REFUSED, [_attempt(Outcome.REFUSED, None)], ()),
    ("VHD601", Outcome.AMBIGUOUS, [_attempt(Outcome.AMBIGUOUS)], ("base.vhd",)),
    ("VHD601", Outcome.MISSING, [], ()),
    ("VHD603", Outcome.MISMATCH, [_attempt(Outcome.MISMATCH, unique_id=bytes(16))], ("base.vhd",)),
    (
        "VHD605",
        Outcome.AMBIGUOUS,
        [
            _attempt(Outcome.MISSING, "gone.vhd"),
            _attempt(Outcome.AMBIGUOUS, "a.vhd", rule=Rule.UUID_INDEX),
            _attempt(Outcome.AMBIGUOUS, "b.vhd", rule=Rule.UUID_INDEX),
        ],
        ("a.vhd", "b.vhd"),
    ),
    ("VHD617", Outcome.SELF, [_attempt(Outcome.SELF, "leaf.avhd")], ("leaf.avhd",)),
    ("VHD628", Outcome.ACCESS_DENIED, [_attempt(Outcome.ACCESS_DENIED)], ("base.vhd",)),
]


@pytest.mark.parametrize(("code", "outcome", "attempts", "related"), FAILURES)
def test_a_link_without_a_parent_has_one_finding(
    code: str, outcome: Outcome, attempts: list[Attempt], related: tuple[str, ...]
) -> None:
    child, _ = _pair()
    resolution = Resolution(child="leaf.avhd", outcome=outcome, wanted=WANTED, attempts=tuple(attempts))
    (found,) = check_link(child, None, resolution)
    assert (found.code, found.severity, found.related) == (code, Severity.ERROR, related)
    assert (found.location.path, found.location.structure) == ("leaf.avhd", "link")
    assert found.expected == WANTED.hex()
    assert check_outside(resolution) == ()


def test_a_mismatch_tells_both_identifiers() -> None:
    child, _ = _pair()
    attempts = (_attempt(Outcome.MISMATCH, unique_id=b"\xff" * 16),)
    (found,) = check_link(
        child, None, Resolution(child="leaf.avhd", outcome=Outcome.MISMATCH, wanted=WANTED, attempts=attempts)
    )
    assert (found.expected, found.found) == (WANTED.hex(), "ff" * 16)
    assert found.location.field == "parent_unique_id"


def test_a_parent_that_was_not_looked_for_is_the_tools_own_limit() -> None:
    child, _ = _pair()
    attempts = (_attempt(Outcome.REFUSED, "/x/base.vhd", outside=True), _attempt(Outcome.MISSING))
    resolution = Resolution(child="leaf.avhd", outcome=Outcome.REFUSED, wanted=WANTED, attempts=attempts)
    assert check_link(child, None, resolution) == ()
    (found,) = check_outside(resolution)
    assert (found.code, found.related, found.expected) == ("VHD003", ("/x/base.vhd",), WANTED.hex())


def _found(*, fallback: bool = False, agrees: bool = True) -> Resolution:
    outcome = Outcome.FOUND if agrees else Outcome.MISMATCH
    attempts = (_attempt(outcome, rule=Rule.HEADER_NAME, unique_id=bytes(16)),)
    return Resolution(
        child="leaf.avhd",
        outcome=Outcome.FOUND,
        parent="base.vhd",
        found_by=Rule.HEADER_NAME,
        fallback=fallback,
        agrees=agrees,
        wanted=WANTED,
        attempts=attempts,
    )


def test_a_child_without_a_header_is_not_judged_by_its_link() -> None:
    child, _ = _pair()
    headless = dataclasses.replace(child, header=None)
    assert check_link(headless, None, Resolution(child="leaf.avhd", outcome=Outcome.MISSING)) == ()


def test_a_healthy_link_has_no_findings() -> None:
    assert check_link(*_pair(), _found()) == ()


def test_a_parent_found_by_a_guess_is_a_warning_that_says_the_rule() -> None:
    (found,) = check_link(*_pair(), _found(fallback=True))
    assert (found.code, found.severity, found.found) == ("VHD602", Severity.WARNING, "header-name")
    assert found.related == ("base.vhd",)


def test_an_accepted_mismatch_stays_a_finding() -> None:
    (found,) = check_link(*_pair(), _found(agrees=False))
    assert (found.code, found.related) == ("VHD603", ("base.vhd",))


@pytest.mark.parametrize(("child", "parent", "code"), [(1 << 19, 1 << 20, "VHD610"), (1 << 20, 1 << 19, "VHD611")])
def test_a_child_of_another_size_is_told(child: int, parent: int, code: str) -> None:
    (found,) = check_link(*_pair(child=child, parent=parent), _found())
    assert (found.code, found.expected, found.found) == (code, parent, child)
    assert found.location.field == "current_size"


@pytest.mark.parametrize(
    ("dialect", "severity"),
    [
        pytest.param(dialects.HYPER_V_2008_R2, Severity.ERROR, id="2008 R2"),
        pytest.param(dialects.WINDOWS_10, Severity.WARNING, id="Windows 10"),
        pytest.param(dialects.BLKTAP, Severity.WARNING, id="blktap"),
    ],
)
def test_a_cut_disk_is_an_error_where_its_host_refuses_it(dialect: dialects.Dialect, severity: Severity) -> None:
    tree = ChainBuilder(dialect=dialect)
    base = tree.dynamic("base.vhd", size=1 << 20)
    leaf = tree.snapshot(base, "leaf.avhd", size=1 << 19)
    (found,) = check_link(scan_image(tree.source(leaf)), scan_image(tree.source(base)), _found())
    assert (found.code, found.severity) == ("VHD610", severity)


def test_a_raw_parent_may_have_any_length() -> None:
    child, _ = _pair()
    assert check_link(child, raw_image(BytesSource(bytes(100), name="base.vhd")), _found()) == ()

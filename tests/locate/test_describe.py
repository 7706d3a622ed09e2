"""The search in words: one line, whatever the files say."""

from __future__ import annotations

from vhdchain.locate import Attempt, Outcome, Resolution, Rule, describe_attempt, describe_attempts, describe_failure


def _attempt(rule: Rule, reference: str, *, detail: str = "", candidate: str | None = None) -> Attempt:
    return Attempt(
        child="leaf.avhd", rule=rule, reference=reference, candidate=candidate, outcome=Outcome.MISSING, detail=detail
    )


def test_a_try_is_told_with_what_was_asked_where_it_led_and_why() -> None:
    attempt = _attempt(Rule.W2RU, r".\base.vhd", detail="there is no base.vhd", candidate="vms/base.vhd")
    assert describe_attempt(attempt) == r"W2ru '.\base.vhd' -> vms/base.vhd: missing (there is no base.vhd)"


def test_rules_that_say_the_same_share_a_clause() -> None:
    attempts = [_attempt(rule, r"C:\base.vhd") for rule in (Rule.W2KU, Rule.HEADER_NAME)]
    assert describe_attempts(attempts) == r"W2ku, header-name 'C:\base.vhd': missing"


def test_a_failure_is_one_line_whatever_the_reference_holds() -> None:
    attempt = _attempt(Rule.MACX, "file://./\x1b[2J\r\nerror: none\u2028x")
    resolution = Resolution(child="leaf.avhd", outcome=Outcome.MISSING, wanted=b"\xab" * 16, attempts=(attempt,))
    line = describe_failure(resolution)
    assert line.isprintable()
    assert line.startswith("leaf.avhd: ")
    assert "ab" * 16 in line


def test_a_child_that_names_no_parent_says_so() -> None:
    line = describe_failure(Resolution(child="leaf.avhd", outcome=Outcome.MISSING, wanted=b"\xab" * 16))
    assert line.endswith("tried: nothing, it names none")

"""What a finding says of itself, and the one order."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vhdchain.findings import CODES, Finding, Location, Severity, finding, worst_first

PLACE = Location(path="a.vhd", structure="footer", field="current_size", offset=0x30)


@pytest.mark.parametrize(
    ("location", "text"),
    [
        (Location(path="a.vhd"), "a.vhd"),
        (Location(path="a.vhd", structure="BAT", block=3), "a.vhd:BAT"),
        (Location(path="a.vhd", structure="BAT", offset=0x600, block=3), "a.vhd:BAT @0x600"),
        (PLACE, "a.vhd:footer.current_size @0x30"),
        (Location(path="", structure="graph"), "graph"),
        (Location(path="a.vhd", offset=0), "a.vhd @0x0"),
    ],
)
def test_a_place_is_written_as_far_as_it_is_known(location: Location, text: str) -> None:
    assert str(location) == text
    assert str(finding("VHD128", location, "what was found")) == f"{text}: what was found [VHD128]"


@pytest.mark.parametrize("code", CODES)
def test_a_finding_has_its_codes_severity_unless_it_says_otherwise(code: str) -> None:
    assert finding(code, PLACE, "x").severity is CODES[code].severity
    for severity in Severity:
        assert finding(code, PLACE, "x", severity=severity).severity is severity


def test_a_code_outside_the_table_cannot_be_used() -> None:
    with pytest.raises(KeyError):
        finding("VHD999", PLACE, "x")


def test_findings_are_values() -> None:
    one, other = (finding("VHD128", PLACE, "x", found=1, related=["b", "a"]) for _ in range(2))
    assert one == other
    assert len({one, other}) == 1
    assert one.related == ("b", "a")
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.message = "y"  # type: ignore[misc]  # what the type checker says, too


def test_the_worst_come_first_then_path_offset_code_and_block() -> None:
    ordered = [
        finding("VHD601", Location(path="a"), "1"),
        finding("VHD403", Location(path="a", offset=1), "2"),
        finding("VHD404", Location(path="a", offset=1, block=1), "3"),
        finding("VHD404", Location(path="a", offset=1, block=2), "4"),
        finding("VHD128", Location(path="a", offset=9), "5"),
        finding("VHD128", Location(path="b", offset=0), "6"),
        finding("VHD301", Location(path="a"), "7"),
        finding("VHD704", Location(path="a"), "8"),
    ]
    for permutation in itertools.islice(itertools.permutations(ordered), 0, None, 997):
        assert list(worst_first(permutation)) == ordered


@given(
    st.lists(
        st.builds(
            finding,
            st.sampled_from(sorted(CODES)),
            st.builds(
                Location,
                path=st.sampled_from("ab"),
                offset=st.none() | st.integers(0, 3),
                block=st.none() | st.integers(0, 3),
            ),
            st.sampled_from("xy"),
        )
    )
)
def test_the_order_does_not_depend_on_the_order_of_the_checks(findings: list[Finding]) -> None:
    assert worst_first(findings) == worst_first(reversed(findings))


@pytest.mark.parametrize(
    ("severity", "threshold", "counts"),
    [
        (Severity.ERROR, Severity.ERROR, True),
        (Severity.WARNING, Severity.ERROR, False),
        (Severity.WARNING, Severity.NOTE, True),
        (Severity.NOTE, Severity.WARNING, False),
    ],
)
def test_thresholds(severity: Severity, threshold: Severity, counts: bool) -> None:
    assert severity.at_least(threshold) is counts

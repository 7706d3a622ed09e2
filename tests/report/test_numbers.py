"""Are sizes exact, and are the rounded ones beside them true?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vhdchain.report.numbers import counted, exact_size, hex_offset, human_size


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (1024**2 - 1, "1 MiB"),
        (1024**2, "1 MiB"),
        (2040 * 1024**3, "2 TiB"),
        (2**63, "8 EiB"),
        (2**64 - 1, "16 EiB"),
        (2**74, "16384 EiB"),
    ],
)
def test_a_size_for_people(size: int, text: str) -> None:
    assert human_size(size) == text


@given(st.integers(1024, 2**70 - 2**65))
def test_the_rounded_size_is_within_a_twentieth_of_its_unit(size: int) -> None:
    number, unit = human_size(size).split()
    exponent = 1 + ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB").index(unit)
    assert abs(float(number) * 1024**exponent - size) <= 0.0501 * 1024**exponent
    assert 1 <= float(number) < 1024


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (512, "512 bytes"), (4194304, "4,194,304 bytes (4 MiB)"), (1025, "1,025 bytes (1 KiB)")],
)
def test_an_exact_size(size: int, text: str) -> None:
    assert exact_size(size) == text


def test_a_count_takes_the_noun_that_fits() -> None:
    assert [counted(n, "entry", "entries") for n in (0, 1, 2)] == ["0 entries", "1 entry", "2 entries"]
    assert counted(1_000_000, "block") == "1,000,000 blocks"


def test_an_offset_is_hexadecimal() -> None:
    assert hex_offset(0x1FE00) == "@0x1FE00"

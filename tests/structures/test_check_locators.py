"""Edges of the locators' checks; that each code is found in a whole image is shown by the recipes of damages."""

from __future__ import annotations

from typing import Any

import pytest

from vhdchain.findings import Finding, Severity
from vhdchain.structures import ParentLocator, StoredLocator, decode_locator
from vhdchain.structures.check_locators import check_locators

DATA_END = 100_000


def _locator(slot: int = 0, **fields: Any) -> StoredLocator:
    whole: dict[str, Any] = {
        "platform_code": b"W2ru",
        "platform_data_space_raw": 512,
        "platform_data_length": 20,
        "platform_data_offset": 2048,
    }
    return decode_locator(slot, ParentLocator(**(whole | fields)), None)


def _check(*locators: StoredLocator) -> list[Finding]:
    return list(check_locators("x.avhd", locators, header_offset=512, data_end=DATA_END))


@pytest.mark.parametrize("code", [b"W2ru", b"W2ku", b"MacX", b"Mac ", b"Wi2r", b"Wi2k"])
def test_known_platforms_are_in_order(code: bytes) -> None:
    assert _check(_locator(platform_code=code)) == []


@pytest.mark.parametrize(
    ("space", "length", "fits"),
    [
        (512, 512, True),
        (512, 513, False),
        (1, 512, True),
        (1, 513, False),
        (84, 84, True),  # bytes meant, sectors understood: the data fits in both
        (600, 601, False),
        (0, 100, True),  # a space of zero says nothing about the data
    ],
)
def test_data_fits_its_space(space: int, length: int, fits: bool) -> None:
    found = _check(_locator(platform_data_space_raw=space, platform_data_length=length))
    assert [item.code for item in found] == ([] if fits else ["VHD306"])


@pytest.mark.parametrize(
    ("offset", "space", "severity"),
    [
        (DATA_END - 512, 512, None),
        (DATA_END - 511, 512, Severity.ERROR),
        (DATA_END - 512, 1, None),
        (DATA_END - 1024, 3, Severity.WARNING),  # taken as bytes it would lie inside, and the data does
        (DATA_END - 10, 1, Severity.ERROR),
        (0xFFFFFFFF_FFFFFFFF, 512, Severity.ERROR),
        (0, 0xFFFFFE00, Severity.ERROR),
    ],
)
def test_the_space_ends_before_the_end_footer(offset: int, space: int, severity: Severity | None) -> None:
    found = _check(_locator(platform_data_offset=offset, platform_data_space_raw=space))
    assert [(item.code, item.severity) for item in found] == ([("VHD307", severity)] if severity else [])


def test_a_length_behind_the_end_is_found_without_a_space() -> None:
    found = _check(_locator(platform_data_space_raw=0, platform_data_length=0xFFFFFFFF))
    assert [(item.code, item.severity) for item in found] == [("VHD307", Severity.ERROR)]


def test_every_locator_is_judged_at_its_own_place() -> None:
    found = _check(_locator(slot=1, platform_code=b"?" * 4), _locator(slot=7, platform_data_length=600))
    assert [(item.code, item.location.structure, item.location.field, item.location.offset) for item in found] == [
        ("VHD301", "locator 1", "platform_code", 512 + 576 + 24),
        ("VHD306", "locator 7", "platform_data_length", 512 + 576 + 7 * 24 + 8),
    ]

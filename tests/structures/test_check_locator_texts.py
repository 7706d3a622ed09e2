"""Which stored texts of locators are whole, and which have the wrong byte order?"""

from __future__ import annotations

import pytest

from tests.structures.locator_files import file_of, locator
from vhdchain.findings import Severity
from vhdchain.structures.check_locator_texts import check_texts

PATH = r".\base.vhd"
WIDE = PATH.encode("utf-16-le")


@pytest.mark.parametrize(
    ("code", "data", "codes"),
    [
        (b"W2ru", WIDE, []),
        (b"W2ku", WIDE + bytes(6), []),  # NULs alone are padding
        (b"W2ku", r"C:\Bäume\母.vhd".encode("utf-16-le"), []),
        (b"W2ru", ".\\\U0001f4bf.vhd".encode("utf-16-le"), []),  # a surrogate pair
        (b"W2ru", WIDE + b"\0", ["VHD314"]),
        (b"W2ru", WIDE + b"x", ["VHD314"]),
        (b"W2ru", WIDE + b"\0\0x\0", ["VHD314"]),
        (b"W2ru", b"\x00\xd8" + WIDE, ["VHD314"]),
        (b"W2ru", WIDE + b"\x00\xdc", ["VHD314"]),
        (b"W2ru", bytes(20), ["VHD314"]),
        (b"W2ru", "   ".encode("utf-16-le"), ["VHD314"]),
        (b"W2ru", PATH.encode("utf-16-be"), ["VHD315"]),
        (b"W2ku", PATH.encode("utf-16-be") + b"\0\0\0x", ["VHD314", "VHD315"]),
        (b"W2ru", "母親".encode("utf-16-le"), []),
        (b"MacX", b"file://./base.vhd", []),
        (b"MacX", "file://./bäume.vhd".encode() + bytes(3), []),
        (b"MacX", "file://./bäume.vhd".encode("latin-1"), ["VHD314"]),
        (b"MacX", b"file://./base.vhd\0old", ["VHD314"]),
        (b"MacX", bytes(4), ["VHD314"]),
        (b"Wi2r", PATH.encode("ascii"), []),
        (b"Wi2r", PATH.encode("ascii") + b"\0", []),
        (b"Wi2r", WIDE, []),
        (b"Wi2k", PATH.encode("ascii") + b"\0old", ["VHD314"]),
        (b"Mac ", b"\x00\xd8\xff", []),  # an alias is no text
        (b"Be64", b"\x00\xd8\xff", []),
    ],
)
def test_texts_are_judged_by_their_platform(code: bytes, data: bytes, codes: list[str]) -> None:
    found = list(check_texts(file_of(locator(data=data, platform_code=code))))
    assert [item.code for item in found] == codes
    assert {item.severity for item in found} <= {Severity.WARNING}
    assert {(item.location.structure, item.location.offset) for item in found} <= {("locator 0", 2048)}


def test_the_evidence_is_the_length_and_the_two_byte_orders() -> None:
    data = PATH.encode("utf-16-be") + b"\0\0\0x"
    broken, swapped = check_texts(file_of(locator(data=data)))
    assert broken.found == len(data)
    assert (swapped.expected, swapped.found) == ("utf-16-le", "utf-16-be")


@pytest.mark.parametrize("fields", [{"platform_data_offset": 0}, {"platform_data_length": 0}])
def test_a_locator_without_a_place_has_no_text(fields: dict[str, int]) -> None:
    data = b"" if "platform_data_length" in fields else b"\x00\xd8"
    assert list(check_texts(file_of(locator(data=data, **fields)))) == []


def test_a_text_that_could_not_be_read_is_not_judged() -> None:
    assert list(check_texts(file_of(locator(platform_data_offset=1 << 40)))) == []

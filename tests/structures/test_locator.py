"""Locators of all kinds, in both units of space, with their texts in the byte order of each."""

from __future__ import annotations

import pytest

from vhdchain.structures import ParentLocator, PlatformCode, SpaceUnit, decode_locator, encode_locator_text

PATHS = {
    PlatformCode.W2RU: r".\base.vhd",
    PlatformCode.W2KU: r"C:\Users\Ünal\基础.vhd",
    PlatformCode.MACX: "file:///vms/b%C3%A4se.vhd",
    PlatformCode.WI2R: r".\base.vhd",
    PlatformCode.WI2K: r"C:\VMs\bäse.vhd",
}
STORED = {
    PlatformCode.W2RU: b".\0\\\0b\0a\0s\0e\0.\0v\0h\0d\0",
    PlatformCode.MACX: b"file:///vms/b%C3%A4se.vhd",
    PlatformCode.WI2R: b".\\base.vhd",
    PlatformCode.WI2K: b"C:\\VMs\\b\xe4se.vhd",
}


def _decoded(code: PlatformCode, data: bytes | None) -> tuple[str | None, str | None]:
    locator = decode_locator(3, ParentLocator(platform_code=code.value), data)
    assert (locator.slot, locator.data, locator.entry.code) == (3, data, code)
    return locator.text, locator.encoding


@pytest.mark.parametrize("code", PATHS)
def test_a_text_is_stored_and_read_in_its_platforms_form(code: PlatformCode) -> None:
    data = encode_locator_text(code, PATHS[code])
    assert data == STORED.get(code, PATHS[code].encode("utf-16-le"))
    encoding = {PlatformCode.MACX: "utf-8", PlatformCode.WI2R: "latin-1", PlatformCode.WI2K: "latin-1"}
    assert _decoded(code, data) == (PATHS[code], encoding.get(code, "utf-16-le"))


@pytest.mark.parametrize("code", [PlatformCode.W2RU, PlatformCode.W2KU])
def test_a_text_in_the_wrong_byte_order_is_read_and_told(code: PlatformCode) -> None:
    assert _decoded(code, r".\base.vhd".encode("utf-16-be")) == (r".\base.vhd", "utf-16-be")


def test_padding_behind_the_text_does_not_count() -> None:
    assert _decoded(PlatformCode.W2RU, r".\b.vhd".encode("utf-16-le").ljust(512, b"\0"))[0] == r".\b.vhd"
    assert _decoded(PlatformCode.MACX, b"file://./b.vhd\0\0\0")[0] == "file://./b.vhd"
    assert _decoded(PlatformCode.WI2R, b".\\b\xe4.vhd\0\0rest") == (".\\bä.vhd", "latin-1")


def test_a_deprecated_locator_may_hold_utf_16() -> None:
    assert _decoded(PlatformCode.WI2K, r"C:\b.vhd".encode("utf-16-le")) == (r"C:\b.vhd", "utf-16-le")


@pytest.mark.parametrize(
    ("code", "data"),
    [
        (PlatformCode.W2RU, b"\x00\xd8a\x00"),
        (PlatformCode.MACX, b"file:///\xff.vhd"),
        (PlatformCode.MAC, b"an alias record"),
        (PlatformCode.W2RU, None),
    ],
)
def test_what_cannot_be_decoded_is_no_text(code: PlatformCode, data: bytes | None) -> None:
    assert _decoded(code, data) == (None, None)


@pytest.mark.parametrize("code", [PlatformCode.NONE, PlatformCode.MAC])
def test_platforms_without_text_take_none(code: PlatformCode) -> None:
    with pytest.raises(ValueError, match="holds no text"):
        encode_locator_text(code, "x")


@pytest.mark.parametrize(
    ("raw", "unit", "space"),
    [
        (0, SpaceUnit.SECTORS, 0),
        (1, SpaceUnit.SECTORS, 512),
        (511, SpaceUnit.SECTORS, 511 * 512),
        (512, SpaceUnit.BYTES, 512),
        (65536, SpaceUnit.BYTES, 65536),
        (513, SpaceUnit.AMBIGUOUS, 513),
    ],
)
def test_the_unit_of_the_space_is_inferred(raw: int, unit: SpaceUnit, space: int) -> None:
    entry = ParentLocator(platform_code=b"W2ru", platform_data_space_raw=raw)
    assert (entry.space_unit, entry.platform_data_space) == (unit, space)


@pytest.mark.parametrize(
    ("stored", "code", "name", "used"),
    [
        (bytes(4), PlatformCode.NONE, "0x00000000", False),
        (b"W2ru", PlatformCode.W2RU, "W2ru", True),
        (b"Mac ", PlatformCode.MAC, "Mac ", True),
        (b"Be64", None, "Be64", True),
        (b"\x4d\x16\x32\x20", None, "0x4d163220", True),
        (b"a\nb ", None, "0x610a6220", True),
    ],
)
def test_codes_are_named_without_control_characters(
    stored: bytes, code: PlatformCode | None, name: str, used: bool
) -> None:
    locator = decode_locator(0, ParentLocator(platform_code=stored), None)
    assert (locator.entry.code, locator.name, locator.entry.is_used) == (code, name, used)

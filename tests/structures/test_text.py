"""Which byte order a text is in: the expected one unless the other is clearly meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vhdchain.structures.text import decode_url_text, decode_utf16

ORDERS = ("utf-16-le", "utf-16-be")


@pytest.mark.parametrize("stored", ORDERS)
@pytest.mark.parametrize("expected", ORDERS)
@pytest.mark.parametrize("text", ["base.vhd", r"C:\VMs\基.vhd", r"..\ü\a.avhd"])
def test_a_path_is_read_in_either_order(text: str, expected: str, stored: str) -> None:
    assert decode_utf16(text.encode(stored), expected=expected) == (text, stored)


@pytest.mark.parametrize("expected", ORDERS)
@pytest.mark.parametrize("text", ["基础镜像", "ă", "\u6200", "а-б"])
def test_letters_of_other_scripts_are_not_taken_for_swapped_ones(text: str, expected: str) -> None:
    assert decode_utf16(text.encode(expected), expected=expected) == (text, expected)


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\0", b"\0\0a\0"])
def test_no_text_is_an_empty_text(data: bytes) -> None:
    assert decode_utf16(data, expected="utf-16-le") == ("", "utf-16-le")


def test_a_text_that_is_half_ascii_when_swapped_is_a_swapped_one() -> None:
    assert decode_utf16("a基b础".encode("utf-16-be"), expected="utf-16-le") == ("a基b础", "utf-16-be")
    assert decode_utf16("a基b础镜".encode("utf-16-be"), expected="utf-16-le")[1] == "utf-16-le"


def test_a_text_that_is_none_in_the_expected_order_may_be_one_in_the_other() -> None:
    # Swapped, the letter is half of a surrogate pair.
    assert decode_utf16("aØ.vhd".encode("utf-16-be"), expected="utf-16-le") == ("aØ.vhd", "utf-16-be")


def test_an_odd_last_byte_does_not_count() -> None:
    assert decode_utf16("b.vhd".encode("utf-16-le") + b"x", expected="utf-16-le") == ("b.vhd", "utf-16-le")


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=4, max_size=60))
def test_every_ascii_text_comes_back(text: str) -> None:
    for order in ORDERS:
        assert decode_utf16(text.encode(order), expected=order) == (text, order)


@given(st.binary(max_size=64), st.sampled_from(ORDERS))
def test_any_bytes_are_decoded_or_are_not_but_never_raise(data: bytes, expected: str) -> None:
    text, encoding = decode_utf16(data, expected=expected)
    assert (text is None) == (encoding is None)
    if text is not None:
        assert "\0" not in text
        assert encoding in ORDERS


def test_a_url_is_utf_8_up_to_the_first_nul() -> None:
    assert decode_url_text("file:///ä.vhd\0\0".encode()) == ("file:///ä.vhd", "utf-8")
    assert decode_url_text(b"\xff") == (None, None)

"""Which text do these stored bytes hold?

Names in headers are UTF-16BE, in locators UTF-16LE, in MacX locators UTF-8; and some writers mix the two byte orders
up. Decoding takes the expected order unless the other one is clearly meant, and says which one it took. Lone
surrogates and odd lengths make a text undecodable: it is then None, never replaced characters that might name
another file.
"""

from __future__ import annotations

_SWAPPED = {"utf-16-le": "utf-16-be", "utf-16-be": "utf-16-le"}


def decode_utf16(data: bytes, *, expected: str) -> tuple[str | None, str | None]:
    """Return the text up to its first NUL and the encoding that gave it, or ``(None, None)``.

    Args:
        data: Stored bytes; trailing NULs are padding.
        expected: ``utf-16-le`` or ``utf-16-be``.
    """
    text = _decode(data, expected)
    if text is not None and text.isascii():
        # As most are; the other order makes a text of hardly any ASCII of it.
        return text, expected
    swapped = _decode(data, _SWAPPED[expected])
    if swapped is not None and _is_path_in_wrong_order(text, swapped):
        return swapped, _SWAPPED[expected]
    return (text, expected) if text is not None else (None, None)


def _is_path_in_wrong_order(text: str | None, swapped: str) -> bool:
    # A single ideograph may well read as a letter when its bytes are swapped, hence the length.
    return len(swapped) >= 4 and _ascii_share(swapped) >= 0.5 and (text is None or _ascii_share(text) < 0.5)


def decode_url_text(data: bytes) -> tuple[str | None, str | None]:
    """Return the UTF-8 text up to its first NUL, with its encoding, or ``(None, None)``."""
    try:
        return data.split(b"\0", 1)[0].decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return None, None


def _decode(data: bytes, encoding: str) -> str | None:
    # What stands behind the first NUL is leftover memory of the writer and need not decode.
    text = data[: len(data) // 2 * 2].decode(encoding, "surrogatepass").partition("\0")[0]
    if text.isascii():
        return text
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return None
    return text


def _ascii_share(text: str) -> float:
    """Return which share of the characters is ASCII: a path in the wrong byte order has hardly any."""
    return sum(character < "\x80" for character in text) / len(text) if text else 0.0

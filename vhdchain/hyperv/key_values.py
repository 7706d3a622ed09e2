"""What does the text of a key mean, and as what text does a host store a value?

By the key's type, and tolerantly: a text that does not fit its type has no value, and is kept. The other way there is
one form, that of the host: ``True`` and ``False``, base64 in lines of 64 characters.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = str | int | bool | bytes
"""What a key with a type may hold."""


class KeyKind(StrEnum):
    """What a key holds, by its stored type."""

    CONTAINER = "container"
    STRING = "string"
    INTEGER = "integer"
    BOOL = "bool"
    BYTES = "bytes"
    OTHER = "other"
    """A type that is not known; its text is kept."""


_KINDS: dict[str | None, KeyKind] = {
    None: KeyKind.CONTAINER,
    "string": KeyKind.STRING,
    "integer": KeyKind.INTEGER,
    "bool": KeyKind.BOOL,
    "bytes": KeyKind.BYTES,
}
_TYPE_NAMES: dict[type, str] = {str: "string", int: "integer", bool: "bool", bytes: "bytes"}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_BOOLS = {"true": True, "false": False}
_BASE64_LINE = 64


def kind_of(stored_type: str | None) -> KeyKind:
    """Return what a key of this stored type holds."""
    return _KINDS.get(stored_type, KeyKind.OTHER)


def type_of(value: Value) -> str:
    """Return the stored type of a key that holds ``value``."""
    return next(_TYPE_NAMES[each] for each in type(value).__mro__ if each in _TYPE_NAMES)


def value_of(kind: KeyKind, text: str) -> Value | None:
    """Return what ``text`` means; None where it does not fit ``kind``, or nothing does.

    White space around integers and bools, the letter case of bools and the wrapping of base64 do not matter; integers
    may have any sign and size.
    """
    match kind:
        case KeyKind.STRING:
            return text
        case KeyKind.INTEGER:
            return _integer(text.strip())
        case KeyKind.BOOL:
            return _BOOLS.get(text.strip().lower())
        case KeyKind.BYTES:
            return _bytes("".join(text.split()))
        case _:
            return None


def text_of(value: Value) -> str:
    """Return the text that a host stores for ``value``."""
    if not isinstance(value, bytes):
        return str(value)
    packed = b64encode(value).decode("ascii")
    return "".join(f"{packed[at : at + _BASE64_LINE]}\n" for at in range(0, len(packed), _BASE64_LINE))


def _integer(digits: str) -> int | None:
    if not _INTEGER.fullmatch(digits):
        return None
    try:
        return int(digits)
    except ValueError:  # more digits than Python converts at once
        return None


def _bytes(packed: str) -> bytes | None:
    try:
        return b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        return None

"""What does a value of an exported registry hold?

The line of a value is a quoted name (or ``@``), ``=``, and the data: a quoted string, ``dword:``, ``hex:`` or
``hex(type):`` with the bytes, or ``-`` where the value is to be deleted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

REG_SZ = 1
REG_EXPAND_SZ = 2
REG_BINARY = 3
REG_DWORD = 4

_TYPES = {
    0: "REG_NONE",
    REG_SZ: "REG_SZ",
    REG_EXPAND_SZ: "REG_EXPAND_SZ",
    REG_BINARY: "REG_BINARY",
    REG_DWORD: "REG_DWORD",
    7: "REG_MULTI_SZ",
    11: "REG_QWORD",
}

# Possessive, so that no text however long makes the engine remember where it might go back to.
QUOTED_REST = re.compile(r'([^"\\]*+(?:\\.[^"\\]*+)*+)"', re.DOTALL)
"""What is left of a string behind its opening quote, up to the closing one."""

NAME = re.compile(r'(?:@|"([^"\\]*+(?:\\.[^"\\]*+)*+)")[ \t]*+=[ \t]*+')
"""The name of a value, up to where its data begin."""

_ESCAPE = re.compile(r'\\([\\"])')
_END = re.compile(r"\s*+(?:;.*+)?+", re.DOTALL)
_DWORD = re.compile(r"dword:\s*+([0-9a-f]{1,8})", re.IGNORECASE)
_HEX = re.compile(r"hex(?:\(([0-9a-f]{1,8})\))?:([0-9a-f, \t]*+)", re.IGNORECASE)
_BYTES = re.compile(r"(?:[ \t]*+[0-9a-f]{2}[ \t]*+(?:,(?=[ \t]*+[0-9a-f])|\Z))*+[ \t]*+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryValue:
    """One value of a key.

    Attributes:
        name: As written; empty for the key's default value.
        type: The number of its type, such as `REG_SZ`.
        data: The text of a string (of one that is written as bytes, up to its first NUL); the number of a ``dword:``;
            else the bytes, also of strings that are no text.
        line: The line of the file on which it begins.
    """

    name: str
    type: int
    data: str | int | bytes
    line: int

    @property
    def type_text(self) -> str:
        """The type as Windows calls it, or its number."""
        return _TYPES.get(self.type, f"type 0x{self.type:X}")


class NotAValueError(ValueError):
    """A text is no value; its message is a clause that says why."""


def parse_value(text: str, *, line: int, wide: bool) -> RegistryValue | str:
    """Return the value that ``text`` sets, or the name of the one that it deletes.

    Args:
        text: The whole of it; lines that a backslash continues are joined.
        line: Where it begins.
        wide: Whether strings in ``hex(1):`` and ``hex(2):`` are UTF-16LE (version 5) or in 8 bits (REGEDIT4).

    Raises:
        NotAValueError: ``text`` is none.
    """
    named = NAME.match(text)
    if named is None:
        raise NotAValueError("neither a key, a value nor a comment")
    name = unescaped(named[1] or "")
    kind, data, behind = _data(text, named.end(), wide=wide)
    if _END.fullmatch(text, behind) is None:
        raise NotAValueError("there is more behind the value's data")
    return name if data is None else RegistryValue(name=name, type=kind, data=data, line=line)


def unescaped(text: str) -> str:
    r"""Return a quoted text with ``\\`` and ``\"`` replaced; any other backslash stands for itself."""
    return _ESCAPE.sub(r"\1", text)


def _data(text: str, at: int, *, wide: bool) -> tuple[int, str | int | bytes | None, int]:
    """Return the type and the data, None where they are deleted, and where they end."""
    if text.startswith('"', at):
        string = QUOTED_REST.match(text, at + 1)
        if string is None:
            raise NotAValueError("its string has no closing quote")
        return REG_SZ, unescaped(string[1]), string.end()
    if text.startswith("-", at):
        return 0, None, at + 1
    if number := _DWORD.match(text, at):
        return REG_DWORD, int(number[1], 16), number.end()
    if stored := _HEX.match(text, at):
        kind = REG_BINARY if stored[1] is None else int(stored[1], 16)
        return kind, _of_type(kind, _bytes_of(stored[2]), wide=wide), stored.end()
    raise NotAValueError("its data are neither a string, dword:, hex: nor -")


def _bytes_of(digits: str) -> bytes:
    if _BYTES.fullmatch(digits) is None:
        raise NotAValueError("its bytes are not pairs of hexadecimal digits with commas between")
    return bytes.fromhex(digits.replace(",", " "))


def _of_type(kind: int, data: bytes, *, wide: bool) -> str | bytes:
    if kind not in {REG_SZ, REG_EXPAND_SZ}:
        return data
    try:
        text = data.decode("utf-16-le", "surrogatepass") if wide else data.decode("utf-8", "surrogateescape")
    except UnicodeDecodeError:
        return data
    return text.partition("\0")[0]

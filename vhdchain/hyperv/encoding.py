"""In what encoding do a configuration's bytes stand?

Hosts write UTF-16LE with a byte order mark, and declare UTF-16. Copies that passed through other programs are ASCII or
UTF-8 and still declare UTF-16, so the declaration is never believed: the mark decides, then the place of NUL bytes,
then whether the bytes are UTF-8. Only for bytes that are none of these is the declaration asked, and only for the
one-byte encodings of Windows and ISO 8859.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARATION = re.compile(r"<\?xml[ \t\r\n][^<>?]*\?>")
_ENCODING = re.compile(r"""[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*(?:"([^"]*)"|'([^']*)')""")
_ONE_BYTE = re.compile(r"windows-125[0-8]|iso-8859-(?:[1-9]|1[013-6])", re.IGNORECASE)
_ASCII_NAMES = ("ascii", "us-ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEncoding:
    r"""How the characters of a configuration are stored.

    Attributes:
        name: What the bytes are: ``utf-16-le``, ``utf-16-be``, ``utf-8``, ``ascii``, or a one-byte encoding's name.
        bom: Whether a byte order mark stands in front.
        declared: The encoding that the declaration names, as stored; None where it names none.
        newline: The line break in use, ``\r\n`` or ``\n``.
    """

    name: str
    bom: bool
    declared: str | None
    newline: str

    @property
    def agrees(self) -> bool:
        """Whether a reader that believes the declaration reads these bytes right."""
        wide = self.name.startswith("utf-16")
        if self.declared is None:
            return self.bom if wide else self.name in ("ascii", "utf-8")
        declared = self.declared.lower()
        if wide:
            return declared in ("utf-16", self.name.replace("-16-", "-16"))
        if self.name == "ascii":
            return declared in (*_ASCII_NAMES, "utf-8") or _ONE_BYTE.fullmatch(declared) is not None
        return declared == self.name

    def encode(self, text: str, *, references: bool = False) -> bytes:
        """Return ``text``, whose lines end with a line feed, in this encoding.

        Args:
            text: The text.
            references: Write what the encoding does not have as a character reference.

        Raises:
            UnicodeEncodeError: The encoding does not have a character of the text.
        """
        mark = next((mark for mark, name in _MARKS if name == self.name), b"") if self.bom else b""
        otherwise = "xmlcharrefreplace" if references else "strict"
        return mark + text.replace("\n", self.newline).encode(self.name, otherwise)


HOST_ENCODING = TextEncoding(name="utf-16-le", bom=True, declared="UTF-16", newline="\r\n")
"""What hosts write."""

HOST_DECLARATION = '<?xml version="1.0" encoding="UTF-16" standalone="yes"?>'
"""The first line of what hosts write."""


def decode(data: bytes) -> tuple[str, TextEncoding]:
    """Return the characters of ``data``, with line feeds as the only line breaks, and how they were stored.

    Raises:
        UnicodeDecodeError: The bytes are in no encoding that configurations are found in; `start` is the offset.
    """
    name, mark = sniff(data)
    body = data[len(mark) :]
    try:
        text = body.decode(name)
    except UnicodeDecodeError as error:
        one_byte = _one_byte_declared(body) if name == "utf-8" and not mark else None
        if one_byte is None:
            error.object, error.start, error.end = data, error.start + len(mark), error.end + len(mark)
            raise
        name, text = one_byte, body.decode(one_byte)
    nul = text.find("\0")
    if nul >= 0:
        offset = len(mark) + len(text[:nul].encode(name))
        raise UnicodeDecodeError(name, data, offset, offset + 1, "NUL character")
    first = text.find("\n")
    newline = "\r\n" if text[first - 1 : first + 1] == "\r\n" else "\n"
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    declared = declared_encoding(declaration_of(text))
    return text, TextEncoding(name=name, bom=bool(mark), declared=declared, newline=newline)


def sniff(data: bytes) -> tuple[str, bytes]:
    """Return the codec that the first bytes speak for, and the byte order mark that they begin with."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name, mark
    # A configuration begins with "<" or white space, which is one byte and one NUL in UTF-16.
    if len(data) >= 2 and (data[0] == 0) != (data[1] == 0):
        return ("utf-16-le" if data[0] else "utf-16-be"), b""
    return ("ascii" if data.isascii() else "utf-8"), b""


def declaration_of(text: str) -> str:
    """Return the XML declaration that ``text`` begins with; empty where it begins with none."""
    found = _DECLARATION.match(text)
    return found.group() if found else ""


def declared_encoding(declaration: str) -> str | None:
    """Return the encoding that a declaration names; None where it names none."""
    found = _ENCODING.search(declaration)
    return (found.group(1) or found.group(2) or "") if found else None


def _one_byte_declared(body: bytes) -> str | None:
    declared = declared_encoding(declaration_of(body[:1024].decode("latin-1"))) or ""
    return declared.lower() if _ONE_BYTE.fullmatch(declared) else None

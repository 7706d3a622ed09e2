"""Which lines of text does an exported registry hold?

Regedit writes UTF-16LE with a byte order mark, and ANSI as "REGEDIT4"; others save the same text as UTF-8. What tells
is the mark, or the NULs of a text without one; an 8-bit text is read as UTF-8, with bytes that are none kept as lone
surrogates, so that ASCII is right in any code page. Read in pieces: an export of a whole machine has hundreds of
megabytes.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.source import ByteSource

LARGEST_EXPORT = 1 << 30
"""Bytes. A whole HKEY_LOCAL_MACHINE takes 100 to 400 MB, of which binary values take six bytes for each of theirs."""

LONGEST_LINE = 4 << 20
"""Characters, also of a string of several lines. Binary values are wrapped, and a string that long is no setting."""

_PIECE = 1 << 18
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# A registry's strings are 16-bit units, not always valid text, and regedit writes them as they are.
_ERRORS = {"utf-8": "surrogateescape", "utf-16-le": "surrogatepass", "utf-16-be": "surrogatepass"}


def text_lines(source: ByteSource) -> Iterator[tuple[int, str]]:
    """Yield the lines with their numbers, counted from 1, each with the line feed that ends it.

    Raises:
        ConfigError: The source is too large, a line too long, or the text ends within a character.
        ShortReadError: The source was truncated meanwhile.
        OSError: The operating system could not read it.
    """
    if source.size > LARGEST_EXPORT:
        raise ConfigError(
            f"{source.name}: {source.size} bytes; an export of more than {LARGEST_EXPORT} bytes is not read: "
            "export the one key that is needed"
        )
    number, rest = 0, ""
    for text in _pieces(source):
        *whole, rest = (rest + text).split("\n")
        for line in whole:
            number += 1
            yield number, f"{line}\n"
        if len(rest) > LONGEST_LINE:
            raise ConfigError(f"{source.name}, line {number + 1}: longer than {LONGEST_LINE} characters: no export")
    if rest:
        yield number + 1, rest


def _pieces(source: ByteSource) -> Iterator[str]:
    start, encoding = _encoding(source.read_at(0, min(4, source.size)))
    decoder = codecs.getincrementaldecoder(encoding)(_ERRORS[encoding])
    for offset in range(start, source.size, _PIECE):
        length = min(_PIECE, source.size - offset)
        try:
            yield decoder.decode(source.read_at(offset, length), final=offset + length == source.size)
        except UnicodeDecodeError:
            raise ConfigError(
                f"{source.name}: its text ({encoding.upper()}) ends within a character: the file was cut off"
            ) from None


def _encoding(head: bytes) -> tuple[int, str]:
    """Return where the text begins and how it is encoded."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return len(mark), encoding
    if len(head) > 1 and not head[1]:
        return 0, "utf-16-le"
    return 0, "utf-16-be" if head[:1] == b"\0" else "utf-8"

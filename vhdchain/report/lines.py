"""What is a piece of text output before a terminal or a pipe has it?

A report for people is a sequence of lines, a line a sequence of spans, a span a text with a *role*: what it is, not
what it looks like. The terminal's room gives roles colours; a pipe, a test and a golden file take the bare text. So
nothing here knows colours, markup or a terminal's library, and no name can be taken for markup.

Prose is wrapped at its spaces; a path or a quoted text is never broken, whatever the width, so that it can be copied.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from vhdchain.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Role(StrEnum):
    """What a span is."""

    PLAIN = "plain"
    HEADING = "heading"
    PATH = "path"
    LABEL = "label"
    FAINT = "faint"
    GOOD = "good"
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A piece of a line.

    Attributes:
        text: Printable text without line breaks.
        role: What it is.
    """

    text: str
    role: Role = Role.PLAIN


# A quote that follows a letter is an apostrophe.
_PIECES = re.compile(r"""(?<!\w)'[^']*'(?!\w)|[^ ']+|'| """)

Line: TypeAlias = tuple[Span, ...]
"""One line of output, without its line break."""


def span(text: str, role: Role = Role.PLAIN) -> Span:
    """Return ``text``, made printable, in ``role``."""
    return Span(text=printable(text), role=role)


def line(*parts: str | Span) -> Line:
    """Return a line of spans; bare strings are plain, empty ones are left out."""
    spans = (span(part) if isinstance(part, str) else part for part in parts)
    return tuple(part for part in spans if part.text)


def plain_text(lines: Iterable[Line]) -> str:
    """Return the bare text of ``lines``, each with its line break."""
    return "".join("".join(part.text for part in each).rstrip() + "\n" for each in lines)


def wrapped(*parts: str | Span, width: int | None, first: str | Line = "", rest: str = "") -> Iterator[Line]:
    """Yield ``parts`` as lines of at most ``width`` columns, broken at spaces.

    Args:
        parts: What stands in the paragraph; the parts follow each other without a space of their own.
        width: The columns; None never breaks.
        first: What stands before the first line.
        rest: What stands before the further lines.
    """
    head = line(first) if isinstance(first, str) else first
    words: list[Span] = []
    column, fresh = sum(len(part.text) for part in head), True
    for word in _words(line(*parts)):
        length = sum(len(part.text) for part in word)
        gap = 0 if fresh else 1
        if width is not None and not fresh and column + gap + length > width:
            yield (*head, *words)
            head, words, column, gap = line(rest), [], len(rest), 0
        words += [*([span(" ")] if gap else []), *word]
        column, fresh = column + gap + length, False
    yield (*head, *words)


def _words(parts: Line) -> Iterator[list[Span]]:
    """Yield what must stay together: words, whole paths and quoted texts, with what adjoins them without a space."""
    word: list[Span] = []
    for part in parts:
        pieces = [part.text] if part.role is Role.PATH else _PIECES.findall(part.text)
        for piece in pieces:
            if piece != " ":
                word.append(Span(text=piece, role=part.role))
            elif word:
                yield word
                word = []
    if word:
        yield word


def labelled(label: str, *parts: str | Span, width: int | None, indent: int = 2, column: int = 16) -> Iterator[Line]:
    """Yield a labelled value: the label, and the value wrapped at the column behind it."""
    head = line(" " * indent, span(label.ljust(column - indent), Role.LABEL))
    yield from wrapped(*parts, width=width, first=head, rest=" " * column)


def beside(head: Line, facts: str, *, width: int | None, below: str) -> Iterator[Line]:
    """Yield ``head`` with faint facts behind it, or on lines of their own where they do not fit."""
    if not facts:
        yield head
    elif fits(head, facts, width=width):
        yield (*head, span("  " + facts, Role.FAINT))
    else:
        yield head
        yield from wrapped(span(facts, Role.FAINT), width=width, first=below, rest=below)


def fits(head: Line, facts: str, *, width: int | None) -> bool:
    """Say whether ``facts`` have room behind ``head`` and a gap of two columns."""
    return width is None or sum(len(part.text) for part in head) + 2 + len(facts) <= width

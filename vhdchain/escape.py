r"""How is text from a hostile file shown on a terminal?

Names in headers, locators and folders may hold anything: escape sequences that repaint the screen, line breaks that
fake a second message, right-to-left overrides, lone surrogates that no terminal can encode. What is not printable is
shown as a Python escape (``\x1b``, ``\u202e``), so that one name is one piece of one line.

A backslash itself stays as it is, because Windows paths would be unreadable otherwise: the shown text is for people.
Programs take the exact text from the JSON.
"""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Return ``text`` with every character that is not printable as an escape; printable text is returned as it is.

    A byte of a file name that is no UTF-8 (Python's surrogate escape) is shown as that byte: ``\xff``.
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"
    return character.encode("ascii", "backslashreplace").decode("ascii") if number > 0x7F else _control(character)


def _control(character: str) -> str:
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character, f"\\x{ord(character):02x}")

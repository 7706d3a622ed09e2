"""On which line of a TOML file does a value stand?

Parsers give values without their places. This looks at the lines alone: headers of tables, arrays of tables, and keys
at the beginning of a line. What stands inside of a value (an inline table, an array of several lines) has the line of
its key, and what is not there at all that of its table.
"""

from __future__ import annotations

import re

_HEADER = re.compile(r"^\s*\[\s*(?P<name>[^\[\]]+?)\s*\]\s*(#.*)?$")
_ARRAY = re.compile(r"^\s*\[\[\s*(?P<name>[^\[\]]+?)\s*\]\]\s*(#.*)?$")
_KEY = re.compile(r"""^\s*(?P<name>[\w-]+|"[^"]*"|'[^']*')\s*=(?P<rest>.*)$""")
_QUOTES = ('"""', "'''")


class Positions:
    """The lines of a TOML text, by paths such as ``step[3].size``; the first line is 1."""

    def __init__(self, text: str) -> None:
        self._lines: dict[str, int] = {"": 1}
        counts: dict[str, int] = {}
        table, closing = "", None
        for number, line in enumerate(text.splitlines(), 1):
            if closing is not None:
                closing = None if closing in line else closing
                continue
            if match := _ARRAY.match(line):
                name = match["name"]
                counts[name] = counts.get(name, -1) + 1
                table = f"{name}[{counts[name]}]"
                self._lines[table] = number
            elif match := _HEADER.match(line):
                table = match["name"]
                self._lines[table] = number
            elif match := _KEY.match(line):
                key = match["name"].strip("\"'")
                self._lines[f"{table}.{key}" if table else key] = number
                closing = _opened(match["rest"])

    def line(self, path: str) -> int:
        """Return the line of ``path``, or of what holds it."""
        while path not in self._lines:
            path = re.sub(r"(\.[^.\[]*|\[\d+\]|^[^.\[]*)$", "", path)
        return self._lines[path]


def _opened(rest: str) -> str | None:
    """Return the quotes of a text of several lines that begins in ``rest`` and does not end there."""
    text = rest.strip()
    return next((quotes for quotes in _QUOTES if text.startswith(quotes) and quotes not in text[3:]), None)

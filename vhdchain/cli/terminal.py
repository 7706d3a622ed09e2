"""How does output reach a terminal, a pipe or a file?

Text goes to a terminal in colours and to everything else bare; documents go out as JSON. A pipe has no width, so prose
is not wrapped there unless ``COLUMNS`` says how wide it is. rich is loaded for terminals only.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import TYPE_CHECKING, TextIO

from vhdchain.cli.failures import naming_stdout
from vhdchain.escape import printable
from vhdchain.report.lines import Role, plain_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from vhdchain.cli.options import Settings
    from vhdchain.report.documents.shape import Json
    from vhdchain.report.lines import Line

_STYLES = {
    Role.PLAIN: "",
    Role.HEADING: "bold",
    Role.PATH: "cyan",
    Role.LABEL: "dim",
    Role.FAINT: "dim",
    Role.GOOD: "green",
    Role.ERROR: "bold red",
    Role.WARNING: "yellow",
    Role.NOTE: "blue",
}
_MOST_COLUMNS = 120  # longer lines of prose are hard to read


class Terminal:
    """Standard output, as one call of the program uses it.

    Attributes:
        is_terminal: Whether a person looks at it.
        width: The columns to wrap prose at; None where lines have no width.
        unicode: Whether the stream can show box-drawing characters.
    """

    def __init__(self, settings: Settings, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        # A name may hold what a Latin-1 terminal cannot show; an escape is better than an error.
        if getattr(self._stream, "errors", None) == "strict" and hasattr(self._stream, "reconfigure"):
            self._stream.reconfigure(errors="backslashreplace")
        self.is_terminal = self._stream.isatty()
        colored = self.is_terminal and settings.color and not os.environ.get("NO_COLOR")
        self._console = _console(self._stream) if colored else None
        self.width = _width(is_terminal=self.is_terminal)
        self.unicode = (self._stream.encoding or "ascii").lower().replace("-", "").startswith("utf")

    def write(self, lines: Iterable[Line]) -> None:
        """Write lines of text."""
        with naming_stdout():
            if self._console is None:
                for each in lines:
                    self._stream.write(plain_text([each]))
            else:
                for each in lines:
                    self._write_colored(self._console, each)

    def write_json(self, document: Json) -> None:
        """Write one JSON document, indented, in ASCII: it holds no raw control character, whatever the names."""
        with naming_stdout():
            json.dump(document, self._stream, indent=2)
            self._stream.write("\n")

    def write_raw(self, parts: Iterable[str]) -> None:
        """Write text that is composed already, such as a document that does not fit into memory."""
        for part in parts:
            with naming_stdout():
                self._stream.write(part)

    def _write_colored(self, console: Console, line: Line) -> None:
        from rich.text import Text  # noqa: PLC0415  # only terminals need it

        text = Text.assemble(*((printable(part.text), _STYLES[part.role]) for part in line), end="")
        text.rstrip()
        console.print(text, soft_wrap=True, markup=False, highlight=False, emoji=False)


def _console(stream: TextIO) -> Console:
    from rich.console import Console  # noqa: PLC0415  # only terminals need it

    return Console(file=stream, highlight=False, markup=False, emoji=False)


def _width(*, is_terminal: bool) -> int | None:
    if is_terminal or os.environ.get("COLUMNS", "").isdecimal():
        return min(shutil.get_terminal_size().columns, _MOST_COLUMNS)
    return None

"""How is what is wrong marked in a tree? By the codes with their titles, each once for a file.

What exactly was found is for the audit to tell. Notes are not marked: healthy files have some. Which files had a place
in the tree is remembered, so that those that have none can be told behind it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from vhdchain.findings import Severity, code_info
from vhdchain.report.lines import line, span, wrapped
from vhdchain.report.text.findings import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vhdchain.findings import Finding
    from vhdchain.report.lines import Line


class Marks:
    """The errors and warnings of an audit, by file.

    Attributes:
        found: All of them.
    """

    def __init__(self, findings: Iterable[Finding], *, width: int | None) -> None:
        self.found = tuple(finding for finding in findings if finding.severity is not Severity.NOTE)
        self._width = width
        self._by_path: dict[str, list[Finding]] = {}
        for finding in self.found:
            self._by_path.setdefault(finding.location.path, []).append(finding)
        self._taken: set[str] = set()

    def take(self, path: str) -> Sequence[Finding]:
        """Return what is wrong with a file, which has its place now."""
        self._taken.add(path)
        return self._by_path.get(path, ())

    def at(self, path: str, below: str) -> Iterator[Line]:
        """Yield the marks of a file, each line behind ``below``."""
        yield from self.lines(self.take(path), below)

    def lines(self, findings: Iterable[Finding], below: str) -> Iterator[Line]:
        """Yield the marks for ``findings``, each line behind ``below``."""
        counts = Counter((finding.severity, finding.code) for finding in findings)
        for (severity, code), number in counts.items():
            times = f" ({number} times)" if number > 1 else ""
            first = line(below, span(f"{severity} {code}  ", ROLES[severity]))
            yield from wrapped(code_info(code).title + times, width=self._width, first=first, rest=below + "  ")

    def left(self) -> list[str]:
        """Return the files with marks that had no place yet, by path; what is about no file is not among them."""
        return sorted(path for path in self._by_path if path and path not in self._taken)

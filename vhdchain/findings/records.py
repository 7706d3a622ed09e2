"""What does one finding carry?

A finding is evidence: which file, structure, field and byte offset; what was expected and what was found; which
other files are involved. It is a value: frozen, comparable, hashable, in a deterministic order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.findings.severity import Severity
from vhdchain.findings.table import code_info

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Finding", "Location", "Severity", "finding", "worst_first"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where a finding was made; what does not apply is None.

    Attributes:
        path: The file's name as it was given or found; empty where no single file is meant.
        structure: ``footer``, ``footer copy``, ``dynamic header``, ``locator 3``, ``BAT``, ``link``, ...
        field: The field's name in the specification, in snake_case.
        offset: The offset in bytes in the file.
        block: The index of the block in the BAT.
        sector: The sector of the disk.
    """

    path: str
    structure: str | None = None
    field: str | None = None
    offset: int | None = None
    block: int | None = None
    sector: int | None = None

    def __str__(self) -> str:
        """Return ``path:structure.field @0xOFFSET`` with the parts that are known."""
        place = ".".join(part for part in (self.structure, self.field) if part)
        text = ":".join(part for part in (self.path, place) if part)
        return text if self.offset is None else f"{text} @0x{self.offset:X}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One condition at one place.

    Attributes:
        code: The permanent code, e.g. ``VHD603``.
        severity: The actual severity; the code's default unless the case has another consequence.
        location: Where it is.
        message: One sentence: what was found.
        expected: The value that would have been right, where there is one.
        found: The value that was found.
        related: Other files that are involved, in a stated order of the code (members of a cycle, candidates).
        details: Evidence beyond the sentence, a clause each: what was tried and met, fields that differ, disks that
            suffer.
    """

    code: str
    severity: Severity
    location: Location
    message: str
    expected: str | int | None = None
    found: str | int | None = None
    related: tuple[str, ...] = ()
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.location}: {self.message} [{self.code}]"


def finding(
    code: str,
    location: Location,
    message: str,
    *,
    expected: str | int | None = None,
    found: str | int | None = None,
    related: Iterable[str] = (),
    details: Iterable[str] = (),
    severity: Severity | None = None,
) -> Finding:
    """Make a finding of ``code``, with the code's default severity unless ``severity`` is given.

    Raises:
        KeyError: ``code`` is not in the table of codes.
    """
    return Finding(
        code=code,
        severity=severity or code_info(code).severity,
        location=location,
        message=message,
        expected=expected,
        found=found,
        related=tuple(related),
        details=tuple(details),
    )


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings in the one order that reports use: severity, path, offset, code, message."""
    return tuple(sorted(findings, key=_order))


def _order(item: Finding) -> tuple[int, str, int, str, int, str]:
    place = item.location
    offset = -1 if place.offset is None else place.offset
    block = -1 if place.block is None else place.block
    return item.severity.rank, place.path, offset, item.code, block, item.message

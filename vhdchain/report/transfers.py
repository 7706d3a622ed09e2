"""What is told of a machine that was exported or imported, or is going to be, as text or as a document?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vhdchain.findings import Finding
    from vhdchain.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """How fast the target takes data.

    Attributes:
        bytes_per_second: What was measured, or the limit where that is less.
        keeps_holes: Whether parts that nobody wrote take no room there.
        limit: Bytes in a second that were allowed; None where nothing was said.
    """

    bytes_per_second: float
    keeps_holes: bool
    limit: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A machine on its way: what was promised, and what became of it. Sizes in bytes.

    Attributes:
        name: The machine's name.
        id: Its id, upper case; of an import, the one that it gets.
        folder: Where it goes to, or where it is imported in place.
        plan: What is, or was, going to be done; None where no plan could be made.
        files: How many files were promised.
        bytes: How long they are together; at the most, where that becomes known when they are written.
        bytes_allocated: How much of that takes room.
        room: How much is free where they are going; None where that is not known.
        estimate: Seconds that it is going to take; None where that is not known.
        digests: Of what was copied and not changed afterwards, by its path below ``folder``: the digest in hex.
        hash: What the digests are called; empty where there are none.
        written: How long the files are together that are there now; None where nothing was carried out.
        seconds: How long it took; None likewise.
        executed: Whether all of it is done.
        resumed: Whether an earlier run had begun it.
        undone: Whether it was taken back.
        findings: What is worth knowing.
        error: Why it failed, as one line; empty where it did not.
    """

    name: str
    id: str
    folder: str
    plan: Plan | None = None
    files: int = 0
    bytes: int = 0
    bytes_allocated: int = 0
    room: int | None = None
    estimate: float | None = None
    digests: Mapping[str, str] = field(default_factory=dict)
    hash: str = ""
    written: int | None = None
    seconds: float | None = None
    executed: bool = False
    resumed: bool = False
    undone: bool = False
    findings: tuple[Finding, ...] = ()
    error: str = ""

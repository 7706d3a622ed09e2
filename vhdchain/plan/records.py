"""What is a plan, and what does it rely on?

A plan is made from files as they were at one moment. It says which ones, by length and modification time, so that the
executor can refuse to act on others; and what room it needs where, before anything is begun.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vhdchain.findings import Finding
    from vhdchain.plan.steps import Step
    from vhdchain.source import ByteSource


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """A file as it was when the plan was made.

    Attributes:
        path: The file, as the caller of the plan wrote it.
        size: Its length in bytes.
        mtime_ns: Its modification time in nanoseconds since 1970 (UTC); None where the source does not tell.
        identity: ``(st_dev, st_ino)``; None where the source does not tell. It is not compared after a restart.
    """

    path: str
    size: int
    mtime_ns: int | None = None
    identity: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeNeed:
    """Room that a plan needs where a folder lies.

    Attributes:
        folder: Any folder of the volume.
        peak: The most bytes beyond today's that are taken at any moment, at the most.
        lasting: How many more bytes are taken in the end; negative where room is freed.
    """

    folder: str
    peak: int
    lasting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Steps that can be printed, written down, refused or carried out.

    Attributes:
        action: What is done, in one word of the command line: ``merge``, ``flatten``, ``reparent``.
        summary: The same as a clause with names, for people.
        steps: In the order in which they are carried out.
        files: Every file that the plan reads or changes, as it was.
        needs: The room that it needs, a volume each.
        facts: What it amounts to (bytes to move, sectors), by names in snake_case.
        findings: What is worth knowing beforehand: warnings of the plan, and refusals that were overridden.
    """

    action: str
    summary: str
    steps: tuple[Step, ...]
    files: tuple[FileState, ...] = ()
    needs: tuple[VolumeNeed, ...] = ()
    facts: Mapping[str, int | str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def state_of(source: ByteSource) -> FileState:
    """Return the state of an open source, as far as it tells."""
    return FileState(
        path=source.name,
        size=source.size,
        mtime_ns=getattr(source, "mtime_ns", None),
        identity=getattr(source, "identity", None),
    )

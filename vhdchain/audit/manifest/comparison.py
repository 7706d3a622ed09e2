"""What changed in a folder since its manifest was made?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vhdchain.audit.manifest.records import Manifest, StateUse, Unread


class FileStatus(StrEnum):
    """What became of a file."""

    SAME = "same"
    CHANGED = "changed"
    MOVED = "moved"  # it has another name, and may be changed besides
    GONE = "gone"
    NEW = "new"


class FileAspect(StrEnum):
    """What of a file is not as it was."""

    SIZE = "size"
    TIME = "time"  # a copy changes it, too; alone it counts only where contents were not compared
    METADATA = "metadata"  # of an image: footers, header, locators, BAT
    CONTENT = "content"  # of an image: data of its own in the disk that it shows; of another file: any byte


class ViewOutcome(StrEnum):
    """What became of what the guest sees on a disk."""

    SAME = "same"
    CHANGED = "changed"
    LOST = "lost"  # the file is gone, and no other disk looks like it
    UNKNOWN = "unknown"


class Basis(StrEnum):
    """What an answer about a disk rests on."""

    CONTENT = "content"
    METADATA = "metadata"  # nothing that the disk is made of has another length, time or structure


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewChange:
    """What became of the guest's view of one disk.

    Attributes:
        outcome: Whether it is the same.
        basis: What says so; None where it is unknown.
        chunks: In how many chunks it differs; None where it is unknown.
        first: Where the first one begins, in bytes of the disk; None where there is none.
        sizes: The size of the disk then and now, where that changed.
        shown_by: The files that show now what this one showed then, where it does so no more.
        reason: Why it is unknown.
    """

    outcome: ViewOutcome
    basis: Basis | None = None
    chunks: int | None = None
    first: int | None = None
    sizes: tuple[int, int] | None = None
    shown_by: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """What became of one file.

    Attributes:
        path: Its path in the manifest; None of a new one.
        now: Its path now; None of one that is gone. Another letter case alone is no other name.
        is_image: Whether it is a disk.
        status: What became of it.
        aspects: What of it is not as it was.
        view: What became of the guest's view; None where it is no disk, or a new one.
        used_by: The states of machines that named the disk when the manifest was made; of a new one: that name it now.
        problem: Why it could not be read whole, then or now.
    """

    path: str | None
    now: str | None
    is_image: bool
    status: FileStatus
    aspects: tuple[FileAspect, ...] = ()
    view: ViewChange | None = None
    used_by: tuple[StateUse, ...] = ()
    problem: str | None = None

    @property
    def shown(self) -> str:
        """The name by which it is told."""
        return self.path or self.now or ""

    @property
    def is_change(self) -> bool:
        """Whether it or the guest's view of it is not as it was."""
        changed = self.view is not None and self.view.outcome is ViewOutcome.CHANGED
        return changed or self.status is not FileStatus.SAME


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ManifestComparison:
    """A folder as it is, held against its manifest.

    Attributes:
        then: The manifest.
        now: The folder as it is, in the same form.
        files: Every file of both, in the order of the names by which they are told.
        deep: Whether contents of disks were compared.
    """

    then: Manifest
    now: Manifest
    files: tuple[FileChange, ...]
    deep: bool

    @property
    def unread(self) -> tuple[Unread, ...]:
        """What could not be read now."""
        return self.now.problems

    @property
    def is_same(self) -> bool:
        """Whether nothing changed."""
        return not any(item.is_change for item in self.files)

    def exit_code(self) -> int:
        """Return 3 where something could not be read now, 1 where something changed, else 0."""
        return 3 if self.unread else 0 if self.is_same else 1

"""Who decides which files may be opened because a file says so?

A `Gate` does. The search for a parent asks it where a stored path leads and what is there; it alone knows folders, and
it refuses what lies outside of them. What stands here is the contract; `vhdchain.shell.gate` keeps it on real folders,
and a program with another store (an archive, a bucket) can keep it there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from vhdchain.image import Image
    from vhdchain.locate.paths import StoredPath
    from vhdchain.locate.records import FileKey, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A file that exists and may be opened.

    Attributes:
        key: What tells it apart from other files, whatever their names.
        path: What messages call it.
        note: What had to be bent to get there (another letter case), as one clause; empty for an exact path.
        other_volume: Whether Windows sees it on another drive or share than the child; None where nobody can say.
    """

    key: FileKey
    path: str
    note: str = ""
    other_volume: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a stored path leads to no file that may be opened.

    Attributes:
        outcome: Missing, refused, unmapped, ambiguous, access denied or unreadable.
        detail: One clause: the rule that refused and how to allow it.
        path: The local path that it would have been, where there is one.
        outside: Whether it was refused because it lies outside of the folders that the caller allowed.
    """

    outcome: Outcome
    detail: str
    path: str | None = None
    outside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """What the index of identifiers holds for one identifier.

    Attributes:
        candidates: Every file that has it, by path.
        note: Why the index may be incomplete, as one clause; empty where it is whole.
    """

    candidates: tuple[Candidate, ...]
    note: str = ""


class Gate(Protocol):
    """Leads to files by the paths that images store, and opens them, inside what the caller allowed."""

    def key(self, image: Image) -> FileKey:
        """Return what tells the file of ``image`` apart; equal to the key of a candidate for the same file."""
        ...

    def find(self, child: Image, path: StoredPath) -> Candidate | Refusal:
        """Say where ``path``, stored in ``child``, leads. Nothing is opened, and nothing outside is looked at."""
        ...

    def indexed(self, unique_id: bytes) -> Indexed:
        """Return the files inside that have the identifier ``unique_id``, each once however many names it has."""
        ...

    def open(self, candidate: Candidate) -> Image:
        """Return the scanned image of a candidate that this gate named.

        Raises:
            OSError: The operating system could not open or read it.
            VhdChainError: It is no longer what it was.
        """
        ...

    def discard(self, image: Image) -> None:
        """Take back an image that `open` returned and that is not the parent."""
        ...

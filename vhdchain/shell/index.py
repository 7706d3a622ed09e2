"""Which files below some folders have a given identifier?

The index is built when it is first asked: every file that is named like a disk has its footers read, nothing more. It
is bounded, walks without recursion, and never follows a symbolic link; a file with several names stands in it once.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from vhdchain.errors import VhdChainError
from vhdchain.image import FooterPolicy, Limits, scan_image
from vhdchain.locate import Candidate, Indexed
from vhdchain.progress import check_cancel
from vhdchain.shell.files import open_source
from vhdchain.shell.folders import MAX_ENTRIES, is_image_name, walk_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from vhdchain.locate import FileKey
    from vhdchain.progress import Cancel
    from vhdchain.shell.folders import FoundFile

    class _Root(Protocol):
        @property
        def spelling(self) -> str: ...
        @property
        def real(self) -> str: ...


MAX_INDEXED_FILES = 50_000
"""How many files have their footers read at most."""

# The footers and the header say who a disk is; its BAT and the texts of its locators do not.
_IDENTITY = Limits(max_bat_entries=0, max_locator_bytes=0)


class IdentifierIndex:
    """The files below ``roots`` by their identifiers."""

    def __init__(
        self,
        roots: Sequence[_Root],
        *,
        footer: FooterPolicy = FooterPolicy.AUTO,
        max_files: int = MAX_INDEXED_FILES,
        max_entries: int = MAX_ENTRIES,
        cancel: Cancel | None = None,
    ) -> None:
        self._roots = roots
        self._footer = footer
        self._max_files = max_files
        self._max_entries = max_entries
        self._cancel = cancel
        self._by_id: dict[bytes, list[Candidate]] | None = None
        self._places: dict[FileKey, tuple[str, ...]] = {}
        self._note = ""

    def lookup(self, unique_id: bytes) -> Indexed:
        """Return the files with this identifier, in the order of the folders and their names."""
        if self._by_id is None:
            self._by_id = self._build()
        return Indexed(candidates=tuple(self._by_id.get(unique_id, ())), note=self._note)

    def place(self, key: FileKey) -> tuple[str, ...] | None:
        """Return the names of the real path of a file that the index knows."""
        return self._places.get(key)

    def _build(self) -> dict[bytes, list[Candidate]]:
        by_id: dict[bytes, list[Candidate]] = {}
        unread = 0
        for root in self._roots:
            walk = walk_folder(
                root.real,
                shown=root.spelling,
                wanted=is_image_name,
                max_entries=self._max_entries,
                cancel=self._cancel,
            )
            if not walk.complete:
                self._note = f"the index holds the first {self._max_entries} names below {root.spelling} alone"
            for found in walk.files:
                check_cancel(self._cancel)
                if found.is_link or found.key in self._places:
                    continue
                if len(self._places) == self._max_files:
                    self._note = f"the index holds the first {self._max_files} files alone"
                    return by_id
                self._places[found.key] = PurePath(found.path).parts
                unique_id = self._identify(found)
                if unique_id is None:
                    unread += 1
                else:
                    by_id.setdefault(unique_id, []).append(Candidate(key=found.key, path=found.shown))
            unread += len(walk.unreadable)
        if unread and not self._note:
            self._note = f"the index lacks {unread} files or folders that could not be read"
        return by_id

    def _identify(self, found: FoundFile) -> bytes | None:
        try:
            source = open_source(found.path, name=found.shown, follow=False, devices=False, expected=found.key)
            try:
                return scan_image(source, footer=self._footer, limits=_IDENTITY).unique_id
            finally:
                source.close()
        except (OSError, VhdChainError):
            return None

r"""What does the host call a file whose path stands nowhere, seen from files whose paths do?

A copy that kept the host's folders has a file in the same place among the others. Every file whose path is stored says
which folder of the host each folder above it here is, as far up as the names agree. A folder that is said to be two is
none; the lowest known folder above a file counts.
"""

from __future__ import annotations

from vhdchain.audit.backup.volumes import joined
from vhdchain.hyperv.known_files import names_of
from vhdchain.locate import PathKind, collapse, fold_case, parse_path


class HostPlaces:
    """Which folder of the host each folder here is."""

    def __init__(self) -> None:
        self._folders: dict[tuple[str, ...], str | None] = {}

    def learn(self, path: str, stored: str) -> None:
        """Take in a file here, and what the host calls it."""
        parsed = parse_path(stored)
        if parsed.problem or parsed.kind not in (PathKind.DRIVE, PathKind.UNC):
            return
        here, there = names_of(path), collapse(parsed.parts)
        for length in range(1, min(len(here), len(there)) + 1):
            if here[-length] != fold_case(there[-length]):
                break
            folder = joined(parsed.anchor, *there[:-length])
            known = self._folders.setdefault(here[:-length], folder)
            if known is not None and fold_case(known) != fold_case(folder):
                self._folders[here[:-length]] = None

    def stored(self, path: str) -> str | None:
        """Return what the host calls a file here; None where nothing tells."""
        names = path.split("/")
        for length in range(1, len(names)):
            folder = names_of("/".join(names[:-length]))
            if folder in self._folders:
                found = self._folders[folder]
                return None if found is None else joined(found, *names[-length:])
        return None

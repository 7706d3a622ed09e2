"""A gate without files: it leads where the test says, and keeps a record of what was opened and given back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.image import Image, scan_image
from vhdchain.locate import Candidate, Indexed, Outcome, Refusal, StoredPath

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vhdchain.locate import FileKey
    from vhdchain.source import ByteSource

Place = Candidate | Refusal | str


class ScriptedGate:
    """Leads from stored texts to names, and from names to sources or errors; names are the keys of files."""

    def __init__(
        self,
        files: Mapping[str, ByteSource | Exception],
        places: Mapping[str, Place],
        *,
        index: Mapping[bytes, list[str]] | None = None,
        note: str = "",
    ) -> None:
        self.files = files
        self.places = places
        self.index = index or {}
        self.note = note
        self.asked: list[bytes] = []
        self.opened: list[str] = []
        self.discarded: list[str] = []

    def key(self, image: Image) -> FileKey:
        return image.name

    def find(self, child: Image, path: StoredPath) -> Candidate | Refusal:  # noqa: ARG002 - the contract has it
        if path.problem:
            return Refusal(outcome=Outcome.REFUSED, detail=path.problem)
        place = self.places.get(path.text)
        if place is None:
            return Refusal(outcome=Outcome.MISSING, detail=f"there is no {path.text}", path=path.text)
        return Candidate(key=place, path=place) if isinstance(place, str) else place

    def indexed(self, unique_id: bytes) -> Indexed:
        self.asked.append(unique_id)
        names = self.index.get(unique_id, [])
        return Indexed(candidates=tuple(Candidate(key=name, path=name) for name in names), note=self.note)

    def open(self, candidate: Candidate) -> Image:
        found = self.files[candidate.path]
        if isinstance(found, Exception):
            raise found
        self.opened.append(candidate.path)
        return scan_image(found)

    def discard(self, image: Image) -> None:
        self.discarded.append(image.name)

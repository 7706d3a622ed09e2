"""How much room does a merge need, on which volume?

While it runs: what is written over is kept beside the destination, the destination grows, disks that get another parent
are copied, and there is the journal. All of it is bounded beforehand. Volumes are told apart by the files on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.plan import VolumeNeed, state_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.image import Image
    from vhdchain.merge.destination import Change
    from vhdchain.merge.span import Span

JOURNAL_ROOM = 1 << 20
"""What the journal of a merge, and the folders' entries of the executor's files, take at the most."""


def needs_of(span: Span, change: Change, *, in_place: bool) -> Iterator[VolumeNeed]:
    """Yield what each volume needs, the destination's first."""
    growth = change.new_size - span.destination.file_size
    volumes: dict[object, tuple[str, int, int]] = {}

    def add(image: Image, peak: int, lasting: int) -> None:
        state = state_of(image.source)
        volume = None if state.identity is None else state.identity[0]
        folder, known_peak, known_lasting = volumes.get(volume, (_folder(state.path), 0, 0))
        volumes[volume] = (folder, known_peak + peak, known_lasting + lasting)

    add(span.destination, growth + change.saved_length() + JOURNAL_ROOM, growth)
    for child in span.children:
        add(child, 0 if in_place else child.file_size + JOURNAL_ROOM, 0)
    for image in span.layers:
        add(image, 0, -image.file_size)
    for folder, peak, lasting in volumes.values():
        yield VolumeNeed(folder=folder, peak=peak, lasting=lasting)


def _folder(path: str) -> str:
    head, separator, _ = path.rpartition("/")
    return head or separator or "."

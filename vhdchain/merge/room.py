"""How much room does a merge need, on which volume?

While it runs: what is written over is kept beside the destination, the destination grows, disks that get another parent
are copied, and there is the journal. All of it is bounded beforehand. Volumes are told apart by the files on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.plan import VolumeNeed, state_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.image import Image
    from vhdchain.merge.destination import Change
    from vhdchain.merge.span import Span
    from vhdchain.plan import PatchFile, ReplaceFile

_JOURNAL = 128 << 10
"""What the journal of a merge takes, without what it says of each file and patch."""

_NAMED = 16 << 10
"""What it says of a file: its longest path, a few times."""


def needs_of(
    span: Span, change: Change, reparented: Sequence[PatchFile | ReplaceFile | None], *, in_place: bool
) -> Iterator[VolumeNeed]:
    """Yield what each volume needs, the destination's first.

    Args:
        span: What is merged.
        change: What becomes of the destination.
        reparented: How each child of the span gets its new parent; None where nothing changes in it.
        in_place: Whether that is done without copies.
    """
    growth = change.new_size - span.destination.file_size
    volumes: dict[object, tuple[str, int, int]] = {}

    def add(image: Image, peak: int, lasting: int) -> None:
        state = state_of(image.source)
        volume = None if state.identity is None else state.identity[0]
        folder, known_peak, known_lasting = volumes.get(volume, (_folder(state.path), 0, 0))
        volumes[volume] = (folder, known_peak + peak, known_lasting + lasting)

    journal = _JOURNAL + _NAMED * (len(span.images) + len(span.children)) + sum(map(_written_down, reparented))
    add(span.destination, growth + change.saved_length() + journal, growth)
    for child, step in zip(span.children, reparented, strict=True):
        if step is not None:
            after = child.file_size if step.size is None else step.size
            longer = after - child.file_size
            add(child, longer if in_place else after, longer)
    for image in span.layers:
        add(image, 0, -image.file_size)
    for folder, peak, lasting in volumes.values():
        yield VolumeNeed(folder=folder, peak=peak, lasting=lasting)


def _written_down(step: PatchFile | ReplaceFile | None) -> int:
    """Return how long a step is in the journal, where bytes are hexadecimal, in a few words for each patch."""
    patches = () if step is None else step.patches
    return sum(512 + 2 * (len(patch.old) + len(patch.new)) for patch in patches)


def _folder(path: str) -> str:
    head, separator, _ = path.rpartition("/")
    return head or separator or "."

"""Is what a reader gave the disk, and where it is not, what did it show instead?

The answer is compared with what the builder expects, piece by piece. The first sector that differs is looked up in the
chain's files: zeros, the same sector of a file above or below the right one, or something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from vhdchain.testing.conformance.case import Right
from vhdchain.testing.expected import ZERO
from vhdchain.units import SECTOR_SIZE, bytes_to_sectors, sectors_to_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.testing.conformance.case import BuiltChain
    from vhdchain.testing.conformance.command import Answer
    from vhdchain.testing.images import BuiltImage

_CHUNK = 1 << 20


class Verdict(StrEnum):
    """What became of one case."""

    RIGHT = "right"
    WRONG = "wrong"
    REFUSED = "refused"
    CRASHED = "crashed"
    TIMED_OUT = "timed out"


class Shown(StrEnum):
    """What a reader showed in the first sector that is wrong.

    `CHILD` and `PARENT` are the same sector as it lies in a file of the chain above or below the one that supplies it,
    whatever that file's bits say of it. `NOTHING`: the answer ends there. `MORE`: it goes on behind the disk's end.
    """

    ZEROS = "zeros"
    CHILD = "child"
    PARENT = "parent"
    JUNK = "junk"
    NOTHING = "nothing"
    MORE = "more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What became of one case.

    Attributes:
        sector: The first wrong sector of the disk; None where none is.
        shown: What the reader showed there.
        said: The last line that it wrote to standard error; what came of its process where it wrote none.
    """

    verdict: Verdict
    sector: int | None = None
    shown: Shown | None = None
    said: str = ""


def judge(answer: Answer, built: BuiltChain, right: Right) -> Judgement:
    """Say what ``answer`` is worth for a chain of which ``right`` was to come.

    A refusal counts as such whatever was printed before it: whoever looks at exit codes is warned. Where a refusal was
    right, bytes are wrong from the first sector on that the files do not tell.
    """
    if answer.timed_out:
        return Judgement(verdict=Verdict.TIMED_OUT, said=answer.said)
    if answer.crashed:
        return Judgement(verdict=Verdict.CRASHED, said=answer.said)
    if answer.refused:
        verdict = Verdict.RIGHT if right is Right.REFUSAL else Verdict.REFUSED
        return Judgement(verdict=verdict, said=answer.said)
    difference = first_difference(answer.output, built)
    if difference is None:
        # A refusal was right, and the bytes are what was there before the files were damaged: they were guessed.
        verdict = Verdict.RIGHT if right is Right.BYTES else Verdict.WRONG
        return Judgement(verdict=verdict, said=answer.said)
    return Judgement(verdict=Verdict.WRONG, sector=difference[0], shown=difference[1], said=answer.said)


def first_difference(output: Path, built: BuiltChain) -> tuple[int, Shown] | None:
    """Return the first sector in which the bytes of a file are not the disk, and what they show there."""
    expected = built.tree.expected(built.leaf)
    with output.open("rb") as file:
        for offset in range(0, expected.size, _CHUNK):
            wanted, got = expected.read(offset, _CHUNK), file.read(_CHUNK)
            if wanted == got:
                continue
            start = _first_wrong_sector(wanted, got)
            sector = bytes_to_sectors(offset + start)
            if start + SECTOR_SIZE > len(got):
                return sector, Shown.NOTHING
            return sector, _shown(built, sector, got[start : start + SECTOR_SIZE])
        return (bytes_to_sectors(expected.size), Shown.MORE) if file.read(1) else None


def _first_wrong_sector(wanted: bytes, got: bytes) -> int:
    """Return the offset of the first sector in which two pieces differ; the second may be shorter."""
    sectors = range(0, len(wanted), SECTOR_SIZE)
    return next(start for start in sectors if wanted[start : start + SECTOR_SIZE] != got[start : start + SECTOR_SIZE])


def _shown(built: BuiltChain, sector: int, got: bytes) -> Shown:
    if not any(got):
        return Shown.ZEROS
    right, stack = _supplier(built, sector), built.leaf.stack
    for layer in reversed(range(len(stack))):
        if layer != right and _stored(built, stack[layer], sector) == got:
            if right == ZERO:  # no file supplies it: what the leaf itself shows is nobody's
                return Shown.JUNK if layer == len(stack) - 1 else Shown.PARENT
            return Shown.CHILD if layer > right else Shown.PARENT
    return Shown.JUNK


def _supplier(built: BuiltChain, sector: int) -> int:
    offset = sectors_to_bytes(sector)
    extents = built.tree.expected_map(built.leaf)
    return next(extent.layer for extent in extents if extent.start <= offset < extent.start + extent.length)


def _stored(built: BuiltChain, image: BuiltImage, sector: int) -> bytes | None:
    """Return the bytes of a sector as they lie in a file, whatever its bit; None where the file has no room for it."""
    offset, file = sectors_to_bytes(sector), built.tree.file(image)
    if not image.is_sparse:
        return file.content.read(offset, SECTOR_SIZE) if offset < image.size else None
    block, within = divmod(offset, image.block_size)
    if block not in file.bitmaps:
        return None
    return file.content.read(file.data_offset(block, image.block_size) + within, SECTOR_SIZE)

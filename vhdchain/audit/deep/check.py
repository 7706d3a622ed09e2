"""What do the bitmaps, the data and the gaps of one image show?

Every block that the BAT leads to is read once, bitmap and data, then what lies between the blocks. Memory stays bounded
whatever the image's size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.deep.batmap import BatmapCheck
from vhdchain.audit.deep.bitmaps import BitmapCheck
from vhdchain.audit.deep.blocks import Blocks
from vhdchain.audit.deep.containment import Containment
from vhdchain.audit.deep.data import DataCheck
from vhdchain.audit.deep.gaps import free_ranges, read_windows
from vhdchain.audit.deep.ghosts import GhostSearch
from vhdchain.audit.deep.lost import LostBlocks
from vhdchain.audit.deep.parent import ParentData
from vhdchain.audit.deep.reading import read_groups
from vhdchain.findings import Finding, Location, Severity, finding, worst_first
from vhdchain.image import check_image
from vhdchain.structures.layout import Layout, layout_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from vhdchain.chain import Chain
    from vhdchain.image import Image
    from vhdchain.progress import Cancel, Progress

_NOTHING_TO_FOLLOW = frozenset(
    {
        "VHD002",  # the header is none
        "VHD004",  # two states of the file are mixed
        "VHD005",  # the BAT, or a block, is larger than is taken in
        "VHD101",
        "VHD103",
        "VHD114",  # neither a fixed disk nor one with a BAT
        "VHD116",
        "VHD119",  # there is no header
        "VHD127",  # there is no disk
        "VHD201",
        "VHD207",
        "VHD208",  # what stands in the BAT's place is something else
        "VHD210",
        "VHD213",  # no sector's place can be computed
    }
)
"""Codes of errors after which no entry of the BAT can be followed. Other damage concerns single blocks."""


def unfollowed(findings: Collection[Finding]) -> tuple[str, ...]:
    """Return the codes among ``findings``, those of one image by itself, for which its blocks cannot be looked at."""
    codes = {item.code for item in findings if item.severity is Severity.ERROR or item.code == "VHD002"}
    return tuple(sorted(codes & _NOTHING_TO_FOLLOW))


def skipped_check(image: Image, codes: Collection[str]) -> Finding:
    """Return the finding that says that an image's blocks were not looked at, because of ``codes``."""
    message = f"its bitmaps and data were not read: where they lie is not certain ({', '.join(codes)})"
    return finding("VHD002", Location(path=image.name), message)


def check_deep(
    image: Image,
    *,
    parent: Chain | None = None,
    parent_modified: int | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> tuple[Finding, ...]:
    """Return what the bitmaps, data and gaps of ``image`` show, worst first; nothing for fixed and raw images.

    Args:
        image: What a scan recorded; its source is read.
        parent: The complete chain below a differencing image, to find sectors that are kept twice.
        parent_modified: When the parent's file was modified, in seconds since 2000; None where nobody knows.
        progress: Called with the bytes that were read, and how many there are.
        cancel: Asked before every piece.

    Raises:
        ChainError: ``parent`` has more layers than can be mapped.
        CancelledError: ``cancel`` asked to stop.
    """
    codes = unfollowed(check_image(image))
    if codes:
        return (skipped_check(image, codes),)
    total, done = deep_length(image), 0

    def told(count: int) -> None:
        nonlocal done
        done += count
        if progress is not None:
            progress(done, total)

    checked = read_and_check(image, parent=parent, parent_modified=parent_modified, told=told, cancel=cancel)
    return worst_first(checked)


def deep_length(image: Image) -> int:
    """Return how many bytes of ``image`` a deep check reads at most."""
    blocks = Blocks.of(image)
    if blocks is None:
        return 0
    gaps = sum(end - begin for begin, end in free_ranges(layout_of(blocks.file)))
    return gaps if blocks.overlap_too_much else gaps + blocks.stored_bytes()


def read_and_check(
    image: Image,
    *,
    parent: Chain | None,
    parent_modified: int | None,
    told: Callable[[int], None],
    cancel: Cancel | None,
) -> Iterator[Finding]:
    """Yield what `check_deep` returns, of an image whose blocks can be followed; ``told`` gets the bytes read."""
    blocks = Blocks.of(image)
    if blocks is None:
        return
    if blocks.overlap_too_much:
        message = "its bitmaps and data were not read: blocks overlap so much that they take several times the file"
        yield finding("VHD002", Location(path=image.name), message)
    else:
        yield from _check_blocks(blocks, parent, parent_modified, told, cancel)
    yield from _check_gaps(image, layout_of(blocks.file), told, cancel)


def _check_blocks(
    blocks: Blocks,
    parent: Chain | None,
    parent_modified: int | None,
    told: Callable[[int], None],
    cancel: Cancel | None,
) -> Iterator[Finding]:
    below = None if parent is None or not blocks.image.is_differencing else ParentData(parent)
    checks = (BitmapCheck(blocks), DataCheck(blocks), BatmapCheck(blocks))
    contained = None
    if below is not None:
        contained = Containment(blocks, parent=below.name, parent_modified=parent_modified)
    for group in read_groups(blocks, parent=below, told=told, cancel=cancel):
        for check in checks:
            check.add(group)
        if contained is not None:
            contained.add(group)
    for check in checks:
        yield from check.findings()
    if contained is not None and below is not None:
        yield from contained.findings(compared=below.failure is None)
    if below is not None and below.failure is not None:
        message = f"its sectors were not all compared with the parent's: {below.failure}"
        yield finding("VHD002", Location(path=blocks.image.name), message)


def _check_gaps(image: Image, layout: Layout, told: Callable[[int], None], cancel: Cancel | None) -> Iterator[Finding]:
    ghosts, lost = GhostSearch(image), LostBlocks(image, layout)
    for gap in free_ranges(layout):
        for window in read_windows(image.source, gap, layout.file.stored_length, told=told, cancel=cancel):
            ghosts.add(window)
            lost.add(window)
    yield from ghosts.findings()
    yield from lost.findings()

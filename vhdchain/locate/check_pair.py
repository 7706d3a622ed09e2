"""What do a child and the parent that was found for it say of each other?

Sizes, geometry, blocks, times, states, names and writers of two images that are linked already. Times are compared with
care: programs store local time or UTC, FAT keeps every second second, and whoever copies a file may change when it was
modified; so a difference is a note, unless no time zone explains that a parent is younger than its child.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.escape import printable
from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.locate.paths import fold_case
from vhdchain.structures.footer import LOCAL_TIME_TOLERANCE, from_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.image import Image
    from vhdchain.structures import Footer

# Creator versions of Windows Server 2008 and 2008 R2 (6.0 and 6.1).
_HOSTS_OF_2008 = (0x00060000, 0x00060001)

_ZONE_STEP = 15 * 60  # offsets from UTC are whole quarters of an hour
_FAT_STEP = 2

_SAVED = 1


def check_pair(child: Image, parent: Image, *, modified: int | None = None) -> tuple[Finding, ...]:
    """Return what does not fit between two images: VHD606-614, 616, 618, 625, 626.

    Args:
        child: A differencing image that has a dynamic header.
        parent: Its parent.
        modified: When the parent's file was modified, in seconds since 2000 (UTC); None where that is not known.
    """
    own, below = child.footer, None if parent.raw else parent.footer
    if own is None or child.header is None:
        return ()
    return (
        *_sizes(child, parent),
        *(_structures(child, parent, own, below) if below is not None else ()),
        *_times(child, parent, own.time_stamp, modified),
        *_names(child, parent),
    )


def _link(child: Image, field: str | None = None) -> Location:
    return Location(path=child.name, structure="link", field=field)


# --------------------------------------------------------------------------------------------------- sizes and layout


def _sizes(child: Image, parent: Image) -> Iterator[Finding]:
    # A raw parent is a file of any length, and what lies behind its end reads as zero.
    size = child.virtual_size
    if parent.raw or size == parent.virtual_size:
        return
    if parent.footer is not None and size == parent.footer.original_size < parent.virtual_size:
        yield _expanded(child, parent)
        return
    smaller = size < parent.virtual_size
    message = f"the disk has {size} bytes, its parent {parent.virtual_size}: " + (
        "what lies behind is cut off" if smaller else "what lies behind the parent's end reads as zeros"
    )
    severity = Severity.WARNING
    if smaller and _is_of_2008(child):
        severity = Severity.ERROR
        message += "; a host of 2008 or 2008 R2, which wrote it, refuses such a chain"
    yield finding(
        "VHD610" if smaller else "VHD611",
        _link(child, "current_size"),
        message,
        expected=parent.virtual_size,
        found=size,
        related=(parent.name,),
        severity=severity,
    )


def _expanded(child: Image, parent: Image) -> Finding:
    message = (
        f"the parent was expanded from {child.virtual_size} to {parent.virtual_size} bytes under this child, which "
        "still has the old size; as long as nothing was written to the parent since, setting its size back mends it"
    )
    place = _link(child, "current_size")
    size = child.virtual_size
    return finding("VHD612", place, message, expected=parent.virtual_size, found=size, related=(parent.name,))


def _is_of_2008(image: Image) -> bool:
    footer = image.footer
    return footer is not None and footer.creator_application == b"win " and footer.creator_version in _HOSTS_OF_2008


def _structures(child: Image, parent: Image, own: Footer, below: Footer) -> Iterator[Finding]:
    related = (parent.name,)
    if parent.is_sparse and parent.header is not None and child.block_size != parent.block_size:
        message = f"the blocks have {child.block_size} bytes, those of the parent {parent.block_size}"
        place = _link(child, "block_size")
        yield finding("VHD613", place, message, expected=parent.block_size, found=child.block_size, related=related)
    # The geometry follows the size, and a size that differs is told already.
    if own.geometry != below.geometry and own.current_size == below.current_size:
        message = f"the geometry is {own.geometry}, that of the parent {below.geometry}, though the sizes are equal"
        place = _link(child, "geometry")
        yield finding("VHD614", place, message, expected=str(below.geometry), found=str(own.geometry), related=related)
    if below.saved_state == _SAVED:
        message = "the parent belongs to a machine in saved state, yet another disk builds on it"
        yield finding("VHD616", _link(child, "saved_state"), message, expected=0, found=_SAVED, related=related)
    if own.creator_application != below.creator_application:
        mine, its = _creator(own), _creator(below)
        message = f"this disk was written by '{mine}', its parent by '{its}'"
        yield finding("VHD626", _link(child, "creator_application"), message, expected=its, found=mine, related=related)


def _creator(footer: Footer) -> str:
    return printable(footer.creator_application.decode("latin-1").rstrip("\0 "))


def _names(child: Image, parent: Image) -> Iterator[Finding]:
    name = child.name.rpartition("/")[2]
    if fold_case(name) == fold_case(parent.name.rpartition("/")[2]):
        message = (
            "the disk and its parent have the same name in different folders: a reader that looks for the name beside "
            "the child takes the child for its own parent"
        )
        yield finding("VHD618", _link(child), message, found=name, related=(parent.name,))


# -------------------------------------------------------------------------------------------------------------- times


def _times(child: Image, parent: Image, born: int, modified: int | None) -> Iterator[Finding]:
    """Yield what the times say; all are seconds since 2000, and 0 is a clock or a field that was not set."""
    stored = child.header.record.parent_time_stamp if child.header is not None else 0
    made = parent.footer.time_stamp if parent.footer is not None and not parent.raw else 0
    if born and made > born + _FAT_STEP:
        yield _younger_parent(child, parent, born, made)
    if modified is None:
        return
    if born and modified > born + LOCAL_TIME_TOLERANCE + _FAT_STEP:
        message = (
            f"the parent's file was modified at {_moment(modified)}, after this disk was made at {_moment(born)}: it "
            "was written to since, which changes this disk, or merely copied"
        )
        yield finding("VHD608", _link(child), message, expected=born, found=modified, related=(parent.name,))
    elif stored and not _may_be_same(stored, modified):
        yield _other_time(child, parent, stored, modified, is_footer_time=stored == made)


def _younger_parent(child: Image, parent: Image, born: int, made: int) -> Finding:
    message = f"the parent was made at {_moment(made)}, this disk at {_moment(born)}"
    place = _link(child, "time_stamp")
    if made > born + LOCAL_TIME_TOLERANCE + _FAT_STEP:
        message += ": it is younger than its child, so it cannot be the file that the child was made on"
        return finding("VHD625", place, message, expected=born, found=made, related=(parent.name,))
    message += ": it seems younger than its child, unless the two clocks or time zones differed"
    return finding("VHD609", place, message, expected=born, found=made, related=(parent.name,))


def _other_time(child: Image, parent: Image, stored: int, modified: int, *, is_footer_time: bool) -> Finding:
    place, related = _link(child, "parent_time_stamp"), (parent.name,)
    if is_footer_time:
        message = (
            f"the time that the child stores for its parent, {_moment(stored)}, is the one in the parent's footer, and "
            f"not that of its file, {_moment(modified)}"
        )
        return finding("VHD607", place, message, expected=modified, found=stored, related=related)
    message = (
        f"the child stores {_moment(stored)} as the time of its parent, whose file was modified at "
        f"{_moment(modified)}: it was written to, restored or copied"
    )
    return finding("VHD606", place, message, expected=modified, found=stored, related=related)


def _may_be_same(stored: int, modified: int) -> bool:
    """Say whether two times may be one, told in two time zones or rounded by a file system."""
    apart = abs(stored - modified)
    return apart <= LOCAL_TIME_TOLERANCE + _FAT_STEP and (apart + _FAT_STEP) % _ZONE_STEP <= 2 * _FAT_STEP


def _moment(seconds: int) -> str:
    try:
        return f"{from_timestamp(seconds):%Y-%m-%d %H:%M:%S}"
    except OverflowError:  # file systems keep years that a calendar of four digits does not have
        return f"{seconds} s after 2000"

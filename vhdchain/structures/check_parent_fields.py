"""What does the header of a differencing disk say of its parent, and can that be?

Identifier, name and time stamp, by themselves: whether a file of that name exists and fits is judged where parents are
looked for, and what the name means as a path as well. Times are compared with a tolerance, because early writers
stored local time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.structures.dynamic_header import PARENT_NAME_LENGTH
from vhdchain.structures.footer import LOCAL_TIME_TOLERANCE, NULL_ID, DiskType, from_timestamp
from vhdchain.structures.identifiers import id_text
from vhdchain.structures.text import decode_utf16

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.structures.check_header import HeaderOfFile
    from vhdchain.structures.footer import Footer

_NAME = "parent_unicode_name_raw"
_UNITS = PARENT_NAME_LENGTH // 2
# XenServer builds chains on raw disks, which have no identifier: its writers then store a null one.
_RAW_PARENT_WRITERS = (b"tap\0", b"CTXS")


def check_parent_fields(file: HeaderOfFile) -> Iterator[Finding]:
    """Yield what is wrong with what a differencing disk says of its parent; nothing for other disks."""
    footer = file.footer
    if footer is None or footer.disk_type is not DiskType.DIFFERENCING:
        return
    yield from _check_identifier(file, footer)
    yield from _check_name(file)
    if file.header.record.parent_time_stamp:
        yield from _check_time(file, footer, file.header.record.parent_time_stamp)


def _check_identifier(file: HeaderOfFile, footer: Footer) -> Iterator[Finding]:
    wanted = file.header.record.parent_unique_id
    if wanted == NULL_ID:
        severity, message = None, "the parent's identifier is null, so nothing tells the right parent from another file"
        if footer.creator_application in _RAW_PARENT_WRITERS:
            severity, message = Severity.NOTE, "the parent's identifier is null: XenServer's sign of a raw parent"
        yield finding("VHD219", file.at("parent_unique_id"), message, found=id_text(wanted), severity=severity)
    elif wanted == footer.unique_id:
        message = "the parent's identifier is the disk's own, so a copy of the disk would pass for its parent"
        yield finding("VHD220", file.at("parent_unique_id"), message, found=id_text(wanted))


def _check_name(file: HeaderOfFile) -> Iterator[Finding]:
    raw = file.header.record.parent_unicode_name_raw
    length = _length(raw)
    if not length:
        yield finding("VHD221", file.at(_NAME), "the header gives the parent no name")
    elif not _is_ascii(raw[: 2 * length]):
        name, encoding = decode_utf16(raw, expected="utf-16-be")
        if name is None:
            yield _undecodable(file, raw[: 2 * length])
        elif encoding == "utf-16-le":
            message = "the parent's name is stored in the wrong byte order"
            yield finding("VHD224", file.at(_NAME), message, expected="utf-16-be", found=encoding)
    if length == _UNITS:
        message = f"the parent's name takes all {_UNITS} UTF-16 units, so that no NUL ends it"
        yield finding("VHD222", file.at(_NAME), message, found=_UNITS)


def _is_ascii(name: bytes) -> bool:
    """Say whether a name is ASCII in the right byte order, as most are: then it need not be decoded."""
    return not name[::2].strip(b"\0") and name[1::2].isascii()


def _length(raw: bytes) -> int:
    """Return how many UTF-16 units stand before the first NUL; what stands behind it is leftover memory."""
    units = memoryview(raw).cast("H").tolist()
    return units.index(0) if 0 in units else len(units)


def _undecodable(file: HeaderOfFile, raw: bytes) -> Finding:
    begin, first, unit = file.at(_NAME), 0, 0
    try:
        raw.decode("utf-16-be")
    except UnicodeDecodeError as error:
        first, unit = error.start, int.from_bytes(raw[error.start : error.start + 2], "big")
    assert begin.offset is not None
    place = Location(path=file.path, structure=begin.structure, field=begin.field, offset=begin.offset + first)
    message = f"the parent's name cannot be decoded: unit {first // 2} is half of a surrogate pair without the other"
    return finding("VHD223", place, message, found=f"0x{unit:04X}")


def _check_time(file: HeaderOfFile, footer: Footer, stamp: int) -> Iterator[Finding]:
    own = footer.time_stamp
    if file.now is not None and stamp > file.now + LOCAL_TIME_TOLERANCE:
        message = f"the parent was last modified on {_day(stamp)}, by this header, and that is in the future"
        yield finding(
            "VHD229", file.at("parent_time_stamp"), message, expected=f"at most {_day(file.now)}", found=_day(stamp)
        )
    # Zero is an unset clock. What lies in the future is told as that; that it is later than the disk says no more.
    elif own and stamp > own + LOCAL_TIME_TOLERANCE:
        message = f"the parent was modified on {_day(stamp)}, after this disk was made on {_day(own)}"
        yield finding(
            "VHD230", file.at("parent_time_stamp"), message, expected=f"at most {_day(own)}", found=_day(stamp)
        )


def _day(seconds: int) -> str:
    return f"{from_timestamp(seconds):%Y-%m-%d %H:%M} UTC"

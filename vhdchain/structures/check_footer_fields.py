"""Does the footer that counts describe a disk, with values that the specification and known writers put there?

Each field is judged by itself and with the few others that give it its meaning. What only says who wrote the file, or
how long ago, is a note: healthy files have such facts. Geometry, identity, saved state and reserved bytes are judged
elsewhere.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Severity, finding
from vhdchain.structures.dynamic_header import HEADER_LENGTH
from vhdchain.structures.footer import (
    FEATURE_RESERVED,
    FEATURE_TEMPORARY,
    LOCAL_TIME_TOLERANCE,
    NO_DATA_OFFSET,
    DiskType,
    Footer,
    from_timestamp,
    to_timestamp,
)
from vhdchain.structures.writers import WRITERS, writer_version
from vhdchain.units import SECTOR_SIZE, is_sector_aligned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.structures.footers_of_file import FootersOfFile

_FEATURE_SEEN = 0x100
_KNOWN_FEATURES = FEATURE_TEMPORARY | FEATURE_RESERVED
# The specification's text gives the value of `data_offset` with half of its digits, and some follow it to the letter.
_NO_DATA_OFFSET_TO_THE_LETTER = 0xFFFFFFFF
_FIRST_PLAUSIBLE = to_timestamp(datetime(2003, 1, 1, tzinfo=UTC))
_TAP = b"tap\0"
_TAP_NEWEST = 0x00010003
_TAP_OTHER_BITS = 0x00000001
_HOSTS = (b"Wi2k", b"Mac ")


def check_footer_fields(file: FootersOfFile, footer: Footer) -> Iterator[Finding]:
    """Yield what is wrong with the fields of ``footer``, the one of ``file`` that counts."""
    yield from _check_kind(file, footer)
    yield from _check_features(file, footer)
    yield from _check_size(file, footer)
    if footer.disk_type in (DiskType.DYNAMIC, DiskType.DIFFERENCING):
        yield from _check_header_offset(file, footer)
    elif footer.disk_type is DiskType.FIXED and footer.data_offset != NO_DATA_OFFSET:
        yield _header_of_fixed(file, footer)
    yield from _check_time(file, footer)
    yield from _check_creator(file, footer)


def _check_kind(file: FootersOfFile, footer: Footer) -> Iterator[Finding]:
    major, minor = footer.file_format_version >> 16, footer.file_format_version & 0xFFFF
    if major != 1:
        place = file.at(file.structure, "file_format_version")
        message = f"the format's version is {major}, and only 1 exists"
        yield finding("VHD109", place, message, expected=1, found=major)
    elif minor:
        place = file.at(file.structure, "file_format_version")
        message = f"the format's version is 1.{minor}, and only 1.0 is described"
        yield finding("VHD110", place, message, expected=0, found=minor)
    if footer.disk_type is None:
        place = file.at(file.structure, "disk_type")
        message = f"disk type {footer.disk_type_raw}{_type_name(footer.disk_type_raw)} is none that exists"
        yield finding("VHD114", place, message, expected="2, 3 or 4", found=footer.disk_type_raw)


def _type_name(number: int) -> str:
    names = {0: " (none)", 1: " (reserved)", 5: " (reserved)", 6: " (reserved)"}
    return names.get(number, "")


def _check_features(file: FootersOfFile, footer: Footer) -> Iterator[Finding]:
    features = footer.features
    if features == FEATURE_RESERVED:
        return
    place, shown = file.at(file.structure, "features"), f"0x{features:08X}"
    if not features & FEATURE_RESERVED:
        message = "the feature bit 0x2, which is always set, is not, as in files of old Virtual PC versions for Mac"
        yield finding("VHD111", place, message, expected=f"0x{features | FEATURE_RESERVED:08X}", found=shown)
    unknown = features & ~_KNOWN_FEATURES
    if unknown:
        known = unknown == _FEATURE_SEEN
        message = f"the feature bits 0x{unknown:X} have no meaning in the specification"
        message += "; this one is seen in healthy files" if known else ""
        severity = Severity.NOTE if known else None
        expected = f"0x{features & _KNOWN_FEATURES:08X}"
        yield finding("VHD112", place, message, expected=expected, found=shown, severity=severity)
    if features & FEATURE_TEMPORARY:
        message = "the disk is marked as temporary: software may delete it when its machine is shut down"
        yield finding("VHD113", place, message, expected=f"0x{features & ~FEATURE_TEMPORARY:08X}", found=shown)


def _check_size(file: FootersOfFile, footer: Footer) -> Iterator[Finding]:
    if footer.current_size == 0:
        yield finding("VHD127", file.at(file.structure, "current_size"), "the disk's size is zero", found=0)
    elif not is_sector_aligned(footer.current_size):
        message = f"the disk's size, {footer.current_size} bytes, is not a whole number of sectors"
        yield finding("VHD128", file.at(file.structure, "current_size"), message, found=footer.current_size)
    elif footer.original_size != footer.current_size:
        yield _resized(file, footer)


def _resized(file: FootersOfFile, footer: Footer) -> Finding:
    """Return what is told of a disk whose original and current size differ; the second is its size."""
    original, current = footer.original_size, footer.current_size
    place = file.at(file.structure, "original_size")
    if original > current:
        message = f"the disk was made with {original} bytes and has {current}: what lay behind is gone"
        return finding("VHD126", place, message, expected=current, found=original)
    message = f"the disk was made with {original} bytes and has {current}: it was expanded"
    severity = None
    if footer.disk_type is DiskType.DIFFERENCING:
        message += "; in a differencing disk this breaks the chain unless its parent has the same size"
        severity = Severity.WARNING
    elif file.children:
        # Expanded before its first snapshot, it is healthy; whether its children fit is told by VHD612.
        message += f"; the disks that build on it ({file.children}) must have the same size"
    return finding("VHD125", place, message, expected=current, found=original, severity=severity)


def _check_header_offset(file: FootersOfFile, footer: Footer) -> Iterator[Finding]:
    offset = footer.data_offset
    if offset == SECTOR_SIZE and offset + HEADER_LENGTH <= file.data_end:
        return
    place = file.at(file.structure, "data_offset")
    if offset in (0, NO_DATA_OFFSET):
        shown = "zero" if offset == 0 else "all ones, as in fixed disks"
        message = f"a {footer.disk_type} disk names no place for its dynamic header: it is {shown}"
        yield finding("VHD116", place, message, found=offset)
    elif offset + HEADER_LENGTH > file.data_end:
        message = f"the dynamic header would end at {offset + HEADER_LENGTH}, behind the end of the data"
        yield finding("VHD119", place, message, expected=file.data_end - HEADER_LENGTH, found=offset)
    elif not is_sector_aligned(offset):
        message = f"the dynamic header lies at {offset}, not at the beginning of a sector"
        yield finding("VHD117", place, message, expected=SECTOR_SIZE, found=offset)
    else:
        message = f"the dynamic header lies at {offset}, not at {SECTOR_SIZE} right behind the footer copy"
        yield finding("VHD118", place, message, expected=SECTOR_SIZE, found=offset)


def _header_of_fixed(file: FootersOfFile, footer: Footer) -> Finding:
    literal = footer.data_offset == _NO_DATA_OFFSET_TO_THE_LETTER
    message = f"a fixed disk has no dynamic header, but its footer names a place for one: 0x{footer.data_offset:X}"
    if literal:
        message = "the data_offset of this fixed disk is 0xFFFFFFFF, as the specification's text says, not 64 ones"
    return finding(
        "VHD115",
        file.at(file.structure, "data_offset"),
        message,
        expected=f"0x{NO_DATA_OFFSET:X}",
        found=f"0x{footer.data_offset:X}",
        severity=Severity.NOTE if literal else None,
    )


def _check_time(file: FootersOfFile, footer: Footer) -> Iterator[Finding]:
    time = footer.time_stamp
    if time < _FIRST_PLAUSIBLE:
        shown = f"{from_timestamp(time):%Y-%m-%d}, before there were programs that write VHDs"
        message = f"the time of the disk's creation is {'not set' if time == 0 else shown}"
        yield finding("VHD121", file.at(file.structure, "time_stamp"), message, found=time)
    elif file.now is not None and time > file.now + LOCAL_TIME_TOLERANCE:
        message = f"the disk was created on {from_timestamp(time):%Y-%m-%d at %H:%M:%S} UTC, which is in the future"
        yield finding("VHD120", file.at(file.structure, "time_stamp"), message, expected=file.now, found=time)


def _check_creator(file: FootersOfFile, footer: Footer) -> Iterator[Finding]:
    application, host = footer.creator_application, footer.creator_host_os
    if application not in WRITERS:
        message = f"the program that wrote the file, {_code(application)}, is none that is known"
        place = file.at(file.structure, "creator_application")
        yield finding("VHD122", place, message, found=_code(application))
    elif application == _TAP:
        yield from _check_tap(file, footer)
    if host not in _HOSTS:
        shown = "not set, as blktap leaves it" if host == bytes(4) else f"{_code(host)}, neither Windows nor Mac"
        message = f"the operating system of the writer is {shown}"
        place = file.at(file.structure, "creator_host_os")
        yield finding("VHD124", place, message, expected="Wi2k or Mac", found=_code(host))


def _check_tap(file: FootersOfFile, footer: Footer) -> Iterator[Finding]:
    version, place = footer.creator_version, file.at(file.structure, "creator_version")
    if version == _TAP_OTHER_BITS:
        message = "blktap 0.1 stored the bits of sector bitmaps in another order: what is read may be wrong"
        yield finding("VHD123", place, message, found=writer_version(footer), severity=Severity.ERROR)
    elif version > _TAP_NEWEST:
        message = f"blktap {writer_version(footer)} is newer than 1.3, the last version that is known"
        yield finding("VHD123", place, message, expected="1.3", found=writer_version(footer))


def _code(code: bytes) -> str:
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}" for byte in code)

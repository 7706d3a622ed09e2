"""Is there a footer, is it intact, and does it end the file that it describes?

Pure judgements on the two footers of one file, as findings. Which footer counts is decided where the file is scanned;
here it is only known. The checks of the copy and of the fields stand in modules of their own and are called from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.structures.check_footer_copy import check_copy, difference_from, hidden_left_out
from vhdchain.structures.check_footer_fields import check_footer_fields
from vhdchain.structures.footer import (
    SHORT_FOOTER_LENGTH,
    ChecksumFit,
    DiskType,
    Footer,
    checksum_fit,
    footer_checksum,
)
from vhdchain.structures.footers_of_file import FOOTER, FootersOfFile
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.structures.stored import Stored

__all__ = ["FootersOfFile", "check_footers"]


def check_footers(file: FootersOfFile) -> Iterator[Finding]:
    """Yield what is wrong with the footers of a file."""
    counting = file.counting
    if counting is None:
        yield _no_footer(file)
        return
    if file.end is None:
        yield _end_missing(file)
    else:
        yield from _check_end_checksum(file, file.end)
    yield from check_copy(file)
    yield from check_footer_fields(file, counting.record)
    if counting.record.disk_type is DiskType.FIXED and not file.copy_counts:
        yield from _check_fixed_size(file, counting)


def _no_footer(file: FootersOfFile) -> Finding:
    if file.file_size == 0:
        return finding("VHD552", Location(path=file.path), "the file is empty", found=0)
    if file.file_size < SHORT_FOOTER_LENGTH:
        message = f"the file has {file.file_size} bytes, fewer than the shortest footer of {SHORT_FOOTER_LENGTH}"
        return finding("VHD101", Location(path=file.path), message, expected=SHORT_FOOTER_LENGTH, found=file.file_size)
    message = "neither the end of the file nor its beginning has a footer"
    place = Location(path=file.path, structure=FOOTER, field="cookie", offset=max(0, file.file_size - SECTOR_SIZE))
    return finding("VHD103", place, message, expected="conectix")


def _end_missing(file: FootersOfFile) -> Finding:
    place = Location(path=file.path, structure=FOOTER, field="cookie", offset=max(0, file.file_size - SECTOR_SIZE))
    message = "the end of the file has no footer, but its beginning has one"
    if file.copy is not None and file.copy.record.disk_type is DiskType.FIXED:
        message += ", of a fixed disk, which has no copy there: it may be the guest's own data"
    return finding("VHD102", place, message, expected="conectix")


def _check_end_checksum(file: FootersOfFile, end: Stored[Footer]) -> Iterator[Finding]:
    fit = checksum_fit(end)
    if fit is ChecksumFit.WITHOUT_HIDDEN:
        yield hidden_left_out(file, FOOTER)
    elif fit is ChecksumFit.NONE:
        message = "the footer's checksum does not match its bytes" + difference_from(end, file.copy)
        if file.copy_counts:
            message += "; the copy is used"
        yield finding(
            "VHD106",
            file.at(FOOTER, "checksum"),
            message,
            expected=f"0x{footer_checksum(end.raw):08X}",
            found=f"0x{end.record.checksum:08X}",
        )


def _check_fixed_size(file: FootersOfFile, stored: Stored[Footer]) -> Iterator[Finding]:
    size = stored.record.current_size
    if size == stored.offset:
        return
    short = stored.offset < size
    message = f"the fixed disk has {size} bytes, but the file holds {stored.offset} before its footer"
    message += ": the end of the disk is missing" if short else ": what lies between belongs to nothing"
    yield finding(
        "VHD144",
        file.at(FOOTER, "current_size"),
        message,
        expected=size + len(stored.raw),
        found=file.file_size,
        severity=None if short else Severity.WARNING,
    )

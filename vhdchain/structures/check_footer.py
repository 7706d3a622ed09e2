"""Is there a footer, is it intact, and does it end the file that it describes?

Pure judgements on the two footers of one file, as findings. Which footer counts is decided where the file is scanned;
here it is only known. The checks of the copy and of the fields stand in modules of their own and are called from here.

A checksum that fits in a known manner of some writer is told once for both footers, and neither is damaged then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.structures.check_footer_copy import Fits, check_copy, copy_is_due, fits_of
from vhdchain.structures.check_footer_fields import check_footer_fields
from vhdchain.structures.check_footer_flags import check_footer_flags
from vhdchain.structures.check_kind import check_name, other_kind, poisoned
from vhdchain.structures.footer import (
    FOOTER_LENGTH,
    SHORT_FOOTER_LENGTH,
    ChecksumFit,
    DiskType,
    Footer,
    footer_checksum,
)
from vhdchain.structures.footer_difference import difference
from vhdchain.structures.footers_of_file import FOOTER, FOOTER_COPY, FootersOfFile
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.structures.stored import Stored

__all__ = ["FootersOfFile", "check_footers"]


def check_footers(file: FootersOfFile) -> Iterator[Finding]:
    """Yield what is wrong with the footers of a file."""
    counting = file.counting
    if counting is None:
        yield other_kind(file) or _no_footer(file)
        return
    fits = fits_of(file)
    disabled = poisoned(file)
    if disabled is not None:
        yield disabled
    elif file.end is None:
        yield _end_missing(file)
    if file.end is not None:
        yield from _check_place(file, file.end)
        yield from _check_end_checksum(file, file.end, fits)
    yield from _check_manners(file, fits)
    yield from check_copy(file, fits)
    yield from check_footer_fields(file, counting.record)
    yield from check_footer_flags(file, counting.record, fits.copy if file.copy_counts else fits.end)
    yield from check_name(file, counting.record)
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


def _check_place(file: FootersOfFile, end: Stored[Footer]) -> Iterator[Finding]:
    length = len(end.raw)
    if length == SHORT_FOOTER_LENGTH:
        message = "the footer has 511 bytes, as programs before Virtual PC 2004 wrote it; others refuse the file"
        yield finding("VHD104", file.at(FOOTER), message, expected=FOOTER_LENGTH, found=length)
    behind = file.file_size - end.offset - length
    if behind > 0:
        message = f"{behind} bytes that belong to nothing follow the footer; all data lies before it"
        yield finding("VHD105", file.at(FOOTER), message, expected=file.file_size - length, found=end.offset)


def _check_end_checksum(file: FootersOfFile, end: Stored[Footer], fits: Fits) -> Iterator[Finding]:
    if fits.end is ChecksumFit.NONE:
        message = "the footer's checksum does not match its bytes"
        if file.copy_counts:
            message += "; the copy is used"
        names, details = difference(end, file.copy)
        yield finding(
            "VHD106",
            file.at(FOOTER, "checksum"),
            message + names,
            details=details,
            expected=f"0x{footer_checksum(end.raw):08X}",
            found=f"0x{end.record.checksum:08X}",
        )


def _check_manners(file: FootersOfFile, fits: Fits) -> Iterator[Finding]:
    footers = [(FOOTER, file.end, fits.end)]
    if copy_is_due(file, fits):
        footers.append((FOOTER_COPY, file.copy, fits.copy))
    hidden = [name for name, _, fit in footers if fit is ChecksumFit.WITHOUT_HIDDEN]
    if hidden:
        message = f"{_whose_checksum(hidden)} only when the hidden byte is counted as zero, as early blktap did"
        yield finding("VHD107", file.at(hidden[0], "checksum"), message)
    bare = [(name, stored) for name, stored, fit in footers if stored and fit is ChecksumFit.WITHOUT_RESERVED]
    if bare:
        structure, stored = bare[0]
        message = f"{_whose_checksum([name for name, _ in bare])} only when all reserved bytes are counted as zero"
        yield finding(
            "VHD108",
            file.at(structure, "checksum"),
            f"{message}; it covers every other field, so these are certain",
            expected=f"0x{footer_checksum(stored.raw):08X}",
            found=f"0x{stored.record.checksum:08X}",
        )


def _whose_checksum(structures: list[str]) -> str:
    if len(structures) == 2:
        return "the checksums of the footer and its copy match"
    return f"the {structures[0]}'s checksum matches"


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

"""Is there a footer copy where one is due, is it intact, and do the two footers agree?

Copies are compared when both are valid: where one is damaged, the damage is the finding, and the fields in which it
differs from the other are told with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.structures.footer import NULL_ID, ChecksumFit, DiskType, checksum_fit, footer_checksum
from vhdchain.structures.footer_difference import (
    difference,
    difference_details,
    differing_fields,
    listed_names,
    shown_field,
)
from vhdchain.structures.footers_of_file import FOOTER_COPY, FootersOfFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.structures.footer import Footer
    from vhdchain.structures.stored import Stored

# A difference in one of these decides how the data is read.
_DECIDING = ("disk_type", "current_size", "unique_id", "data_offset")
# A difference in one of these says that the two were written at different stages of the file's life.
_STAGES = ("unique_id", "current_size", "time_stamp")


class Fits(NamedTuple):
    """How the checksums of a file's footers fit; None for one that is not there."""

    end: ChecksumFit | None
    copy: ChecksumFit | None


def fits_of(file: FootersOfFile) -> Fits:
    """Return how the checksums of a file's footers fit."""
    end = checksum_fit(file.end) if file.end else None
    if file.copy is None:
        return Fits(end=end, copy=None)
    same = file.end is not None and file.end.raw == file.copy.raw
    return Fits(end=end, copy=end if same else checksum_fit(file.copy))


def check_copy(file: FootersOfFile, fits: Fits) -> Iterator[Finding]:
    """Yield what is wrong with the copy of a file's footer, and in what the two differ."""
    if not copy_is_due(file, fits):
        return
    if file.copy is None:
        # A disk of unknown type has its own finding; whether it should have a copy is not known.
        if file.end is not None and file.end.record.disk_type is not None:
            place = Location(path=file.path, structure=FOOTER_COPY, field="cookie", offset=0)
            message = f"a {file.end.record.disk_type} disk has no footer copy at its beginning"
            yield finding("VHD139", place, message, expected="conectix")
        return
    end_is_valid = fits.end not in (None, ChecksumFit.NONE)
    if fits.copy is ChecksumFit.NONE:
        yield _copy_checksum(file, file.copy, end_is_valid=end_is_valid)
    elif end_is_valid and file.end is not None:
        yield from _check_agreement(file, file.end, file.copy)


def copy_is_due(file: FootersOfFile, fits: Fits) -> bool:
    """Say whether offset 0 should hold a copy: in a fixed disk it is the guest's own first sector.

    Unless a valid footer of another type stands there with this disk's own identifier: then the type was changed in one
    of the two, and which one is right is not known. A VHD that the guest keeps in its first sectors has its own.
    """
    if file.copy_counts or file.end is None or file.end.record.disk_type is not DiskType.FIXED:
        return True
    copy = file.copy
    if copy is None or fits.copy is ChecksumFit.NONE or copy.record.disk_type is DiskType.FIXED:
        return False
    return copy.record.unique_id == file.end.record.unique_id != NULL_ID


def _copy_checksum(file: FootersOfFile, copy: Stored[Footer], *, end_is_valid: bool) -> Finding:
    message = "the footer copy's checksum does not match its bytes"
    if not end_is_valid:
        message += "; the end footer is not valid either, so no footer can be trusted"
    names, details = difference(copy, file.end)
    return finding(
        "VHD140",
        file.at(FOOTER_COPY, "checksum"),
        message + names,
        details=details,
        expected=f"0x{footer_checksum(copy.raw):08X}",
        found=f"0x{copy.record.checksum:08X}",
        severity=None if end_is_valid else Severity.ERROR,
    )


def _check_agreement(file: FootersOfFile, end: Stored[Footer], copy: Stored[Footer]) -> Iterator[Finding]:
    # As in nearly every file; with equal bytes no field can differ.
    names = () if end.raw == copy.raw else differing_fields(end.record, copy.record)
    if not names:
        return
    deciding = [name for name in names if name in _DECIDING]
    ordered = [*deciding, *(name for name in names if name not in _DECIDING)]
    message = f"footer and copy are both valid but differ in {listed_names(ordered)}"
    counts = "copy" if file.copy_counts else "end footer"
    message += "; this decides how the data is read" if deciding else f"; the {counts} counts, the data is certain"
    yield finding(
        "VHD141",
        file.at(FOOTER_COPY, ordered[0]),
        message,
        expected=shown_field(end, ordered[0]),
        found=shown_field(copy, ordered[0]),
        details=difference_details(("at the end", end), ("in the copy", copy), ordered),
        severity=Severity.ERROR if deciding else None,
    )
    stages = [name for name in names if name in _STAGES]
    if stages:
        message = f"footer and copy are of different states of the disk: they differ in {', '.join(stages)}"
        # Where only their times differ, both say the same of the disk.
        severity = Severity.WARNING if stages == ["time_stamp"] else None
        yield finding("VHD142", file.at(FOOTER_COPY, stages[0]), message, severity=severity)

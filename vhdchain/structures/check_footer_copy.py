"""Is there a footer copy where one is due, is it intact, and do the two footers agree?

Copies are compared when both are valid: where one is damaged, the damage is the finding, and the fields in which it
differs from the other stand in its message.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.structures.footer import NULL_ID, ChecksumFit, DiskType, Footer, checksum_fit, footer_checksum
from vhdchain.structures.footers_of_file import FOOTER_COPY, FootersOfFile, record_name, specified_name
from vhdchain.structures.identifiers import id_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.structures.stored import Stored

# A difference in one of these decides how the data is read.
_DECIDING = ("disk_type", "current_size", "unique_id", "data_offset")
# A difference in one of these says that the two were written at different stages of the file's life.
_STAGES = ("unique_id", "current_size", "time_stamp")


def check_copy(file: FootersOfFile) -> Iterator[Finding]:
    """Yield what is wrong with the copy of a file's footer, and in what the two differ."""
    if not copy_is_due(file):
        return
    if file.copy is None:
        # A disk of unknown type has its own finding; whether it should have a copy is not known.
        if file.end is not None and file.end.record.disk_type is not None:
            place = Location(path=file.path, structure=FOOTER_COPY, field="cookie", offset=0)
            message = f"a {file.end.record.disk_type} disk has no footer copy at its beginning"
            yield finding("VHD139", place, message, expected="conectix")
        return
    fit = checksum_fit(file.copy)
    end_is_valid = file.end is not None and checksum_fit(file.end) is not ChecksumFit.NONE
    if fit is ChecksumFit.NONE:
        yield _copy_checksum(file, file.copy, end_is_valid=end_is_valid)
        return
    if fit is ChecksumFit.WITHOUT_HIDDEN:
        yield hidden_left_out(file, FOOTER_COPY)
    if end_is_valid and file.end is not None:
        yield from _check_agreement(file, file.end, file.copy)


def copy_is_due(file: FootersOfFile) -> bool:
    """Say whether offset 0 should hold a copy: in a fixed disk it is the guest's own first sector.

    Unless a valid footer of another type stands there with this disk's own identifier: then the type was changed in one
    of the two, and which one is right is not known. A VHD that the guest keeps in its first sectors has its own.
    """
    if file.copy_counts or file.end is None or file.end.record.disk_type is not DiskType.FIXED:
        return True
    copy = file.copy
    if copy is None or checksum_fit(copy) is ChecksumFit.NONE or copy.record.disk_type is DiskType.FIXED:
        return False
    return copy.record.unique_id == file.end.record.unique_id != NULL_ID


def hidden_left_out(file: FootersOfFile, structure: str) -> Finding:
    """Return the finding for a checksum that leaves out the `hidden` byte."""
    message = "the checksum matches only when the hidden byte is counted as zero, as early blktap did"
    return finding("VHD107", file.at(structure, "checksum"), message)


def differing_fields(one: Footer, other: Footer) -> tuple[str, ...]:
    """Return the specification's names of the fields in which two footers differ, their checksums aside."""
    names = (item.name for item in fields(Footer) if item.name != "checksum")
    return tuple(specified_name(name) for name in names if _padded(getattr(one, name)) != _padded(getattr(other, name)))


def difference_from(one: Stored[Footer], other: Stored[Footer] | None) -> str:
    """Return in words, to be appended to a message, in which fields a damaged footer differs from the other one."""
    names = differing_fields(one.record, other.record) if other else ()
    return f" (it differs from the other footer in {', '.join(names)})" if names else ""


def _padded(value: object) -> object:
    # A 511-byte footer has one reserved byte less, which counts as zero.
    return value.rstrip(b"\0") if isinstance(value, bytes) else value


def _copy_checksum(file: FootersOfFile, copy: Stored[Footer], *, end_is_valid: bool) -> Finding:
    message = "the footer copy's checksum does not match its bytes" + difference_from(copy, file.end)
    if not end_is_valid:
        message += "; the end footer is not valid either, so no footer can be trusted"
    return finding(
        "VHD140",
        file.at(FOOTER_COPY, "checksum"),
        message,
        expected=f"0x{footer_checksum(copy.raw):08X}",
        found=f"0x{copy.record.checksum:08X}",
        severity=None if end_is_valid else Severity.ERROR,
    )


def _check_agreement(file: FootersOfFile, end: Stored[Footer], copy: Stored[Footer]) -> Iterator[Finding]:
    names = differing_fields(end.record, copy.record)
    if not names:
        return
    deciding = [name for name in names if name in _DECIDING]
    first = (deciding or list(names))[0]
    listed = ", ".join(f"{name} ({_shown(end, name)} at the end, {_shown(copy, name)} in the copy)" for name in names)
    message = f"footer and copy are both valid but differ in {listed}"
    message += "; this decides how the data is read" if deciding else "; the end footer counts, the data is certain"
    yield finding(
        "VHD141",
        file.at(FOOTER_COPY, first),
        message,
        expected=_shown(end, first),
        found=_shown(copy, first),
        severity=Severity.ERROR if deciding else None,
    )
    stages = [name for name in names if name in _STAGES]
    if stages:
        message = f"footer and copy are of different states of the disk: they differ in {', '.join(stages)}"
        yield finding("VHD142", file.at(FOOTER_COPY, stages[0]), message)


def _shown(stored: Stored[Footer], name: str) -> str:
    value = getattr(stored.record, record_name(name))
    if name == "unique_id":
        return id_text(value)
    if name == "reserved":
        return f"{sum(byte != 0 for byte in value)} bytes set"
    return repr(value) if isinstance(value, bytes) else str(value)

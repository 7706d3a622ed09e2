"""Is there a footer, is it intact, do both copies agree, and does it describe a disk?

Pure judgements on the two footers of one file, as findings. Which footer counts is decided where the file is scanned;
here it is only known. Copies are compared when both are valid: where one is damaged, the damage is the finding, and
the fields in which it differs from the other stand in its message.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.structures.dynamic_header import HEADER_LENGTH
from vhdchain.structures.footer import (
    NO_DATA_OFFSET,
    NULL_ID,
    SHORT_FOOTER_LENGTH,
    ChecksumFit,
    DiskType,
    Footer,
    checksum_fit,
    footer_checksum,
    footer_field_offset,
)
from vhdchain.structures.identifiers import id_text
from vhdchain.units import SECTOR_SIZE, is_sector_aligned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.structures.stored import Stored

FOOTER = "footer"
FOOTER_COPY = "footer copy"

# A difference in one of these decides how the data is read.
_DECIDING = ("disk_type", "current_size", "unique_id", "data_offset")
# A difference in one of these says that the two were written at different stages of the file's life.
_STAGES = ("unique_id", "current_size", "time_stamp")


@dataclass(frozen=True, slots=True, kw_only=True)
class FootersOfFile:
    """The facts of one file that the checks of footers judge.

    Attributes:
        path: What messages call the file.
        file_size: Its length in bytes.
        end: The footer at the end, if it has its cookie.
        copy: The footer at offset 0, if it has its cookie.
        copy_counts: Whether the copy is the one that counts.
        now: The present time in seconds since 2000; None where it is not known.
        children: How many images build on this one; None where that is not known.
    """

    path: str
    file_size: int
    end: Stored[Footer] | None
    copy: Stored[Footer] | None
    copy_counts: bool
    now: int | None = None
    children: int | None = None

    @property
    def counting(self) -> Stored[Footer] | None:
        """The footer that counts."""
        return self.copy if self.copy_counts else self.end

    @property
    def structure(self) -> str:
        """What the footer that counts is called."""
        return FOOTER_COPY if self.copy_counts else FOOTER

    @property
    def data_end(self) -> int:
        """Offset in bytes where the end footer begins, or the file's size where there is none."""
        return self.end.offset if self.end else self.file_size

    def at(self, structure: str, name: str | None = None) -> Location:
        """Return the location of ``structure`` or of its field ``name`` (the specification's name)."""
        stored = self.copy if structure == FOOTER_COPY else self.end
        offset = stored.offset if stored else None
        if stored and name:
            offset = stored.offset + footer_field_offset(_stored_name(name))
        return Location(path=self.path, structure=structure, field=name, offset=offset)


def check_footers(file: FootersOfFile) -> Iterator[Finding]:
    """Yield what is wrong with the footers of a file."""
    counting = file.counting
    if counting is None:
        yield _no_footer(file)
        return
    if file.end is None:
        yield _end_missing(file)
    if file.end is not None:
        yield from _check_end_checksum(file, file.end)
    if _copy_is_due(file):
        yield from _check_copy(file)
    yield from _check_fields(file, counting.record)
    yield from _check_size(file, counting.record)
    if counting.record.disk_type in (DiskType.DYNAMIC, DiskType.DIFFERENCING):
        yield from _check_header_offset(file, counting.record)
    if counting.record.disk_type is DiskType.FIXED and not file.copy_counts:
        yield from _check_fixed_size(file, counting)


def differing_fields(one: Footer, other: Footer) -> tuple[str, ...]:
    """Return the specification's names of the fields in which two footers differ, their checksums aside."""
    names = (item.name for item in fields(Footer) if item.name != "checksum")
    return tuple(_spec_name(name) for name in names if _padded(getattr(one, name)) != _padded(getattr(other, name)))


def _padded(value: object) -> object:
    # A 511-byte footer has one reserved byte less, which counts as zero.
    return value.rstrip(b"\0") if isinstance(value, bytes) else value


def _spec_name(name: str) -> str:
    return name.removesuffix("_raw")


def _stored_name(name: str) -> str:
    return "disk_type_raw" if name == "disk_type" else name


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
        yield _hidden_left_out(file, FOOTER)
    elif fit is ChecksumFit.NONE:
        message = "the footer's checksum does not match its bytes" + _difference_from(end, file.copy)
        if file.copy_counts:
            message += "; the copy is used"
        yield finding(
            "VHD106",
            file.at(FOOTER, "checksum"),
            message,
            expected=_hex(footer_checksum(end.raw)),
            found=_hex(end.record.checksum),
        )


def _hidden_left_out(file: FootersOfFile, structure: str) -> Finding:
    message = "the checksum matches only when the hidden byte is counted as zero, as early blktap did"
    return finding("VHD107", file.at(structure, "checksum"), message)


def _difference_from(one: Stored[Footer], other: Stored[Footer] | None) -> str:
    names = differing_fields(one.record, other.record) if other else ()
    return f" (it differs from the other footer in {', '.join(names)})" if names else ""


def _copy_is_due(file: FootersOfFile) -> bool:
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


def _check_copy(file: FootersOfFile) -> Iterator[Finding]:
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
        yield _hidden_left_out(file, FOOTER_COPY)
    if end_is_valid and file.end is not None:
        yield from _check_agreement(file, file.end, file.copy)


def _copy_checksum(file: FootersOfFile, copy: Stored[Footer], *, end_is_valid: bool) -> Finding:
    message = "the footer copy's checksum does not match its bytes" + _difference_from(copy, file.end)
    if not end_is_valid:
        message += "; the end footer is not valid either, so no footer can be trusted"
    return finding(
        "VHD140",
        file.at(FOOTER_COPY, "checksum"),
        message,
        expected=_hex(footer_checksum(copy.raw)),
        found=_hex(copy.record.checksum),
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
    value = getattr(stored.record, _stored_name(name))
    if name == "unique_id":
        return id_text(value)
    if name == "reserved":
        return f"{sum(byte != 0 for byte in value)} bytes set"
    return repr(value) if isinstance(value, bytes) else str(value)


def _check_fields(file: FootersOfFile, footer: Footer) -> Iterator[Finding]:
    major = footer.file_format_version >> 16
    if major != 1:
        place = file.at(file.structure, "file_format_version")
        message = f"the format's version is {major}, and only 1 exists"
        yield finding("VHD109", place, message, expected=1, found=major)
    if footer.disk_type is None:
        place = file.at(file.structure, "disk_type")
        message = f"disk type {footer.disk_type_raw}{_type_name(footer.disk_type_raw)} is none that exists"
        yield finding("VHD114", place, message, expected="2, 3 or 4", found=footer.disk_type_raw)


def _type_name(number: int) -> str:
    names = {0: " (none)", 1: " (reserved)", 5: " (reserved)", 6: " (reserved)"}
    return names.get(number, "")


def _check_size(file: FootersOfFile, footer: Footer) -> Iterator[Finding]:
    place = file.at(file.structure, "current_size")
    if footer.current_size == 0:
        yield finding("VHD127", place, "the disk's size is zero", found=0)
    elif not is_sector_aligned(footer.current_size):
        message = f"the disk's size, {footer.current_size} bytes, is not a whole number of sectors"
        yield finding("VHD128", place, message, found=footer.current_size)


def _check_header_offset(file: FootersOfFile, footer: Footer) -> Iterator[Finding]:
    place = file.at(file.structure, "data_offset")
    offset = footer.data_offset
    if offset in (0, NO_DATA_OFFSET):
        shown = "zero" if offset == 0 else "all ones, as in fixed disks"
        message = f"a {footer.disk_type} disk names no place for its dynamic header: it is {shown}"
        yield finding("VHD116", place, message, found=offset)
    elif offset + HEADER_LENGTH > file.data_end:
        message = f"the dynamic header would end at {offset + HEADER_LENGTH}, behind the end of the data"
        yield finding("VHD119", place, message, expected=file.data_end - HEADER_LENGTH, found=offset)


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


def _hex(value: int) -> str:
    return f"0x{value:08X}"

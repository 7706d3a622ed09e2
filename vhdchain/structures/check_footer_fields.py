"""Does the footer that counts describe a disk, with values that the specification knows?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, finding
from vhdchain.structures.dynamic_header import HEADER_LENGTH
from vhdchain.structures.footer import NO_DATA_OFFSET, DiskType, Footer
from vhdchain.units import is_sector_aligned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.structures.footers_of_file import FootersOfFile


def check_footer_fields(file: FootersOfFile, footer: Footer) -> Iterator[Finding]:
    """Yield what is wrong with the fields of ``footer``, the one of ``file`` that counts."""
    yield from _check_kind(file, footer)
    yield from _check_size(file, footer)
    if footer.disk_type in (DiskType.DYNAMIC, DiskType.DIFFERENCING):
        yield from _check_header_offset(file, footer)


def _check_kind(file: FootersOfFile, footer: Footer) -> Iterator[Finding]:
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

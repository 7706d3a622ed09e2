"""Do geometry, identity, state and reserved bytes of the footer that counts mean what readers take them for?

The disk's size is `current_size`, whatever the geometry says; but guests and some readers go by the geometry, so it is
told where the two lead apart. Which readers do is known of qemu (``block/vpc.c``; a test holds it to qemu-img 7.2): it
takes `current_size` of the writers in `_SIZE_IS_TRUSTED`, and of all disks with the largest geometry that
can be stored, which its own option ``force_size`` writes for that reason. The byte behind `saved_state` is blktap's
`hidden` flag; simh's bytes are those of its ``sim_disk.c``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.structures.footer import NULL_ID, ChecksumFit, DiskType, Footer, checksum_fit
from vhdchain.structures.footers_of_file import FOOTER_COPY, FootersOfFile
from vhdchain.structures.geometry import LARGEST_GEOMETRY, geometry_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.structures.stored import Stored

MAX_SIZE = 2040 << 30
"""The largest disk, in bytes, that Windows and XenServer take: 2,040 GiB."""

_REFUSING_HOSTS = (b"win ", b"vpc ", b"vs  ")
_SIZE_IS_TRUSTED = (b"win ", b"qem2", b"d2v ", b"tap\0", b"CTXS")
_BLKTAP = b"tap\0"
_RESERVED_OFFSET = 85
_SIMH_DRIVE_TYPE = slice(11, 27)
_BOOT_SIGNATURE = b"\x55\xaa"


def check_footer_flags(file: FootersOfFile, footer: Footer, fit: ChecksumFit | None) -> Iterator[Finding]:
    """Yield what is worth knowing of ``footer``, the one of ``file`` that counts, whose checksum fits like ``fit``.

    A footer whose checksum does not fit at all is damaged somewhere; that is told, and its values are not judged here.
    """
    if fit is ChecksumFit.NONE:
        return
    if footer.current_size > MAX_SIZE:
        yield _over_limit(file, footer)
    # A size of zero is told by itself, and no geometry fits it.
    if footer.current_size:
        yield from _check_geometry(file, footer)
    if footer.unique_id == NULL_ID:
        yield _null_identifier(file)
    if footer.saved_state:
        yield _saved_state(file, footer)
    # Bytes that the checksum does not cover are its finding.
    if footer.reserved.strip(b"\0") and fit in (ChecksumFit.EXACT, ChecksumFit.WITHOUT_HIDDEN):
        yield from _check_reserved(file, footer)
    if footer.disk_type is DiskType.FIXED and not file.copy_counts and file.copy is not None:
        yield from _check_first_sector(file, footer, file.copy)


def _over_limit(file: FootersOfFile, footer: Footer) -> Finding:
    message = f"the disk has {footer.current_size} bytes, more than the 2,040 GiB that Windows and XenServer take"
    refused = footer.creator_application in _REFUSING_HOSTS
    if refused:
        message += "; its own writer would refuse it, so the size is probably wrong"
    return finding(
        "VHD129",
        file.at(file.structure, "current_size"),
        message,
        expected=MAX_SIZE,
        found=footer.current_size,
        severity=Severity.ERROR if refused else None,
    )


def _check_geometry(file: FootersOfFile, footer: Footer) -> Iterator[Finding]:
    stored, usual = footer.geometry, geometry_for(footer.current_size)
    size = stored.size
    if stored == usual:
        pass
    elif not size:
        place, message = file.at(file.structure, "geometry"), f"the geometry {stored} addresses nothing"
        yield finding("VHD133", place, message, expected=str(usual), found=str(stored))
        return
    elif size > footer.current_size and stored != LARGEST_GEOMETRY:
        message = f"the geometry {stored} addresses {size} bytes, but the disk has {footer.current_size}: a guest or "
        message += "reader that goes by it runs over the end"
        yield finding("VHD130", file.at(file.structure, "geometry"), message, expected=str(usual), found=str(stored))
    else:
        message = f"the geometry is {stored}; for this size the specification calculates {usual}"
        if stored == LARGEST_GEOMETRY:
            message += "; the largest one says: go by the size"
        yield finding("VHD131", file.at(file.structure, "geometry"), message, expected=str(usual), found=str(stored))
    agreed = size == footer.current_size or stored == LARGEST_GEOMETRY
    if not agreed and footer.creator_application not in _SIZE_IS_TRUSTED:
        yield _disputed_size(file, footer, size)


def _disputed_size(file: FootersOfFile, footer: Footer, size: int) -> Finding:
    message = f"readers disagree on the size: it is {footer.current_size} bytes by current_size, and {size} by the "
    message += "geometry, which qemu goes by where it does not know the writer as one that means the former"
    return finding("VHD132", file.at(file.structure, "geometry"), message, expected=footer.current_size, found=size)


def _null_identifier(file: FootersOfFile) -> Finding:
    message = "the disk's identifier is null, which some programs write"
    severity = None
    if file.children:
        message = (
            f"the disk's identifier is null, and it has children ({file.children}): whether it is the parent that "
        )
        message += "they were made of cannot be told"
        severity = Severity.ERROR
    return finding("VHD134", file.at(file.structure, "unique_id"), message, found=NULL_ID.hex(), severity=severity)


def _saved_state(file: FootersOfFile, footer: Footer) -> Finding:
    place, value = file.at(file.structure, "saved_state"), footer.saved_state
    if value == 1:
        message = "the disk belongs to a machine whose state was saved: it must not be changed or merged before that "
        message += "machine was started again"
        return finding("VHD136", place, message, expected=0, found=1)
    return finding("VHD135", place, f"the saved state is {value}, and only 0 and 1 exist", expected=0, found=value)


def _check_reserved(file: FootersOfFile, footer: Footer) -> Iterator[Finding]:
    hidden, only = footer.hidden, not any(footer.reserved[1:])
    # Among other bytes of who knows what, this one is no flag either, unless blktap wrote it.
    if hidden and (only or footer.creator_application == _BLKTAP):
        place = file.at(file.structure, "reserved")
        if hidden != 1:
            message = f"blktap's hidden flag is {hidden}, and only 0 and 1 exist"
            yield finding("VHD137", place, message, expected=0, found=hidden)
        elif file.children == 0:
            message = "blktap's hidden flag is set, but no disk builds on this one: XenServer removes such disks"
            yield finding("VHD137", place, message, expected=0, found=1)
        elif only:
            message = "blktap's hidden flag is set: XenServer does not show this disk, which others build on"
            yield finding("VHD138", place, message, found=1)
    if not only:
        yield _reserved(file, footer.reserved)


def _reserved(file: FootersOfFile, reserved: bytes) -> Finding:
    first = next(index for index, byte in enumerate(reserved) if byte)
    count = sum(byte != 0 for byte in reserved)
    place = file.at(file.structure, "reserved")
    if place.offset is not None:
        place = replace(place, offset=place.offset + first)
    bytes_set = f"{count} reserved bytes are set" if count > 1 else "1 reserved byte is set"
    message = f"{bytes_set}, the first at byte {_RESERVED_OFFSET + first} of the footer"
    if drive := _simh_drive(reserved):
        message += f"; there simh keeps the type of its drive: {drive}"
    elif reserved.endswith(_BOOT_SIGNATURE):
        message += "; they end as a boot sector does, so they may be a copy of the disk's first one"
    return finding("VHD138", place, message, found=count)


def _simh_drive(reserved: bytes) -> str | None:
    """Return the name of a drive where simh keeps it: text, filled up with zeros, with nothing before it."""
    name = reserved[_SIMH_DRIVE_TYPE].rstrip(b"\0")
    if any(reserved[: _SIMH_DRIVE_TYPE.start]) or not name.isalnum():
        return None
    return name.decode("ascii")


def _check_first_sector(file: FootersOfFile, footer: Footer, copy: Stored[Footer]) -> Iterator[Finding]:
    """Tell a footer in a fixed disk's first sector, unless it is one of a VHD that the guest keeps there.

    Such a VHD has an identifier, a size and a time of its own. One that says of this very disk that it is sparse is
    compared with the end footer: which of the two is right decides how the data is read.
    """
    there = copy.record
    same_disk = there.unique_id == footer.unique_id != NULL_ID
    same_made = there.current_size == footer.current_size and there.time_stamp == footer.time_stamp
    compared = same_disk and there.disk_type is not DiskType.FIXED
    if compared or not (same_disk or same_made) or checksum_fit(copy) is ChecksumFit.NONE:
        return
    shared = "this disk's identifier" if same_disk else "this disk's size and time"
    message = f"the first sector of this fixed disk holds a footer with {shared}: it was a dynamic disk, and "
    message += "behind that sector may lie its header, BAT and blocks instead of the guest's data"
    place = Location(path=file.path, structure=FOOTER_COPY, field="cookie", offset=0)
    yield finding("VHD143", place, message, found="conectix")

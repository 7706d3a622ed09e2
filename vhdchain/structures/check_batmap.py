"""Is blktap's batmap where blktap expects it, in a form that it reads, and does it hold an encryption key's hash?

blktap looks for a batmap in sparse disks that its own versions 1.2 and later made (version 1.1 may lack one, when the
file was updated from 0.1), and refuses to use one whose header or checksum is wrong. Whether its bits agree with the
BAT and the sector bitmaps is not asked here: that needs the bitmaps. Source: ``vhd_has_batmap`` and
``vhd_validate_batmap`` of blktap's ``libvhd.c``, ``vhd-util-check.c``, and ``struct vhd_keyhash`` of ``vhd.h``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, finding
from vhdchain.structures.batmap import (
    BATMAP_COOKIE,
    BATMAP_HEADER_LENGTH,
    BATMAP_VERSION_1_1,
    BATMAP_VERSION_1_2,
    BatmapHeader,
    batmap_checksum,
    batmap_checksum_fits,
    batmap_field_offset,
)
from vhdchain.structures.dynamic_header import HEADER_LENGTH
from vhdchain.units import is_sector_aligned, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.structures.bat import Bat
    from vhdchain.structures.footer import Footer
    from vhdchain.structures.stored import Stored

BATMAP = "batmap"
_CREATOR = b"tap"
# Before 1.2 there may be none, and nothing is known of what comes after 1.3.
_VERSIONS_WITH_BATMAP = (0x00010002, 0x00010003)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatmapOfFile:
    """The facts of one sparse file that the checks of its batmap judge; offsets in bytes.

    Attributes:
        path: What messages call the file.
        footer: The footer that counts.
        header_offset: Where the dynamic header begins.
        bat: The entries that could be read.
        batmap: The batmap's header, if it has its cookie.
        bits: The bits that it speaks of, as far as they could be read.
        data_end: The offset behind which no data may lie.
    """

    path: str
    footer: Footer
    header_offset: int
    bat: Bat
    batmap: Stored[BatmapHeader] | None
    bits: bytes | None
    data_end: int

    def at(self, name: str) -> Location:
        """Return the location of a field of the batmap's header."""
        start = self.batmap.offset if self.batmap else self.bat.offset + self.bat.length
        return Location(path=self.path, structure=BATMAP, field=name, offset=start + batmap_field_offset(name))


def check_batmap(file: BatmapOfFile) -> Iterator[Finding]:
    """Yield what is wrong with the batmap of a file, or that there is none where blktap expects one."""
    if file.batmap is None:
        if _is_expected(file):
            message = "blktap wrote this disk, but no `tdbatmap` stands behind the BAT: blktap will not open it"
            yield finding("VHD501", file.at("cookie"), message, expected=BATMAP_COOKIE.decode("ascii"))
        return
    header = file.batmap.record
    if header.batmap_version not in (BATMAP_VERSION_1_1, BATMAP_VERSION_1_2):
        message = f"the batmap's version is {_version(header)}, and only 1.1 and 1.2 are known"
        yield finding("VHD502", file.at("batmap_version"), message, found=f"0x{header.batmap_version:08X}")
    elif file.bits is not None and not batmap_checksum_fits(header, file.bits):
        yield _wrong_checksum(file, header, file.bits)
    yield from _check_size(file, header)
    yield from _check_place(file, header)
    if header.key_hash is not None:
        message = "the hash of an encryption key is stored: the blocks hold what that key encrypted, not plain data"
        yield finding("VHD512", file.at("reserved"), message, found=header.key_hash.digest.hex())


def _is_expected(file: BatmapOfFile) -> bool:
    footer = file.footer
    if not footer.creator_application.startswith(_CREATOR) or footer.creator_version not in _VERSIONS_WITH_BATMAP:
        return False
    # Behind a BAT that is not where it should be there is no place to look at; that BAT has findings of its own.
    bat = file.bat
    at_its_place = is_sector_aligned(bat.offset) and bat.offset >= file.header_offset + HEADER_LENGTH
    return at_its_place and bat.offset + bat.length + BATMAP_HEADER_LENGTH <= file.data_end


def _version(header: BatmapHeader) -> str:
    return f"{header.batmap_version >> 16}.{header.batmap_version & 0xFFFF}"


def _wrong_checksum(file: BatmapOfFile, header: BatmapHeader, bits: bytes) -> Finding:
    expected, found = f"0x{batmap_checksum(bits):08X}", f"0x{header.checksum:08X}"
    message = f"the batmap's checksum is {found}, its bits give {expected}: blktap does not use it"
    return finding("VHD503", file.at("checksum"), message, expected=expected, found=found)


def _check_size(file: BatmapOfFile, header: BatmapHeader) -> Iterator[Finding]:
    blocks = 8 * sectors_to_bytes(header.batmap_sectors)
    if blocks < file.bat.declared or not blocks:
        message = f"the batmap has {header.batmap_sectors} sectors, bits for {blocks} blocks, "
        message += f"and the BAT has {file.bat.declared} entries"
        expected = -(-file.bat.declared // (8 * sectors_to_bytes(1)))
        yield finding("VHD504", file.at("batmap_sectors"), message, expected=expected, found=header.batmap_sectors)


def _check_place(file: BatmapOfFile, header: BatmapHeader) -> Iterator[Finding]:
    offset, length = header.batmap_offset, sectors_to_bytes(header.batmap_sectors)
    if not offset or not is_sector_aligned(offset):
        message = f"the batmap's bits are said to begin at {offset}, "
        message += "which is not the beginning of a sector" if offset else "where the footer copy lies"
        yield finding("VHD505", file.at("batmap_offset"), message, found=offset)
    elif offset + length > file.data_end:
        message = f"the batmap's bits would end at {offset + length}, behind the end of the data at {file.data_end}"
        yield finding("VHD506", file.at("batmap_offset"), message, expected=file.data_end - length, found=offset)

"""Codes 201-214: is the dynamic header intact, and does it describe a table for this disk?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD201",
        name="header-cookie",
        title="The dynamic header has no cookie",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A0008,
        page=Page(
            finds="The eight bytes at the footer's `data_offset` are not `cxsparse`.",
            matters="What stands there may be no header. If the checksum does not match either, nothing of it is taken "
            "seriously: no field, locator or BAT entry is judged (VHD002 says so), and the disk cannot be read.",
            seen="An overwritten beginning of the file; a wrong `data_offset` in the footer.",
            false_positives="None known.",
            do="Search the first sectors for `cxsparse`. If it is elsewhere, the footer is wrong; compare both copies.",
        ),
    ),
    CodeInfo(
        code="VHD202",
        name="header-checksum",
        title="The dynamic header's checksum does not match",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A0006,
        page=Page(
            finds="The ones' complement of the sum of the header's 1,024 stored bytes is not the checksum it states.",
            matters="At least one byte of the header is not what its writer stored; it may be the block size or the "
            "place of the BAT, and then every sector is wrong. Windows refuses the file. qemu-img, libvhdi and "
            "dissect.hypervisor open it without a word.",
            seen="Headers patched by scripts (a new parent name or identifier) without a new checksum; damage.",
            false_positives="The changed byte may be in the parent's name or in reserved space.",
            do="There is no second copy of the header. Compare its fields with those of its siblings; if they are "
            "right, `--accept VHD202` reads the disk, and a new checksum repairs the file.",
        ),
    ),
    CodeInfo(
        code="VHD203",
        name="header-version",
        title="The dynamic header's version is not 1.0",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A0007,
        page=Page(
            finds="`header_version` is not 0x00010000. A warning where only the minor half differs.",
            matters="Only version 1.0 is described. Under another major version fields may have another meaning.",
            seen="Unknown as the work of a writer.",
            false_positives="None known.",
            do="If checksum and everything else are in order read with `--accept VHD203`.",
        ),
    ),
    CodeInfo(
        code="VHD207",
        name="table-offset",
        title="The BAT's place is zero or not aligned",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="`table_offset` is zero, or not a multiple of 512.",
            matters="The BAT says where every block lies. At offset 0 there is the footer copy; reading that as a "
            "table gives arbitrary places.",
            seen="Damaged headers.",
            false_positives="An unaligned table that is otherwise right can be read; no writer is known.",
            do="Many writers put the BAT at 1536, right behind the header; others put locators between. Check the "
            "place on a copy; an unaligned table can be read with `--accept VHD207`, one at zero cannot.",
        ),
    ),
    CodeInfo(
        code="VHD208",
        name="table-overlaps-header",
        title="The BAT overlaps the footer copy or the header",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="The range from `table_offset` over 4 bytes for each entry runs over the footer copy at offset 0 or "
            "the dynamic header.",
            matters="Part of the table is really something else: those blocks are read from arbitrary places.",
            seen="Damaged headers; an entry count that was raised without moving the table.",
            false_positives="None known.",
            do="Compare `max_table_entries` with the disk's size divided by the block size, and `table_offset` with "
            "what other files of the same writer have.",
        ),
    ),
    CodeInfo(
        code="VHD209",
        name="table-beyond-end",
        title="The BAT would end behind the end of the file",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A000A,
        page=Page(
            finds="`table_offset` + 4 × `max_table_entries`, computed without overflow, is behind the beginning of the "
            "end footer.",
            matters="The header claims a larger table than the file can hold: it is damaged, or the file was cut off. "
            "Where entries that the disk needs are missing, VHD401 is reported as well.",
            seen="Truncated files; headers made to make a reader allocate memory.",
            false_positives="A table longer than the disk needs is legal, and no finding, as long as it lies inside "
            "the file.",
            do="Compare the file's size with its source. If only `max_table_entries` is damaged, the right number is "
            "at least the disk's size divided by the block size.",
        ),
    ),
    CodeInfo(
        code="VHD210",
        name="block-size",
        title="The block size is zero or not a power of two",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A000B,
        page=Page(
            finds="`block_size` is zero or not a power of two. Any power of two from 512 bytes to 256 MiB is read.",
            matters="The block size is in the arithmetic of every sector's place. With a wrong one no sector is right.",
            seen="Damaged headers. Healthy disks have 2 MiB, sometimes 512 KiB.",
            false_positives="None known.",
            do="Find the right one: the distance between neighbouring BAT entries is bitmap plus block, 4,097 sectors "
            "for 2 MiB. It cannot be accepted for reading.",
        ),
    ),
    CodeInfo(
        code="VHD211",
        name="block-size-large",
        title="Blocks are larger than 2 MiB",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="`block_size` is a power of two above 2 MiB. Up to 256 MiB are read; beyond that see VHD005.",
            matters="The data is read right here, but other readers are hardly tried on such disks: libvhdi reads "
            "differencing disks with 4 MiB blocks wrong without an error.",
            seen="Tools that take the block size as an option. Windows creates blocks of 512 KiB and of 2 MiB alone.",
            false_positives="The file is in order if its maker meant the size.",
            do="If other programs must read the disk, compare what they give with `vhdchain flatten`, or convert it to "
            "2 MiB blocks.",
        ),
    ),
    CodeInfo(
        code="VHD212",
        name="block-size-unusual",
        title="The block size is neither 512 KiB nor 2 MiB",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="`block_size` is a power of two below 2 MiB, but not 512 KiB.",
            matters="The specification allows any power of two; Windows creates blocks of 512 KiB and of 2 MiB alone. "
            "The data is read right; it shows that something else wrote the file.",
            seen="Images of tests, and of tools that take the size as an option.",
            false_positives="The file is in order.",
            do="Nothing. If another reader fails with this disk, the block size may be why.",
        ),
    ),
    CodeInfo(
        code="VHD213",
        name="block-below-sector",
        title="The block size is below one sector",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A000B,
        page=Page(
            finds="`block_size` is a power of two, but below 512.",
            matters="A block consists of sectors; no sector fits.",
            seen="Damaged headers, and headers that state the number of sectors instead of bytes.",
            false_positives="None known.",
            do="As for VHD210. It cannot be accepted for reading.",
        ),
    ),
    CodeInfo(
        code="VHD214",
        name="table-too-short",
        title="The BAT has fewer entries than the disk has blocks",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="`max_table_entries` × `block_size` is below `current_size`.",
            matters="For the end of the disk the file states no place at all, neither used nor unused. Filling it with "
            "zeros would be a guess.",
            seen="A size patched in the footer without enlarging the table; an interrupted resize.",
            false_positives="None known.",
            do="See whether `original_size` fits the table: then the disk was resized half way. Compare the footer "
            "with its copy. It cannot be accepted for reading.",
        ),
    ),
)

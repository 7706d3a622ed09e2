"""Codes 101-138: is the footer that counts there, intact, and does it describe a disk?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD101",
        name="file-too-short",
        title="The file is too short for a footer",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A0001,
        page=Page(
            finds="The file has fewer than 511 bytes, the length of the shortest footer.",
            matters="It cannot be a VHD, or hardly anything of it is left.",
            seen="Copies and downloads that were cut off; error pages saved under the name of the disk.",
            false_positives="None. An empty file is VHD552.",
            do="Get the file again from its source or a backup.",
        ),
    ),
    CodeInfo(
        code="VHD102",
        name="end-footer-missing",
        title="The footer at the end is missing, the copy at the front is there",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A0001,
        page=Page(
            finds="No `conectix` 512 or 511 bytes before the end of the file, but a footer copy at offset 0. The copy "
            "is used.",
            matters="A dynamic disk grows by writing a new block over the old end footer and a new footer behind it. A "
            "missing end footer says that the last such step was not finished, or that the end of the file is gone. "
            "Windows refuses the file.",
            seen="Power loss or a full volume during growth; an interrupted merge (xen-orchestra issue 3748 and pull "
            "request 10053); truncated copies.",
            false_positives="A block device or a padded copy that holds an intact VHD and something behind it is "
            "VHD105 where the footer is found.",
            do="See first whether blocks are missing (VHD404: the file was cut off). If none is, the disk can be read "
            "as it is, and writing the copy's 512 bytes behind the last block repairs the file: `vhdchain repair` "
            "does, and can take it back.",
        ),
    ),
    CodeInfo(
        code="VHD103",
        name="no-footer",
        title="There is no footer at all",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A0001,
        page=Page(
            finds="Neither the end of the file nor its beginning has the cookie `conectix`.",
            matters="Nothing says what kind of disk this is, how large it is, or where its blocks lie. A fixed disk "
            "that lost its footer still holds all its data from offset 0; of a dynamic disk both copies are gone.",
            seen="Raw images and VHDX files under the name `.vhd`; fixed disks that were truncated or had something "
            "appended; encrypted or compressed files.",
            false_positives="The file may be a sound image of another format. Windows then reports 0xC03A0004 "
            "(unknown format).",
            do="Look at the first bytes: `vhdxfile` is VHDX, a boot sector suggests a raw or fixed disk. A fixed disk "
            "needs only a new footer; for a dynamic one restore a backup.",
        ),
    ),
    CodeInfo(
        code="VHD106",
        name="end-footer-checksum",
        title="The end footer's checksum does not match",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A0002,
        page=Page(
            finds="The ones' complement of the sum of the end footer's stored bytes is not the checksum that it "
            "states. Where the copy at the front is valid, that copy is used, and the details list the fields in "
            "which the two differ.",
            matters="At least one byte of the footer is not what its writer stored. Without a valid copy neither size, "
            "type nor identity is certain. Windows refuses the file.",
            seen="Footers edited by hand or by scripts that forgot the checksum; torn writes; damaged media.",
            false_positives="A writer that leaves out the `hidden` byte has VHD107 instead, one that leaves out all "
            "reserved bytes VHD108.",
            do="With a valid copy, writing its bytes over the end footer repairs the file. Without one compare the "
            "fields with what is known of the disk; `--accept VHD106` reads it as it stands.",
        ),
    ),
    CodeInfo(
        code="VHD107",
        name="checksum-without-hidden-byte",
        title="The checksum leaves out the hidden byte",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="A footer's checksum matches only when byte 85, XenServer's `hidden` flag, is counted as zero.",
            matters="The footer is intact; it was written in a dialect. Readers that do not know it report a checksum "
            "error.",
            seen="Early blktap (creator `tap`, versions 0.1 and 1.1) on parents that XenServer has hidden.",
            false_positives="A footer whose byte 85 alone was damaged looks the same.",
            do="Nothing for reading. Other tools accept the file when the flag is cleared or the checksum recomputed.",
        ),
    ),
    CodeInfo(
        code="VHD109",
        name="footer-version",
        title="The footer's format version is not 1",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A0005,
        page=Page(
            finds="The upper half of `file_format_version` is not 1. There is only one version of the VHD format, "
            "0x00010000.",
            matters="Either the field is damaged, or the file follows rules that nobody has described; a reader that "
            "goes on guesses.",
            seen="Unknown as the work of a writer. 0x00040000 and 0x00050000 are versions of *creators* (Virtual PC), "
            "sometimes mistaken for the format's.",
            false_positives="None known.",
            do="If the checksum matches and everything else is in order, read with `--accept VHD109` and compare the "
            "result with what the disk should hold.",
        ),
    ),
    CodeInfo(
        code="VHD114",
        name="disk-type-unknown",
        title="The disk type is none that exists",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A001B,
        page=Page(
            finds="`disk_type` is not 2 (fixed), 3 (dynamic) or 4 (differencing). 0 means none, 1, 5 and 6 are "
            "reserved and deprecated.",
            matters="Without the type nothing says whether the file has a BAT and a parent or is the disk itself.",
            seen="Damaged footers. Files of types 5 and 6 are not known.",
            false_positives="None known.",
            do="If the copy at the front states a type that fits, read with `--footer copy`. Otherwise a `cxsparse` "
            "at offset 512 speaks for type 3 or 4.",
        ),
    ),
    CodeInfo(
        code="VHD116",
        name="header-offset-missing",
        title="The footer names no place for the dynamic header",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A dynamic or differencing disk whose `data_offset` is zero or all ones, the value for fixed disks.",
            matters="Without the header there is neither a BAT nor a parent: no sector can be found.",
            seen="A footer whose type was changed by hand; damage.",
            false_positives="The type field may be the wrong one of the two: a fixed disk has all ones here.",
            do="Look for `cxsparse` at offset 512, where nearly all writers put it. If it is there, correct "
            "`data_offset` and the checksum on a copy. If the file's size is `current_size` + 512, it is a fixed disk.",
        ),
    ),
    CodeInfo(
        code="VHD119",
        name="header-beyond-end",
        title="The dynamic header would lie behind the end of the file",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="`data_offset` + 1,024 is behind the beginning of the end footer.",
            matters="The header cannot be read, or it is the footer's own bytes. No sector can be found.",
            seen="Truncated files, damaged footers.",
            false_positives="None known.",
            do="Compare the file's size with its source. If the file is whole, look for `cxsparse` at offset 512 and "
            "compare the two footers.",
        ),
    ),
    CodeInfo(
        code="VHD127",
        name="size-zero",
        title="The disk has no sectors",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="`current_size` is zero.",
            matters="The guest would see a disk without a single sector; whatever the file holds is out of reach.",
            seen="Unknown as the work of a writer.",
            false_positives="None known.",
            do="`original_size`, the geometry and the number of BAT entries show the size that was meant. Compare with "
            "the copy at the front.",
        ),
    ),
    CodeInfo(
        code="VHD128",
        name="size-not-whole-sectors",
        title="The disk's size is not a whole number of sectors",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="`current_size` is not a multiple of 512.",
            matters="A disk consists of sectors. Readers round up or down, each in its own way, so they disagree about "
            "the end of the disk.",
            seen="Converters that took the length of a raw image as it was.",
            false_positives="None known.",
            do="Convert again from a source padded to whole sectors, or set the size on a copy of the file. It cannot "
            "be accepted for reading, because the map counts in sectors.",
        ),
    ),
)

"""Codes 204-218: are the fields of the dynamic header what they should be?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD204",
        name="header-next-offset",
        title="The header's `data_offset` is not all ones",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The dynamic header's own `data_offset` is not 64 ones, and no structure stands where it leads: it "
            "is zero, 32 ones, unaligned, behind the end of the file, or leads to bytes without a cookie.",
            matters="The field is meant for a further structure, and none exists in the format. Everything known reads "
            "the disk without looking at it.",
            seen="Writers that follow the passage of the specification which gives 0xFFFFFFFF, 32 ones, for this field "
            "of 64 bits. Virtual PC and Hyper-V store 64.",
            false_positives="A writer that leaves the field at zero or at 32 ones means the same as all ones.",
            do="Nothing needs to be done to read the disk. If other fields of the header look wrong too, compare it "
            "with that of another file of the same writer.",
        ),
    ),
    CodeInfo(
        code="VHD205",
        name="header-chain-loop",
        title="The chain of headers leads back",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="The header's `data_offset`, or that of a further header behind it, leads to a header that the chain "
            "has come by, or to a place before the one that it stands in. The places are listed.",
            matters="A program that follows the chain never comes to its end. The disk's data is not affected: it is "
            "found by the first header alone, so the image is opened in spite of this error.",
            seen="Unknown as the work of a writer; files made to hang a reader.",
            false_positives="None known.",
            do="Do not hand the file to a program that might follow the chain. On a copy, set the first header's "
            "`data_offset` to all ones and correct its checksum.",
        ),
    ),
    CodeInfo(
        code="VHD206",
        name="second-header",
        title="A further structure stands behind the dynamic header",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The header's `data_offset` leads to a second `cxsparse` header, or to a structure with a cookie of "
            "its own that no specification describes. At most 16 of them are looked at.",
            matters="The disk is read by the first header alone, as every known program does. If a writer changed "
            "the meaning of the disk by the further structure, that is lost, and nobody would notice.",
            seen="Unknown as the work of a writer.",
            false_positives="A stale `data_offset` may lead to an old header that was moved.",
            do="Ask what wrote the file. Compare the second header's place of the BAT and block size with the first's.",
        ),
    ),
    CodeInfo(
        code="VHD215",
        name="table-longer",
        title="The BAT has more entries than the disk has blocks",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="`max_table_entries` is more than the disk's size divided by the block size, rounded up.",
            matters="That is legal, and the further entries are never taken for disk data. 7-Zip refuses such files.",
            seen="XenServer, which makes room for a disk that will grow; Virtual PC, which rounds the number up; disks "
            "that were shrunk.",
            false_positives="The file is in order.",
            do="Nothing needs to be done. VHD216 tells if the further entries are in use.",
        ),
    ),
    CodeInfo(
        code="VHD216",
        name="entries-behind-disk",
        title="BAT entries behind the disk's end are in use",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="Entries of the BAT behind those of the disk's blocks are not unused, and a whole block of its own "
            "lies where they point. The number and the first eight are told.",
            matters="The guest does not see these blocks, so the disk is read right. But they hold what once was at "
            "the end of a larger disk: space is wasted, old data stays in the file, and if the disk grows again, a "
            "host may show them instead of zeros.",
            seen="Disks whose size was reduced in the footer alone; a resize that was interrupted.",
            false_positives="None known.",
            do="Find out whether the disk was meant to shrink: if `original_size` covers the entries, the footer's "
            "`current_size` may be what is wrong. Otherwise `vhdchain flatten` gives a disk without them.",
        ),
    ),
    CodeInfo(
        code="VHD217",
        name="header-reserved-bytes",
        title="Reserved bytes of the header are not zero",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A byte of the four behind `parent_time_stamp`, or of the last 256 of the dynamic header, is not "
            "zero. The offset of the first and their number are told.",
            matters="No meaning is known for these bytes, and the data does not depend on them. A writer may keep "
            "something there, or the header was overwritten.",
            seen="Unknown as the work of a writer.",
            false_positives="A program that stores something of its own there does no harm by it.",
            do="If the checksum fits (no VHD202), a program wrote them on purpose or from memory it had not cleared. "
            "Look at the bytes, and leave them as they are.",
        ),
    ),
    CodeInfo(
        code="VHD218",
        name="leftover-parent",
        title="A dynamic disk still names a parent",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The disk type is dynamic, but the header holds a parent's identifier, name, time stamp or locators.",
            matters="A dynamic disk is read without any parent: sectors that are not in the file are zeros. If the "
            "disk really was a differencing one and only its type is wrong, these zeros stand for the parent's data.",
            seen="Differencing disks that a tool turned into dynamic ones after a merge, and whose header was not "
            "cleared.",
            false_positives="Leftovers after a complete merge are harmless.",
            do="Find out whether the type was changed on purpose. If sectors of a file system that should hold data "
            "are zero, look for the named parent, and compare the footer with its copy.",
        ),
    ),
)

"""Codes 104-126: are the fields of the footer what the specification and known writers put there?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD104",
        name="footer-short",
        title="The footer has 511 bytes",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The footer begins 511 bytes before the end of the file, not 512: its last byte, a reserved zero, "
            "was never written.",
            matters="Nothing is missing. But the file is not a whole number of sectors, and readers that look only at "
            "the last 512 bytes (libvhdi, DiscUtils and VirtualBox among them) do not find the footer.",
            seen="Virtual PC before 2004. The specification tells readers to expect such files.",
            false_positives="A file that lost its last byte looks the same, and has lost nothing by it.",
            do="Nothing for reading. A zero byte appended to a copy of the file makes other readers accept it.",
        ),
    ),
    CodeInfo(
        code="VHD105",
        name="footer-before-end",
        title="The file goes on behind its footer",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The last bytes of the file are no footer, but an intact one lies before them: in a fixed disk "
            "exactly where the disk ends that it describes, within the file's last MiB; in a dynamic or differencing "
            "one behind the last block, not further than 1 MiB, and it describes the same disk as the copy at the "
            "front. It is taken as the end footer.",
            matters="All data lies before that footer and is certain. Programs that look for the footer at the end "
            "of the file, Windows among them, refuse the file or fall back to the copy.",
            seen="Images copied to block devices and back; copies padded to a multiple of some block size; bytes that "
            "another program appended.",
            false_positives="None known: without a matching checksum and place it stays VHD102 or VHD103.",
            do="Cutting off a copy of the file right behind the footer repairs it. Look at what follows first, if it "
            "may be something of value.",
        ),
    ),
    CodeInfo(
        code="VHD108",
        name="checksum-without-reserved",
        title="The checksum leaves out the reserved bytes",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A footer's checksum matches only when all of its reserved bytes, from byte 85 on, are counted as "
            "zero. Where the other footer's checksum matches better, that one counts.",
            matters="Every field that means something is covered by the checksum, so the data is certain. Readers "
            "that sum up the stored bytes, as the specification says, find the checksum wrong and refuse the file.",
            seen="Unknown as the work of one writer. A tool that reads a footer into fields and computes the checksum "
            "over these does so where the reserved bytes are not zero, and accepts its own result.",
            false_positives="A footer whose reserved bytes alone were damaged looks the same; no field is hurt then.",
            do="Look at the reserved bytes: some programs keep facts of their own in them. Other tools accept the file "
            "when the checksum is computed again over the stored bytes.",
        ),
    ),
    CodeInfo(
        code="VHD110",
        name="footer-minor-version",
        title="The footer's format version has a minor part",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The lower half of `file_format_version` is not zero. The only version that is described is 1.0, "
            "0x00010000.",
            matters="The specification lets readers go on when only the minor version is newer, so the file is read. "
            "What such a version would mean is described nowhere.",
            seen="Unknown as the work of a writer.",
            false_positives="None known.",
            do="Look whether other fields are odd as well. If not, the disk can be used; setting the field to "
            "0x00010000 with a new checksum, in both footers of a copy, ends the finding.",
        ),
    ),
    CodeInfo(
        code="VHD111",
        name="feature-reserved-missing",
        title="The feature bit that is always set is not",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="Bit 0x2 of `features` is not set. The specification calls it reserved and says that it must always "
            "be set.",
            matters="It has no meaning for the data. A strict reader may refuse the file.",
            seen="Old versions of Virtual PC for Mac.",
            false_positives="In files of those programs it is normal, hence the note.",
            do="Nothing needs to be done.",
        ),
    ),
    CodeInfo(
        code="VHD112",
        name="features-unknown",
        title="Feature bits are set that have no meaning",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="Bits of `features` other than 0x1 (temporary) and 0x2 (reserved) are set. It is a note where 0x100 "
            "is the only one.",
            matters="The specification knows no further features, so nothing in the file depends on these bits; but "
            "their writer meant something by them, or the field is damaged. The checksum tells the two apart.",
            seen="0x100 occurs in healthy files, as the programmers of Aaru report. Others are not known.",
            false_positives="0x100 alone is harmless, hence the note.",
            do="If the checksum matches and the disk is in order, nothing. Find out which program wrote the file.",
        ),
    ),
    CodeInfo(
        code="VHD113",
        name="feature-temporary",
        title="The disk is marked as temporary",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="Bit 0x1 of `features` is set: the specification's mark of a temporary disk, which may be deleted "
            "when its machine is shut down.",
            matters="The data is certain, but a program that honours the mark may delete the file.",
            seen="Unknown in files that were kept on purpose.",
            false_positives="The mark is right where the disk was meant to be thrown away.",
            do="If the disk is to be kept, clear the bit and write a new checksum, in both footers of a copy.",
        ),
    ),
    CodeInfo(
        code="VHD115",
        name="fixed-header-offset",
        title="A fixed disk's footer names a place for a dynamic header",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A fixed disk whose `data_offset` is not all ones (64 bits). It is a note where the value is "
            "0xFFFFFFFF, half of the ones.",
            matters="A fixed disk has no dynamic header, so nobody looks there. A footer with an offset was perhaps "
            "that of a dynamic disk whose type was changed.",
            seen="Conversions that changed the type and kept the rest. 0xFFFFFFFF: the text of the specification names "
            "this value, and a program that follows it to the letter stores it.",
            false_positives="Where file size and `current_size` agree, the disk is fixed and complete.",
            do="If the file begins with `conectix` and `cxsparse`, find out whether it is a dynamic disk in truth. "
            "Otherwise nothing.",
        ),
    ),
    CodeInfo(
        code="VHD117",
        name="header-offset-unaligned",
        title="The dynamic header does not begin with a sector",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A dynamic or differencing disk whose `data_offset` is not a multiple of 512.",
            matters="The header was read from there, and all that follows from it is judged. But no known writer "
            "places it so, and a reader that counts in sectors looks somewhere else.",
            seen="Unknown as the work of a writer.",
            false_positives="None known.",
            do="If the header itself has no finding, the disk can be read. Flattening it into a new file gets rid of "
            "the odd place.",
        ),
    ),
    CodeInfo(
        code="VHD118",
        name="header-elsewhere",
        title="The dynamic header is not right behind the footer copy",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="A dynamic or differencing disk whose `data_offset` is a whole number of sectors, but not 512.",
            matters="The format allows it. Some readers (xen-orchestra among them) expect the header at 512 and cannot "
            "open the file.",
            seen="Hardly ever: nearly all writers use 512.",
            false_positives="The file is healthy, hence the note.",
            do="Nothing needs to be done.",
        ),
    ),
    CodeInfo(
        code="VHD120",
        name="created-in-future",
        title="The disk was created in the future",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="`time_stamp` is more than 14 hours later than the clock of the machine that looks.",
            matters="One of the two clocks is wrong, so no comparison of times with this file can be trusted. The data "
            "does not depend on it.",
            seen="Hosts with a wrong clock, and evidence that is looked at on a machine with a wrong clock.",
            false_positives="Some writers store local time, which is up to 14 hours ahead of UTC: that much is "
            "allowed for.",
            do="Check the clock of this machine first. Nothing needs to be repaired.",
        ),
    ),
    CodeInfo(
        code="VHD121",
        name="created-unset",
        title="The time of creation is not set, or too old to be true",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="`time_stamp` is zero, or lies before 2003. It counts seconds since the beginning of 2000.",
            matters="The file says nothing about when it was made; comparisons of times with it mean nothing.",
            seen="Tools that leave the field at zero so that their output is always the same; machines whose clock "
            "was never set.",
            false_positives="Files of the very first programs that wrote the format may be that old.",
            do="Nothing needs to be done.",
        ),
    ),
    CodeInfo(
        code="VHD122",
        name="creator-unknown",
        title="The program that wrote the file is not known",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="`creator_application` is none of the codes in the table of known writers.",
            matters="What is known of a writer's habits and faults cannot be used for this file. Some readers "
            "choose by this code whether size or geometry counts, and treat an unknown one as they treat the oldest "
            "programs.",
            seen="Backup and conversion tools with a code of their own.",
            false_positives="A new or rare program is no fault, hence the note.",
            do="Nothing. If you know the program, its code is worth a report to this project.",
        ),
    ),
    CodeInfo(
        code="VHD123",
        name="creator-version-tap",
        title="The file is of a version of blktap that is read differently or not known",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The creator is blktap (`tap`) and its version is above 1.3, the last one known, or 0.1. It is an "
            "error for 0.1.",
            matters="blktap itself does not read or write disks of a version above its own. Version 0.1 stored the "
            "bits of sector bitmaps in little-endian order: read by the rules of the format, the wrong sectors come "
            "from this file and from its parent.",
            seen="0.1 before blktap 1.1, whose sources still describe it. Versions above 1.3 are not known.",
            false_positives="A program that took the code `tap` for itself. In version 0.1 blocks of which all sectors "
            "are set, or none, are read rightly.",
            do="For 0.1, convert a copy with `vhd-update` of blktap, or accept VHD123 and check the result against "
            "a file system. For newer versions compare the disk with what it should hold.",
        ),
    ),
    CodeInfo(
        code="VHD124",
        name="creator-host-unknown",
        title="The writer's operating system is not known",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="`creator_host_os` is neither `Wi2k` (Windows) nor `Mac `, the two values of the specification.",
            matters="It has no meaning for the data.",
            seen="blktap (XenServer, XCP-ng) leaves it at zero.",
            false_positives="In files of blktap it is normal, hence the note.",
            do="Nothing needs to be done.",
        ),
    ),
    CodeInfo(
        code="VHD125",
        name="disk-resized",
        title="The disk was expanded",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="`original_size` is smaller than `current_size`. It is a warning in a differencing disk: only "
            "disks without parent and children can be expanded.",
            matters="`current_size` is the disk's size, always. Readers that take the original size (libvhdi among "
            "them) cut the disk off. Within a chain all sizes should be equal: a parent that was expanded under its "
            "children no longer fits them (VHD612).",
            seen="Disks that an administrator made larger, with Hyper-V's or another tool.",
            false_positives="A disk that was expanded before its first snapshot was taken is healthy, and so is its "
            "chain: compare the sizes of parent and child.",
            do="Nothing, if the disk stands alone. In a chain see whether parent and child have the same size "
            "(VHD610, VHD611).",
        ),
    ),
    CodeInfo(
        code="VHD126",
        name="disk-shrunk",
        title="The disk was shrunk",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="`original_size` is larger than `current_size`.",
            matters="`current_size` is the disk's size. Whether a file system or a partition reached behind the new "
            "end cannot be seen from here; if one did, its end is gone. Readers that take the original size read "
            "behind the end of the disk.",
            seen="Disks shrunk on purpose, after the file system was; tools that write any number into the field.",
            false_positives="A disk that was shrunk properly is healthy.",
            do="Compare the partition table with the size of the disk. If all partitions end before it, nothing "
            "needs to be done.",
        ),
    ),
)

"""Codes 408-420: how does the file lie around its blocks?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD408",
        name="block-over-extras",
        title="A block lies over locator data or the batmap",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A block of the disk (sector bitmap and data) that runs over the data of a parent locator, as far as "
            "its stated length goes, or over blktap's batmap. Locators of a dynamic disk are leftovers and do not "
            "count.",
            matters="Two structures share bytes, so one of them is overwritten: the guest's data, or the path to the "
            "parent. The next write by the guest may destroy the other.",
            seen="Damaged BAT entries and damaged locator offsets. Unknown as the work of a writer.",
            false_positives="None known. The space that a locator claims beyond its data is not looked at.",
            do="See whether the locator's text still reads well (`vhdchain info`): then the block is damaged or its "
            "entry wrong; if not, the parent is found by the header's name or another locator. `--accept VHD408` "
            "reads the file as it stands.",
        ),
    ),
    CodeInfo(
        code="VHD409",
        name="entry-behind-disk-invalid",
        title="An entry behind the disk's blocks leads to no place of its own",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A BAT entry that is used although the disk has no such block, and whose place is in metadata, "
            "behind the end of the data, or shared with a block of the disk. Entries of 0 there are filling.",
            matters="The disk does not need the entry. A program that enlarges the disk without clearing it gives the "
            "guest foreign bytes as new space, or lets it write over another block.",
            seen="Tables whose last sectors were filled by something else; disks shrunk by editing their size. Unknown "
            "as the work of a writer.",
            false_positives="None known: unused entries, zeros, and blocks with a place of their own are left out.",
            do="Nothing for reading. Before the disk is enlarged, set the entries to 0xFFFFFFFF on a copy.",
        ),
    ),
    CodeInfo(
        code="VHD410",
        name="table-padding",
        title="What fills up the BAT's last sector",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The bytes behind the BAT's last entry, up to the end of its sector: all 0xFF, all 0x00, or (a "
            "warning) something else.",
            matters="Both fillings are usual and tell writers apart. Anything else says that the table was longer "
            "once, or that its last sector was damaged.",
            seen="Windows and qemu write 0xFF, VirtualBox and blktap write 0x00.",
            false_positives="As a note it is a fact of every file whose table does not end with a sector.",
            do="Nothing for the usual fillings. If it is something else, see whether the header's number of entries "
            "is right: the entries may go on (VHD214).",
        ),
    ),
    CodeInfo(
        code="VHD411",
        name="block-alignment",
        title="Blocks of the file are aligned in two ways",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="At least three blocks in a row, from one end of the file, have their data at multiples of 4 KiB, "
            "and at least three others have not.",
            matters="Programs keep to one way: a second one went on with the file. When something is wrong with it, "
            "that program's blocks are those to look at.",
            seen="Disks moved from an older Windows, which aligns at 512 bytes, to Windows 8 or later or to XenServer, "
            "which align at 4 KiB.",
            false_positives="Blocks that lie side by side without alignment meet a page with every eighth: these are "
            "not taken for a pattern.",
            do="Nothing: all readers follow the entries. On disks with sectors of 4 KiB unaligned blocks are slower; "
            "a new copy (`vhdchain flatten`) puts that right.",
        ),
    ),
    CodeInfo(
        code="VHD412",
        name="gap-of-a-block",
        title="A gap in which a block could lie",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="Ranges before the last block that belong to no structure and are large enough for a whole block, "
            "aligned like the others. The room behind the last block is VHD414.",
            matters="The file is larger than it needs to be, or a block lies there whose entry was lost.",
            seen="Blocks whose BAT entry was damaged or never written. Unknown as the intent of a writer.",
            false_positives="It is a fact and no fault: room that was freed on purpose would be no damage.",
            do="If an entry of the BAT is reported too, the gap may be the place of its block. `vhdchain audit --deep` "
            "looks at what lies there.",
        ),
    ),
    CodeInfo(
        code="VHD414",
        name="bytes-before-footer",
        title="Bytes between the last block and the footer",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="At least 512 bytes right before the end footer that belong to no block and no other structure. If "
            "no whole block has room there, it is a note.",
            matters="A file grows at its end: first the block, then its BAT entry. Room for a block before the footer "
            "may hold one whose entry was never written.",
            seen="Power loss during growth; a damaged BAT entry.",
            false_positives="The bytes that pages of 4 KiB explain are left out: Windows 8 and later leave up to 7,679 "
            "of them, also in a disk without blocks.",
            do="`vhdchain audit --deep` looks at what lies there. Where it is nothing but zeros, only space is lost.",
        ),
    ),
    CodeInfo(
        code="VHD416",
        name="table-wiped",
        title="The BAT was wiped: all of its entries are the same",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="All the BAT's entries are 0, or its used entries, three or more, are all the same. It is told "
            "instead of VHD402, VHD403, VHD404 and VHD406.",
            matters="No block of the disk can be found any more by the table, although the blocks may all be there.",
            seen="Tables zeroed by a crash, or by a file system that lost the write; a fill pattern written over the "
            "file's beginning.",
            false_positives="A writer whose unused entries are 0 and a disk with nothing in it; then its other files "
            "look the same.",
            do="Restore the file. Without a backup: blocks usually lie in the order in which the guest wrote them, and "
            "the file system inside tells which is which; that is work for a copy. It cannot be accepted for "
            "reading.",
        ),
    ),
    CodeInfo(
        code="VHD417",
        name="table-empty-file-large",
        title="No block is in use, but the file has room for some",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="All of the BAT's entries are unused, and between the metadata and the footer lies room for a block "
            "or more.",
            matters="An empty disk needs no such room. The blocks may be there, and the table that leads to them was "
            "overwritten by an empty one.",
            seen="Tables lost in a crash. Unknown as the work of a writer.",
            false_positives="A file that was made larger to reserve room: everything there is zeros then.",
            do="Look at the room with `vhdchain audit --deep`. If it holds data, restore the table from a backup "
            "before anything writes to the disk.",
        ),
    ),
    CodeInfo(
        code="VHD418",
        name="file-size-odd",
        title="The file does not end with a whole sector",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The file's length is no multiple of 512, nor one byte less, as programs before Virtual PC 2004 left "
            "it. A fixed disk's length is VHD144, bytes behind the footer are VHD105.",
            matters="All structures of a dynamic disk lie at whole sectors. Some bytes were lost or inserted, and what "
            "follows them is shifted.",
            seen="Copies cut off anywhere, transfers that changed line ends. Unknown as the work of a writer.",
            false_positives="None known.",
            do="Compare the length with the original's. If there is none, look whether the blocks behind some place "
            "make sense when that many bytes are taken away or added.",
        ),
    ),
    CodeInfo(
        code="VHD419",
        name="fragmentation",
        title="Blocks lie out of order",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="Which share of the disk's blocks in use are not followed in the file by the next one in use. It is "
            "told only where some block lies before one that it follows in the disk.",
            matters="Reading the disk from its beginning to its end jumps about in the file, which is slow on rotating "
            "disks.",
            seen="Every dynamic disk whose guest did not write from the beginning to the end.",
            false_positives="It is a fact and no fault.",
            do="Nothing. A copy made by `vhdchain flatten` is in order.",
        ),
    ),
    CodeInfo(
        code="VHD420",
        name="file-larger-than-disk",
        title="The file is larger than the whole disk needs",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The file is longer than all its metadata and all blocks of the disk together, each with 4 KiB for "
            "its alignment.",
            matters="Even a full disk needs no such file: it holds something that the disk does not know of, or the "
            "disk's size is wrong.",
            seen="Disks whose size was edited; files that had something inserted. Unknown as the work of a writer.",
            false_positives="A file that was made larger to reserve room.",
            do="VHD412 and VHD414 tell where the room is. Compare the disk's size with what the partition table inside "
            "expects.",
        ),
    ),
)

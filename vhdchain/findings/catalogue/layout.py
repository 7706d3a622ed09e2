"""Codes 401-449: does the BAT point to blocks that can be where it says?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD401",
        name="table-truncated",
        title="Entries of the BAT that the disk needs are missing",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A000A,
        page=Page(
            finds="The file, or the space before its end footer, ends before the BAT entries of all the disk's blocks.",
            matters="The blocks whose entries are missing may lie in the file, but nothing says where.",
            seen="Truncated copies, mostly together with VHD209; an end footer written over the table.",
            false_positives="None known: entries beyond the disk's size are not counted.",
            do="Restore the file. Blocks before the missing entries are still found; it cannot be accepted for "
            "reading, because the rest would be a guess.",
        ),
    ),
    CodeInfo(
        code="VHD402",
        name="block-in-metadata",
        title="A block would lie over the header or the BAT",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A BAT entry whose block (sector bitmap and data) runs over the footer copy, the dynamic header or "
            "the BAT itself. Entries of zero are VHD403.",
            matters="Metadata would be taken for the guest's data, and a write by the guest would destroy the disk's "
            "own structures.",
            seen="Damaged tables; entries stored in the wrong byte order, or as an index instead of a sector.",
            false_positives="None known. Blocks before the parent locators are legal and no case of it.",
            do="The entry is damaged, the block's place unknown. Gaps between the other blocks show where it may be. "
            "It cannot be accepted for reading.",
        ),
    ),
    CodeInfo(
        code="VHD403",
        name="entry-zero",
        title="A BAT entry is zero",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A BAT entry of 0, the place of the footer copy. Unused is 0xFFFFFFFF.",
            matters="Whether the block was never written or its place was lost cannot be told from the entry. Readers "
            "that follow it give the guest the footer as data; readers that take it for unused hide a loss.",
            seen="Tables zeroed by a crash or by a file system that lost the write; writers that fill new entries with "
            "zeros instead of ones.",
            false_positives="If all of a writer's unused entries are zero and its other files look the same, they mean "
            "unused.",
            do="If the file has no gaps between its blocks and none before the footer, the block was never written, "
            "and 0xFFFFFFFF is the right value. Correct it on a copy. It cannot be accepted for reading.",
        ),
    ),
    CodeInfo(
        code="VHD404",
        name="block-beyond-end",
        title="A block ends behind the end of the file",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A BAT entry whose sector bitmap and data, as far as they belong to the disk, end behind the "
            "beginning of the end footer (or the end of the file where that footer is missing).",
            matters="Part of the disk is not in the file. qemu-img refuses such a file, 7-Zip and libvhdi stop with an "
            "error, dissect.hypervisor gives less data than the disk has without saying so.",
            seen="Truncated copies and downloads, usually together with VHD102; a full volume; damaged entries.",
            false_positives="None known. The end is that of the data, 512 bytes before the end of the file; a last "
            "block cut at the disk's end is VHD405.",
            do="Restore the file if it was cut off. With `--accept VHD404` everything else can be read; reading the "
            "missing part still raises an error, it is never filled with zeros.",
        ),
    ),
    CodeInfo(
        code="VHD405",
        name="last-block-cut",
        title="The last block is cut off behind the disk's end",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The disk's size is not a multiple of its block size, and of the last block only bytes behind the "
            "disk's end are missing in the file.",
            matters="No data is missing. Readers that always read whole blocks fail at it.",
            seen="Writers that store the last block only as far as the disk goes.",
            false_positives="None: it is harmless for this tool, hence a warning.",
            do="Nothing for reading here. For other readers write the disk anew with whole blocks.",
        ),
    ),
    CodeInfo(
        code="VHD406",
        name="blocks-equal",
        title="Two BAT entries point to the same block",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="Two or more entries of the BAT hold the same sector. All such places are counted, the first ones "
            "are listed.",
            matters="Only one of the blocks can be the owner; for the others the data is gone or never was. A write to "
            "one of them changes the other. qemu-img opens such a file, and 7-Zip, libvhdi and dissect.hypervisor "
            "give wrong data without an error.",
            seen="Writers that allocate a block twice (dosbox-x issue 4218), torn writes to the table.",
            false_positives="None known.",
            do="Compare the block's content with what each of the places should hold (a file system check inside the "
            "guest tells). Restore the other from a backup; `--accept VHD406` reads both as they stand.",
        ),
    ),
    CodeInfo(
        code="VHD407",
        name="blocks-overlap",
        title="Blocks overlap in the file",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="Two blocks (sector bitmap and data) whose ranges in the file overlap without being the same.",
            matters="The second block's bitmap lies in the first one's data or the other way round: one of them is "
            "overwritten.",
            seen="Damaged entries; headers whose block size was changed after blocks had been written.",
            false_positives="A last block stored only up to the disk's end may be followed at once by another: only "
            "its stored part counts here.",
            do="If nearly all blocks overlap, suspect the block size: the usual distance between entries is bitmap "
            "plus block. If one does, its entry is damaged; `--accept VHD407` reads the file as it stands.",
        ),
    ),
)

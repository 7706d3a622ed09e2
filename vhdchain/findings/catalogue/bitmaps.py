"""Codes 451-460: what do the sector bitmaps and the data beneath them say?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD451",
        name="bitmap-unreadable",
        title="A sector bitmap cannot be read",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A block's sector bitmap lies inside the file and could not be read: an I/O error, or the file "
            "became shorter meanwhile.",
            matters="Without its bitmap nobody knows which sectors of the block belong to this file; in a differencing "
            "disk each may be the parent's.",
            seen="Media with bad sectors; files that a host or a copy changes during the audit.",
            false_positives="None: it was not read. Blocks behind the end of the file are VHD404 and not told here.",
            do="Copy the file with a rescue tool, or read a copy that does not change. In a dynamic disk from qemu or "
            "Windows the lost bitmap was all ones.",
        ),
    ),
    CodeInfo(
        code="VHD452",
        name="data-under-clear-bits",
        title="There is data where the bitmap has clear bits",
        severity=Severity.WARNING,
        since="0.1.0",
        windows_error=0xC03A000C,
        windows_text="The virtual hard disk is corrupted. The block bitmap does not match with the block data present "
        "in the virtual hard disk.",
        page=Page(
            finds="Sectors inside the disk that hold something else than zeros, and whose bit in the sector bitmap is "
            "clear. The finding counts them and names the first blocks.",
            matters="By the format these bytes mean nothing: a dynamic disk shows zeros there, a differencing disk "
            "its parent's sectors. qemu and dissect.hypervisor ignore the bits of dynamic disks and show the bytes, "
            "7-Zip calls them a data error, so two tools give the guest two disks. It may also be data whose bitmap "
            "update was lost.",
            seen="Stale data after a merge or a change of the parent; crashes between the write of the data and that "
            "of its bitmap; bitmaps in the wrong bit order (VHD458).",
            false_positives="A writer may reuse room in the file without clearing it; the format allows that.",
            do="If the disk was in use when its host died, look at what these sectors hold: they may be the last "
            "writes. Otherwise flatten or copy the disk with a reader that follows the bitmaps, and use the copy.",
        ),
    ),
    CodeInfo(
        code="VHD453",
        name="bits-beyond-disk",
        title="Bits are set for sectors that do not exist",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="Set bits in a bitmap's padding behind the block's sectors, or, in the last block, behind the end of "
            "the disk, that are neither all zeros nor all ones.",
            matters="No reader should look at them, so the disk's data is certain. They show that something wrote "
            "into the bitmap that does not count as others do: a wrong block size, a shrunk disk, damage.",
            seen="Disks that were made smaller with a tool that left the bitmaps as they were.",
            false_positives="Padding filled with ones is normal (qemu fills the whole bitmap), and so are the ones "
            "behind the disk's end in a last block that was marked whole: both are quiet.",
            do="Compare `original_size` with `current_size`. If the disk was not made smaller, look at the rest of the "
            "bitmap and at its neighbours for damage.",
        ),
    ),
    CodeInfo(
        code="VHD454",
        name="bitmap-empty",
        title="A block is allocated, and none of its sectors is in the file",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="Allocated blocks in whose bitmap no bit is set for a sector of the disk.",
            matters="The room is wasted, nothing else: all sectors are zeros or the parent's.",
            seen="Writers that allocate a block before they write to it, and were interrupted; blocks whose sectors "
            "were all discarded.",
            false_positives="It is no fault. If there is data under the clear bits, VHD452 says so.",
            do="Nothing. A compaction gives the room back.",
        ),
    ),
    CodeInfo(
        code="VHD455",
        name="bitmap-partial-dynamic",
        title="A dynamic disk has bitmaps with clear bits",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="Allocated blocks of a dynamic disk in which some bits are set and others clear.",
            matters="The clear sectors are zeros. Readers that do not look at the bitmaps of dynamic disks give the "
            "same only as long as zeros lie there.",
            seen="blktap, which sets a bit when its sector is written. Windows and qemu set all the bits of a dynamic "
            "disk's block at once.",
            false_positives="It is no fault; it is told because tools differ in it.",
            do="Nothing. If VHD452 is told as well, use a reader that follows the bitmaps.",
        ),
    ),
    CodeInfo(
        code="VHD456",
        name="zeros-stored",
        title="Sectors of a differencing disk are stored zeros",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="Sectors of a differencing disk whose bit is set and that hold zeros.",
            matters="They have a meaning: they hide what the parent holds there. A tool that leaves zeros out when it "
            "copies or merges brings the parent's old data back.",
            seen="Every guest that clears sectors, formats a volume or deletes files with overwriting.",
            false_positives="It is no fault.",
            do="Nothing. Do not elide zeros of this file as long as it has a parent.",
        ),
    ),
    CodeInfo(
        code="VHD457",
        name="sectors-redundant",
        title="Sectors of a differencing disk equal the parent's",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="Sectors of a differencing disk whose bit is set and that hold what the chain below shows in their "
            "place. It is looked for where that chain is complete and without errors.",
            matters="They take room twice. Where it is so for every set sector, the file adds nothing to its parent; "
            "VHD902 says where that looks like a merge that was finished without deleting it, VHD903 where it looks "
            "like one that stopped half-way.",
            seen="Guests that write back what they read (defragmentation, restores); disks after a finished merge.",
            false_positives="It is no fault.",
            do="Nothing, or merge. If all sectors are redundant, find out whether the file is still in use.",
        ),
    ),
    CodeInfo(
        code="VHD458",
        name="bitmap-bit-order",
        title="The bitmaps fit the data better in the other bit order",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="Over all blocks, bits counted from the lowest bit of each byte fit the sectors that hold data "
            "clearly better than bits counted from the highest, as the format demands. Only bytes that differ when "
            "they are turned around count, and at least eight of them must fit.",
            matters="Every reader takes the wrong sectors from such a file: data that was written is hidden, and "
            "zeros or stale bytes are shown instead.",
            seen="blktap 0.1, which counted from the lowest bit; programs of one's own.",
            false_positives="A guest whose data happens to lie so is very unlikely; a single disk may still be one.",
            do="If the footer says `tap` 0.1, or VHD452 is told of the same blocks, the file needs a converter that "
            "turns every bitmap byte around. Work on a copy, and check a file system of the guest afterwards.",
        ),
    ),
    CodeInfo(
        code="VHD459",
        name="bitmap-bytes-partial",
        title="A differencing disk has bitmap bytes with set and clear bits",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="Bytes in the bitmaps of a differencing disk that are neither all zeros nor all ones, so that eight "
            "neighbouring sectors come from two files.",
            matters="The format allows it and every host writes it. libvhdi takes a byte that is not zero for eight "
            "set bits: it shows this file's sectors, mostly zeros, where the parent's belong, without an error. "
            "Measured with libvhdi-python 20260901.",
            seen="Guests that write less than 4 KiB at a time, or not at multiples of it.",
            false_positives="It is no fault of the file.",
            do="Do not read this chain with libvhdi, or with tools built on it; compare results that were made with "
            "it.",
        ),
    ),
    CodeInfo(
        code="VHD460",
        name="data-unreadable",
        title="Sectors that belong to this file cannot be read",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="Sectors inside the disk whose bit is set and whose data lies behind the end of the data, or could "
            "not be read (I/O error, file shortened meanwhile).",
            matters="These sectors of the disk are lost in this file. The finding counts them: VHD404 says that a "
            "block does not end inside the file, this one which sectors of it are really missing.",
            seen="Truncated copies, full volumes, media with bad sectors.",
            false_positives="None known. Sectors behind the end whose bits are clear are not missing and not counted.",
            do="Restore the file, or copy it with a rescue tool. Whatever cannot be restored, map to the guest's files "
            "with the first sector that the finding names.",
        ),
    ),
)

"""Codes 604-626: what do child and parent say of each other?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD604",
        name="parent-identifier-elsewhere",
        title="A stored path leads to another disk, the parent lies elsewhere",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A000E,
        page=Page(
            finds="A recorded path of the child leads to a disk with another identifier than the child asks for, and "
            "exactly one other file in the allowed folders has the wanted one. That one is taken as the parent here, "
            "and it is told instead of VHD602 and VHD603. Several such files are VHD605.",
            matters="The identifier says which disk the child was made on, so the disk can be read here. Programs that "
            "follow the path either refuse the chain or, where they do not compare identifiers, show a mixture of two "
            "disks.",
            seen="A base that was renamed, after which another disk got its name; two folders that were merged; "
            "an older generation restored over the base while the true one was moved aside.",
            false_positives="A tool that gave the parent a new identifier, and left a copy with the old one elsewhere: "
            "then the file at the path may be the newer state of the same disk.",
            do="Compare the two files that `related` names, the parent first. Put the right one back to where the path "
            "leads, or connect the child to it (`Set-VHD -ParentPath` in Hyper-V). Work on a copy.",
        ),
    ),
    CodeInfo(
        code="VHD606",
        name="parent-time-differs",
        title="The parent's file was not modified when the child says",
        severity=Severity.NOTE,
        since="0.1.0",
        windows_error=0xC03A000F,
        page=Page(
            finds="The child's `parent_time_stamp` is not the modification time of the parent's file. Equal counts as "
            "equal within two seconds (FAT) and by any offset of a time zone; 0 means that it was not recorded, as "
            "since Windows 8.",
            matters="The time is meant to show that the parent was written to behind the child's back. Windows has an "
            "error of its own for it.",
            seen="Every file that was copied, unpacked, restored or checked out without its times.",
            false_positives="All of the above: only the times changed, not the data.",
            do="Nothing, if the files are copies. On a host find out what wrote to the parent before the child is "
            "used; VHD608 is told instead where the parent is newer than the child.",
        ),
    ),
    CodeInfo(
        code="VHD607",
        name="parent-time-is-footer-time",
        title="The child stores the parent's footer time, not its file's",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The child's `parent_time_stamp` equals the time in the parent's footer and not the modification "
            "time of its file. It is told instead of VHD606.",
            matters="Programs that compare it with the modification time report a mismatch. Nothing says that the "
            "parent was written to.",
            seen="DOSBox stores the footer's time. The two times are also the same in a parent that was never written "
            "to after it was made, and differ once its file is copied.",
            false_positives="None: it states how the child records its parent.",
            do="Nothing needs to be done.",
        ),
    ),
    CodeInfo(
        code="VHD608",
        name="parent-modified-after-child",
        title="The parent's file was modified after the child was made",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The modification time of the parent's file is more than 14 hours (the widest time zones) behind the "
            "time at which the child was made.",
            matters="A parent must not change once it has a child: every sector that changes changes the child's disk "
            "too, unnoticed. If it was written to, the chain is damaged although every structure is sound.",
            seen="A machine started from its base while snapshots existed; a merge into the parent; a base that was "
            "compacted, expanded or mounted writable.",
            false_positives="Whoever copies a file may change its modification time: unpacked, restored and checked "
            "out folders all show this. The files alone cannot tell a copy from a write.",
            do="Nothing, if the files are copies made without their times. Otherwise compare the parent with a backup "
            "from before the child's creation.",
        ),
    ),
    CodeInfo(
        code="VHD609",
        name="parent-footer-after-child",
        title="The parent's footer is a little younger than the child's",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The time in the parent's footer is behind that in the child's, by no more than 14 hours. Footers "
            "record when an image was made. Beyond 14 hours it is VHD625.",
            matters="A child is made on a parent that exists, so the order is wrong. A difference that small may come "
            "from a clock or a time zone; it may also be a parent that was made again on the same day.",
            seen="Tools that store local time beside others that store UTC; a wrong clock; a base that was recreated "
            "under the same identifier.",
            false_positives="Writers with different time zones or wrong clocks.",
            do="If both images come from one program on one host, look for another file with the wanted identifier, in "
            "a backup too.",
        ),
    ),
    CodeInfo(
        code="VHD612",
        name="base-expanded",
        title="The parent was expanded under its child",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A0017,
        page=Page(
            finds="The parent's `current_size` is above its `original_size`, and the child's size is the original one: "
            "somebody expanded the parent after the child was made. It is told instead of VHD610.",
            matters="The classic way to lose a tree of snapshots: Hyper-V refuses the chain, and starting the machine "
            "from the expanded base, to get at the data, damages all its children.",
            seen="`Edit Disk`, VhdTool and `VBoxManage modifymedium --resize` on a base that has snapshots.",
            false_positives="None as to the sizes. As long as nothing was written to the parent since, all data is "
            "there, and is read here at the child's size.",
            do="Do not start anything from the parent. Expanding a dynamic disk changes its footers and may lengthen "
            "its BAT; the blocks keep their content. So on a copy set `current_size` and the geometry in both footers "
            "back to what the child has, and let the checksums follow. Entries of the BAT behind the old end must be "
            "unused: if one is used, the disk was written behind it (a partition was extended), and setting the size "
            "back is not enough. A fixed disk must be cut back too, footer last. `vhdchain repair` does all of it "
            "where nothing lies behind the old end, and can take it back.",
        ),
    ),
    CodeInfo(
        code="VHD613",
        name="block-size-differs",
        title="The block sizes of child and parent differ",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The `block_size` of the child is not that of its parent.",
            matters="It is allowed. Readers that look a sector up by the same block in every layer, instead of by its "
            "number, return wrong data.",
            seen="Chains to which two programs added layers; 512 KiB blocks beside 2 MiB ones after a conversion.",
            false_positives="None: it states a fact.",
            do="Nothing here. Test another reader on such a chain before relying on it.",
        ),
    ),
    CodeInfo(
        code="VHD614",
        name="geometry-differs",
        title="The geometries of child and parent differ",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="Cylinders, heads and sectors per track in the child's footer are not those in its parent's, "
            "although both disks have the same size.",
            matters="Old guests address the disk by its geometry and may see another one after a snapshot. Readers "
            "that derive the size from the geometry see two sizes.",
            seen="Layers written by different programs, which calculate the geometry in different ways.",
            false_positives="None: it states a fact. Modern guests do not look at the geometry.",
            do="Nothing, unless an old guest (DOS, Windows 9x) does not start from the child.",
        ),
    ),
    CodeInfo(
        code="VHD616",
        name="parent-saved-state",
        title="The parent belongs to a machine in saved state",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The parent's footer has `saved_state` = 1, and a disk builds on it.",
            matters="A saved machine goes on with the content of its disks at that moment. When it is resumed on the "
            "parent, it writes there and damages the child; when the child is used, the saved state no longer fits.",
            seen="A snapshot of, or a differencing disk made over, the disk of a machine that Virtual PC or Virtual "
            "Server had put to sleep.",
            false_positives="Programs that never clear the flag. If no saved machine uses the parent, nothing is "
            "wrong.",
            do="Find the machine that was saved. Do not resume it on the parent while the child is needed.",
        ),
    ),
    CodeInfo(
        code="VHD625",
        name="parent-created-after-child",
        title="The parent was made after its child",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The time in the parent's footer is more than 14 hours behind that in the child's, which no time "
            "zone explains. Footers record when an image was made. Smaller differences are VHD609.",
            matters="The child cannot have been made on this file. It has the right identifier, so it is a disk that "
            "was made again, or changed by a tool, under the identifier of the old one; its content may be another.",
            seen="Converted, compacted or recreated bases whose identifier was set by hand to make the chain open; "
            "clocks that were wrong when the child was made.",
            false_positives="A host whose clock was years off, which is common in machines without a battery.",
            do="Ask where the parent comes from. Look for an older file with the wanted identifier in backups, and "
            "compare the two.",
        ),
    ),
    CodeInfo(
        code="VHD626",
        name="creator-differs",
        title="Child and parent were written by different programs",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The `creator_application` of the child is not that of its parent. Versions are not compared: hosts "
            "are upgraded.",
            matters="It says where another program took part, which helps to understand every other finding: dialects "
            "differ in paths, sizes and times.",
            seen="Templates made by one program and used by another; disks moved between hosts; backups and "
            "conversions that rewrite a layer.",
            false_positives="None: it states a fact.",
            do="Nothing needs to be done.",
        ),
    ),
)

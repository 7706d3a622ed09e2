"""Codes 219-230: what does the dynamic header say of the parent?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD219",
        name="parent-identifier-null",
        title="The parent's identifier is null",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The `parent_unique_id` of a differencing disk is 16 zero bytes. A note where blktap or XenServer "
            "wrote the disk: that is how they name a raw parent.",
            matters="The identifier is what tells the right parent from another file of the same name. Without it only "
            "a raw file, or a VHD that has no identifier itself, is taken for the parent.",
            seen="Chains on raw disks by XenServer; parents made by tools that store no identifier.",
            false_positives="Another writer's chain on a raw disk is in order.",
            do="Make sure by other means that the parent is the right one, for example by its date and size. If it has "
            "an identifier, the child's header was damaged or was made for another parent.",
        ),
    ),
    CodeInfo(
        code="VHD220",
        name="parent-identifier-own",
        title="The parent's identifier is the disk's own",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="The `parent_unique_id` of a differencing disk equals the `unique_id` in its own footer.",
            matters="Parent and child cannot be told apart: a copy of the child passes for its parent, and then the "
            "disk's data is wrong. The file by itself can still be opened, for the identifier says nothing of its own "
            "data; the file itself is never taken for its parent.",
            seen="Unknown as the work of a writer. A tool that copies the parent's footer into the child, or a script "
            "that stores the wrong identifier when it connects a disk anew, would leave this.",
            false_positives="If the parent really has the same identifier, the chain reads right as long as the "
            "locators lead to the right file.",
            do="Find the parent by the locators and compare its identifier. Give the child a new one, or correct the "
            "parent's identifier in its header.",
        ),
    ),
    CodeInfo(
        code="VHD221",
        name="parent-name-empty",
        title="The header gives the parent no name",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The `parent_unicode_name` of a differencing disk begins with a NUL.",
            matters="The specification wants the parent's file name there. Some readers look for the parent by this "
            "name alone, and it is what helps when no locator leads anywhere.",
            seen="Unknown as the work of a writer.",
            false_positives="The disk is read right where a locator leads to the parent.",
            do="Make sure that a locator leads to the parent; `vhdchain chain` shows how it is found.",
        ),
    ),
    CodeInfo(
        code="VHD222",
        name="parent-name-unterminated",
        title="The parent's name fills its field",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The `parent_unicode_name` has no NUL within its 256 UTF-16 units.",
            matters="The name may have been cut off, and a reader that looks for the NUL runs over the end of the "
            "field into the locators.",
            seen="Parents in deep folders: Windows stores the full path as the name.",
            false_positives="A name of exactly 256 units is whole.",
            do="Compare the name with what the locators say. Shorten the path if other programs fail with the disk.",
        ),
    ),
    CodeInfo(
        code="VHD223",
        name="parent-name-undecodable",
        title="The parent's name cannot be decoded",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The `parent_unicode_name` is no UTF-16 text: half of a surrogate pair stands in it without the "
            "other half.",
            matters="The name cannot be used to look for the parent, and no letters are put in its place, for these "
            "might name another file. What the locators say is not affected.",
            seen="Unknown as the work of a writer; Windows itself allows such file names.",
            false_positives="On Windows the parent may really be called so.",
            do="Look at the locators, which hold the same name once more, and at the files beside the disk.",
        ),
    ),
    CodeInfo(
        code="VHD224",
        name="parent-name-swapped",
        title="The parent's name is stored in the wrong byte order",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The `parent_unicode_name` reads as a path when it is taken as UTF-16LE and not when it is taken as "
            "UTF-16BE, the order of the specification.",
            matters="Here the name is read as it was meant. Other programs see a row of foreign characters and find no "
            "parent by it.",
            seen="Tools that store the name in the byte order of the machine, as in the locators.",
            false_positives="A name of mostly East Asian characters may by chance read as letters when it is swapped.",
            do="Nothing is needed to read the disk here. For other programs the name must be stored anew.",
        ),
    ),
    CodeInfo(
        code="VHD229",
        name="parent-time-future",
        title="The parent's time stamp is in the future",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The `parent_time_stamp` is more than 14 hours later than the present time of the machine that looks "
            "at the file. The hours allow for writers that store local time.",
            matters="A clock was wrong, here or where the disk was made, or the field is damaged. No data depends on "
            "it.",
            seen="Machines whose clock was wrong.",
            false_positives="The clock of the machine that runs the audit may be wrong.",
            do="Check this machine's clock first. Then compare with the parent's modification time and the disk's own "
            "time stamp.",
        ),
    ),
    CodeInfo(
        code="VHD230",
        name="parent-time-after-child",
        title="The parent was modified after the disk was made",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The `parent_time_stamp` is more than 14 hours later than the time stamp in the disk's own footer. "
            "Where either is zero, it was not recorded, and nothing is told. In the future it is VHD229.",
            matters="The field holds when the parent was written to for the last time, as its child was made. If that "
            "is later than the child, the child was connected to its parent anew, or the parent has been changed: then "
            "the sectors that the child takes from it may be other ones than before.",
            seen="Disks connected to another parent, or again to the same one after it was written to.",
            false_positives="A host that merges a snapshot connects the child of the merged disk to the one below, and "
            "stores that one's new time: such a disk is in order.",
            do="Find out what connected the disk to its parent. If nobody did, compare the parent with a backup from "
            "the time when the disk was made.",
        ),
    ),
)

"""Codes 706-713: do the families of disks fit the machines that use them?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD706",
        name="leaf-unreferenced",
        title="No machine uses a differencing disk or any of its family",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="There are configurations of machines in the scan, and none of them names this differencing disk, a "
            "disk above it, or any other disk above the same base. `related` lists the ancestors that only this disk "
            "needs. It is a note where some configurations could not be read. Where none of the machines' disks was "
            "found, nothing is told of others.",
            matters="What the disk belongs to cannot be said. It may be all that is left of a machine whose "
            "configuration was lost, or wasted space.",
            seen="Machines that were deleted in the host, which leaves their disks; folders of which only the disks "
            "were restored; disks copied beside a machine to look at them.",
            false_positives="A configuration outside of the scan may use it: a machine's configuration and its disks "
            "often lie on different drives.",
            do="Scan the folders with the configurations of the same host together with this one. If no machine turns "
            "up, flatten the disk and look at what it holds before it is removed.",
        ),
    ),
    CodeInfo(
        code="VHD709",
        name="active-disk-has-children",
        title="Other disks build on the disk that a machine runs on",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="The present configuration of a machine names a file that has children. `related` lists the "
            "children, the message the machines and snapshots that need them. It is a warning where the file was found "
            "by its name only.",
            matters="A machine writes to its disk as soon as it starts. Every write changes what all disks above show, "
            "unnoticed, and the snapshots that these disks keep are then worthless.",
            seen="A machine that was made anew around its old `.vhd` while snapshots existed; a base image that was "
            "attached to be updated; a snapshot that was applied in place, by other means than the host's.",
            false_positives="Children that nobody needs any more break without harm. The scan cannot tell.",
            do="Do not start the machine. Attach the leaf that it should run on, or a new differencing disk above this "
            "file. If it was started already, take the whole chain from a backup.",
        ),
    ),
    CodeInfo(
        code="VHD710",
        name="leaf-unexplained",
        title="A leaf that nothing names lies beside those that a machine uses",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="No configuration names this differencing disk or a disk above it, while a machine or its snapshots "
            "use other disks above the same base, or above the same missing parent. `related` lists the ancestors that "
            "only this disk needs. It is a note where some configurations could not be read, or the machine says that "
            "it has more snapshots than are here.",
            matters="The host neither merges nor deletes a file that it does not know. It takes space for ever, and "
            "it keeps its ancestors from being merged if a tool counts it as a child. It may also hold the latest "
            "state of the machine, if the configuration is older than the disks.",
            seen="Leaves of a present that was given up by a revert, merges that failed half-way, configurations that "
            "were restored from a backup while the disks stayed.",
            false_positives="The configuration of a further machine may lie outside of the scan.",
            do="Compare the times: a leaf that is younger than the machine's configuration may be what is wanted. "
            "Flatten it if in doubt; remove it when nobody misses what it holds.",
        ),
    ),
    CodeInfo(
        code="VHD711",
        name="merge-room",
        title="There is less free space than a merge needs",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The caller of the audit said how much is free (`--free`), and a merge needs more. What is compared "
            "are the merges that deleted snapshots left to be made (VHD808), for each machine the deletion of that "
            "snapshot which needs most, and, where no machine uses the disks, the one merge of an only child into its "
            "parent that needs most. `expected` is what the merge needs, `found` what is free. Nothing is told where "
            "nothing was said of the free space.",
            matters="A file grows while it takes up what builds on it: every block that it does not have yet is added, "
            "and the other file is deleted only when all is done. A merge that runs out of space cannot be finished.",
            seen="Volumes that snapshots have filled: the one way to free space, deleting a snapshot, then needs some "
            "first.",
            false_positives="The number is what new blocks take by the sector bitmaps. A host may need less where "
            "another file goes first, or more where it aligns blocks or keeps a reserve of its own.",
            do="Look at `vhdchain du` for what each deletion needs and frees. Make room on the volume, or begin with "
            "snapshots that nothing was made from: their files are deleted, not merged.",
        ),
    ),
    CodeInfo(
        code="VHD713",
        name="base-shared-by-machines",
        title="Several machines run above one base",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The present disks of two or more machines have this file as their lowest ancestor. `related` lists "
            "these disks.",
            matters="One file carries all these machines: what happens to it happens to all of them. It must never be "
            "written to, and a merge into it for one machine ruins the others.",
            seen="Test labs and classrooms: a prepared system disk with a differencing disk for each machine.",
            false_positives="It is what differencing disks are made for; healthy folders have it.",
            do="Keep the base read-only, and have it in the backup of every one of these machines.",
        ),
    ),
)

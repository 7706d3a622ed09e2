"""Codes 806-826: do the disks hold the snapshots that the configurations tell of?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD806",
        name="frozen-disk-written",
        title="A snapshot's disk was modified after the snapshot was taken",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The configuration of a snapshot stores when it was taken, its file was modified within an hour of "
            "that, so that times came along with the files, and the disk that it froze was modified more than an hour "
            "later. `expected` is the time of the configuration's file, `found` that of the disk.",
            matters="Nothing may write to a frozen disk. If something did, the snapshot is not what it was, and the "
            "disks above it show a mixture.",
            seen="Bases mounted or started by another machine, disks opened for writing by a tool, snapshots applied "
            "in place.",
            false_positives="A copy that kept the times of small files and not those of the disks. Whether anything "
            "was written, or only the time touched, cannot be seen from outside. Where the time of the snapshot is not "
            "stored, or the copy has new times, nothing is told.",
            do="Find out what opened the disk at that time. Compare it with a backup from before; `vhdchain audit "
            "--deep` shows whether the structures still fit.",
        ),
    ),
    CodeInfo(
        code="VHD808",
        name="deleted-snapshot-disk",
        title="The file of a deleted snapshot is still there",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A file in the chain of a machine is named by no configuration, and a file that a host made for a "
            "snapshot (`.avhd`) builds on it: the snapshot that froze it is gone. With one child it waits to be "
            "merged, which is a warning; with several it is a note.",
            matters="When a snapshot is deleted, its configuration goes at once, and its file is merged with the only "
            "child while the machine is off. Until then the chain stays long and takes space. A machine that is never "
            "turned off keeps such files for ever, and starting it again stops a merge that has begun.",
            seen="Snapshots deleted while the machine ran, sometimes hundreds by backup scripts, until the drive is "
            "full.",
            false_positives="The snapshot's configuration lies outside of the scan; where the machine lists more "
            "snapshots than are here, nothing is told.",
            do="Turn the machine off, leave it off until the host has finished merging, and make sure before that the "
            "drive has room for it. Do not delete the file: everything above needs it.",
        ),
    ),
    CodeInfo(
        code="VHD810",
        name="snapshot-without-disk",
        title="A snapshot names no disk while its machine has some",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The configuration of a snapshot has no disk in a file attached, while the present state or another "
            "snapshot of the machine has one.",
            matters="There is nothing that the snapshot keeps. Whoever applies it gets a machine without disks, and "
            "its place among the other snapshots is not known.",
            seen="Configurations that were damaged or edited; a snapshot taken before the first disk was attached.",
            false_positives="A snapshot of a machine that had no disk at the time is just that.",
            do="Compare the configuration with a backup. If the snapshot was meant to hold something, do not apply it.",
        ),
    ),
    CodeInfo(
        code="VHD825",
        name="snapshot-tree-unknown",
        title="The disks do not tell how snapshots follow each other",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The snapshot that a state of the machine was made from cannot be derived from the disks: the "
            "machine has none in files, its disks disagree, a parent is missing, or two snapshots froze one file. "
            "`related` lists the configurations of the states without an answer, the details why each has none. Disks "
            "that are not here at all are VHD801 and VHD802.",
            matters="What applying or deleting such a snapshot would do to the others cannot be said.",
            seen="Machines with nothing but disks of the host; disks attached or replaced between snapshots; chains "
            "with a missing file.",
            false_positives="A disk that was exchanged while snapshots existed leaves a tree that the host knows and "
            "the files do not show.",
            do="Find the missing files first. Otherwise look at the tree in the host before anything is applied or "
            "deleted.",
        ),
    ),
    CodeInfo(
        code="VHD826",
        name="snapshot-ids-contradict",
        title="A configuration mentions another snapshot than the disks show",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="By its disk a state was made from one snapshot, or from none, while its configuration, outside of "
            "the list of snapshots, mentions the id of exactly one other snapshot of the machine, and that is not the "
            "one. `expected` is the id that the disks show, `found` the one that is mentioned.",
            matters="Disks and configurations may be of different moments. The disks are taken as the authority here; "
            "the host may show another tree.",
            seen="Configurations restored from a backup beside newer disks, disks reconnected by hand.",
            false_positives="Which key holds the id of a parent is not known: the id may be there for another reason.",
            do="Compare the times of the configuration and of the disks, and take both from one backup if they differ.",
        ),
    ),
)

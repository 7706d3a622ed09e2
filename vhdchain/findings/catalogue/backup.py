"""Codes 832-834: can a machine be backed up online, and does a backup hold all of it?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD832",
        name="guest-dynamic-disk",
        title="A guest's disk is a dynamic disk, or nothing tells whether it is",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The partition table that a machine's guest has on its disk, read through the chain, marks a dynamic "
            "disk of Windows' Logical Disk Manager: type 0x42 in the MBR, or one of its two types in a GPT. As a note: "
            "there is no partition table that could be read, and the message says why. `audit` looks with `--deep`, "
            "`backup-check` always; only at disks that a configuration attaches to the present of a machine.",
            matters="Hyper-V does not back up a running machine online when its guest has dynamic disks: its state is "
            "saved, and its users are cut off meanwhile. The disk itself is in order, and reads as any other.",
            seen="Guests with mirrored or spanned volumes, and servers that were moved from hardware with such disks. "
            "The note: new disks that nobody has partitioned, disks with a file system and no table, chains with a "
            "missing file.",
            false_positives="The mark stands in a table that the guest no longer uses. A dynamically expanding VHD is "
            "not meant: that is how the file grows, whatever the guest keeps in it.",
            do="Nothing, if an interruption at each backup is acceptable. Otherwise move the data to basic disks in "
            "the guest, or back it up from inside the guest.",
        ),
    ),
    CodeInfo(
        code="VHD833",
        name="set-incomplete",
        title="A backup set or an export lacks a file that a machine needs, or holds another one in its place",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A file of the list that `backup-check` makes of a host's folder is not in the set that `--set` "
            "names; or a file of its name is there and is not the same: another identifier of the disk, another size, "
            "a configuration that names other files, or, with `--exact`, another content. `expected` is the path on "
            "the host. A warning for the host's store of authorisations, which no machine needs to start; a note for "
            "what an export was told to leave out (snapshots, or files that went into compact disks). `audit` and "
            "`backup-check` find it also in the folder of an export by itself: a file that its record "
            "(`vhdchain-export.json`) or a configuration in it names lacks, has another size, identifier or content, "
            "or the record cannot be understood. Of an export of 2008 or 2008 R2 only its own parts are looked for, "
            "`config.xml` and an `.exp` file: what these name is not known. `import` refuses an export that has it.",
            matters="A machine that is restored from this set lacks a disk, a snapshot or its memory. One missing "
            "file of a chain makes every disk above it unreadable.",
            seen="Copies of a machine's folder without the disks on another volume, exports of disks without their "
            "snapshots, file backups that leave out `.bin` or `.avhd`, sets of several nights mixed in one folder, "
            "exports that were copied on only in part or started from.",
            false_positives="The machine went on between the backup and the look at its folder: then sizes differ, and "
            "snapshots that were taken since are lacking. An import that gives a machine a new id makes another "
            "machine of it; one in place makes the export the machine, which is no backup any more.",
            do="Compare with the folder as it was when the set was made. Add what is lacking from the same moment; "
            "a file of another moment does not fit the rest of its chain. Of an export that was copied on, copy again "
            "what lacks or differs.",
        ),
    ),
    CodeInfo(
        code="VHD834",
        name="set-superfluous",
        title="A backup set or an export holds a file that no machine needs",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="A file lies in the set that `--set` names, and nothing on the list that `backup-check` makes of a "
            "host's folder stands for it: another machine's, a second copy, or no file of a machine at all. Or a file "
            "lies in the folder of an export that neither its record nor anything else in it names; `audit` sees disks "
            "and a host's files there, `backup-check` all. The records of exports themselves are never meant, and of "
            "an export of 2008 or 2008 R2 nothing inside of its three folders: what it needs there is not known.",
            matters="It takes room, and may be taken for part of the backup. A restore does without it.",
            seen="Disks of machines that were deleted, ISO files, logs and lists of backup programs, snapshots that "
            "were deleted since.",
            false_positives="The folder that the list was made of holds only part of the machines that the set was "
            "made of.",
            do="Nothing, unless room is short or the file is a secret. Look with `vhdchain audit` at what it is before "
            "you delete it.",
        ),
    ),
)

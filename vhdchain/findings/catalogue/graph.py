"""Codes 701-749: is the family of all the files in a folder sound?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD701",
        name="cycle",
        title="Disks are each other's ancestors",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A0018,
        windows_text="A differencing disk is indicated in its own parent chain.",
        page=Page(
            finds="Following parents from a file leads back to it. The members are listed from child to parent, "
            "beginning with the first by path.",
            matters="None of these disks has a base: sectors that no member holds cannot be read at all. Programs that "
            "follow parents without looking for cycles do not return, or crash.",
            seen="Reparenting by hand, a copy put under the name of its descendant, restored generations mixed in one "
            "folder; and files made on purpose to hang a reader.",
            false_positives="None as the files lie. If two files were swapped by renaming, the data is intact.",
            do="Compare each member's `parent_unique_id` with its neighbours' identifiers: the link that does not "
            "agree is the wrong one. Restore the file that it should lead to.",
        ),
    ),
    CodeInfo(
        code="VHD702",
        name="duplicate-identifier",
        title="Several files carry the same identifier",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="Two or more images in the folder have the same `unique_id`. It is an error where another disk asks "
            "for this identifier as its parent, otherwise a warning. Childless files that are the same in all their "
            "structures are VHD557 instead.",
            matters="The identifier is all that ties a child to the right parent. With two candidates a reader takes "
            "the wrong one without noticing.",
            seen="Copies beside their original, machines cloned by copying files, backups in the same tree.",
            false_positives="A backup folder inside the scanned tree; raw disks and null identifiers are not counted.",
            do="Keep copies out of the folders that are used together, or give the copy of a disk without children a "
            "new identifier.",
        ),
    ),
    CodeInfo(
        code="VHD703",
        name="same-name",
        title="Several files have the same name",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="Two or more disks in different folders of the scan have the same name, letter case ignored. "
            "`related` lists all of them.",
            matters="Programs that look for a parent by its name alone, beside the child or along a search path, may "
            "take the wrong file, and people who restore files do, too.",
            seen="A folder for each machine with the same names in it, copies and backups below the scanned folder.",
            false_positives="It is the normal case where every machine has its own folder.",
            do="Nothing, as long as children and parents stay in their folders. Do not collect such disks in one "
            "folder.",
        ),
    ),
    CodeInfo(
        code="VHD704",
        name="fork",
        title="A disk has several children",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="More than one differencing disk has this file as its parent.",
            matters="Worth knowing before anything is merged: merging one child into this file changes what the others "
            "show, and makes them useless.",
            seen="Every snapshot tree with a branch (a snapshot was applied and work went on from there), and machines "
            "that share a base image.",
            false_positives="It is the normal form of a branch; healthy folders have it.",
            do="Nothing. Merge or delete only with a tool that looks at all children.",
        ),
    ),
    CodeInfo(
        code="VHD705",
        name="chain-depth",
        title="The chain is deeper than programs open",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="More than 30 files make up one disk. The finding stands at the deepest leaf above a base and names "
            "the programs whose limits it exceeds.",
            matters="A disk that one program writes may not open in another. Every layer costs time at each access, "
            "and each of them is one more file whose loss takes the disk with it.",
            seen="Backup programs that take snapshots and fail to merge them, coalescing that was switched off or "
            "failed. Known limits: 16 layers in the Rust crate `vhd`, 30 in XenServer, 99 in vhdimount, 4,096 in "
            "7-Zip.",
            false_positives="A host that takes up to 50 snapshots of a machine works with such chains.",
            do="Delete snapshots that are not needed, so that they are merged, or have the host do the merges that it "
            "still owes.",
        ),
    ),
    CodeInfo(
        code="VHD707",
        name="base-unused",
        title="A base has no children and nothing names it",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="A fixed or dynamic disk that no other disk builds on and no child names, in a folder that also "
            "holds differencing disks.",
            matters="It may be a disk of its own, a leftover of a deleted machine, or a base whose children were "
            "moved away and cannot be read without it. The disks alone do not say which.",
            seen="Data disks without snapshots beside a system disk that has some, copies of bases, machines that "
            "were removed without their files.",
            false_positives="A disk without snapshots is a healthy thing. Where machines are found together with disks "
            "of theirs, they say what is in use, and VHD803 is told instead.",
            do="Look for the machine that uses it before it is removed, and for children in other folders.",
        ),
    ),
    CodeInfo(
        code="VHD708",
        name="missing-parent-group",
        title="Several disks miss the same parent",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="Two or more differencing disks ask for the same parent, and no reference of any of them leads to "
            "it. They are told here together and not one by one. `related` lists them, the details what was tried; "
            "the message says how much of the disks above cannot be known: at least the blocks that no file holds, and "
            "with `--deep` exactly the sectors.",
            matters="All the disks that hang on this one file are unreadable in part. One file brings all of them "
            "back.",
            seen="A base image that was not copied with the machines that share it, a snapshot's file that was "
            "deleted by hand, a scan of the wrong folder.",
            false_positives="The parent lies where this audit may not look: see `--within` and `--map`.",
            do="Find the file with the identifier under `expected`, in backups too, and put it back under the name "
            "that the children store. Do not merge, shrink or recreate anything before.",
        ),
    ),
    CodeInfo(
        code="VHD712",
        name="hidden-flags-of-chain",
        title="Parents are not marked as hidden",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="In a folder where blktap has marked disks as hidden (byte 85 of the footer), a disk of blktap that "
            "has children is not marked. `related` lists all such disks of one family.",
            matters="XenServer marks every disk that is a parent. One without the mark is offered to machines like "
            "any other, and a write to it changes all disks above it.",
            seen="A coalesce or a snapshot that was interrupted between two steps, parents replaced by copies, disks "
            "edited by other tools.",
            false_positives="Disks that were collected in one folder from several places, of which only some used the "
            "mark.",
            do="Have the storage manager scan the repository, which sets the marks, before any machine is started.",
        ),
    ),
    CodeInfo(
        code="VHD714",
        name="scan-incomplete",
        title="Parents lie outside the folders that were scanned",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="At least one file of the scan names a parent outside the scanned folders, so the picture of the "
            "family is not complete. `related` lists the files concerned.",
            matters="What the scan says of ancestors, forks, and duplicates holds for the scanned folders only: a file "
            "without children here may have children elsewhere.",
            seen="A scan of one machine's snapshot folder while the base images lie in another one.",
            false_positives="Wanted, if only this folder is of interest.",
            do="Scan the other folders together with this one, or allow them with `--within`.",
        ),
    ),
)

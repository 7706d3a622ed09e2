"""Codes 801-837: are the disks there that machines name, and does each machine have its own?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD801",
        name="machine-disk-missing",
        title="A disk of a machine is not here",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="The present configuration of a machine names a disk, and no file of the scan can be it. `expected` "
            "is the path as the configuration has it, the details say what was tried.",
            matters="Without the disk the machine does not start in a host, and what was last on it is not in this "
            "folder. Its snapshots may still be whole.",
            seen="Disks on another drive than the configuration that did not come along; disks that were moved or "
            "deleted by hand; configurations restored without them.",
            false_positives="The file lies where the scan did not look, or has another name here. Paths that lead to "
            "devices are never followed.",
            do="Scan the folder of the disk as well, or say where it lies with `--map`. If it is gone, take it from a "
            "backup of the same moment as the rest of the chain.",
        ),
    ),
    CodeInfo(
        code="VHD802",
        name="snapshot-disk-missing",
        title="A disk that a snapshot keeps is not here",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="The configuration of a snapshot names a disk, and no file of the scan can be it. `expected` is the "
            "path as stored; `related` lists the further snapshots that name it, the details say what was tried.",
            matters="The snapshot cannot be applied. Its disk is the parent of later ones as well, which are then "
            "unreadable in part: see VHD601 and VHD708.",
            seen="Files of snapshots deleted by hand to gain space, which is never right; AVHDs on another drive that "
            "did not come along; snapshots whose deletion was cut short.",
            false_positives="The file lies where the scan did not look, or has another name here.",
            do="Scan its folder as well, or say where it lies with `--map`. If it is gone, take it from a backup, "
            "unchanged; do not start or merge anything before.",
        ),
    ),
    CodeInfo(
        code="VHD803",
        name="disk-unreferenced",
        title="No configuration names a disk, and no disk builds on it",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="There are configurations of machines in the scan, and none of them names this fixed or dynamic "
            "disk; it has no children either, and no child asks for it. It is a note where some configurations could "
            "not be read. Where none of the machines' disks was found, nothing is told of others: see VHD707.",
            matters="It may be left over from a machine that was removed, a disk that was detached for a while, or a "
            "base whose children were moved away and are lost without it.",
            seen="Machines deleted in the host, which leaves their disks; disks prepared for later; installation "
            "images beside the machines.",
            false_positives="A machine outside of the scan may use it, and a disk kept for later is no fault.",
            do="Look for the machine that uses it, and for children in other folders, before it is removed.",
        ),
    ),
    CodeInfo(
        code="VHD809",
        name="path-stale",
        title="A disk is not where the configuration says",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The path that a configuration stores leads to no file, seen from where the configuration lies here; "
            "another place held a file that fits. `expected` is the stored path, `found` the file that was taken, the "
            "message names the rule that led to it, the details everything that was tried.",
            matters="The file has the right name, and that is all that speaks for it: where many machines call their "
            "disk alike, it may be another one's. All that is said of the machine holds only if it is the right one.",
            seen="Disks collected in one folder, machines that were moved by hand without their configuration, copies "
            "that did not keep the host's folders.",
            false_positives="Usually the file is the right one, and only the copy has another shape than the host.",
            do="Say where the folder lies here with the `--map` of the message. On a host correct the path in the "
            "machine's settings.",
        ),
    ),
    CodeInfo(
        code="VHD812",
        name="disk-claimed-twice",
        title="Two states of a machine name the same file",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="Two snapshots of a machine name one file as what they keep, or a snapshot and the present state do "
            "and nothing builds on the file. `related` lists the configurations. A present disk with children is "
            "VHD709.",
            matters="Each snapshot freezes a file of its own. If two name the same one, one of them does not hold what "
            "it kept; if the present does, every write to the machine changes the snapshot.",
            seen="Snapshots applied in place by copying configurations, configurations edited by hand or restored from "
            "another moment than the disks.",
            false_positives="A disk that was moved from one snapshot's folder to another by hand.",
            do="Do not start the machine before its disk is a new differencing disk above this file. Compare the "
            "configurations with a backup to see which snapshot is wrong.",
        ),
    ),
    CodeInfo(
        code="VHD819",
        name="disk-attached-twice",
        title="A file is attached twice",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="The present configurations of two machines with different ids name one file as their disk, or that "
            "of one machine names it in two slots. `related` lists the configurations. Differencing disks above a "
            "shared base are VHD713 instead, and two configurations with one id are VHD818.",
            matters="The host lets only one of them open the file for writing. Whichever runs changes the disk of the "
            "other, whose guest then finds a file system that is not the one it knew.",
            seen="A second machine made around the disk of the first, to try something; configurations copied and "
            "given a new id; a path pasted into the wrong slot.",
            false_positives="The machines are never on at the same time, and one is only kept for its settings.",
            do="Give one of the machines a disk of its own: a copy, or a differencing disk above this file if neither "
            "writes to it any more.",
        ),
    ),
    CodeInfo(
        code="VHD829",
        name="snapshot-volume",
        title="A machine's snapshots and disks lie on different volumes",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The folder for snapshots that the configuration stores lies on another drive, share or cluster "
            "volume of the host than at least one of the machine's disks, by the paths. The details list these disks.",
            matters="The host can back the machine up while it runs only if the snapshot location is on the volume of "
            "the disks. Otherwise the backup saves its state, and users are cut off meanwhile.",
            seen="Disks on a data drive while the snapshot location was left at its default on the system drive.",
            false_positives="Volumes that are mounted in folders do not show in paths: they can only be missed, not "
            "alleged. A machine that is never backed up while it runs does not care.",
            do="Set the machine's snapshot file location to the volume of its disks while it has no snapshots. "
            "`vhdchain backup-check` tells the other conditions.",
        ),
    ),
    CodeInfo(
        code="VHD837",
        name="disk-path-ambiguous",
        title="Several files fit the path of a disk",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A configuration names a disk, and several files of the scan fit the stored path equally well. "
            "`expected` is the stored path, `related` lists the files, the details the option that chooses each.",
            matters="None is chosen: a wrong guess would show another machine's data, or another day's, as this one's. "
            "What is said of the machine leaves this disk out.",
            seen="Several copies of a host below the scanned folder, backups beside the originals, machines that all "
            "call their disk alike in a copy that did not keep the folders.",
            false_positives="None: the files are there. If they are equal, any of them will do.",
            do="Give the `--map` that the message proposes, with the folder of the right file, or scan one copy at a "
            "time.",
        ),
    ),
)

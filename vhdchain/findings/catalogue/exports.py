"""Codes 931-935: what is told of an export of a machine before it is made."""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD931",
        name="export-not-off",
        title="The machine is not in a state in which it can be exported",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="An export of a machine that is running or paused, or saved where the host's rules ask for one that "
            "is off: those of 2008, which hold unless `--host` says otherwise. 2008 R2 also exports saved machines.",
            matters="A machine that is on writes to its disks while they are copied: the copy would hold some of each "
            "moment. Hosts refuse it as well.",
            seen="Scripts that shut a machine down and do not wait for it; copies of folders of running machines.",
            false_positives="Whether a machine runs is not stored in its files; it is guessed from the times at which "
            "it was turned on and off, and from its saved state. Where the guess is wrong, say what it is with "
            "`--power`.",
            do="Shut the machine down, or for 2008 R2 save it (`--host '2008 R2'`), and export it then.",
        ),
    ),
    CodeInfo(
        code="VHD932",
        name="export-source-incomplete",
        title="A file of the machine is missing or damaged, so that its export would be as well",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="An export of a machine of which a disk, the parent of one, a saved state or a snapshot's "
            "configuration is not here, may be any of several files, or of which `audit` tells an error. The message "
            "names the file; of a damaged one `details` list what is wrong.",
            matters="An export that lacks a file, or holds a damaged one, looks like any other until somebody needs "
            "it. What is missing cannot be exported.",
            seen="Folders that were copied in part, disks on a volume that was not scanned, machines whose host "
            "crashed while their state was saved.",
            false_positives="Files that lie outside of what was scanned: scan their folders, too, or say with `--map` "
            "where a path of the host is. A list of snapshots may be longer than what there is.",
            do="Add what is missing to the scan. See with `audit` what is wrong with a damaged file and mend it first; "
            "`--damaged` exports it as it is. Snapshots that nobody needs are left out with `--snapshots none`.",
        ),
    ),
    CodeInfo(
        code="VHD933",
        name="host-will-not-import",
        title="A host of 2008 or 2008 R2 does not import this export",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="An export by the rules of a host before 2012. Its folder has the form that hosts have written since "
            "2012, with the machine's configuration as `.xml`. Hyper-V of 2008 and 2008 R2 imports its own form alone: "
            "a `config.xml`, and the configuration as `.exp`. What these two hold is not documented, and is not made "
            "up here.",
            matters="Its Import command finds no machine in the folder.",
            seen="Every export, unless `--host 2012` says that the machine's host is a later one.",
            false_positives="None known: what these hosts import is their own form.",
            do="Bring it back with `vhdchain import`, in the host's own folders; or make a new machine on the host and "
            "attach the leaves of the exported chains to it by hand.",
        ),
    ),
    CodeInfo(
        code="VHD934",
        name="export-parent-elsewhere",
        title="A disk in the export names its parent by a path that does not lead to it there",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="A differencing disk that goes along, and none of whose relative parent locators, read where the "
            "disk lies in the export, leads to its parent's place there. An export is exact: locators are copied as "
            "they are, while disks from several folders come to lie in one.",
            matters="A host that is given the disk as it is in the export looks for its parent where it was, and finds "
            "none, or the original one. Nothing is lost: the parent lies in the export, by its name, and its "
            "identifier tells that it is the right one.",
            seen="Every machine of a 2008 host with snapshots, whose AVHDs lie below the folders of the snapshots; "
            "disks on several volumes; disks that store an absolute path alone.",
            false_positives="None; readers that look for a parent beside its child find it (this program does).",
            do="Nothing, if the export comes back by `vhdchain import`, which sets every locator right. To use a disk "
            "by hand, give it its parent with `vhdchain reparent`.",
        ),
    ),
    CodeInfo(
        code="VHD935",
        name="export-leaves-out",
        title="Something that is attached to the machine is not exported",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="A slot of the machine, or of a snapshot that goes along, that holds an image of a DVD or a floppy; "
            "or, as a warning, a disk of the host itself (pass-through). `details` list them with their places.",
            matters="The configuration goes on naming them. An image of a DVD is not there where the export is brought "
            "back, and the drive is empty then, or the machine does not start. What is on a pass-through disk is in no "
            "file, and in no export.",
            seen="Installation media that were never taken out; database servers with pass-through disks.",
            false_positives="None: a host's own export takes neither along.",
            do="Take the media out beforehand if they are not needed. Back a pass-through disk up from inside the "
            "guest.",
        ),
    ),
)

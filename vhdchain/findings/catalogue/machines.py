"""Codes 807-831: what do configurations say of a machine's snapshots, saved states and devices?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD807",
        name="snapshot-state-missing",
        title="The saved state of a snapshot is missing",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A snapshot was taken of a machine that was running or saved, and its configuration names files of "
            "the state (`.bin` for memory, `.vsv` for devices) that are not here. `expected` is the first stored path, "
            "the details list all.",
            matters="The snapshot's disks are whole, but the machine cannot go on from the moment of the snapshot: it "
            "could only be started as after a loss of power.",
            seen="Copies that left the large `.bin` files out, clean-ups by suffix, snapshots restored from a backup "
            "of disks alone.",
            false_positives="The files lie outside of what was scanned. Where several files fit the path equally well, "
            "that is another matter, and not told here.",
            do="Look for the files on the host and in backups, under the stored path or the snapshot's id. How a host "
            "behaves when such a snapshot is applied is not known here: keep a copy.",
        ),
    ),
    CodeInfo(
        code="VHD813",
        name="snapshot-limit-exceeded",
        title="A machine has more snapshots than a host allows",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="More than 50 snapshots with the id of one machine are here.",
            matters="Hyper-V allows 50 for each machine and refuses to take another one. More than that were not made "
            "by a host in the usual way, so that it is not sure how it deals with them.",
            seen="Snapshots' files of several times collected in one folder, deleted ones restored among the others; "
            "otherwise unknown as the work of a host.",
            false_positives="Copies of snapshots from different times below one folder.",
            do="Find out which snapshots the host shows, and keep the others apart.",
        ),
    ),
    CodeInfo(
        code="VHD814",
        name="snapshot-limit-near",
        title="A machine has nearly as many snapshots as a host allows",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="45 to 50 snapshots with the id of one machine are here; the limit of Hyper-V is 50.",
            matters="At 50 no further snapshot can be taken, and programs that take one before a backup or an update "
            "fail. Chains of that many files cost time at each access.",
            seen="Scheduled snapshots that nobody deletes, backup programs that fail to remove theirs.",
            false_positives="None: the number is what it is, as far as all of them belong to one time.",
            do="Delete snapshots that are not needed, and turn the machine off so that the host can merge.",
        ),
    ),
    CodeInfo(
        code="VHD821",
        name="pass-through-disk",
        title="Something other than a disk in a file is attached",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A slot has a type other than `VHD`, `ISO`, `VFD` and `NONE`: as far as is known, a disk of the host "
            "(pass-through). The type is under `found`. One finding for each slot of a machine.",
            matters="What is on it is in none of the files here. A machine with such a disk cannot have snapshots, and "
            "a backup of the machine on the host leaves the disk out.",
            seen="Database and file servers with large disks of their own. `HDD` is the type in files of later "
            "versions; how 2008 R2 writes it is not known.",
            false_positives="A type of a later version that means something else.",
            do="Back such a disk up from inside the guest. Before a snapshot, move its contents to a disk in a file, "
            "or detach it.",
        ),
    ),
    CodeInfo(
        code="VHD822",
        name="saved-state-missing",
        title="The saved state of a machine is missing",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="The machine's configuration says that its state was saved, and names files of it (`.bin` for "
            "memory, `.vsv` for devices) that are not here. `expected` is the first stored path, the details list all.",
            matters="What the guest had in memory is lost, writes to its disks among it, and the machine cannot be "
            "started before the saved state is given up. An import fails, with the errors 40004 or 40006.",
            seen="Hosts that crashed while a state was saved, copies that left the large `.bin` files out, a volume "
            "that was full.",
            false_positives="The files lie outside of what was scanned.",
            do="Look for the files on the host and in backups. If they are gone, delete the saved state in the host "
            "(`Delete Saved State`) and start the machine: its disks are as after a loss of power.",
        ),
    ),
    CodeInfo(
        code="VHD823",
        name="saved-state-unreferenced",
        title="No configuration names these files of a saved state",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="Files that are called like those of a saved state (an id with `.bin` or `.vsv`), in a scan that "
            "holds configurations, of which none names them. One finding for the files of one id in a folder. Files "
            "of a machine that was probably running (VHD824) are not told.",
            matters="They take as much room as the machine had memory, and may hold what a guest had in memory, "
            "passwords among it. They may also be the state of a machine whose configuration is missing here.",
            seen="Snapshots and machines that were deleted incompletely, states that were given up after a crash. "
            "Hosts of 2008 and 2008 R2 keep a `.bin` file ready beside each machine that runs.",
            false_positives="A machine that was running though its times do not say so.",
            do="Look for the configuration with the id that the files are called by. Without one, nothing can use "
            "them.",
        ),
    ),
    CodeInfo(
        code="VHD824",
        name="machine-running",
        title="A machine was probably running when its files were copied",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="By its configuration the machine was turned on after it was last turned off, and has no saved "
            "state. No file says whether a machine runs: this is a guess, and the message gives its reason.",
            matters="Files of a running machine change while they are copied. A disk may hold part of what was "
            "written, its table may not fit its data, and the files of one machine may be of different moments.",
            seen="Folders copied from a host at work, without a shadow copy.",
            false_positives="The host crashed or lost power, so that the time of turning off was never stored; the "
            "copy is of a shadow copy of the volume, which is of one moment.",
            do="Copy the files again while the machine is off or saved. What the audit says of the disks holds for "
            "the copy.",
        ),
    ),
    CodeInfo(
        code="VHD827",
        name="merge-pending",
        title="The host still has to merge disks of this machine",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The machine's configuration has `disk_merge_pending` set.",
            matters="Snapshots were deleted, and their disks are still in the chain: the files look like more "
            "snapshots than there are. The host merges them when the machine is off, and needs room for it.",
            seen="Snapshots deleted while the machine was running, machines that are only ever restarted from inside "
            "the guest.",
            false_positives="The files were copied between the deletion and the merge: nothing is wrong with them.",
            do="Turn the machine off in the host and wait until it has merged. Do not delete the AVHD files that no "
            "snapshot names: the machine runs on them.",
        ),
    ),
    CodeInfo(
        code="VHD828",
        name="domain-controller",
        title="A domain controller has snapshots and no VM-GenerationID",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A machine that the caller calls a domain controller (`--domain-controller`) has snapshots, and its "
            "configuration has no `generation_id`, which hosts have since 2012.",
            matters="Applying a snapshot, or reverting to it, takes the directory back to numbers that its partners "
            "have seen already. They ignore what is changed afterwards (USN rollback), so that the controllers drift "
            "apart unnoticed. Taking and deleting snapshots does no harm.",
            seen="Snapshots taken before an update of a virtual domain controller, on hosts of 2008 and 2008 R2.",
            false_positives="The machine is no domain controller; the caller alone knows that.",
            do="Delete the snapshots, and do not apply them. Restore a domain controller from a backup that its "
            "directory service knows of.",
        ),
    ),
    CodeInfo(
        code="VHD830",
        name="backup-service-absent",
        title="The backup service of a machine is absent or disabled",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The manifest of the machine's configuration does not have the VSS component (`Backup (volume "
            "snapshot)` among the integration services), or its section has `Enabled` set to `False`. Nothing is told "
            "of a configuration without a manifest.",
            matters="Without the service a backup of the running machine saves its state, and its users are cut off "
            "meanwhile. Programs in the guest do not learn that they are backed up.",
            seen="Machines whose integration services were unchecked, and guests without them.",
            false_positives="A machine that is only backed up while it is off, or from inside the guest.",
            do="Enable `Backup (volume snapshot)` in the machine's settings, and see that the guest runs the service: "
            "that is in none of these files.",
        ),
    ),
    CodeInfo(
        code="VHD831",
        name="several-snapshots",
        title="A machine has two or more snapshots",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="Two or more snapshots with the id of one machine are here.",
            matters="Windows Server Backup does not restore such a machine by a restore of applications, so that the "
            "volumes would have to be restored, or the files by hand.",
            seen="Every machine that is used with snapshots.",
            false_positives="It is nothing wrong with the files, and of no interest where another program backs up.",
            do="Before you rely on such a backup, delete snapshots that are not needed, or try a restore of the files.",
        ),
    ),
)

"""Codes 551-599: what is wrong with the file as a file?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD551",
        name="file-refused",
        title="The operating system refused a file or folder",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A file or folder of the scan was met, and the operating system did not let it be opened, listed or "
            "read: missing rights, a lock or a device in use, or a fault of the storage. The message gives the "
            "system's own words.",
            matters="Nothing of it was looked at, so that the audit says nothing about it, and disks that build on it "
            "lack their parent.",
            seen="Files that belong to another account. Disks of running machines on shares: Windows answers "
            "0x80070020, a sharing violation, as long as the host holds them. Storage that fails (input/output "
            "error).",
            false_positives="None: it was not read. That another account may read it is likely.",
            do="Run the audit with an account that may read the files, or over a copy or a volume snapshot where a "
            "host holds them. After an input/output error save what can be read before anything else.",
        ),
    ),
    CodeInfo(
        code="VHD552",
        name="file-empty",
        title="The file is empty",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="The file has a length of zero bytes.",
            matters="There is no disk in it. A chain that leads through it has lost everything that this file held.",
            seen="Copies that failed at once (no space left, quota), placeholders of cloud storage that were never "
            "filled, and the links that Hyper-V keeps in its cache folders, copied without following them.",
            false_positives="A placeholder whose content is fetched on demand may look empty to a tool that is not "
            "known to the storage client.",
            do="Restore the file from a backup, or have the storage client fetch it.",
        ),
    ),
    CodeInfo(
        code="VHD553",
        name="file-changed",
        title="A file changed while the folder was scanned",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="When the scan ended, the file was looked at again: its length or modification time is another one "
            "than when it was opened, another file stands in its place, or it is gone.",
            matters="What was read of it may be of two moments and not fit together, and findings about it may be "
            "about a state that lasted for an instant only. A child's data depends on its parents' staying as they "
            "are.",
            seen="Folders of running machines, backups that are still being written, synchronisation clients.",
            false_positives="A modification time that something set without writing.",
            do="Audit a volume snapshot or a copy, or wait until the machine is off and the backup has ended.",
        ),
    ),
    CodeInfo(
        code="VHD554",
        name="file-aliases",
        title="A file has several names",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The same file was met under more than one name: hard links or symbolic links. `related` lists the "
            "other names; the file is counted and checked once.",
            matters="What looks like a copy is none: a merge into one of the names changes the others, and removing "
            "one of them frees no room. Parents that are looked for beside the child may be found by one name and not "
            "by another.",
            seen="Links to a base image from each machine's folder, backups that share unchanged files by hard links, "
            "and the links by which Hyper-V registers machines stored elsewhere.",
            false_positives="It is a fact and no fault.",
            do="Nothing. Remember it before such a file is merged, moved or written to.",
        ),
    ),
    CodeInfo(
        code="VHD555",
        name="metadata-hole",
        title="A structure lies in a hole of a sparse file",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The file is sparse, and the file system holds no data where a footer, the dynamic header, a "
            "locator or a part of the BAT should be. Zeros are read there. The message lists the structures with "
            "their places.",
            matters="Nothing was ever written there, or it never reached the disk: the structure is lost, and not "
            "damaged by something that can be taken back. Codes of the structure itself tell what that means for the "
            "disk.",
            seen="Crashes and power failures before the file system had written everything, copies that were cut off "
            "and left the full length behind, downloads in pieces that were never finished.",
            false_positives="None that is known: of these structures none is zero in a healthy file. Files without "
            "holes are not looked at, so that the same loss in a copy that was written out shows by the other codes "
            "alone.",
            do="Restore the file from another copy. Where the footer alone is missing, the copy at the file's "
            "beginning can stand in for it.",
        ),
    ),
    CodeInfo(
        code="VHD556",
        name="leftover-name",
        title="The name is one of work that has not ended",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The name of a disk begins with a dot or with `OLD_`, has the word `tmp`, or ends in `~`; or a file "
            "lies beside it that is called like the disk with `.merge.json`, `.tmp`, `.part` or `~` behind, which "
            "`related` lists.",
            matters="Such names are given to files as long as they are being written, replaced or merged. A "
            "half-written disk may look whole, and a disk whose merge was interrupted belongs to two states at once.",
            seen="Xen Orchestra writes backups under names that begin with a dot and keeps the state of a merge in "
            "`.<disk>.merge.json`. XenServer renames a disk that a coalesce replaces to `OLD_` and its name. Browsers "
            "and copy programs use `.part` and `.tmp`.",
            false_positives="A disk that somebody called so for good, such as `tmp.vhd` for temporary files. The "
            "letters inside of a word (`template.vhd`) do not count.",
            do="Find out whether the program that gives such names still runs. If not, let it finish or take back its "
            "work (Xen Orchestra does at its next run) before the files are used.",
        ),
    ),
    CodeInfo(
        code="VHD557",
        name="plain-copy",
        title="Files are plain copies of each other",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="Two or more files have the same footers, dynamic header, locators and BAT, byte for byte, and no "
            "disk builds on them. Guest data is not compared. Files with a null identifier do not count.",
            matters="Both say that they are the same disk. If both are used, they drift apart under one identifier, "
            "and a child of one is a child of the other as far as anybody can tell; hosts refuse to attach both at "
            "once.",
            seen="Copies made for safety before a change, machines cloned by copying files, backups inside of the "
            "scanned folder.",
            false_positives="Wanted copies. Of a fixed disk the footer is all that can be compared, so that two "
            "copies whose data went apart look the same.",
            do="Keep copies out of the folders that are used, or give the one that goes into use an identifier of its "
            "own.",
        ),
    ),
    CodeInfo(
        code="VHD558",
        name="empty-stub",
        title="A differencing disk has no blocks",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The file is a differencing disk whose BAT has not one block in use: its disk is its parent's, "
            "unchanged.",
            matters="Nothing was written since the snapshot was taken. Removing the file loses no data of the guest, "
            "but whatever refers to it: machines, snapshots, children.",
            seen="Snapshots that were taken and never used, and the files a host makes at the moment of a snapshot, "
            "about as large as their headers and BAT.",
            false_positives="It is the normal state of a new snapshot.",
            do="Nothing. If blocks are expected, compare the file with a backup: the BAT may have been lost.",
        ),
    ),
)

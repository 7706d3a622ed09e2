"""Codes 225-228: what do the stored names of the parent say as paths?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD225",
        name="parent-name-path",
        title="The parent's name in the header is a full path",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="`parent_unicode_name` begins with a drive, a share or a root instead of being a bare file name.",
            matters="The path says where the parent lay when the child was made, which is evidence. Programs that take "
            "the name for a bare file name do not find the parent.",
            seen="Hyper-V and Windows store a full path; Virtual PC for Mac a path with slashes. Virtual PC, "
            "VirtualBox, blktap and DiscUtils store the bare name.",
            false_positives="Healthy snapshots of Hyper-V have it.",
            do="Nothing needs to be done.",
        ),
    ),
    CodeInfo(
        code="VHD226",
        name="parent-name-slashes",
        title="The parent's name in the header is written with slashes",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="`parent_unicode_name` holds a `/`.",
            matters="It was written on a Mac or by a program for POSIX systems. Windows accepts both kinds of slashes; "
            "programs that split at backslashes alone take the whole path for a file name.",
            seen="xen-orchestra stores a relative path with slashes, Virtual PC for Mac a full one.",
            false_positives="Healthy disks of these writers have it.",
            do="Nothing needs to be done.",
        ),
    ),
    CodeInfo(
        code="VHD227",
        name="parent-name-own",
        title="A disk names a parent that is called like the disk itself",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A stored path of the parent ends in the child's own file name, letter case apart. An error where it "
            "leads into the child's own folder and nothing names another file; a warning where it leads into another "
            "folder, or the folder is not known, or another stored path names another file. A bare name in the header "
            "counts only where no locator says more.",
            matters="Followed from where the child now lies, the path leads to the child. Either the child was renamed "
            "or moved into the parent's place, and the parent is elsewhere or overwritten; or both share a name in "
            "different folders, which confuses programs that look for the name alone.",
            seen="Vagrant gives a linked clone its parent's name, in another folder; Hyper-V cannot export such a "
            "machine, because both files go into one folder (hashicorp/vagrant#13115).",
            false_positives="Parent and child may well have one name in two folders; that is the warning.",
            do="Give the child back the name that it had, or find the file with the identifier that it asks for "
            "(`vhdchain chain` lists what was tried) and reconnect the child to that. Never merge such a child before "
            "its parent is known.",
        ),
    ),
    CodeInfo(
        code="VHD228",
        name="parent-path-unsafe",
        title="A stored path of the parent leads where it should not be followed blindly",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A path in the header or in a locator is a share, a device path, a path in the form `\\\\?\\`, names "
            "an alternate data stream or a reserved device name, or holds control characters. A note where it only "
            "leads out of the child's folder by `..`. What is wrong with a URL is VHD318.",
            matters="Whoever opens a parent because a file says so can be led by that file: to another machine, which "
            "then receives the account's credentials, to a device, or to a file outside of what was meant to be read. "
            "This package follows none of these paths without leave.",
            seen="Shares: Hyper-V over SMB, clusters. `..\\base\\base.vhd`: snapshots in a folder beside their base.",
            false_positives="Virtual machines on file servers have shares here and are in order.",
            do="See whether the path is meant; a share can be mapped to a local folder with `--map`. In a disk from an "
            "unknown source take it for an attempt.",
        ),
    ),
)

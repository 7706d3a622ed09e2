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
            "for this identifier as its parent, otherwise a warning.",
            matters="The identifier is all that ties a child to the right parent. With two candidates a reader takes "
            "the wrong one without noticing.",
            seen="Copies beside their original, machines cloned by copying files, backups in the same tree.",
            false_positives="A backup folder inside the scanned tree; raw disks and null identifiers are not counted.",
            do="Keep copies out of the folders that are used together, or give the copy of a disk without children a "
            "new identifier.",
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

"""Codes 904-906: what speaks against merging a disk into one below it?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD904",
        name="merge-breaks-siblings",
        title="A merge would change the disks of others that build on the same file",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A merge was asked for, and another disk builds on the file that would take the sectors up, or on "
            "one of the files that would go with it. `related` are these disks, `details` what builds on them. Disks "
            "count that lie in the folders of the chain, also those that only ask for the identifier of such a file.",
            matters="A child holds only what differs from its parent. Where the parent gets other sectors, every disk "
            "above it shows them, mixed with its own: file systems that no longer fit together, and no way back once "
            "the merged file is gone.",
            seen="A snapshot with two branches, linked clones of one base, a disk that a revert left behind and that "
            "nobody needs any more.",
            false_positives="The other disk is a leftover that nobody will ever open. A copy of the chain in the same "
            "folder counts, too, when its parents lead to these files.",
            do="Keep the file, or give the others a copy of their own first: `vhdchain flatten` writes each of their "
            "disks as one file. Delete leftovers before the merge. `--allow VHD904` merges all the same; the disks "
            "that are named are useless then.",
        ),
    ),
    CodeInfo(
        code="VHD905",
        name="merge-destination-small",
        title="The disk that would take another one up is too small for it",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A merge was asked for into a file whose disk is smaller than the one that is merged. `expected` is "
            "the size that is needed, `found` the one that there is. Where sectors are held behind the end of the "
            "smaller disk, the message says how many.",
            matters="The guest's disk would become shorter: its partition table names sectors that no longer exist. "
            "What lies behind the end has no place in the file at all, and a fixed disk cannot grow.",
            seen="Disks that were enlarged while they had snapshots: the newest file has the new size, the files below "
            "the old one.",
            false_positives="None. Where nothing is held behind the end, the merge loses only zeros, and may be "
            "allowed.",
            do="Flatten the chain into a new disk (`vhdchain flatten`), which has the size of the leaf. "
            "`--allow VHD905` merges where no data lies behind the end; the disk has the smaller size then.",
        ),
    ),
    CodeInfo(
        code="VHD906",
        name="merge-takes-between",
        title="A merge over several links takes the disks between along",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A merge was planned into a file that is not the parent of the merged one. `related` are the files "
            "that lie between; their sectors are merged as well, and the files go.",
            matters="Each of these files was a point in time that could be gone back to. Afterwards there is only the "
            "newest one. A host's own tools leave such files behind, invalid; here they are removed with the rest.",
            seen="Merging a whole chain of backups or snapshots in one pass, which moves each sector once.",
            false_positives="None; where only the newest state is wanted, this is what was asked for.",
            do="Nothing, if these points in time may go. Otherwise merge into the parent alone, or flatten to a new "
            "file.",
        ),
    ),
)

"""Codes 901-911: a change that was interrupted, and what keeps an image from getting another parent or size."""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD901",
        name="merge-interrupted",
        title="A merge, or another change of the disk, was interrupted",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A journal of this program lies beside the disk. Or other disks build on it, or the state of another "
            "program's merge lies beside it, and it is left as a merge leaves it that stops: without a valid footer at "
            "its end while the copy at the front is valid, or with two valid footers of which only one has the new "
            "identifier or size. What is told of the footers themselves (VHD102, VHD106, VHD141, VHD142) is told too.",
            matters="Nobody writes to a disk that others build on, unless it is being merged into. As long as the "
            "merge is not finished the disk belongs to two states at once, and a program that takes one of its footers "
            "for the whole truth reads, or writes, a mixture.",
            seen="Power loss, a full volume or a killed process during a merge (xen-orchestra issue 3748 and pull "
            "request 10053: the end footer is missing, or identifier and size are replaced in one footer only).",
            false_positives="The merge still runs: then the state file changes and the disk grows. A footer that was "
            "lost in another way, in a disk that has children, looks the same.",
            do="With a journal of this program, call `vhdchain resume` on the disk: it finishes, or with `--undo` "
            "takes back, and nothing is lost either way. Otherwise let the program that began the merge finish it "
            "(Xen Orchestra does at its next run), with nothing attached to the disk. If it is gone, `vhdchain repair` "
            "puts the footer back from the copy where no block is missing. Keep the merged child until then: only if "
            "everything that it holds is in its parent too may it be deleted.",
        ),
    ),
    CodeInfo(
        code="VHD908",
        name="new-parent-differs",
        title="The new parent holds other data than the present one",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A000E,
        page=Page(
            finds="A disk should get another parent, both parents can be read, and they differ in sectors that the "
            "disk does not hold itself. The details list the first such ranges of the disk. The plan is refused.",
            matters="Where a disk holds nothing it shows its parent. With the new parent it would show other data "
            "there, in the middle of files and of the file system's own structures, and nothing would ever report it. "
            "`Set-VHD -IgnoreIdMismatch` makes such a disk without looking.",
            seen="A base that was started, updated or compacted after the snapshot; the base of another machine with "
            "the same name; an older backup of the base.",
            false_positives="None as to the contents: they are compared byte by byte, and what the disk holds itself "
            "does not count. Data that no guest uses any more may differ without harm.",
            do="Look for the parent that the disk was made on, by its identifier. If there is none and the differing "
            "ranges are known to be unused, `--allow VHD908` overrides the refusal; the ranges stand in the plan.",
        ),
    ),
    CodeInfo(
        code="VHD909",
        name="new-parent-size",
        title="The new parent's disk has another size",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A0017,
        page=Page(
            finds="A disk should get another parent whose `current_size` is not its own, and not that of the present "
            "parent either. The plan is refused.",
            matters="Windows refuses a chain whose sizes differ. Where the parent is shorter, everything behind its "
            "end would read as zeros.",
            seen="A base that was expanded or shrunk, or the base of another disk.",
            false_positives="None: two numbers are compared.",
            do="Look for the parent of the right size. If the right one was expanded, VHD612 says how it is set back, "
            "and `vhdchain repair` does it where that is safe.",
        ),
    ),
    CodeInfo(
        code="VHD910",
        name="parent-name-too-long",
        title="The new parent's name does not fit into the child",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A child should get another parent, and its name has more than the 255 UTF-16 units that the header "
            "holds with the NUL behind it, or its path more than the 65,534 bytes of Windows' longest path. The plan "
            "is refused.",
            matters="A name that is cut leads to another file, or to none.",
            seen="Writers that put the whole path into the header, such as Hyper-V, with folders nested deeply.",
            false_positives="None: lengths are counted.",
            do="Put the parent where its path is shorter. Where only the header's name is too long, `--allow VHD910` "
            "writes the bare name of the file there, which every reader understands; the locators keep the path.",
        ),
    ),
    CodeInfo(
        code="VHD911",
        name="resize-with-children",
        title="A disk that others build on would change its size",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A disk should be expanded, and other disks in the folder have it as their parent. The plan is "
            "refused.",
            matters="The children keep the old size. Hyper-V refuses the chain afterwards (VHD612), and whoever then "
            "starts a machine from the expanded parent damages every child. Hyper-V itself refuses to expand such a "
            "disk; other tools do it without a word.",
            seen="`Edit Disk`, VhdTool and `VBoxManage modifymedium --resize` on a base with snapshots. Hyper-V's "
            "events 12142, 12140 and 12010 tell of resizes that it refused or that failed.",
            false_positives="Children that nobody needs any more still count; only disks in the scanned folder are "
            "known.",
            do="Merge or delete the snapshots first, or expand the leaf: it is the disk that the machine sees.",
        ),
    ),
)

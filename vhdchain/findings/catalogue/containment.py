"""Codes 902 and 903: what a merge that did not come to its end leaves in the data."""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD902",
        name="contained-in-parent",
        title="A differencing disk adds nothing to its parent",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="Every sector whose bit is set in the file stands in the parent's own file as well, in the same "
            "place and with the same bytes; at least 16 of them hold more than zeros. Sectors that equal what lies "
            "below the parent do not count (VHD457). Looked for with `--deep`, where all of both could be read.",
            matters="The disk and its parent's show the same, so that the file can be spared. A merge ends like that "
            "when it has copied everything and dies before it deletes the child; Xen Orchestra has the same test for "
            "it.",
            seen="Hosts that went down at the end of a merge; merges by tools that leave the deletion to somebody "
            "else.",
            false_positives="A guest that wrote back exactly what was there, such as a restore of unchanged files. "
            "The message says what the times tell: a parent that was not written to since the file was made has "
            "taken in nothing.",
            do="Compare once more (`vhdchain diff --exact PARENT CHILD` shows no range). If a machine still runs on "
            "the file, let it go on: the file is small. Otherwise finish the merge with `vhdchain merge`, which moves "
            "nothing, re-parents what builds on the file, and deletes it last.",
        ),
    ),
    CodeInfo(
        code="VHD903",
        name="partly-contained-in-parent",
        title="The first blocks of a differencing disk stand in its parent, and no other does",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="In the order of the disk, the first blocks of the file stand whole in the parent's own file (every "
            "set sector, in the same place, with the same bytes), and of those behind them not one does. At least two "
            "blocks with 16 sectors that hold more than zeros must be contained. It is not told where the times say "
            "that the parent was not written to since the file was made. Looked for with `--deep`.",
            matters="A merge copies block after block; one that stopped half-way leaves exactly this. The disk of the "
            "file still reads right, because it hides what was copied. The parent's own disk does not: it is neither "
            "the old state nor the new one, and every other disk that builds on the parent is damaged.",
            seen="Hosts that crashed or ran out of space during a merge, and backup programs that were stopped in one.",
            false_positives="A guest that wrote back what was there at the beginning of the disk, and something new "
            "behind it, after which the parent's file was copied without its time. `related` names the parent: a "
            "state file or journal beside it (VHD556) settles the matter.",
            do="Do not attach or apply the parent by itself. Copy both files, then merge again: copying a block twice "
            "does no harm. If other disks build on the parent, take the parent from a backup of before the merge for "
            "them.",
        ),
    ),
)

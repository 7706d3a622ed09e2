"""Codes 413 and 415: what lies where no structure is?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD413",
        name="lost-block",
        title="A gap looks like a block that no BAT entry leads to",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A stretch between the structures, or before the end footer, that reads like a block: a bitmap, data "
            "only where its bits are set, and data for at least half of these. Stretches of zeros, of one filling "
            "byte and of arbitrary bytes do not pass.",
            matters="Writers store a new block before its BAT entry. If the entry was lost, the guest's last writes "
            "are in the file and the disk does not show them.",
            seen="Hosts that died while the file grew, often together with VHD102; tables that were damaged or zeroed, "
            "as in VHD401, VHD402, VHD403 and VHD416.",
            false_positives="A block that was moved or given up on purpose leaves the same bytes: tools that enlarge a "
            "BAT move the first blocks to the end of the file.",
            do="Look at the bytes behind the stated offsets. Which block of the disk they are, the file does not say: "
            "file system structures in them, or a damaged entry, tell. On a copy, write the entry (offset / 512) and "
            "check the guest's file system.",
        ),
    ),
    CodeInfo(
        code="VHD415",
        name="ghost-footer",
        title="An old footer lies where no structure is",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="A footer with a checksum that fits, in a gap between the structures or before the end footer. The "
            "data of blocks is not searched: a guest may keep VHD files of its own.",
            matters="It is a trace of the file's history: when it was written, and which size and identifier the disk "
            "had then.",
            seen="Files that grew: the end footer moves, and alignment gaps keep what stood there before.",
            false_positives="None: it is a footer. That it was this file's own is likely and not certain.",
            do="Nothing. If an identifier or a size is in question, compare with it.",
        ),
    ),
)

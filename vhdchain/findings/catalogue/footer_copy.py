"""Codes 139-149: do the footer and its copy agree, and does a fixed disk's file have the size that it states?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD139",
        name="footer-copy-missing",
        title="The footer copy at the front is missing",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A dynamic or differencing disk without `conectix` at offset 0. The end footer is there and used.",
            matters="All data is still found. But the next interrupted growth, which overwrites the end footer first, "
            "would leave no footer at all; and something wrote to the file's first sector, perhaps to others as well.",
            seen="A first sector zeroed by a tool that took the file for a raw disk; damaged media.",
            false_positives="None: the specification demands the copy.",
            do="Writing the end footer's 512 bytes to offset 0 repairs it: `vhdchain repair` does. Look whether the "
            "header and the BAT behind it have findings, too.",
        ),
    ),
    CodeInfo(
        code="VHD140",
        name="footer-copy-checksum",
        title="The footer copy's checksum does not match",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The copy at offset 0 has the cookie, but its stored bytes do not add up to its checksum. It is an "
            "error where the end footer is missing or damaged as well: then no valid footer is left.",
            matters="The end footer counts, so nothing is lost now. The copy could not replace it.",
            seen="Tools that update one footer and patch single fields in the other; torn writes; damaged media.",
            false_positives="None known.",
            do="Write the end footer's bytes over the copy, as `vhdchain repair` does. The details list the fields in "
            "which they differ.",
        ),
    ),
    CodeInfo(
        code="VHD141",
        name="footers-differ",
        title="Footer and copy are both valid and differ",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="Both footers have a matching checksum, but not the same bytes. The details list the fields. It is "
            "an error where size, type, identifier or `data_offset` differ: these decide how the data is read.",
            matters="Somebody rewrote one footer and not the other. If the deciding fields agree the end footer "
            "counts and the data is certain. If they differ, the file describes two different disks, and which "
            "one a reader takes depends on the reader.",
            seen="Tools that change a time stamp, the saved state or XenServer's `hidden` flag in one place only; "
            "interrupted resizes and merges for the deciding fields.",
            false_positives="Differences in the creator's fields or reserved bytes are harmless.",
            do="For a warning, nothing. For an error find out which of the two describes the disk (the number of BAT "
            "entries, the parent's and children's identifiers) and read with `--footer end` or `--footer copy`. Where "
            "one is provably right, `vhdchain repair` writes the other from it.",
        ),
    ),
    CodeInfo(
        code="VHD142",
        name="footers-torn",
        title="Footer and copy are both valid but of different states",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="Both footers have a matching checksum and differ in identifier, size or time stamp: they were "
            "written at different stages of the file's life. It is a warning where only the time stamp differs.",
            matters="A resize or a merge writes both. That only one was written says that the operation stopped "
            "between them, so blocks may be half way as well.",
            seen="Crashes during a resize or a merge, and programs that change an identifier in one place only.",
            false_positives="Where only the time stamp differs the data is read in the same way from either footer; "
            "such a disk can still be opened.",
            do="Restore the state before the operation if there is one. Otherwise compare both readings "
            "(`--footer end`, `--footer copy`) on a copy of the file and keep the one that fits BAT, parent and "
            "children.",
        ),
    ),
    CodeInfo(
        code="VHD144",
        name="fixed-file-size",
        title="A fixed disk's file has not the size of its disk",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="The file of a fixed disk is not `current_size` plus the footer. It is an error when it is shorter, "
            "and a warning when it is longer.",
            matters="In a fixed disk byte n of the disk is byte n of the file. Too short: the end of the disk does not "
            "exist. Too long: bytes between the disk and the footer belong to nothing.",
            seen="A size patched in the footer without growing the file; copies with something appended in between; "
            "a resize that stopped half way.",
            false_positives="Padding between disk and footer is harmless, hence the warning.",
            do="Compare with the geometry and the partition table inside. Too short: restore the file. Too long: "
            "nothing needs to be done.",
        ),
    ),
)

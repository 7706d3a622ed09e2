"""Codes 507-509: does blktap's batmap agree with the BAT and the sector bitmaps?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD507",
        name="batmap-unused-block",
        title="The batmap calls a block whole that does not exist",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A bit of the batmap is set, and the BAT entry of its block is unused.",
            matters="`vhd-util check` refuses such a file. The block has no data, so readers that ask the BAT first "
            "are right.",
            seen="Tables restored from another time than the batmap; BAT entries lost in a crash, then see VHD413.",
            false_positives="None known.",
            do="Look whether the block was lost (VHD413). If not, clear the bit and correct the batmap's checksum on a "
            "copy.",
        ),
    ),
    CodeInfo(
        code="VHD508",
        name="batmap-not-whole",
        title="The batmap calls a block whole whose bitmap has clear bits",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A bit of the batmap is set, and not every sector of its block inside the disk is set in the sector "
            "bitmap.",
            matters="blktap trusts the batmap: it reads such a block without its bitmap and shows what lies under "
            "clear bits, where the parent's sectors belong. A coalesce copies those bytes over the parent's, "
            "for good.",
            seen="Unknown as the work of a writer; bitmaps changed by a tool that knows no batmaps.",
            false_positives="None known. A batmap whose checksum does not fit is not trusted, by blktap neither, and "
            "not judged here.",
            do="Do not coalesce. Clear the bit and correct the batmap's checksum on a copy; the sector bitmaps are the "
            "truth.",
        ),
    ),
    CodeInfo(
        code="VHD509",
        name="batmap-bit-missing",
        title="A whole block is not marked in the batmap",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="All bits of a block's bitmap are set, and its bit in the batmap is clear.",
            matters="Nothing is wrong: blktap reads the bitmap and finds the same. Only time is lost.",
            seen="Blocks written by tools that know no batmaps; a crash before the batmap was written.",
            false_positives="It is no fault.",
            do="Nothing needs to be done.",
        ),
    ),
)

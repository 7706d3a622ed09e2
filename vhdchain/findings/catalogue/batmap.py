"""Codes 501-512: what do the dialects keep beside the specification?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

_NOT_THE_TRUTH = (
    "The batmap only repeats what the sector bitmaps say, so the disk's data is certain for every other reader, this "
    "one included."
)
_OTHER_TOOL = "Unknown as the work of a writer; a file that a tool changed without knowing of batmaps can look like it."
_REWRITE = (
    "Read the disk with any tool that does not use batmaps. To use it under XenServer or XCP-ng again, copy it into a "
    "new disk there."
)

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD501",
        name="batmap-cookie",
        title="The batmap that blktap expects is missing",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The footer names blktap 1.2 or 1.3 as the disk's creator, but no `tdbatmap` stands behind the BAT.",
            matters="blktap expects a batmap in every sparse disk of these versions and refuses to open the file "
            "without it. " + _NOT_THE_TRUTH,
            seen="Disks that were copied or rewritten by a tool which kept blktap's creator fields but not its batmap.",
            false_positives="A tool of its own may name itself `tap` and never write batmaps.",
            do=_REWRITE,
        ),
    ),
    CodeInfo(
        code="VHD502",
        name="batmap-version",
        title="The batmap's version is unknown",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The version in the batmap's header is neither 1.1 nor 1.2.",
            matters="blktap refuses a batmap whose version is above 1.2. " + _NOT_THE_TRUTH,
            seen=_OTHER_TOOL,
            false_positives="A blktap that is newer than this check.",
            do=_REWRITE,
        ),
    ),
    CodeInfo(
        code="VHD503",
        name="batmap-checksum",
        title="The batmap's checksum does not match",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The checksum in the batmap's header is not that of its bits. For version 1.1, whose sum took bytes "
            "as signed numbers, that sum is accepted too.",
            matters="blktap refuses such a batmap, and with it the disk. Where a tool uses the bits nevertheless, it "
            "may take blocks for whole that are not. " + _NOT_THE_TRUTH,
            seen="A host that stopped between writing the bits and their header; tools that set bits and left the "
            "checksum.",
            false_positives="None known.",
            do="Do not merge this disk with a tool that trusts the batmap. " + _REWRITE,
        ),
    ),
    CodeInfo(
        code="VHD504",
        name="batmap-size",
        title="The batmap is too small for the BAT",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The batmap's header gives it no sectors, or fewer bits than the BAT has entries.",
            matters="Blocks without a bit count as not whole, which costs speed. `vhd-util check` refuses the disk. "
            + _NOT_THE_TRUTH,
            seen="A BAT that was enlarged without its batmap.",
            false_positives="None known.",
            do=_REWRITE,
        ),
    ),
    CodeInfo(
        code="VHD505",
        name="batmap-offset",
        title="The batmap's place cannot be right",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The batmap's header says that the bits begin at offset 0, or not at the beginning of a sector.",
            matters="A tool that uses the bits reads something else in their place. " + _NOT_THE_TRUTH,
            seen=_OTHER_TOOL,
            false_positives="None known.",
            do=_REWRITE,
        ),
    ),
    CodeInfo(
        code="VHD506",
        name="batmap-beyond-end",
        title="The batmap does not lie inside the file",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="By the offset and length in the batmap's header, its bits end behind the end of the data.",
            matters="The bits cannot be read whole. " + _NOT_THE_TRUTH,
            seen="Truncated files, which then lack blocks as well (VHD404).",
            false_positives="None known.",
            do="See first whether blocks are missing. " + _REWRITE,
        ),
    ),
    CodeInfo(
        code="VHD510",
        name="resize-journal",
        title="The file is the journal of a resize",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="The file begins with `vjournal`: it is no disk, but the journal with which blktap resizes one. The "
            "journal names that disk's identifier.",
            matters="While it exists, the resize was not finished, and the disk is disabled (VHD146). It holds what is "
            "needed to undo the resize, and nothing else does.",
            seen="XenServer or XCP-ng hosts that stopped during a resize. blktap keeps the journal in a file of its "
            "own, never inside of the disk.",
            false_positives="A journal with no entries is of a resize that was finished.",
            do="Keep it. On a copy of both files let `vhd-util revert -n DISK -j JOURNAL` undo the resize.",
        ),
    ),
    CodeInfo(
        code="VHD511",
        name="undo-disk",
        title="The file is an undo disk",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The name begins with `VirtualPCUndo_` or ends with `.vud`, and the file has a footer.",
            matters="Virtual PC and Virtual Server keep in it what a machine wrote since it was started with undo "
            "disks. It is a differencing disk: merged or thrown away when the machine is shut down.",
            seen="Virtual PC and Virtual Server.",
            false_positives="Names prove nothing.",
            do="Decide with the machine's owner whether what it holds is wanted; a parent that was changed meanwhile "
            "makes it worthless.",
        ),
    ),
    CodeInfo(
        code="VHD512",
        name="encryption-key",
        title="The hash of an encryption key is stored",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The batmap's header holds a nonce and the SHA-256 of that nonce and a key: blktap's mark of an "
            "encrypted disk.",
            matters="What the blocks hold was encrypted with that key, so all that is read here is cipher text. The "
            "hash tells whether a given key is the right one; it does not give the key.",
            seen="Disks that a blktap with encryption support made; the hash can only be set while a disk is empty.",
            false_positives="None known.",
            do="Keep the key with the disk. `vhd-util key` of such a blktap checks whether a key is the right one.",
        ),
    ),
)

"""Codes 551-599: what is wrong with the file as a file?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
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
)

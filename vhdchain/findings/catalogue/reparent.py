"""Codes 908-911: what keeps an image from getting another parent, or another size."""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
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
)

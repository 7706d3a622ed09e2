"""Codes 301-349: are the parent locators of a differencing disk in order?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD301",
        name="locator-platform-unknown",
        title="A parent locator has an unknown platform code",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A used locator entry whose platform code is none of `W2ru`, `W2ku`, `MacX`, `Mac `, `Wi2r`, `Wi2k`.",
            matters="This locator cannot be used to find the parent. The others still are, and so is the name in the "
            "header.",
            seen="VirtualBox's sources define two Mac codes with digits transposed (0x4D163220, 0x4D163258).",
            false_positives="A writer may keep something private in a locator of its own code.",
            do="Nothing as long as the parent is found. Otherwise reconnect the parent with the tool of the host, "
            "which writes the locators anew.",
        ),
    ),
    CodeInfo(
        code="VHD306",
        name="locator-longer-than-space",
        title="A parent locator's data is longer than its space",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="`platform_data_length` is above `platform_data_space`. The space counts in sectors where its number "
            "is below 512 and in bytes otherwise, because the specification says sectors and most writers store bytes. "
            "A space of zero is not taken for this.",
            matters="The text runs into whatever lies behind the locator, or the length is damaged. The path read from "
            "it may name a wrong file.",
            seen="Damaged headers. No writer is known that does it.",
            false_positives="A space of 512 or more that was meant in sectors; no writer is known.",
            do="See whether the other locators lead to a parent whose identifier agrees (`vhdchain chain`). If so, the "
            "disk can be read with `--accept VHD306`.",
        ),
    ),
    CodeInfo(
        code="VHD307",
        name="locator-beyond-end",
        title="A parent locator lies behind the end of the file",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="The place that a locator claims for its data ends behind the beginning of the end footer. It is a "
            "warning where only the space, taken in sectors, would end there: such a small number may mean bytes.",
            matters="The path cannot be read, or the file was cut off. A truncated file usually lacks blocks as well.",
            seen="Truncated copies, damaged headers.",
            false_positives="A space stored in bytes below 512 is read as sectors, as the specification has it; that "
            "case is a warning and the data itself is read by its length.",
            do="Compare the file's size with its original or backup. If only this locator is damaged and another one "
            "leads to the right parent, read with `--accept VHD307`.",
        ),
    ),
)

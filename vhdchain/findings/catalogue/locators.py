"""Codes 301-307: do the entries of the parent locators say what and where?"""

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
            seen="Unknown as the work of a writer. Two mistaken codes of VirtualBox's sources are VHD302.",
            false_positives="A writer may keep something private in a locator of its own code.",
            do="Nothing as long as the parent is found. Otherwise reconnect the parent with the tool of the host, "
            "which writes the locators anew.",
        ),
    ),
    CodeInfo(
        code="VHD302",
        name="locator-mac-code-wrong",
        title="A parent locator has VirtualBox's mistaken code for the Mac",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="A used locator entry whose platform code is 0x4D163220 or 0x4D163258. The specification's codes are "
            "0x4D616320 (`Mac `) and 0x4D616358 (`MacX`).",
            matters="No reader looks for a path under these codes, so this locator leads nobody to the parent. It says "
            "which code base the writer comes from.",
            seen="VirtualBox's sources define these constants; VirtualBox itself writes no locator for the Mac.",
            false_positives="None known.",
            do="Nothing as long as another locator leads to the parent.",
        ),
    ),
    CodeInfo(
        code="VHD303",
        name="locator-deprecated",
        title="A parent locator has a deprecated platform code",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="A used locator entry with the code `Wi2r` or `Wi2k`.",
            matters="The specification deprecates both and does not say how their text is encoded; most readers skip "
            "them. If there is no other locator, most programs find the parent by its name alone, or not at all.",
            seen="Virtual PC 5 stores `Wi2r` alone. Old versions of VirtualBox and some converters store them beside "
            "`W2ru` and `W2ku`.",
            false_positives="Old disks are healthy with them.",
            do="Nothing as long as the parent is found. Reconnecting the parent with a present host's tool writes the "
            "locators anew.",
        ),
    ),
    CodeInfo(
        code="VHD304",
        name="locator-unused-with-fields",
        title="An unused parent locator entry is not empty",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The platform code of a locator entry is 0, which means that it is not used, yet its space, length, "
            "reserved field or offset is not 0. A note where only the offset is left.",
            matters="Either the code was lost, and with it one way to the parent, or the entry was cleared without "
            "care. vhd-util check calls such a file invalid.",
            seen="xen-orchestra's vhd-lib cleared entries and left their offsets, in some versions.",
            false_positives="A cleared entry takes nothing away from the disk.",
            do="Look at the bytes at the stated offset: if a path stands there, only the code was lost. Otherwise "
            "nothing.",
        ),
    ),
    CodeInfo(
        code="VHD305",
        name="locator-without-place",
        title="A used parent locator has no place or no length",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A used locator entry whose offset or length is 0, so that no text belongs to it. Only the space "
            "being 0 is a note: the text is read by its length.",
            matters="The locator cannot be used to find the parent. An offset of 0 would read the footer copy as a "
            "path. xen-orchestra takes a space of 0 for an unused entry, and vhd-util check calls the file invalid.",
            seen="Children that were created and never connected: VirtualBox reserves the locators first and fills "
            "them in later.",
            false_positives="Readers that go by offset and length alone do not need the space.",
            do="Nothing as long as another locator leads to the parent. Otherwise reconnect the parent with the host's "
            "tool.",
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
            "disk is read by them: its own data does not depend on the locator, so this error does not refuse it.",
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
            "leads to the right parent, the disk is read by that: this error does not refuse the file.",
        ),
    ),
)

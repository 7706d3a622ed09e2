"""Codes 308-313, 325: are the entries of the parent locators as writers make them?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD308",
        name="locator-reserved-bytes",
        title="The reserved field of a parent locator is not zero",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The four reserved bytes of a used locator entry, which must be zero, are not.",
            matters="No reader that is known uses them, so the locator itself stays good; but something wrote there "
            "that no rule knows. vhd-util check calls such a file invalid.",
            seen="Unknown as the work of a writer.",
            false_positives="None known.",
            do="Compare with the disk's siblings. Where all of them have it, it is a writer's manner; where one has, "
            "it is damage.",
        ),
    ),
    CodeInfo(
        code="VHD309",
        name="locator-duplicate",
        title="Two parent locators have the same platform code",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="Two used locator entries name the same platform.",
            matters="One reader takes the first, another the last, and if the two hold different paths they open "
            "different parents. vhd-util check calls such a file invalid.",
            seen="Unknown as the work of a writer.",
            false_positives="Both may hold the same path.",
            do="Compare the two texts (`vhdchain info`). Reconnect the parent with the host's tool, which writes each "
            "code once.",
        ),
    ),
    CodeInfo(
        code="VHD310",
        name="locator-space-ambiguous",
        title="The unit of a parent locator's space cannot be told",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="`platform_data_space` is 512 or more and no multiple of 512: too large for sectors, and not the "
            "whole sectors that writers of bytes reserve.",
            matters="blktap refuses such a locator; others round the number. The text itself is read by its length and "
            "does not depend on it.",
            seen="Unknown as the work of a writer.",
            false_positives="The text is in order.",
            do="Nothing as long as the parent is found; for blktap, reconnect the parent with its own tool.",
        ),
    ),
    CodeInfo(
        code="VHD311",
        name="locator-space-unit",
        title="In which unit the space of the parent locators is stored",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="States whether `platform_data_space` counts in bytes, in sectors, or both in one header. Below 512 "
            "it is taken for sectors, a multiple of 512 for bytes.",
            matters="The specification says sectors; Virtual PC, Hyper-V, blktap and VirtualBox store bytes. A program "
            "that takes bytes for sectors believes in 512 times the room and may write a longer path over the blocks "
            "behind it; one that takes sectors for bytes finds no room at all. Both units in one header mean that two "
            "programs wrote it.",
            seen="Bytes: nearly all files. Sectors: old versions of VirtualBox, newer ones of xen-orchestra's vhd-lib.",
            false_positives="Every differencing disk whose locators state a space has this note; it is a fact, not a "
            "fault.",
            do="Nothing. Before a program writes longer locators, know which unit it reads.",
        ),
    ),
    CodeInfo(
        code="VHD312",
        name="locator-overlaps",
        title="A parent locator lies over another structure",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="The data of a locator shares bytes with the footer copy, the dynamic header, the BAT, the batmap or "
            "the data of another locator. A warning where only its stated space reaches into one of them and the data "
            "does not. A block that lies over a locator is told with the blocks.",
            matters="One of the two has been overwritten: either the path is wrong, or a header or BAT entry is. Of a "
            "locator whose space alone overlaps the text is whole, but a longer path written there destroys its "
            "neighbour.",
            seen="Damaged headers.",
            false_positives="Two locators that share one text on purpose; no writer is known that does so. A space "
            "below 512 is used only where it must mean sectors.",
            do="See whether the paths of the other locators agree and lead to a parent whose identifier fits "
            "(`vhdchain chain`); then the disk can be read with `--accept VHD312`, provided that BAT and header show "
            "no other error.",
        ),
    ),
    CodeInfo(
        code="VHD313",
        name="locator-unaligned",
        title="A parent locator's data does not begin on a sector",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="`platform_data_offset` is no multiple of 512.",
            matters="The specification does not forbid it, and readers that go by offset and length do not care. "
            "Programs that read whole sectors into aligned memory, as blktap does, may fail.",
            seen="Unknown as the work of a writer.",
            false_positives="Legal by the letter of the specification.",
            do="Nothing as long as the parent is found.",
        ),
    ),
    CodeInfo(
        code="VHD325",
        name="locator-slot-order",
        title="Parent locators do not fill the slots from the first on",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The used locator entries do not stand in the slots 0, 1, 2 and so on: the first ones are empty, or "
            "there is a gap.",
            matters="Nothing is wrong with it, the eight slots are equal; but a reader that stopped at the first empty "
            "slot would find no locator at all. It tells writers apart.",
            seen="DiscUtils fills the slots 7 and 6.",
            false_positives="Legal, as every order of the slots is.",
            do="Nothing. If one program alone does not find the parent, this may be why.",
        ),
    ),
)

"""Codes 320-324: where do the parent locators lead?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD320",
        name="locators-disagree",
        title="The parent locators lead to different disks",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="Two parent locators of one disk lead to two different files, and both are VHDs. It is an error "
            "where more than one of them has the identifier that the child asks for, and a warning where only one has "
            "it.",
            matters="Which locator counts is not laid down. Programs that compare identifiers take the right file "
            "where only one agrees; programs that do not, and all of them where the copies have gone different ways, "
            "show a disk that depends on which program reads it.",
            seen="Copied and moved folders; a base that was replaced at one of the places; locators that a tool "
            "rewrote only in part.",
            false_positives="Two copies that are equal byte for byte give the same disk, whichever is taken. A copied "
            "folder whose absolute path leads back to the original is told as VHD620 instead.",
            do="Compare the files that `related` names. Keep the right one, move the other one out of the way, and let "
            "the host write the locators again (`Set-VHD -ParentPath` in Hyper-V).",
        ),
    ),
    CodeInfo(
        code="VHD323",
        name="locator-stale",
        title="A parent locator leads to nothing, another one to the parent",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A parent locator names a place that could be looked at, and no file is there, while another locator "
            "leads to the parent. A place that no path map covers, or that lies outside of the allowed folders, does "
            "not count: it was not looked at.",
            matters="The chain is complete as long as the other locator works. Programs that know only the stale one "
            "fail, and when a file turns up at its place, they take that.",
            seen="Folders moved as a whole, where the relative path survives and the absolute one does not; bases "
            "moved by hand and connected again with a tool that rewrites one locator.",
            false_positives="A path map that leads to the wrong folder here. On a copy that is only read it needs no "
            "action.",
            do="Check the path map. Otherwise let the host write the locators again (`Set-VHD -ParentPath` in "
            "Hyper-V), on the host on which the disk is used.",
        ),
    ),
    CodeInfo(
        code="VHD324",
        name="locator-target-no-vhd",
        title="What stands at a parent locator's place is no VHD",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A parent locator leads to a file that has no VHD footer, or, where the child asks for a raw parent, "
            "to an image of another format. It is told instead of VHD601 where no parent was found, and is a warning "
            "where another reference led to the parent.",
            matters="Without a parent, everything that the child does not hold is unknown. A program that takes the "
            "file for a raw disk shows a mixture.",
            seen="A base that was converted to VHDX or raw under its old name, cut off, or overwritten; a base whose "
            "footers were lost; placeholders that a cloud or backup client leaves in place of a file.",
            false_positives="The file may be the true parent with both footers gone: VHD103 is then told at the file "
            "itself, and its data may be intact.",
            do="Look at the file: its size and first bytes say what became of it. Restore the VHD to its place, or "
            "allow the folder that holds a copy with `--within`.",
        ),
    ),
)

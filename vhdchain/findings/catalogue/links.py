"""Codes 601-649: does one child fit the parent that was found for it?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD601",
        name="parent-not-found",
        title="The parent was not found",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A000D,
        windows_text="The chain of virtual hard disks is broken. The system cannot locate the parent virtual hard disk "
        "for the differencing disk.",
        page=Page(
            finds="No parent locator, not the name in the header and no identifier in the folders that may be read led "
            "to a file that can be this disk's parent. The details and the trace (`vhdchain chain`) list what was "
            "tried.",
            matters="A differencing disk alone holds only what was written since it was made. Everything else of the "
            "disk is in the missing file, and so is every disk that has this one among its ancestors.",
            seen="A snapshot folder copied without the base image; a base that was renamed, moved, or deleted after "
            "somebody took it for a leftover; a file restored from a backup that did not contain the whole chain. "
            "qemu-img and dissect.hypervisor give zeros for the missing sectors and report success.",
            false_positives="The parent may exist where this run was not allowed to look; then VHD003 or VHD714 says "
            "so as well. Where a locator leads to a file that is no VHD, VHD324 is told instead.",
            do="Find the parent (its identifier is in the finding; several files may carry its name) and put it where "
            "a locator points, or allow its folder with `--within`, or map the path with `--map`. Do not create an "
            "empty file of that name: readers would take it for the data.",
        ),
    ),
    CodeInfo(
        code="VHD602",
        name="parent-found-by-fallback",
        title="The parent was found only by a fallback",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="No locator led to the parent; another rule did: the bare name in the header, the name of an "
            "absolute path beside the child, or the identifier among the files of the allowed folders. The message "
            "says which rule. Where only letter case differs, it is VHD619; where a locator leads to another disk, "
            "it is VHD604.",
            matters="Here the chain is complete. Other readers do not use the same fallbacks: Windows follows the "
            "locators, 7-Zip and libvhdi look for the name. They will fail, or pick another file of that name.",
            seen="Folders moved to another drive, files that were renamed, chains copied from Windows to Linux.",
            false_positives="None; but on an evidence copy that is only read here it needs no action.",
            do="Check that the file found is the one you expect (its identifier agrees, otherwise VHD603 is reported). "
            "Before the disk is used on a host, let the host reconnect it (`Set-VHD -ParentPath` in Hyper-V), or put "
            "the parent back to where the locator points.",
        ),
    ),
    CodeInfo(
        code="VHD603",
        name="parent-identifier-mismatch",
        title="The parent's identifier is not the one the child asks for",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A000E,
        windows_text="The chain of virtual hard disks is corrupted. There is a mismatch in the identifiers of the "
        "parent virtual hard disk and differencing disk.",
        page=Page(
            finds="The file to which the child's locators lead has another `unique_id` than the child's "
            "`parent_unique_id`, and no file in the allowed folders has the wanted one (VHD604 where one has). "
            "Compared are the 16 stored bytes.",
            matters="Sectors that the child does not hold would come from a disk on which they may hold something "
            "else. Such a chain often boots and looks right until a file is read that lies across both.",
            seen="A base that was replaced by another one of the same name; a parent that was merged, converted, or "
            "compacted with a tool that gives it a new identifier; a disk that was attached and written without its "
            "snapshots, then recreated; the wrong generation restored from a backup.",
            false_positives="A tool that rewrote the parent's footer without touching its data leaves the data right. "
            "The files alone cannot prove that.",
            do="Look for a file with the wanted identifier: a rename or an older backup may hold the true parent. "
            "Setting the child to the new identifier (`Set-VHD -IgnoreIdMismatch`) makes the host accept the chain "
            "without making it right; do that on a copy, and only when you know that the parent's data did not change.",
        ),
    ),
    CodeInfo(
        code="VHD605",
        name="parent-identifier-ambiguous",
        title="Several files have the wanted identifier",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="More than one file in the allowed folders carries the identifier that the child asks for, and no "
            "locator decides between them.",
            matters="A copy keeps the identifier of its original and then goes its own way. Only one of the candidates "
            "has the data that the child was made on; taking the other one gives a mixture.",
            seen="Backups beside the original, folders copied for a test, templates from which machines were copied "
            "by copying files.",
            false_positives="If the candidates are byte for byte the same, either one is right.",
            do="Compare the candidates (size, modification time, content hash). Keep one of them within the folders "
            "that are read, or name the folder of the right one with `--within`.",
        ),
    ),
    CodeInfo(
        code="VHD610",
        name="child-smaller-than-parent",
        title="The child's disk is smaller than its parent's",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A0017,
        windows_text="There is a mismatch in the virtual sizes of the parent virtual hard disk and differencing disk.",
        page=Page(
            finds="The child's `current_size` is below its parent's. Where it is the size that the parent had before "
            "it was expanded, VHD612 is told instead.",
            matters="The guest sees the child's size: the end of the parent's disk is cut off, with whatever stood "
            "there (a backup partition table, the tail of a file system). Hyper-V of 2008 R2 refuses to open the "
            "chain.",
            seen="The child was shrunk by a tool, or made for another disk.",
            false_positives="Readers other than Hyper-V of 2008 R2 handle the case, and the sectors that remain are "
            "certain. It is an error where the child was written by a host of 2008 or 2008 R2, which refuses the "
            "chain, and otherwise a warning.",
            do="Find out which of the two sizes was changed; `original_size` in both footers may tell. Do not start a "
            "machine from the base meanwhile: every write to it changes what its children show.",
        ),
    ),
    CodeInfo(
        code="VHD611",
        name="child-larger-than-parent",
        title="The child's disk is larger than its parent's",
        severity=Severity.WARNING,
        since="0.1.0",
        windows_error=0xC03A0017,
        windows_text="There is a mismatch in the virtual sizes of the parent virtual hard disk and differencing disk.",
        page=Page(
            finds="The child's `current_size` is above its parent's.",
            matters="Behind the parent's end everything that the child does not hold reads as zero, here and in most "
            "readers; some fail there, and Windows refuses the chain.",
            seen="XenServer resizes only the leaf, which is legal there; on Hyper-V it is the trace of a foreign tool.",
            false_positives="Chains of XenServer and XCP-ng whose disk was grown are healthy with it.",
            do="Nothing for XenServer. For Hyper-V flatten the chain into a new disk instead of patching sizes.",
        ),
    ),
    CodeInfo(
        code="VHD615",
        name="ancestor-damaged",
        title="An ancestor of this disk has errors",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A0019,
        windows_text="The chain of virtual hard disks is inaccessible. There was an error opening a virtual hard disk "
        "further up the chain.",
        page=Page(
            finds="A file further down the chain of this leaf has findings of severity error, is missing a parent, or "
            "could not be read. The ancestor's own findings are told once, at the ancestor; this one tells which "
            "disks depend on it, once for each leaf.",
            matters="The disk that this leaf stands for is only as good as its worst ancestor.",
            seen="Together with any other error on a file that has children.",
            false_positives="The damaged part of the ancestor may be covered by sectors that a descendant holds; "
            "`vhdchain map` on the leaf shows which layer supplies what.",
            do="Solve the findings of the files that `related` names; this one goes away with them.",
        ),
    ),
    CodeInfo(
        code="VHD617",
        name="parent-is-itself",
        title="The disk names itself as its parent",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A0018,
        windows_text="A differencing disk is indicated in its own parent chain.",
        page=Page(
            finds="A locator or the parent name of a differencing disk leads to the very same file.",
            matters="The chain has no base: what the file does not hold is nowhere. Readers that do not look for it "
            "recurse until they crash.",
            seen="A child that was renamed to, or copied over, its parent's name; import tools that clone a disk "
            "under the base's name (vagrant issue 13115).",
            false_positives="None. Two files with equal names in different folders are no case of it: files are "
            "compared, not names.",
            do="Find the real parent by the child's `parent_unique_id` (it may have been overwritten by this file: "
            "look in backups), restore it under another path and reconnect the child.",
        ),
    ),
    CodeInfo(
        code="VHD628",
        name="parent-access-denied",
        title="Access to the parent was denied",
        severity=Severity.ERROR,
        since="0.1.0",
        windows_error=0xC03A0016,
        page=Page(
            finds="The parent lies where a locator says and inside the allowed folders, but the operating system "
            "refused to open it.",
            matters="The chain cannot be read, although nothing is known to be wrong with it.",
            seen="Files copied with their access control lists; Hyper-V images that grant access only to the machine's "
            "own identity (`NT VIRTUAL MACHINE\\...`) after a move.",
            false_positives="None: the operating system refused the file, and the details say which.",
            do="Grant the account read access to the parent, or read from a copy.",
        ),
    ),
)

"""Codes 618-627: where does the parent lie, and what are its relatives?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD618",
        name="same-name-as-parent",
        title="A disk and its parent have the same file name",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The last part of the path is the same for child and parent, letter case aside; the folders differ.",
            matters="Readers that look for the parent by its bare name beside the child (7-Zip, libvhdi and programs "
            "built on them) find the child itself. When both files come into one folder, one overwrites the other.",
            seen="Import tools that keep the base's name for the differencing disk; layouts with a folder per "
            "generation.",
            false_positives="None: files are compared, so the chain is sound here.",
            do="Nothing as long as the folders stay as they are. Never collect such files into one folder.",
        ),
    ),
    CodeInfo(
        code="VHD619",
        name="letter-case",
        title="The parent was found only because letter case was ignored",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A stored path leads to the parent when letter case is ignored, and no path does as it is written. "
            "It is told instead of VHD602.",
            matters="Windows ignores letter case, so there the chain is sound. On file systems that do not (Linux, "
            "many file servers), other programs do not find the parent.",
            seen="Chains copied from Windows to Linux; files that were renamed in letter case alone.",
            false_positives="On Windows it is none of anybody's concern.",
            do="Rename the file or folder as the child writes it, where programs on Linux must read the chain.",
        ),
    ),
    CodeInfo(
        code="VHD620",
        name="copy-bound-elsewhere",
        title="An absolute path still leads to another copy of the parent",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The parent was found, and an absolute path that the child stores leads away from it: to a file with "
            "the same identifier outside of the folder that holds child and parent, or, by the path map, to a place "
            "outside of the allowed folders. What lies there was not looked at in the second case.",
            matters="This is a copied folder that is still bound to the original. A program that prefers the absolute "
            "path opens the original's file: the copy changes when the original does, and a merge writes into it.",
            seen="Copies of a machine for a test or as evidence, with the original still in reach under its old path.",
            false_positives="A copy that is only read here, by this program, is safe: the file beside it is taken.",
            do="Keep the original out of reach of the copy, or connect the copy to its own parent (`Set-VHD "
            "-ParentPath` in Hyper-V) before any host opens it.",
        ),
    ),
    CodeInfo(
        code="VHD621",
        name="parent-other-volume",
        title="The parent lies on another volume than its child",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The parent was found by an absolute path alone, and that names a network share, or another drive "
            "than the one on which the path map places the child. No relative path leads from one volume to another.",
            matters="A backup or copy of one volume lacks one half of the chain, and when the share is not there, the "
            "disk cannot be read.",
            seen="Base images on a file server or a library volume; snapshot folders that were moved to another drive.",
            false_positives="None: it states a fact, as far as the path map is right. Drives are not compared where "
            "the path map does not say where the child lies.",
            do="See to it that backups take both volumes, at the same moment.",
        ),
    ),
    CodeInfo(
        code="VHD622",
        name="grandparent-as-parent",
        title="The child asks for its grandparent",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A recorded path of the child leads to a disk with another identifier than the child asks for, and "
            "that disk asks for the same parent as the child does. By its paths the child stands on the middle disk, "
            "by its identifier on the grandparent.",
            matters="With the middle disk the child shows one content, without it another, and only one of them is "
            "right. Chains are followed by the identifier here, which leaves the middle disk out.",
            seen="A merge of the middle disk into the grandparent that gave the child its new parent's identifier and "
            "not the paths, or a merged disk that was restored from a backup; a child that was reconnected to the "
            "wrong file with the check of identifiers turned off.",
            false_positives="The middle disk may hold nothing that matters: if every sector of it is also in the "
            "grandparent or in the child, both ways show the same disk.",
            do="Find out whether the middle disk was merged: if its content is in the grandparent, it is a leftover, "
            "and the child's paths must be mended. If not, the child needs the middle disk, and its identifier must "
            "be mended. Compare on copies: `vhdchain map` shows what each layer holds.",
        ),
    ),
    CodeInfo(
        code="VHD623",
        name="descendant-as-parent",
        title="The child asks for its own descendant or its sibling",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A recorded path of the disk leads to a disk with another identifier than it asks for, and the "
            "wanted identifier belongs to a disk that builds on this one, or on the one to which the path leads. Disks "
            "whose paths, too, lead in a circle are VHD701 alone.",
            matters="No disk is made on its own descendant, and siblings do not build on each other: the identifier "
            "was written from the wrong disk. Following it gives a circle, or a mixture of two branches.",
            seen="Unknown as the work of a writer; identifiers set by hand or by a script that confused two files of "
            "a tree.",
            false_positives="A sibling is none where the disk was moved to stand on it on purpose and only its paths "
            "were left behind.",
            do="The file to which the path leads is the likely parent: compare its times and content with the child's, "
            "and set the child's `parent_unique_id` back on a copy.",
        ),
    ),
    CodeInfo(
        code="VHD624",
        name="parent-kind",
        title="The base of the chain is raw or fixed",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="Disks build on a raw file or on a fixed disk. It is told once for each base. Dynamic bases, the "
            "common case, are not told.",
            matters="A raw base was taken because its children ask for the null identifier: nothing proves that it is "
            "the right file, and nothing says where its disk ends. A fixed base holds every sector, used or not, so "
            "that a map of the chain has no free space.",
            seen="Raw bases in XenServer's storage; fixed disks of which somebody took a snapshot.",
            false_positives="None: it states a fact.",
            do="For a raw base make sure by other means that it is the right file. Otherwise nothing.",
        ),
    ),
    CodeInfo(
        code="VHD627",
        name="parent-writable",
        title="A file that other disks build on can be written to",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="A file has children, and its mode lets somebody write to it. It is told once for each such file.",
            matters="A parent must not change: every write to it changes the disks of all its children. Whoever mounts "
            "it or starts a machine from it damages them.",
            seen="Nearly every folder in use: hosts do not protect parents. Folders kept as evidence or as templates "
            "should.",
            false_positives="None: it states a fact. Access control lists and read-only mounts are not looked at.",
            do="On a copy that is kept take the right to write away (`chmod a-w`). On a host leave it to the host, "
            "which must write when it merges.",
        ),
    ),
)

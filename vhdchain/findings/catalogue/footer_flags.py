"""Codes 129-147: geometry, identity, flags and the kind of file that a footer stands for."""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

_SIZE_COUNTS = "This package always goes by `current_size`."

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD129",
        name="size-over-limit",
        title="The disk is larger than a VHD may be",
        severity=Severity.WARNING,
        since="0.1.0",
        windows_error=0xC03A0012,
        page=Page(
            finds="The disk's size is more than 2,040 GiB. It is an error where the footer names Windows, Virtual PC "
            "or Virtual Server as the writer: these would refuse their own disk, so the size is hardly what was "
            "written.",
            matters="Windows, Hyper-V, XenServer and qemu refuse the disk. Others read it, as far as the BAT's 32-bit "
            "sector offsets reach.",
            seen="Disks of tools that do not know the limit; damaged sizes.",
            false_positives="None for a host with the limit. The data itself may be sound.",
            do="Convert the disk to a format without the limit (VHDX, raw). If the size is wrong, compare it with "
            "`original_size`, with the number of BAT entries and with the parent.",
        ),
    ),
    CodeInfo(
        code="VHD130",
        name="geometry-short",
        title="The geometry reaches beyond the end of the disk",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="Cylinders times heads times sectors of the footer is more than the disk's size. The largest "
            "geometry that can be stored is no such case: qemu writes it to say that the geometry is not to be gone "
            "by.",
            matters="An old guest, or a reader that takes the geometry for the size (Virtual PC, qemu for some "
            "writers), sees sectors that the disk does not have. " + _SIZE_COUNTS,
            seen="Disks that were shrunk by a tool which left the geometry; hand-made footers.",
            false_positives="None known: the specification's calculation rounds down.",
            do="Let the tool that changed the size write the geometry anew, or open the disk with a reader that goes "
            "by `current_size` (qemu: `force_size_calc=current_size`).",
        ),
    ),
    CodeInfo(
        code="VHD131",
        name="geometry-unusual",
        title="The geometry is not the one that the specification calculates",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The footer's geometry differs from the specification's calculation for the disk's size, without "
            "reaching beyond its end.",
            matters="Guests that go by CHS addresses may read a partition table differently. " + _SIZE_COUNTS,
            seen="qemu with `force_size`, whose disks have 65535/16/255; disks that were expanded by a tool which left "
            "the geometry; writers with a calculation of their own.",
            false_positives="Many sound disks have it; it is a fact about the writer.",
            do="Nothing, unless the guest does not start.",
        ),
    ),
    CodeInfo(
        code="VHD132",
        name="geometry-size-disputed",
        title="Readers disagree on the size of the disk",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The product of the geometry is not the disk's size, and the writer is none of those for which qemu "
            "takes `current_size` (`win `, `qem2`, `d2v `, `tap`, `CTXS`).",
            matters="qemu and Virtual PC see a disk of another size, mostly a little smaller: what lies behind it is "
            "lost in a conversion, and a backup partition table of a GPT disk is not found. " + _SIZE_COUNTS,
            seen="Healthy disks of VirtualBox, whose sizes are seldom a whole number of cylinders.",
            false_positives="The disk is sound; only readers differ.",
            do="With qemu give `force_size_calc=current_size`, and compare the sizes after a conversion.",
        ),
    ),
    CodeInfo(
        code="VHD133",
        name="geometry-zero",
        title="The geometry addresses nothing",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="Cylinders, heads or sectors per track are zero, and the specification's calculation does not give "
            "zero for the disk's size.",
            matters="Readers that go by the geometry see an empty disk or refuse it. " + _SIZE_COUNTS,
            seen="Hand-made footers.",
            false_positives="None known. Disks below 34 KiB have no cylinder by the specification itself and are not "
            "told.",
            do="Open the disk with a reader that goes by `current_size`; a copy into a new disk gets a geometry.",
        ),
    ),
    CodeInfo(
        code="VHD134",
        name="identifier-null",
        title="The disk has no identifier",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="`unique_id` is 16 zero bytes. It is an error where other disks build on this one.",
            matters="A child names its parent by this identifier, and XenServer takes a null one as the mark of a raw "
            "parent. Nothing can tell whether this is the disk that a child was made of.",
            seen="Tools that write fixed disks for upload and leave the identifier out.",
            false_positives="Null identifiers are written by some tools on purpose; a disk without children is sound.",
            do="Do not make children of it before it has an identifier. Where it has some, compare contents before "
            "they are trusted.",
        ),
    ),
    CodeInfo(
        code="VHD135",
        name="saved-state-invalid",
        title="The saved state is neither 0 nor 1",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The byte `saved_state` has a value that the specification does not know.",
            matters="Programs differ on whether such a disk belongs to a saved machine, which must not be changed.",
            seen="Unknown as the work of a writer.",
            false_positives="None known.",
            do="Find out whether the disk's machine is saved; treat the disk as one that is until then.",
        ),
    ),
    CodeInfo(
        code="VHD136",
        name="saved-state",
        title="The disk belongs to a saved machine",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The byte `saved_state` is 1.",
            matters="The saved memory of the machine holds parts of this disk's file systems. If the disk is changed, "
            "merged or expanded meanwhile, the machine continues with a memory that does not fit, and damages it.",
            seen="Virtual PC and Virtual Server, while a machine's state is saved.",
            false_positives="The mark may have been left when the saved state was deleted by hand.",
            do="Read it as any other disk. Before it is changed, start the machine and shut it down, or discard its "
            "saved state.",
        ),
    ),
    CodeInfo(
        code="VHD137",
        name="hidden-flag",
        title="The hidden flag does not fit",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="blktap's `hidden` flag, byte 85, is neither 0 nor 1, or it is set although no known disk builds on "
            "this one. In footers of other writers it is looked at only where no other reserved byte is set.",
            matters="XenServer hides disks that became parents. A hidden one that nothing builds on is garbage to it: "
            "its cleaning run may delete the file.",
            seen="XenServer and XCP-ng, between the deletion of a snapshot and the next cleaning run.",
            false_positives="The disks that build on it were not among those looked at.",
            do="Look for its children first. If the disk is still wanted, copy it into a new one.",
        ),
    ),
    CodeInfo(
        code="VHD138",
        name="reserved-bytes",
        title="Reserved bytes of the footer are set",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="Bytes behind `saved_state`, which the specification reserves, are not zero, and the checksum covers "
            "them. Known meanings are named: blktap's hidden flag at byte 85, simh's type of drive at byte 96, and an "
            "end like that of a boot sector.",
            matters="They are evidence of the program that wrote the footer. Some readers refuse such files (7-Zip), "
            "although nothing is wrong with them.",
            seen="XenServer's hidden disks; simh; Windows 10, which may leave a copy of the disk's first sector there.",
            false_positives="None; it is a fact and no damage.",
            do="Nothing. Where a reader refuses the file, that reader is to blame.",
        ),
    ),
    CodeInfo(
        code="VHD143",
        name="fixed-with-copy",
        title="A fixed disk begins with a footer of its own",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The footer says fixed, but the first sector, which is the guest's in a fixed disk, holds an intact "
            "footer with this disk's identifier, or with its size and time. Where that one says dynamic or "
            "differencing and has this identifier, the two are compared and told as VHD141.",
            matters="Only sparse disks have a footer there. If the type was changed in the footers alone, what is read "
            "as the guest's data is header, BAT and blocks.",
            seen="Disks whose type was edited, or whose end was replaced by the footer of a conversion.",
            false_positives="A guest that keeps a copy of this very disk at its own beginning.",
            do="See whether `cxsparse` stands at offset 512. If so, the file is a dynamic disk: set its type back in a "
            "copy of the file.",
        ),
    ),
    CodeInfo(
        code="VHD145",
        name="other-format",
        title="The file has another format",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="There is no VHD footer, and the first bytes are those of another format: VHDX, qcow, QED, VMDK, "
            "VDI, Parallels, EnCase, an archive, a web page, or a Git LFS pointer.",
            matters="The file cannot be read as a VHD, whatever its name says.",
            seen="VHDX files renamed to `.vhd` or `.avhd`; downloads that saved an error page; checkouts without Git "
            "LFS; compressed backups under the name of the disk.",
            false_positives="A fixed disk that lost its footer, and whose guest keeps such a file at its beginning.",
            do="Open it with a tool for that format, unpack it, or fetch the file that the pointer stands for.",
        ),
    ),
    CodeInfo(
        code="VHD146",
        name="poisoned",
        title="The disk is disabled",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A footer has the cookie `v_poison` in place of `conectix`.",
            matters="blktap writes it before it resizes a disk, and writes the old cookie back when it is done. While "
            "it stands there, metadata and blocks may be of two different layouts.",
            seen="XenServer or XCP-ng hosts that stopped during a resize.",
            false_positives="None known.",
            do="Find the journal of the resize (VHD510) and let `vhd-util revert` put the old state back with it. "
            "Without the journal work on a copy, and check every block before it is trusted.",
        ),
    ),
    CodeInfo(
        code="VHD147",
        name="suffix-mismatch",
        title="The name does not fit the kind of disk",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A fixed or dynamic disk is called `.avhd`. A differencing disk that is called `.vhd` is a note.",
            matters="Hyper-V gives `.avhd` to the disks of snapshots alone. One without a parent was merged by another "
            "tool, or renamed: the configuration that names it may be out of date. A differencing `.vhd` needs its "
            "parent, although its name looks like that of a whole disk.",
            seen="Merges by hand; snapshots copied out under a new name; differencing disks made on purpose, which "
            "Windows calls `.vhd`.",
            false_positives="Any name is legal.",
            do="Find out where the disk is used before it is renamed or moved.",
        ),
    ),
)

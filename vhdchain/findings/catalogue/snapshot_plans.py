"""Codes 907 and 921-929: what is told of an operation on snapshots before it is carried out."""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD907",
        name="present-discarded",
        title="What the machine holds now would be lost",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A plan that applies or reverts to a snapshot, and thereby discards the present: its disks, as far "
            "as no snapshot needs them, its saved state, and where it is done in place, later snapshots too. "
            "`related` lists the files, `details` how many bytes of each exist nowhere else.",
            matters="A host asks one question and deletes the files. What was written since the last snapshot is "
            "then in no file any more.",
            seen="Every use of Revert; it is what the command is for.",
            false_positives="None. Zero bytes mean that nothing was written since the snapshot was taken or applied.",
            do="Take a snapshot first (`--take-first`) if any of it may be wanted; otherwise go on.",
        ),
    ),
    CodeInfo(
        code="VHD921",
        name="snapshot-limit",
        title="The host allows no further snapshot",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A plan that takes a snapshot of a machine which has as many as its host allows: 50 with Hyper-V. "
            "With XenServer's rules it is the number of files in a chain that is limited, to 30.",
            matters="The host refuses it as well. What it says then, and with which code, is not documented.",
            seen="Snapshots that a schedule takes and nobody deletes; VHD814 tells of it from the 45th on.",
            false_positives="Another host, or a later version, may have another limit: choose its rules with `--host`.",
            do="Delete snapshots that are not needed any more, and let the merges end.",
        ),
    ),
    CodeInfo(
        code="VHD922",
        name="wrong-power-state",
        title="The operation is not possible while the machine is in this state",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="An operation that the machine's state of power does not allow, such as a snapshot of a paused "
            "machine, or starting one that runs. The table of all of them is in the documentation of `simulate`.",
            matters="The host refuses it as well.",
            seen="Scripts that do not look at the state first.",
            false_positives="Whether a machine runs is not stored in its files; here it is guessed from its times. "
            "Where the guess is wrong, say what it is with `--power`.",
            do="Bring the machine into the state that the message names.",
        ),
    ),
    CodeInfo(
        code="VHD923",
        name="nothing-to-freeze",
        title="A disk of the machine cannot be kept by a snapshot",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A plan that takes a snapshot of a machine with a pass-through disk, or without any disk in a file.",
            matters="A snapshot freezes files. The host refuses it while a disk of its own is attached.",
            seen="Database servers with pass-through disks, which VHD821 tells of.",
            false_positives="How a pass-through disk looks in a configuration of 2008 R2 is not known: every slot "
            "counts whose type is none of VHD, ISO, VFD and NONE.",
            do="Detach the disk, or back the machine up by other means.",
        ),
    ),
    CodeInfo(
        code="VHD924",
        name="bad-name",
        title="The name is blank or too long",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A name for a snapshot or a machine that is blank, or has more than 100 characters.",
            matters="The host refuses it as well.",
            seen="Names that scripts put together from descriptions.",
            false_positives="None: hosts allow no other names.",
            do="Choose another name.",
        ),
    ),
    CodeInfo(
        code="VHD925",
        name="nothing-to-revert-to",
        title="The machine was made from no snapshot",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A plan that reverts a machine whose present is based on no snapshot: it has none, or the one that "
            "it was based on was deleted together with all before it.",
            matters="Revert goes back to the snapshot that was taken or applied last; there is none.",
            seen="After deleting the first snapshots of a machine.",
            false_positives="None, where the tree could be derived from the disks.",
            do="Apply the snapshot that is wanted, by its name.",
        ),
    ),
    CodeInfo(
        code="VHD926",
        name="slot-conflict",
        title="The disk cannot be attached or detached there",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A plan that attaches a disk where another one is, or one on which other disks build or that is in "
            "use already; or that detaches a disk where none is attached; or that applies a snapshot in place, below a "
            "disk that is not the machine's to delete.",
            matters="A machine that runs on a disk with others above it writes to it, and breaks all of them (VHD709).",
            seen="Attaching the base of a chain by hand, to get at its files.",
            false_positives="None: the disks say what builds on them.",
            do="Attach the leaf of the chain, or a copy; choose a place that is free.",
        ),
    ),
    CodeInfo(
        code="VHD927",
        name="memory-not-in-files",
        title="Only the host can do this, and no change of files",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds=(
                "A plan for a running machine that needs what is in its memory: a snapshot, or a saved state. Or one "
                "that starts a machine, or turns a running one off."
            ),
            matters="It can be told what the host would do, and which files it would make. It cannot be done here.",
            seen="Simulations of what a host would do.",
            false_positives="That the machine runs is a guess from its times; say what it is with `--power`.",
            do="Let the host do it, or turn the machine off first.",
        ),
    ),
    CodeInfo(
        code="VHD928",
        name="usn-rollback",
        title="Going back may damage the directory of a whole domain",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A plan that applies or reverts to a snapshot of a machine that is marked as a domain controller, by "
            "`--domain-controller` or by the words `domain controller` in its notes.",
            matters="A domain controller that is set back hands out numbers of changes again that its partners have "
            "seen already: changes are lost without an error (USN rollback). Hosts before 2012 have no "
            "VM-GenerationID by which the guest could notice.",
            seen="Snapshots used as a backup of domain controllers, against Microsoft's documented advice.",
            false_positives="A domain of a single controller has no partners. From 2012 on, host and guest together "
            "notice it, where both are of that version.",
            do="Do not apply snapshots of domain controllers; restore the system state by a backup that knows about "
            "it.",
        ),
    ),
    CodeInfo(
        code="VHD929",
        name="machine-not-certain",
        title="What the machine is made of is not known for certain",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A plan for a machine of which something is missing: its configuration, a disk or a saved state of "
            "one of its states, or the parents of its snapshots, where its disks do not tell them.",
            matters="A plan on a guess may delete or merge what somebody needs.",
            seen="Copies of a part of a host; folders after a failed merge.",
            false_positives="None: what cannot be seen may be all right, and nobody can say so.",
            do="Scan all folders of the machine together, map its paths (`--map`), and mend what `audit` tells.",
        ),
    ),
)

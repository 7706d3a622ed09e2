"""Codes 001-099: what did the tool itself not do?

A report without findings must mean "looked and found nothing"; these codes say where the tool did not look.
"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD001",
        name="file-not-read",
        title="A file could not be read",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="The operating system refused to open or read a file that was to be looked at: no permission, an I/O "
            "error, a file locked by its host, a path that is not a regular file.",
            matters="Nothing is known about this file. If it is a link of a chain, nothing is certain about the disks "
            "above it either.",
            seen="Images of running machines on a Windows share (the host opens them exclusively), folders copied with "
            "their access control lists, media with bad sectors.",
            false_positives="None: the file was not read. The operating system's own words are in the message.",
            do="Give the account read access, or read a copy or a volume snapshot that no host holds open, and audit "
            "again. On a medium with bad sectors, copy the file with a rescue tool first.",
        ),
    ),
    CodeInfo(
        code="VHD002",
        name="check-skipped",
        title="A check was skipped",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="One or more checks were not made. The message says which and why: they need an option (reading "
            "sector bitmaps and data takes long), or what they would look at cannot be trusted enough to be judged.",
            matters="Without this note, silence about a structure could be taken for its health.",
            seen="Every audit without deep reading has one such note for the whole run. For a single file it appears "
            "where neither cookie nor checksum of the dynamic header fit: whatever stands there is not a header, and "
            "findings about its fields would be noise; and in a deep audit where the BAT cannot be followed, or the "
            "chain below is broken, so that its sectors were not compared with it.",
            false_positives="It is not a fault of the files; a healthy folder has it, too.",
            do="Decide whether the skipped check matters for your question. If it does, remove the cause that the "
            "message names and audit again.",
        ),
    ),
    CodeInfo(
        code="VHD003",
        name="outside-allowed-roots",
        title="A parent lies outside the folders that may be read",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="A differencing disk names a parent at a place that this run may not read: outside the roots that "
            "were given (by default the folder of the file, or the folder that is scanned), on a network path, or "
            "on a device. Nothing was opened there.",
            matters="A file must not be able to make the reader open any other file of the machine. The price is that "
            "a chain which really lies in several folders stays incomplete until its folders are allowed.",
            seen="Machines whose base image lies in a library folder apart from the machine; exports and copies whose "
            "absolute locators still name the original host.",
            false_positives="The parent may be perfectly healthy; it was refused, not judged.",
            do="If the place is meant, allow it with `--within DIR`, or say with `--map 'D:\\VMs=/mnt/copy'` where the "
            "named folder lies here. If you did not expect the path, treat the file as untrusted.",
        ),
    ),
    CodeInfo(
        code="VHD004",
        name="changed-while-read",
        title="The file became shorter while it was read",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A read inside the file's own size came back short: somebody truncated or replaced the file between "
            "the moment it was opened and the read.",
            matters="What was read mixes two states of the file. No other check of this file was made, because its "
            "findings would describe a state that never existed.",
            seen="Folders of a running host (a merge or a compaction shortens files), files that are still being "
            "copied or synchronised.",
            false_positives="None for local files. Some remote file systems report a stale size for a short time.",
            do="Read a volume snapshot or a finished copy, or audit again when the host is idle.",
        ),
    ),
    CodeInfo(
        code="VHD005",
        name="limit-reached",
        title="A limit of this tool was reached",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A structure is larger than this tool takes in: more BAT entries than the limit, blocks above "
            "256 MiB, or more than 64 KiB of data behind one parent locator. The message names the limit.",
            matters="Numbers in a file may be damaged or hostile, so none of them may decide alone how much memory is "
            "used. What lies beyond the limit was not looked at and cannot be read.",
            seen="Damaged headers, fuzzers. No program is known that writes blocks above 256 MiB.",
            false_positives="A file made on purpose with such sizes is legal VHD; this tool does not support it.",
            do="If the size is damage, the other findings of the structure say so. If it is meant, raise the limit in "
            "the library (`Limits`). For a locator it is only a warning: the other locators are still used.",
        ),
    ),
)

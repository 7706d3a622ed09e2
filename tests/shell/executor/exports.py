"""A chain beside a memory file, and a plan that copies them as an export does: folders, digests, proofs, a record."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

from tests.shell.executor.plans import TIME, state
from vhdchain.plan import (
    CopyFile,
    CreateFile,
    Fill,
    MakeFolder,
    Patch,
    PatchFile,
    Plan,
    SetModified,
    VerifyChain,
    VerifyFile,
    WriteRecord,
)
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vhdchain.plan import Step

KIB = 1024
DISKS, MEMORY = "Virtual Hard Disks", "Snapshots/S/S.bin"
NAMES = ("base.vhd", "leaf.avhd", "S.bin")
PATCH_AT = 20
LATER = 500_000_000
_BLANK = b'{"base":"' + b" " * 64 + b'","size":' + b" " * 12 + b"}"


def make_machine(folder: Path) -> None:
    """Write the files of a machine to ``folder / "host"``, and make an empty folder for exports."""
    tree = ChainBuilder(seed=8)
    base = tree.dynamic("base.vhd", size=64 * KIB, block_size=8 * KIB)
    tree.fill(base, 4 * KIB, 12 * KIB)
    leaf = tree.snapshot(base, "leaf.avhd", block_size=8 * KIB)
    tree.fill(leaf, 6 * KIB, 3 * KIB)
    tree.save(folder / "host")
    with (folder / "host" / "S.bin").open("wb") as file:
        file.write(b"\x5a" * 5000)
        file.seek(128 * KIB)
        file.write(b"\xa5" * 5000)
        file.truncate(192 * KIB)
    for path in (folder / "host").iterdir():
        os.utime(path, ns=(path.stat().st_mtime_ns if path.suffix != ".bin" else TIME,) * 2)
    (folder / "exports").mkdir(parents=True)


def export_plan(folder: Path, digests: Mapping[str, str] = {}) -> Plan:
    """Return the plan that copies the machine; ``digests`` are those that files must have, by their names."""
    host, out = folder / "host", folder / "exports" / "srv"
    copies = {name: str(out / (MEMORY if name == "S.bin" else f"{DISKS}/{name}")) for name in NAMES}
    leaf = copies["leaf.avhd"]
    steps: tuple[Step, ...] = (
        *(MakeFolder(path=str(out / name)) for name in (".", "Snapshots", "Snapshots/S", DISKS)),
        *(
            CopyFile(
                source=str(host / name),
                path=copies[name],
                hash="sha256",
                expected=digests.get(name, ""),
            )
            for name in NAMES
        ),
        PatchFile(path=leaf, patches=(_patch(host / "leaf.avhd"),)),
        SetModified(path=leaf, seconds=LATER),
        VerifyFile(path=copies["base.vhd"], size=(host / "base.vhd").stat().st_size, hash="sha256"),
        VerifyChain(layers=(copies["base.vhd"], leaf), within=(str(out),)),
        WriteRecord(
            path=str(out / "record.json"),
            content=_BLANK,
            fills=(
                Fill(offset=9, length=64, fact=f"sha256:{copies['base.vhd']}"),
                Fill(offset=82, length=12, fact=f"size:{copies['S.bin']}"),
            ),
            why="what the export holds",
        ),
        CreateFile(path=str(out / "srv.xml"), content=b"<configuration/>", why="the configuration"),
    )
    files = tuple(state(host / name) for name in NAMES)
    return Plan(action="export", summary="srv", steps=steps, files=files)


def _patch(leaf: Path) -> Patch:
    """Return a patch of the last block's data: what the guest wrote, which no check of a chain looks at."""
    content = leaf.read_bytes()
    at = len(content) - 512 - PATCH_AT
    return Patch(offset=at, old=content[at : at + 4], new=b"new!", why="guest data")


def is_exported(folder: Path) -> None:
    """Hold what an export made to what the host has."""
    host, out = folder / "host", folder / "exports" / "srv"
    base, leaf = ((host / name).read_bytes() for name in NAMES[:2])
    at = len(leaf) - 512 - PATCH_AT
    assert (out / DISKS / "base.vhd").read_bytes() == base
    assert (out / DISKS / "leaf.avhd").read_bytes() == leaf[:at] + b"new!" + leaf[at + 4 :]
    assert (out / DISKS / "leaf.avhd").stat().st_mtime == LATER + 946_684_800
    assert (out / MEMORY).read_bytes() == (host / "S.bin").read_bytes()
    assert (out / MEMORY).stat().st_mtime_ns == TIME
    record = json.loads((out / "record.json").read_bytes())
    assert record == {"base": hashlib.sha256(base).hexdigest(), "size": 192 * KIB}
    assert (out / "srv.xml").read_bytes() == b"<configuration/>"

"""Hosts whose machines are exported, and what must be the same of a machine wherever it is."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import vhdchain as vc
from vhdchain.hyperv import NOW
from vhdchain.testing.lab import HostLab, LabDisk
from vhdchain.units import sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vhdchain.hyperv import Machine

MIB = 1 << 20
BLOCK = 64 << 10
NOBODY = 65534
THOROUGH = os.environ.get("VHDCHAIN_HYPOTHESIS_PROFILE") == "thorough"


def small_host() -> HostLab:
    """Return a host with a machine that has all that a machine may have, and another one beside it.

    Disks in two folders, two of them with one name; snapshots taken off, running and saved, with a branch.
    """
    lab = HostLab(seed="acceptance")
    srv = lab.machine(
        "srv",
        disks=[
            LabDisk("srv.vhd", size=4 * BLOCK, block_size=BLOCK),
            LabDisk("data.vhd", controller="SCSI", fixed=True, size=2 * BLOCK),
            LabDisk("DATA.vhd", controller="SCSI", folder=r"D:\Data", size=4 * BLOCK, block_size=BLOCK),
        ],
    )
    lab.fill(srv, 0, 4096, 1024)
    first = lab.take(srv, "first", power="off")
    lab.fill(srv, 1, 4096, 1024)
    lab.take(srv, "second", power="running")
    lab.fill(srv, 2, 8192, 1024)
    lab.apply(srv, first)
    lab.fill(srv, 0, 12288, 512)
    lab.take(srv, "branch", power="saved")
    lab.turn_off(srv)
    lab.fill(srv, 2, 16384, 2048)
    lab.machine("web", disks=[LabDisk("web.vhd")])
    return lab


def large_host(snapshots: int, *, blocks: int = 1, base: int = 8) -> HostLab:
    """Return a host with a machine of two disks and many snapshots.

    Args:
        snapshots: How many.
        blocks: How many blocks of 64 KiB each disk is written to between two of them.
        base: How many the first disk was written to before.
    """
    lab = HostLab(seed=f"large {snapshots} {blocks} {base}")
    room = BLOCK * max(base + 8, 64)
    srv = lab.machine(
        "srv",
        disks=[
            LabDisk("srv.vhd", size=room, block_size=BLOCK),
            LabDisk("data.vhd", controller="SCSI", size=room, block_size=BLOCK),
        ],
    )
    lab.fill(srv, 0, BLOCK, BLOCK * base)
    for number in range(snapshots):
        for disk in (0, 1):
            lab.fill(srv, disk, BLOCK * (1 + number % 32), BLOCK * blocks)
        lab.take(srv, f"number {number}", power="running" if number == snapshots // 2 else "off")
    return lab


@dataclass(frozen=True, slots=True)
class Guests:
    """What a machine is, whatever its files are called and wherever they lie.

    Attributes:
        disks: (state, place of the disk) -> SHA-256 of what the guest sees on it.
        parents: State -> the snapshot that it was made from.
        saved: State -> SHA-256 of the files of its saved state.
    """

    disks: Mapping[tuple[str, str], str]
    parents: Mapping[str, str | None]
    saved: Mapping[str, tuple[str, ...]]


def guests_of(folder: Path, name: str = "srv", *, roots: tuple[Path, ...] = ()) -> Guests:
    """Return what the machine ``name`` in ``folder`` is."""
    disks: dict[tuple[str, str], str] = {}
    saved: dict[str, tuple[str, ...]] = {}
    with vc.scan_folder(folder, *roots) as inventory:
        machine = inventory.machines[name]
        for state in machine.states:
            called = state.name if state.configuration.is_snapshot else NOW
            for disk in state.disks:
                assert disk.path is not None, (called, disk.place, disk.found)
                disks[called, disk.place] = disk_digest(Path(disk.path), folder, *roots)
            saved[called] = tuple(_digest(Path(found.path or "")) for found in state.state_files)
        return Guests(disks, _named(machine), saved)


def _named(machine: Machine) -> Mapping[str, str | None]:
    names = {state.path: state.name for state in machine.snapshots} | {NOW: NOW}
    assert machine.tree.is_known, machine.tree.unknown
    return {names[child]: None if parent is None else names[parent] for child, parent in machine.tree.parents.items()}


def disk_digest(leaf: Path, *within: Path) -> str:
    """Return SHA-256 of the disk that a chain shows."""
    digest = hashlib.sha256()
    with vc.open_chain(leaf, within=within) as chain:
        for offset in range(0, chain.virtual_size, MIB):
            digest.update(chain.read(offset, min(MIB, chain.virtual_size - offset)))
    return digest.hexdigest()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def state_of(folder: Path) -> dict[str, tuple[str, int, int] | None]:
    """Return what lies below a folder: of each file SHA-256, size and modification time; None for folders."""
    found: dict[str, tuple[str, int, int] | None] = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        name = path.relative_to(folder).as_posix()
        found[name] = None if path.is_dir() else (_digest(path), status.st_size, status.st_mtime_ns)
    return found


def length_of(folder: Path) -> int:
    """Return the sum of the lengths of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def room_of(folder: Path) -> int:
    """Return how many bytes the files below a folder take on the volume."""
    return sectors_to_bytes(sum(path.stat().st_blocks for path in folder.rglob("*") if path.is_file()))


def journals_of(target: Path) -> list[Path]:
    """Return the journals of interrupted transfers into ``target``: in it, or beside it where it was made anew."""
    return [*target.parent.glob(f"{target.name}.vhdchain-journal"), *target.rglob("*.vhdchain-journal")]


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """Give a folder that every account may enter: those of pytest are closed to all others."""
    with tempfile.TemporaryDirectory(prefix="vhdchain-acceptance-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Let go of root's right to write everywhere, where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)

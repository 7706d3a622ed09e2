"""A folder with a few files, and a plan that does one of each simple step to them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from vhdchain.plan import (
    CopyFile,
    CreateFile,
    DeleteFile,
    FileState,
    MakeFolder,
    Patch,
    PatchFile,
    Plan,
    RemoveFolder,
    RenameFile,
    ReplaceFile,
    SetModified,
)
from vhdchain.testing.faults import QuickLayer

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.plan import Step

QUICK = QuickLayer()
SECOND = 1_000_000_000
TIME = 1_000_000_000 * SECOND
SECTORS = bytes(range(256)) * 2 + b"\x11" * 512 + b"\x22" * 512

FILES = {
    "patched.vhd": SECTORS,
    "grown.vhd": SECTORS,
    "cut.vhd": SECTORS + b"tail",
    "replaced.avhd": SECTORS + b"r",
    "source.vhd": SECTORS * 3,
    "old name.vhd": b"named" * 100,
    "gone.avhd": b"gone" * 300,
    "stays.vhd": b"stays" * 300,
    "empty/gone too.avhd": b"gone" * 30,
}


def make_folder(folder: Path) -> None:
    """Write `FILES`, each with a time of its own."""
    for number, (name, content) in enumerate(FILES.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, ns=(TIME, TIME + number * SECOND))


def state(path: Path) -> FileState:
    status = path.stat()
    return FileState(
        path=str(path), size=status.st_size, mtime_ns=status.st_mtime_ns, identity=(status.st_dev, status.st_ino)
    )


def patch(old: bytes, offset: int, new: bytes) -> Patch:
    return Patch(offset=offset, old=old[offset : offset + len(new)].ljust(len(new), b"\0"), new=new, why="a test")


def steps_in(folder: Path) -> tuple[Step, ...]:
    """Return one of each simple step, and a few of their special cases."""
    at = {name: str(folder / name) for name in FILES}
    return (
        PatchFile(
            path=at["patched.vhd"],
            patches=(patch(SECTORS, 10, b"new bytes"), patch(SECTORS, 500, b"\xaa" * 600)),
        ),
        PatchFile(path=at["grown.vhd"], patches=(patch(SECTORS, len(SECTORS) + 512, b"\xbb" * 512),), size=2560),
        PatchFile(path=at["cut.vhd"], patches=(patch(SECTORS, 0, b"\xcc" * 8),), size=1024),
        ReplaceFile(path=at["replaced.avhd"], patches=(patch(SECTORS, 512, b"\xdd" * 700),)),
        MakeFolder(path=str(folder / "made")),
        CreateFile(path=str(folder / "made" / "new.xml"), content=b"<new/>" * 200, why="a configuration"),
        CopyFile(source=at["source.vhd"], path=str(folder / "made" / "copy.vhd")),
        RenameFile(path=at["old name.vhd"], to=str(folder / "new name.vhd")),
        SetModified(path=at["patched.vhd"], seconds=500_000_000),
        DeleteFile(path=at["gone.avhd"]),
        DeleteFile(path=at["empty/gone too.avhd"]),
        RemoveFolder(path=str(folder / "empty")),
    )


def plan_of(folder: Path, *steps: Step) -> Plan:
    """Return a plan of these steps, by default one of each, that knows the state of every file in the folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return Plan(
        action="test",
        summary="one of each",
        steps=steps or steps_in(folder),
        files=tuple(map(state, files)),
    )


def interrupt(plan: Plan, *, after: int) -> None:
    """Begin a plan, and stop it when it asks for the ``after``-th time whether to."""
    left = iter(range(after))
    with pytest.raises(vc.CancelledError):
        vc.execute(plan, cancel=lambda: next(left, None) is None, layer=QUICK)


def journal_in(folder: Path) -> Path:
    """Return the one journal below a folder."""
    (found,) = folder.rglob("*.vhdchain-journal")
    return found


def contents(folder: Path) -> dict[str, bytes | None]:
    """Return all that lies below a folder; a folder itself is None."""
    return {
        str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
    }


def contents_and_times(folder: Path) -> dict[str, tuple[bytes, int] | None]:
    """Return the same with the modification times of the files."""
    return {
        name: None if content is None else (content, (folder / name).stat().st_mtime_ns)
        for name, content in contents(folder).items()
    }


DONE: dict[str, bytes | None] = {
    "patched.vhd": SECTORS[:10] + b"new bytes" + SECTORS[19:500] + b"\xaa" * 600 + SECTORS[1100:],
    "grown.vhd": SECTORS + bytes(512) + b"\xbb" * 512,
    "cut.vhd": b"\xcc" * 8 + SECTORS[8:1024],
    "replaced.avhd": SECTORS[:512] + b"\xdd" * 700 + SECTORS[1212:] + b"r",
    "source.vhd": SECTORS * 3,
    "made": None,
    "made/new.xml": b"<new/>" * 200,
    "made/copy.vhd": SECTORS * 3,
    "new name.vhd": b"named" * 100,
    "stays.vhd": b"stays" * 300,
}
"""What the folder holds when the plan of all steps is done."""

"""Small plans that copy files into a folder of their own, as an export does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.plan import CopyFile, FileState, MakeFolder, Plan, VolumeNeed

if TYPE_CHECKING:
    from pathlib import Path


def copying(source: Path, target: Path, *, action: str = "export") -> Plan:
    """Return the plan that copies every file of ``source`` into the new folder ``target``."""
    names = sorted(item.name for item in source.iterdir())
    states = [(source / name).stat() for name in names]
    size = sum(state.st_size for state in states)
    return Plan(
        action=action,
        summary=f"{source.name} to {target.name}",
        steps=(
            MakeFolder(path=str(target)),
            *(CopyFile(source=str(source / name), path=str(target / name)) for name in names),
        ),
        files=tuple(
            FileState(path=str(source / name), size=state.st_size, mtime_ns=state.st_mtime_ns)
            for name, state in zip(names, states, strict=True)
        ),
        needs=(VolumeNeed(folder=str(target), peak=size, lasting=size),),
        facts={"bytes": size, "files": len(names)},
    )


def filled(folder: Path, *, files: int = 3, size: int = 1000) -> Path:
    """Make ``folder`` with some files in it, and return it."""
    folder.mkdir(parents=True)
    for number in range(files):
        (folder / f"{number}.bin").write_bytes(bytes([number + 1]) * size)
    return folder


def held(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their names."""
    return {item.name: item.read_bytes() for item in folder.iterdir()}

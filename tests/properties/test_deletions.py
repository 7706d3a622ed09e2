"""Does deleting a snapshot free what was said before?

Machines of the lab live through random histories. Before a snapshot is deleted, the saved folder is scanned and asked;
then the lab deletes it, merges what a host merges, and the files are compared. The lab writes blocks one behind the
other without gaps, so that sizes of files are exactly what their blocks take; where a writer aligns data (2012 R2 and
blktap), a file may end up larger by what lies between its blocks.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from vhdchain.blockmap import usage_of
from vhdchain.hyperv.records import PowerState
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing import HostLab, LabDisk
from vhdchain.testing.lab import LabAction, draw_step, run_step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vhdchain.blockmap import DeletionUsage, MergePrediction
    from vhdchain.testing.lab import LabMachine, LabSnapshot

SIZE = 32 * 1024
STEPS = 40


def _lab(seed: int, disks: int) -> tuple[HostLab, LabMachine]:
    lab = HostLab(seed=seed)
    wanted = [LabDisk(f"disk{number}.vhd", size=SIZE, fixed=seed % 5 == number) for number in range(disks)]
    return lab, lab.machine("srv", disks=wanted)


def _sizes(lab: HostLab) -> dict[str, int]:
    return {path: len(content) for path, content in lab.files().items() if path.endswith(("vhd", "bin", "vsv", "xml"))}


def _disks(sizes: dict[str, int]) -> dict[str, int]:
    return {path: size for path, size in sizes.items() if path.endswith("vhd")}


def _ask(lab: HostLab, folder: Path, snapshot: LabSnapshot) -> tuple[DeletionUsage, DeletionUsage]:
    """Return what deleting the snapshot comes to, and what is owed; paths below the folder."""
    lab.save(folder)
    with scan_folder(folder) as inventory:
        usage = usage_of(inventory)
    (asked,) = (item for item in usage.snapshots if item.snapshot and item.snapshot.id == snapshot.id)
    return asked, usage.owed


def _merges(deletion: DeletionUsage) -> Iterator[MergePrediction]:
    for merge in deletion.merges:
        assert merge is not None
        yield merge


def _unowned(lab: HostLab, machine: LabMachine) -> bool:
    """Say whether a file of a deleted snapshot is a leaf: no configuration leads to it, so that nobody knows of it."""
    return any(not lab.images.children(image) and image.parent is not None for image in machine.freed)


def _check(lab: HostLab, machine: LabMachine, snapshot: LabSnapshot, folder: Path) -> int:
    """Compare what was said with what happens; return how many files were merged or deleted."""
    asked, owed = _ask(lab, folder, snapshot)
    prefix = f"{folder}/"
    before = _sizes(lab)
    state = {lab.configuration_path(snapshot), *(path for path in lab.state_paths(snapshot) if path in before)}
    assert asked.state_size == sum(before[path] for path in state)
    lab.delete(machine, snapshot)
    after = _sizes(lab)
    assert state.isdisjoint(after)
    expected = _disks(before)
    merges = list(_merges(asked))
    taken = {path for merge in merges for path in merge.files}
    merges += [merge for merge in _merges(owed) if taken.isdisjoint(merge.files)]
    for merge in merges:
        into, *others = (path.removeprefix(prefix) for path in merge.files)
        assert merge.before == sum(before[path] for path in (into, *others))
        expected[into] = merge.after
        for path in others:
            del expected[path]
    for path in asked.deleted:
        del expected[path.removeprefix(prefix)]
    assert _disks(after) == expected
    freed = sum(_disks(before).values()) - sum(_disks(after).values())
    others_free = sum(merge.frees for merge in merges if taken.isdisjoint(merge.files))
    assert asked.frees == freed - others_free + asked.state_size
    return len(merges) + len(asked.deleted)


@pytest.mark.parametrize("seed", range(8))
def test_what_deleting_a_snapshot_frees(seed: int, tmp_path: Path) -> None:
    lab, machine = _lab(seed, disks=1 + seed % 2)
    random = Random(seed)
    done = 0
    for number in range(STEPS):
        step = draw_step(random, size=SIZE)
        if step.action is LabAction.DELETE and machine.snapshots:
            lab.bring(machine, PowerState.OFF)
            if _unowned(lab, machine):
                lab.finish_merges(machine)
            snapshot = machine.snapshots[step.number % len(machine.snapshots)]
            done += _check(lab, machine, snapshot, tmp_path / str(number))
        else:
            run_step(lab, machine, step)
    lab.bring(machine, PowerState.OFF)
    lab.finish_merges(machine)
    lab.write(machine, 0, 8192, b"kept by a snapshot")
    last = lab.take(machine)
    lab.write(machine, 0, 20000, b"written after it")
    assert done + _check(lab, machine, last, tmp_path / "last")

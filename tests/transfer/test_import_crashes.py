"""No crash in an import loses the export or leaves a machine that looks whole: it can be finished and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transfer.imports import Scene, contents, exported
from vhdchain.testing.faults import check_crashes, check_failures
from vhdchain.testing.lab import HostLab, LabDisk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow


def tiny(folder: Path) -> Scene:
    """Write the export of a machine with a disk of a few blocks, a snapshot and its saved state."""
    lab = HostLab(seed="crashes")
    machine = lab.machine("srv", disks=[LabDisk("srv.vhd", size=16 << 10)])
    lab.take(machine, "first", power="running")
    lab.turn_off(machine)
    lab.fill(machine, 0, 4096, 512)
    return exported(folder, lab, machine)


class Watched:
    """An import that is about to be carried out, and what must be true at every moment of it."""

    def __init__(self, folder: Path, *, in_place: bool, new_id: bool = True) -> None:
        self.scene = tiny(folder)
        self.in_place = in_place
        self.plan = self.scene.plan_in_place(new_id=new_id) if in_place else self.scene.plan(new_id=new_id)
        self._home = self.scene.home.relative_to(folder)
        self._target = self._home if in_place else self.scene.target.relative_to(folder)
        self._before = contents(self.scene.home)

    def check(self, folder: Path) -> None:
        """Raise AssertionError where the export changed that is copied, or a machine is there that is not whole."""
        if not self.in_place:
            assert contents(folder / self._home) == self._before
            registered = folder / self._target / "Virtual Machines" / f"{self.plan.facts['machine']}.xml"
            if registered.exists():
                self.scene.check(folder / self._target, self.plan)

    def check_done(self, folder: Path) -> None:
        """Raise AssertionError unless the machine is there."""
        self.scene.check(folder / self._target, self.plan)

    def check_undone(self, folder: Path) -> None:
        """Raise AssertionError unless the export is as it was, and there is nothing else."""
        assert contents(folder / self._home) == self._before
        assert self.in_place or not (folder / self._target).exists()


WAYS: dict[str, Callable[[Path], Watched]] = {
    "copied": lambda folder: Watched(folder, in_place=False),
    "in place": lambda folder: Watched(folder, in_place=True),
    "in place, same id": lambda folder: Watched(folder, in_place=True, new_id=False),
}
each_way = pytest.mark.parametrize("way", WAYS)


@each_way
def test_every_crash_can_be_resumed_and_taken_back(
    way: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    watched = WAYS[way](tmp_path)
    counts = check_crashes(
        tmp_path,
        watched.plan,
        invariant=watched.check,
        after_resume=watched.check_done,
        after_undo=watched.check_undone,
        seeds=2,
        twice=1,
        spread=True,
    )

    record_property(*counts.as_property(f"import: {way}"))
    assert counts.states == counts.resumed + counts.untouched
    assert counts.undone


@each_way
def test_every_error_of_the_file_system_can_be_gone_on_with(
    way: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    watched = WAYS[way](tmp_path)
    counts = check_failures(
        tmp_path, watched.plan, invariant=watched.check, after_resume=watched.check_done, spread=True, every=3
    )

    record_property(*counts.as_property(f"import: {way}"))
    assert counts.runs

"""No crash and no error during a reparenting or a repair loses anything, wherever it comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.shell.test_reparenting import SIZE, reparenting_folder
from vhdchain import open_chain, plan_repair, plan_reparent
from vhdchain.testing import ChainBuilder
from vhdchain.testing.faults.harness import check_crashes, check_failures

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vhdchain.plan import Plan

LEAF = "top.avhd"
LONG = "and another folder with a long name " * 4 + "x"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A folder, the plan that is carried out in it, and what must hold.

    Attributes:
        make: Writes the folder and returns the plan.
        changed: The one file that the plan changes.
        reads_before: Whether the disk of the leaf, ``top.avhd``, can be read before.
        reads_always: Whether it can be read at every moment.
    """

    make: Callable[[Path], Plan]
    changed: str = "middle.avhd"
    reads_before: bool = True
    reads_always: bool = False


def _reparent(folder: Path, *, replace: bool) -> Plan:
    reparenting_folder(folder)
    return plan_reparent(folder / "middle.avhd", folder / "library" / "copy.vhd", replace=replace)


def _reparent_far(folder: Path) -> Plan:
    reparenting_folder(folder)
    deep = folder / LONG / LONG / LONG
    deep.mkdir(parents=True)
    (folder / "library" / "copy.vhd").rename(deep / "copy.vhd")
    return plan_reparent(folder / "middle.avhd", deep / "copy.vhd", allow={"VHD910"})


def _torn(folder: Path) -> Plan:
    tree = reparenting_folder(folder)
    raw = bytes(tree.file(tree.image("middle.avhd")).content)
    (folder / "middle.avhd").write_bytes(raw[:-512] + b"a block that was being written" * 100)
    return plan_repair(folder / "middle.avhd")


def _expanded(folder: Path) -> Plan:
    tree = ChainBuilder(seed=4)
    base = tree.fixed("base.vhd", size=SIZE)
    tree.write(base, 0, b"base" * 3000)
    tree.write(tree.snapshot(base, "top.avhd", block_size=4096), 512, b"leaf")
    tree.resize(base, 2 * SIZE)
    tree.save(folder)
    return plan_repair(folder / "base.vhd")


SCENES = {
    "reparent, patched where it lies": Scene(make=lambda folder: _reparent(folder, replace=False)),
    "reparent, replaced at once": Scene(make=lambda folder: _reparent(folder, replace=True), reads_always=True),
    "reparent, the footer moves": Scene(make=_reparent_far),
    "repair, the footer comes back": Scene(make=_torn, reads_always=True),
    "repair, the base is cut back": Scene(make=_expanded, changed="base.vhd", reads_before=False),
}


def _read(path: Path) -> bytes:
    with open_chain(path, within=[path.parent]) as chain:
        return chain.read(0, chain.virtual_size)


class _Checks:
    """What must hold in a scene's folder: before, while and after the plan is carried out."""

    def __init__(self, folder: Path, scene: Scene) -> None:
        self._scene = scene
        self._others = {
            path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and path.name != scene.changed
        }
        self._disk = _read(folder / LEAF) if scene.reads_before else None

    def at_every_moment(self, folder: Path) -> None:
        for path, content in self._others.items():
            assert (folder / path).read_bytes() == content, path
        assert (folder / self._scene.changed).exists()
        if self._scene.reads_always:
            assert _read(folder / LEAF) == self._disk

    def done(self, folder: Path) -> None:
        self.at_every_moment(folder)
        disk = _read(folder / LEAF)
        assert self._disk in (None, disk)
        self._disk = disk
        assert (folder / f"{self._scene.changed}.undo.json").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENES)
def test_every_crash_can_be_resumed_and_taken_back(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    plan = SCENES[name].make(tmp_path)
    checks = _Checks(tmp_path, SCENES[name])
    counts = check_crashes(tmp_path, plan, invariant=checks.at_every_moment, after_resume=checks.done, seeds=8, twice=5)
    record_property(*counts.as_property(name))
    assert counts.states == counts.resumed + counts.untouched
    assert counts.undone > counts.states // 2


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENES)
def test_every_error_leaves_nothing_or_what_can_be_gone_on_with(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    plan = SCENES[name].make(tmp_path)
    checks = _Checks(tmp_path, SCENES[name])
    counts = check_failures(tmp_path, plan, invariant=checks.at_every_moment, after_resume=checks.done)
    record_property(*counts.as_property(name))
    assert counts.left_nothing
    assert counts.resumed
    assert counts.undone

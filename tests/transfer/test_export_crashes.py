"""No crash and no error leaves half an export that looks whole, or touches the source."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.transfer.labs import scanned, seen
from vhdchain.testing.faults.harness import check_crashes, check_failures
from vhdchain.testing.lab import HostLab, LabDisk
from vhdchain.transfer import RECORD_NAME, parse_record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vhdchain.plan import Plan

pytestmark = pytest.mark.slow
OPTIONS: dict[str, dict[str, bool | str]] = {
    "all": {},
    "all, read back": {"reread": True},
    "compact": {"snapshots": "none", "compact": True},
}


class _Scene:
    """A host with a small machine, and the plan of its export."""

    def __init__(self, folder: Path, way: str) -> None:
        lab = HostLab(seed="crash", store=False)
        machine = lab.machine("srv", disks=[LabDisk("srv.vhd", size=4096 * 3)])
        lab.take(machine, "first", power="running")
        self.id = machine.id
        with scanned(lab, folder / "host") as inventory:
            self.plan: Plan = vc.plan_export(
                inventory,
                inventory.machines["srv"],
                folder / "export",
                **OPTIONS[way],  # type: ignore[arg-type]  # each by its name
            )
        self._source = seen(folder / "host")

    def check(self, folder: Path) -> None:
        """Look at any state: what looks whole is whole."""
        assert seen(folder / "host") == self._source
        export = folder / "export" / "srv"
        record = export / RECORD_NAME
        if record.exists():
            self.check_whole(export)
        elif (export / "Virtual Machines" / f"{self.id}.xml").exists():
            made = {path.suffix for path in export.rglob("*") if path.is_file()}
            assert made >= ({".vhd", ".xml"} if self.plan.facts["snapshots"] == "none" else {".vhd", ".avhd", ".bin"})

    def check_done(self, folder: Path) -> None:
        """Look at a state in which the plan was finished."""
        assert seen(folder / "host") == self._source
        self.check_whole(folder / "export" / "srv")

    def check_whole(self, export: Path) -> None:
        files = parse_record((export / RECORD_NAME).read_bytes()).files
        assert len(files) == int(self.plan.facts["files"]) - 1
        for item in files:
            content = (export / item.path).read_bytes()
            assert (len(content), hashlib.sha256(content).hexdigest()) == (item.size, item.digest)


@pytest.mark.parametrize("way", ["all, read back", "compact"])
def test_every_crash_leaves_nothing_that_looks_whole_and_can_be_resumed_and_taken_back(
    way: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    scene = _Scene(tmp_path, way)
    counts = check_crashes(
        tmp_path,
        scene.plan,
        invariant=scene.check,
        after_resume=scene.check_done,
        after_undo=scene.check,
        seeds=1,
        twice=2,
        spread=True,
    )
    record_property(*counts.as_property(f"export {way}"))
    assert counts.states > 50
    assert counts.states == counts.resumed + counts.untouched
    assert counts.undone > counts.states // 2


@pytest.mark.parametrize("way", ["all", "compact"])
def test_every_error_leaves_nothing_that_looks_whole_and_can_be_resumed_and_taken_back(
    way: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    scene = _Scene(tmp_path, way)
    counts = check_failures(
        tmp_path,
        scene.plan,
        invariant=scene.check,
        after_resume=scene.check_done,
        after_undo=scene.check,
        spread=True,
        every=3,
    )
    record_property(*counts.as_property(f"export {way}"))
    assert counts.runs > 100
    assert counts.left_nothing
    assert counts.resumed
    assert counts.undone

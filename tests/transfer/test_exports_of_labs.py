"""Of every host, an export holds what was promised: exact copies, a record of them, and nothing else."""

from __future__ import annotations

import posixpath
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings

import vhdchain as vc
from tests.transfer.labs import export, scanned, seen
from vhdchain.hyperv import NOW
from vhdchain.plan import CopyFile
from vhdchain.snapshots import HYPER_V_2008_R2
from vhdchain.testing.lab import HEALTHY_LABS
from vhdchain.testing.strategies import labs
from vhdchain.transfer import ExportedPart

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.hyperv import Machine
    from vhdchain.testing.lab import HostLab
    from vhdchain.testing.strategies_of_hosts import LabRecipe

# The configurations of an export by 2008 R2 are not known, so that there is no machine to export.
LABS = {name: make for name, make in HEALTHY_LABS.items() if name != "export, 2008 R2"}
each_lab = pytest.mark.parametrize("make", LABS.values(), ids=LABS)


def _contents(machine: Machine) -> dict[tuple[str, str], bytes]:
    """Return what guests see: state and place of every disk -> its bytes."""
    found = {}
    for state in machine.states:
        for disk in state.disks:
            assert disk.path is not None
            within = Path(disk.path).anchor
            with vc.open_chain(disk.path, within=within) as chain:
                found[state.name, disk.place] = chain.read(0, chain.virtual_size)
    return found


def _tree(machine: Machine) -> dict[str, str | None]:
    ids = {state.path: state.id for state in machine.snapshots} | {NOW: NOW}
    return {ids[at]: None if above is None else ids[above] for at, above in machine.tree.parents.items()}


@each_lab
def test_an_export_is_exact_and_reads_as_its_source(make: Callable[[], HostLab], tmp_path: Path) -> None:
    with scanned(make(), tmp_path / "host") as inventory:
        for machine in inventory.machines:
            before = seen(tmp_path / "host")
            made = export(inventory, machine.id, tmp_path / machine.id, now=None, reread=True)
            assert seen(tmp_path / "host") == before
            copies = [step for step in made.plan.steps if isinstance(step, CopyFile)]
            assert len(copies) == len(made.record.files) == made.plan.facts["files"] - 1  # type: ignore[operator]
            for step in copies:
                source, copy = Path(step.source).stat(), Path(step.path).stat()
                assert Path(step.path).read_bytes() == Path(step.source).read_bytes()
                assert copy.st_mtime_ns == source.st_mtime_ns
                assert copy.st_blocks <= source.st_blocks
            with vc.scan_folder(made.folder) as exported:
                (twin,) = exported.machines
                assert (twin.id, twin.name) == (machine.id, machine.name)
                assert _tree(twin) == _tree(machine)
                assert _contents(twin) == _contents(machine)
                assert {item.code for item in vc.audit(exported).findings if item.severity == "error"} == set()


@each_lab
def test_the_present_alone_is_exported_without_a_word_of_snapshots(make: Callable[[], HostLab], tmp_path: Path) -> None:
    with scanned(make(), tmp_path / "host") as inventory:
        for machine in inventory.machines:
            made = export(inventory, machine.name, tmp_path / machine.id, snapshots="none")
            with vc.scan_folder(made.folder) as exported:
                (twin,) = exported.machines
                assert (twin.id, twin.snapshots) == (machine.id, ())
                assert twin.now is not None
                assert twin.now.configuration.listed_snapshots in (None, 0)
                assert twin.now.configuration.listed_ids == ()
                assert not set(twin.now.configuration.mentioned_ids) & {item.id for item in machine.snapshots}
                ours = {key: value for key, value in _contents(machine).items() if key[0] == machine.name}
                assert _contents(twin) == ours
            files = {item.source for item in made.plan.steps if isinstance(item, CopyFile)}
            assert not files & {item.path for item in machine.snapshots}


@each_lab
def test_a_snapshot_is_exported_as_a_machine_of_its_own(make: Callable[[], HostLab], tmp_path: Path) -> None:
    with scanned(make(), tmp_path / "host") as inventory:
        for machine in inventory.machines:
            for snapshot in machine.snapshots:
                made = export(inventory, machine.name, tmp_path / snapshot.id, snapshots=snapshot.id)
                assert made.record.snapshots == snapshot.id
                assert made.record.machine_id not in (snapshot.id, machine.id)
                with vc.scan_folder(made.folder) as exported:
                    (twin,) = exported.machines
                    assert twin.now is not None
                    configuration = twin.now.configuration
                    assert not configuration.is_snapshot
                    assert (twin.id, twin.name) == (made.record.machine_id, snapshot.name)
                    assert configuration.machine_id == twin.id
                    assert posixpath.basename(twin.now.path) == f"{twin.id}.xml"
                    assert bool(configuration.saved_state) == bool(snapshot.configuration.saved_state)
                    for found, suffix in ((twin.now.memory, ".bin"), (twin.now.devices, ".vsv")):
                        assert found is None or found.path is None or found.exact
                        if snapshot.configuration.saved_state:
                            place = made.folder / "Virtual Machines" / twin.id / f"{twin.id}{suffix}"
                            assert found is not None
                            assert found.path == str(place)
                    ours = {key: value for key, value in _contents(machine).items() if key[0] == snapshot.name}
                    assert _contents(twin) == ours
                    codes = {item.code for item in vc.audit(exported).findings if item.severity == "error"}
                    assert codes == set()


@each_lab
def test_a_compact_export_has_one_file_for_each_disk(make: Callable[[], HostLab], tmp_path: Path) -> None:
    with scanned(make(), tmp_path / "host") as inventory:
        for machine in inventory.machines:
            before = seen(tmp_path / "host")
            made = export(inventory, machine.name, tmp_path / machine.id, snapshots="none", compact=True, reread=True)
            assert seen(tmp_path / "host") == before
            assert made.record.compact
            disks = [item for item in made.record.files if item.part is ExportedPart.DISK]
            assert machine.now is not None
            assert len(disks) == len(machine.now.disk_paths)
            with vc.scan_folder(made.folder) as exported:
                (twin,) = exported.machines
                ours = {key: value for key, value in _contents(machine).items() if key[0] == machine.name}
                assert _contents(twin) == ours
                assert {image.name.rpartition(".")[2] for image in exported.images} <= {"vhd"}
                assert {image.unique_id.hex() for image in exported.images} == {item.unique_id for item in disks}
                assert not any(image.is_differencing for image in exported.images)
                assert {item.code for item in vc.audit(exported).findings if item.severity == "error"} == set()


@given(recipe=labs(max_steps=8))
@settings(max_examples=max(settings().max_examples // 5, 5))
def test_whatever_happened_to_a_machine_its_export_is_exact(recipe: LabRecipe) -> None:
    lab = recipe.build()
    (machine,) = lab.machines
    assume(machine.power != "running")
    with tempfile.TemporaryDirectory() as name, scanned(lab, Path(name) / "host") as inventory:
        made = export(inventory, "srv", Path(name) / "export", policy=HYPER_V_2008_R2)
        with vc.scan_folder(made.folder) as exported:
            assert _contents(exported.machines["srv"]) == _contents(inventory.machines["srv"])
            assert _tree(exported.machines["srv"]) == _tree(inventory.machines["srv"])

"""Exports of lab machines on disk, and what must be true of what was imported from them."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import vhdchain as vc
from vhdchain.chain import link_images
from vhdchain.findings import Severity
from vhdchain.hyperv import NOW
from vhdchain.read import DiskReader
from vhdchain.shell.transfer.importing import plan_import
from vhdchain.testing.folder import write_folder
from vhdchain.testing.lab import HEALTHY_LABS, HostLab, LabDisk
from vhdchain.testing.lab.machine import LabMachine
from vhdchain.testing.lab.own_exports import own_export

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from vhdchain.graph import Inventory
    from vhdchain.plan import Plan
    from vhdchain.testing.lab import LabSnapshot

WINDOWS = r"E:\New home"

MACHINES = tuple(
    (name, number)
    for name, make in HEALTHY_LABS.items()
    for number, machine in enumerate(make().machines)
    if not machine.exported
)
"""Every machine of every healthy host: the host's name, and the machine's number there."""


def small_lab() -> tuple[HostLab, LabMachine]:
    """Return a machine with two disks of one name, a snapshot with a saved state, and a fork."""
    lab = HostLab(seed="small import")
    disks = [LabDisk("disk.vhd"), LabDisk(r"data\disk.vhd", controller="SCSI")]
    machine = lab.machine("srv", root=r"D:\VMs\srv", disks_folder=r"D:\VMs\srv", disks=disks)
    first = lab.take(machine, "first", power="running")
    lab.fill(machine, 0, 4096, 512)
    lab.fill(machine, 1, 8192, 512)
    lab.take(machine, "second", power="off")
    lab.apply(machine, first)
    lab.turn_off(machine)
    lab.fill(machine, 0, 8192, 512)
    return lab, machine


@dataclass
class Scene:
    """An export on disk.

    Attributes:
        lab: The host that it was made of.
        machine: The machine.
        home: The machine's folder.
    """

    lab: HostLab
    machine: LabMachine
    home: Path

    @property
    def target(self) -> Path:
        """Where a copy goes."""
        return self.home.parent.parent / "target"

    def plan(self, **options: object) -> Plan:
        """Return the plan of an import; by default of a copy to `target`."""
        return planned(self.home, **{"destination": self.target, "windows": WINDOWS, **options})

    def plan_in_place(self, **options: object) -> Plan:
        """Return the plan of an import in place."""
        return planned(self.home, **{"windows": WINDOWS, **options})

    def check(self, root: Path, plan: Plan, *, warned: Collection[str] = ()) -> None:
        """Raise AssertionError unless what lies in ``root`` is the machine as the lab has it.

        An audit warns of nothing besides the codes ``warned``.
        """
        check_imported(root, self, new_ids(plan), warned)


def exported(folder: Path, lab: HostLab, machine: LabMachine) -> Scene:
    """Write the export of a machine below ``folder``."""
    home = folder / "exports" / "of the day" / machine.name
    export = own_export(lab, machine)
    home.mkdir(parents=True)
    write_folder(export.files, home, modified=export.modified, writable=export.files.keys())
    for empty in export.folders:
        (home / empty).mkdir(parents=True, exist_ok=True)
    return Scene(lab=lab, machine=machine, home=home)


def small(folder: Path) -> Scene:
    """Write the export of `small_lab` below ``folder``."""
    return exported(folder, *small_lab())


def of_host(folder: Path, name: str, number: int) -> Scene:
    """Write the export of one of `MACHINES` below ``folder``."""
    lab = HEALTHY_LABS[name]()
    return exported(folder, lab, lab.machines[number])


def planned(folder: Path, **options: object) -> Plan:
    """Return the plan of an import of the only machine in ``folder``."""
    with vc.scan_folder(folder) as inventory:
        machine = next(iter(inventory.machines), None)
        return plan_import(inventory, machine, folder, **options)  # type: ignore[arg-type]


def new_ids(plan: Plan) -> dict[str, str]:
    """Return the ids that a plan replaces, with those that it gives."""
    return {key[3:]: str(new) for key, new in plan.facts.items() if key.startswith("id:")}


def refusal(make: Callable[[], object]) -> vc.VhdChainError:
    """Return the error with which something is refused."""
    try:
        make()
    except vc.VhdChainError as error:
        return error
    raise AssertionError("it is not refused")


def contents(folder: Path) -> dict[str, tuple[bytes, int] | None]:
    """Return bytes and time of every file below ``folder``, None for folders."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns) if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def with_names(folder: Path, change: Callable[[str], str]) -> Path:
    """Give every file and folder below ``folder``, and itself, another name; return the folder."""
    for path in sorted(folder.rglob("*"), key=lambda item: len(item.parts), reverse=True):
        path.rename(path.with_name(change(path.name)))
    return folder.rename(folder.with_name(change(folder.name)))


# ------------------------------------------------------------------------------------------------------- what came out


def check_imported(root: Path, scene: Scene, ids: Mapping[str, str], warned: Collection[str]) -> None:
    """Raise AssertionError unless the machine in ``root`` is that of ``scene``, with ``ids`` in place of its own."""
    lab, machine = scene.lab, scene.machine
    with vc.scan_folder(root) as inventory:
        told = [item for item in vc.audit(inventory).findings if item.severity is not Severity.NOTE]
        assert [str(item) for item in told if item.code not in warned] == []
        deep = [str(item) for item in vc.audit(inventory, deep=True).findings if item.severity is Severity.ERROR]
        assert deep == []
        (found,) = inventory.machines
        assert (found.id, found.name) == (ids.get(machine.id, machine.id), machine.name)
        by_path = {state.path: state.id for state in found.snapshots}
        assert found.tree.unknown == {}
        tree = {by_path.get(path, ""): parent and by_path[parent] for path, parent in found.tree.parents.items()}
        assert found.tree.parents.keys() == {NOW, *by_path}
        expected = machine.expected_tree()
        assert tree == {ids.get(key, key): parent and ids.get(parent, parent) for key, parent in expected.items()}
        for owner in machine.owners:
            _check_state(inventory, lab, owner, ids)


def _check_state(inventory: Inventory, lab: HostLab, owner: LabMachine | LabSnapshot, ids: Mapping[str, str]) -> None:
    (machine,) = inventory.machines
    state = machine.now if isinstance(owner, LabMachine) else machine.snapshot(ids.get(owner.id, owner.id))
    assert state is not None
    assert state.name == owner.name
    found = {disk.place: disk.path for disk in state.disks}
    drives = [drive for drive in owner.state.drives if drive.image is not None]
    assert found.keys() == {f"{drive.controller} {drive.number}:{drive.slot}" for drive in drives}
    for number, drive in enumerate(drives):
        path = found[f"{drive.controller} {drive.number}:{drive.slot}"]
        assert path is not None
        assert read(inventory, path) == bytes(lab.expected(owner, number)), (owner.name, path)
    saved = owner.state.saved
    if saved is None:
        assert state.state_files == ()
        return
    names = [item.path for item in state.state_files]
    assert [Path(name or "").read_bytes() for name in names] == [saved.memory, saved.devices]
    assert {Path(name or "").stem.upper() for name in names} == {state.id}


def read(inventory: Inventory, path: str) -> bytes:
    """Return the disk of an image of a scan."""
    reader = DiskReader(link_images([inventory.image(each) for each in reversed(inventory.graph.path_to_base(path))]))
    return reader.read(0, reader.size)


def stored_paths(root: Path) -> Iterator[str]:
    """Yield every path of Windows that a configuration or a disk below ``root`` stores."""
    with vc.scan_folder(root) as inventory:
        for file in inventory.host_files:
            if file.configuration is not None:
                yield from (key.text for _, key in file.configuration.tree.walk() if key.text[1:3] == ":\\")
        for image in inventory.images:
            texts = [locator.text or "" for locator in image.locators]
            texts.append((image.header.record.parent_name or "") if image.header is not None else "")
            yield from (text for text in texts if text[1:3] == ":\\")


def move(folder: Path, to: Path) -> None:
    """Move a folder, its times with it."""
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(os.fspath(folder), os.fspath(to))

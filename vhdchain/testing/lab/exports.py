r"""How does a machine get into an export folder, or out of the lab?

``<folder>\<name>\`` with ``Virtual Machines``, ``Snapshots`` and, flattened, ``Virtual Hard Disks`` with every file of
every chain. In the layout of 2012 R2 configurations are ``.xml``; in that of 2008 R2 they are ``.exp``, with a
``config.xml`` beside, and hold **placeholders**: what a host writes there is not known.

**Assumptions**: the configurations and disks of an export name their places in the export, files keep their times, and
snapshots have ``.exp`` files, too. An export that keeps the host's paths is a lab with `HostLab.copied_to`.
"""

from __future__ import annotations

import dataclasses
import ntpath
from typing import TYPE_CHECKING

from vhdchain.hyperv.folders import DISKS_FOLDER
from vhdchain.hyperv.records import PowerState
from vhdchain.testing.lab.history import LabHistory
from vhdchain.testing.lab.images import image_name, windows_path
from vhdchain.testing.lab.machine import ExportForm, LabSnapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vhdchain.testing.images import BuiltImage
    from vhdchain.testing.lab.machine import LabMachine, LabState


class LabExports(LabHistory):
    """Machines that can be exported and removed; see `vhdchain.testing.lab.HostLab`."""

    def export(
        self,
        machine: LabMachine,
        folder: str,
        *,
        form: ExportForm | str = ExportForm.HOST_2012_R2,
        snapshots: bool = True,
        remove: bool = False,
    ) -> LabMachine:
        """Export a machine; return what lies in the export folder, as another machine with the same id.

        Args:
            machine: The machine, off or saved.
            folder: The Windows folder in which a folder with the machine's name is made.
            form: In which layout.
            snapshots: Whether its snapshots go along.
            remove: Whether the machine itself is removed, so that only the export is left.

        Raises:
            ValueError: The machine is running, or two of its disks have the same file name.
        """
        if machine.power is PowerState.RUNNING:
            raise ValueError(f"{machine.name} is running")
        home = ntpath.join(folder, machine.name)
        states = machine.states if snapshots else [machine.state]
        copies = self._copied(states, f"{home}\\{DISKS_FOLDER}")
        twin = dataclasses.replace(
            machine,
            root=home,
            snapshot_root=home,
            disks_folder=f"{home}\\{DISKS_FOLDER}",
            state=_moved(machine.state, copies),
            snapshots=[],
            freed=[copies[image] for image in machine.freed if image in copies],
            link="",
            exported=ExportForm(form),
            edits=list(machine.edits),
        )
        _add_snapshots(twin, machine.snapshots if snapshots else [], copies)
        self.machines.append(twin)
        self._configured(twin)
        if remove:
            self.remove(machine)
        return twin

    def remove(self, machine: LabMachine) -> None:
        """Take the machine out of the lab, with its snapshots and the disks that nothing else needs."""
        self.machines.remove(machine)
        for image in {image: None for state in machine.states for image in state.images}:
            unwanted: BuiltImage | None = image
            while unwanted is not None and self._is_unwanted(unwanted):
                self.images.remove(unwanted)
                unwanted = unwanted.parent

    def _is_unwanted(self, image: BuiltImage) -> bool:
        return image in self.images.images and not self._users(image) and not self.images.children(image)

    def _copied(self, states: list[LabState], folder: str) -> dict[BuiltImage, BuiltImage]:
        stacks = (image.stack for state in states for image in state.images)
        copies: dict[BuiltImage, BuiltImage] = {}
        for image in dict.fromkeys(layer for stack in stacks for layer in stack):
            parent = None if image.parent is None else copies[image.parent]
            name = image_name(f"{folder}\\{ntpath.basename(windows_path(image.name))}")
            copies[image] = self.images.duplicate(image, name, parent)
        return copies


def _add_snapshots(twin: LabMachine, snapshots: list[LabSnapshot], copies: Mapping[BuiltImage, BuiltImage]) -> None:
    twins: dict[str, LabSnapshot] = {}
    for snapshot in snapshots:
        parent = None if snapshot.parent is None else twins[snapshot.parent.id]
        state = _moved(snapshot.state, copies)
        twins[snapshot.id] = dataclasses.replace(snapshot, machine=twin, parent=parent, state=state)
    twin.snapshots = list(twins.values())
    twin.parent = None if twin.parent is None else twins.get(twin.parent.id)


def _moved(state: LabState, copies: Mapping[BuiltImage, BuiltImage]) -> LabState:
    moved = state.copy()
    for drive in moved.drives:
        if drive.image is not None:
            drive.image = copies[drive.image]
            drive.home = ntpath.join(ntpath.dirname(windows_path(drive.image.name)), ntpath.basename(drive.home))
    return moved

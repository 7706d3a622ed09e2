"""How are snapshots taken, applied and deleted, and what becomes of their files?

As Hyper-V does it: a snapshot freezes the files of the machine's disks, which go on in new differencing disks; applying
one leads to new differencing disks below the frozen ones, and the present is lost; deleting one deletes its
configuration and saved state at once, while its files are merged or deleted when nothing needs them as they are.

**Assumptions**, where nothing is known of a host:

* 2008 makes the new file of a disk below the folder of the snapshot when one is taken, below that of the machine when
  one is applied.
* Applying deletes the present's AVHDs, and then files of deleted snapshots that nothing needs any more.
* Applying keeps the machine's name and ids; its times of power become those of the snapshot.
* ``disk_merge_pending`` is set while a file of a deleted snapshot has one child, or none, and still lies there.
* While a machine has a disk of the host itself, no snapshot of it can be taken.
"""

from __future__ import annotations

import dataclasses
import ntpath
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from vhdchain.hyperv.records import PowerState
from vhdchain.testing.lab.configurations import state_folder
from vhdchain.testing.lab.images import image_name
from vhdchain.testing.lab.machine import LabSnapshot
from vhdchain.testing.lab.machines import LabMachines

if TYPE_CHECKING:
    from vhdchain.testing.images import BuiltImage
    from vhdchain.testing.lab.machine import LabDrive, LabMachine, LabState

LONGEST_NAME = 100
"""How many characters the name of a snapshot may have."""

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class LabHistory(LabMachines):
    """Machines with snapshots; see `vhdchain.testing.lab.HostLab`."""

    def take(self, machine: LabMachine, name: str | None = None, power: PowerState | str | None = None) -> LabSnapshot:
        """Take a snapshot. More than 50 are not refused.

        Args:
            machine: The machine.
            name: The snapshot's name; ``<machine> - (<date> - <time>)`` where None.
            power: The state in which it is taken: ``off``, ``running`` or ``saved``. The machine is brought into it
                before and out of it afterwards. None: the state in which it is.

        Raises:
            ValueError: The name is blank or has more than 100 characters, or a disk of the host is attached.
        """
        if any(drive.image is None and drive.kind == "HDD" for drive in machine.state.drives):
            raise ValueError(f"{machine.name}: no snapshot can be taken while a disk of the host is attached")
        before = machine.power
        self.bring(machine, before if power is None else power)
        taken = self.images.tick()
        snapshot = LabSnapshot(
            id=self._new_id("snapshot"),
            name=_checked_name(_default_name(machine, taken) if name is None else name),
            machine=machine,
            parent=machine.parent,
            state=machine.state.copy(),
            listed=len(machine.snapshots),
        )
        kept = snapshot.state
        kept.created = kept.written = taken
        if machine.power is PowerState.RUNNING:
            kept.saved = self._saved_state()
        for drive in machine.state.drives:
            if drive.image is not None:
                drive.image = self._above(drive, drive.image, state_folder(snapshot))
        machine.snapshots.append(snapshot)
        machine.parent = snapshot
        self._configured(machine)
        self.bring(machine, before)
        return snapshot

    def apply(self, machine: LabMachine, snapshot: LabSnapshot) -> None:
        """Bring the machine back to ``snapshot``; its present is lost.

        Raises:
            ValueError: It is no snapshot of the machine.
        """
        if snapshot not in machine.snapshots:
            raise ValueError(f"{machine.name} has no snapshot {snapshot.name!r}")
        lost, created = machine.state.images, machine.state.created
        machine.state = state = snapshot.state.copy()
        for drive in state.drives:
            if drive.image is not None:
                drive.image = self._above(drive, drive.image, state_folder(machine))
        machine.parent = snapshot
        state.created, state.changed = created, self.images.tick()
        if state.saved is not None:
            state.saved = dataclasses.replace(state.saved, written=state.changed)
        machine.power = PowerState.OFF if state.saved is None else PowerState.SAVED
        for image in lost:
            self._discard(machine, image)
        self._update_pending(machine)
        self._configured(machine)

    def delete(self, machine: LabMachine, snapshot: LabSnapshot, *, merge: bool = True) -> None:
        """Delete a snapshot; those that were made from it get its parent.

        Args:
            machine: The machine.
            snapshot: The snapshot.
            merge: Whether the files are tidied up at once: those that nothing is made from are deleted, others merged
                if the machine is off. What is left stays until a later deletion, or `finish_merges`.

        Raises:
            ValueError: It is no snapshot of the machine.
        """
        if snapshot not in machine.snapshots:
            raise ValueError(f"{machine.name} has no snapshot {snapshot.name!r}")
        machine.snapshots.remove(snapshot)
        for other in machine.snapshots:
            if other.parent is snapshot:
                other.parent = snapshot.parent
                other.state.written = self.images.tick()
        if machine.parent is snapshot:
            machine.parent = snapshot.parent
        machine.freed += [image for image in snapshot.state.images if image not in machine.freed]
        if merge:
            self._tidy(machine, merging=machine.power is PowerState.OFF)
        self._update_pending(machine)
        self._configured(machine)

    def delete_subtree(self, machine: LabMachine, snapshot: LabSnapshot, *, merge: bool = True) -> None:
        """Delete a snapshot and all that were made from it, the youngest first; see `delete`."""
        doomed = [snapshot]
        for other in machine.snapshots:
            # A snapshot is younger than its parent, so one pass in the order of taking finds them all.
            if other.parent in doomed:
                doomed.append(other)
        for other in reversed(doomed):
            self.delete(machine, other, merge=merge)

    def finish_merges(self, machine: LabMachine) -> None:
        """Do with the files of deleted snapshots what a host does while the machine is off.

        A file that nothing is made from is deleted, unless it is a base; one with a single child takes up the child's
        sectors, and the child's file goes; others stay.
        """
        self._tidy(machine, merging=True)
        self._update_pending(machine)

    # ------------------------------------------------------------------------------------------------------- details

    def _above(self, drive: LabDrive, image: BuiltImage, folder: str) -> BuiltImage:
        # The name of the machine's own disk, however deep the chain is; the id in it means nothing.
        home, name = ntpath.split(drive.home)
        name = f"{ntpath.splitext(name)[0]}_{self._new_id('avhd')}.avhd"
        path = ntpath.join(home if self.version.beside else folder, name)
        return self.images.differencing(
            image_name(path), parent=image, block_size=image.block_size, dialect=image.dialect
        )

    def _users(self, image: BuiltImage) -> list[LabDrive]:
        states = (state for machine in self.machines for state in machine.states)
        return [drive for state in states for drive in state.drives if drive.image is image]

    def _discard(self, machine: LabMachine, image: BuiltImage) -> None:
        """Delete the AVHD ``image``, and what deleted snapshots left below it, as far as nothing needs them."""
        doomed: BuiltImage | None = image
        while doomed is not None and _is_snapshot_file(doomed):
            if (doomed is not image and doomed not in machine.freed) or self._users(doomed):
                return
            if self.images.children(doomed):
                return
            self.images.remove(doomed)
            if doomed in machine.freed:
                machine.freed.remove(doomed)
            doomed = doomed.parent

    def _tidy(self, machine: LabMachine, *, merging: bool) -> None:
        while any(self._tidied(machine, image, merging=merging) for image in list(machine.freed)):
            pass

    def _tidied(self, machine: LabMachine, image: BuiltImage, *, merging: bool) -> bool:
        """Delete or merge one file that a deleted snapshot left; say whether anything was done."""
        if self._users(image):
            machine.freed.remove(image)
            return True
        children = self.images.children(image)
        if not children:
            machine.freed.remove(image)
            if _is_snapshot_file(image):
                self.images.remove(image)
            return True
        child = children[0]
        own = child in machine.freed or any(child in state.images for state in machine.states)
        if len(children) > 1 or not own or not merging:
            return False
        states = [state for state in machine.states if child in state.images]
        self.images.merge(child)
        for state in states:
            self._repoint(state, child, image)
        # What takes up a file that is wanted is wanted itself.
        machine.freed.remove(child if child in machine.freed else image)
        return True

    def _repoint(self, state: LabState, old: BuiltImage, new: BuiltImage) -> None:
        for drive in state.drives:
            if drive.image is old:
                drive.image = new
        state.written = self.images.tick()

    def _update_pending(self, machine: LabMachine) -> None:
        machine.merge_pending = any(len(self.images.children(image)) <= 1 for image in machine.freed)


def _is_snapshot_file(image: BuiltImage) -> bool:
    return image.parent is not None and image.name.lower().endswith(".avhd")


def _checked_name(name: str) -> str:
    if not name.strip() or len(name) > LONGEST_NAME:
        raise ValueError(f"the name of a snapshot has 1 to {LONGEST_NAME} characters and is not blank: {name!r}")
    return name


def _default_name(machine: LabMachine, taken: int) -> str:
    when = _EPOCH + timedelta(seconds=taken)
    hour = when.hour % 12 or 12
    date = f"{when.month}/{when.day}/{when.year}"
    return f"{machine.name} - ({date} - {hour}:{when:%M:%S} {'AM' if when.hour < 12 else 'PM'})"

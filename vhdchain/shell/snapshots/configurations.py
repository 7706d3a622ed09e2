"""How do the configurations of a machine read after an operation?

For every configuration that an operation writes: its key tree with the keys whose meaning is known as the next state
has them. What a host stores beside them stays as it is; a configuration that comes out as it was is not written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vhdchain.errors import PlanRefusedError
from vhdchain.hyperv import parse_document
from vhdchain.hyperv.rewriting import (
    as_present,
    as_snapshot,
    renamed,
    turned_off,
    with_disks,
    with_drive,
    with_ids,
    with_merge_pending,
    with_saved_state,
    with_snapshots,
    without_listed,
    without_saved_state,
)
from vhdchain.snapshots import Power

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from vhdchain.hyperv import Key, Machine, MachineState
    from vhdchain.hyperv.xml import ConfigurationDocument
    from vhdchain.snapshots import Result, Slot, Snapshot, State


class Configurations:
    """The configurations of one machine, before an operation and after it."""

    def __init__(
        self,
        machine: Machine,
        result: Result,
        *,
        read: Callable[[str], bytes],
        windows: Callable[[str], str],
        now: int,
    ) -> None:
        """Prepare them.

        Args:
            machine: The machine as it was scanned.
            result: The operation.
            read: Returns the bytes of a configuration.
            windows: Returns the host's path of a local file.
            now: The time of the operation, as a FILETIME.
        """
        self._states = {state.path: state for state in machine.states}
        self._result = result
        self._read = read
        self._windows = windows
        self._now_is = now
        own = result.before.configuration
        # The configuration of the snapshot that the machine is brought back to; empty where it is not.
        self._applied = next((item.source for item in result.actions if item.path == own and item.source), "")

    def stored(self, path: str) -> bytes:
        """Return the bytes of a configuration as it is now; empty where there is none."""
        return self._read(path) if path in self._states else b""

    def written(self, path: str) -> bytes:
        """Return the bytes of the configuration at ``path`` after the operation."""
        after = self._result.state
        if path == after.configuration:
            document, root = self._now()
        else:
            document, root = self._snapshot(next(item for item in after.snapshots if item.configuration == path))
        return replace(document, root=with_ids(root, self._ids(path))).to_bytes()

    def _now(self) -> tuple[ConfigurationDocument, Key]:
        before, after = self._result.before, self._result.state
        document = self._document(before.configuration)
        root, state = document.root, self._states[before.configuration]
        if self._applied:
            state = self._states[self._applied]
            root = as_present(self._document(self._applied).root, root)
        root = _attached(root, state, after.slots, self._windows)
        root = self._with_state(root, after.state_files, "Normal")
        if after.power is Power.OFF and before.power is not Power.OFF and not self._applied:
            root = turned_off(root, self._now_is)
        if after.name != before.name:
            root = renamed(root, after.name)
        root = with_merge_pending(with_snapshots(root, len(after.snapshots)), pending=bool(after.waiting()))
        return document, without_listed(
            root, {item.id for item in before.snapshots} - {item.id for item in after.snapshots}
        )

    def _snapshot(self, snapshot: Snapshot) -> tuple[ConfigurationDocument, Key]:
        before = self._result.before
        if snapshot.configuration in self._states:
            document, state = self._document(snapshot.configuration), self._states[snapshot.configuration]
            root = _attached(document.root, state, snapshot.slots, self._windows)
            known = before.snapshot(snapshot.id)
            return document, renamed(root, snapshot.name) if known.name != snapshot.name else root
        document = self._document(before.configuration)
        root = as_snapshot(document.root, snapshot_id=snapshot.id, name=snapshot.name, created=self._now_is)
        return document, self._with_state(root, snapshot.state_files, "Snapshot")

    def _with_state(self, root: Key, files: tuple[str, ...], kind: str) -> Key:
        if not files:
            return without_saved_state(root)
        named = {path[-4:].lower(): self._windows(path) for path in files}
        return with_saved_state(root, named.get(".bin", ""), named.get(".vsv", ""), kind=kind)

    def _ids(self, path: str) -> dict[str, str | None]:
        """Return the id of the parent that a configuration names now, with the one that takes its place."""
        before, after = self._result.before, self._result.state
        of = self._applied if path == after.configuration and self._applied else path
        old, new = _parent_of(before, of), _parent_of(after, path)
        return {} if old is None or old == new else {old: new}

    def _document(self, path: str) -> ConfigurationDocument:
        return parse_document(self._read(path), name=path)


def _parent_of(state: State, path: str) -> str | None:
    if path == state.configuration:
        return state.parent
    return next((item.parent for item in state.snapshots if item.configuration == path), None)


def _attached(root: Key, state: MachineState, slots: Iterable[Slot], windows: Callable[[str], str]) -> Key:
    """Return ``root``, the configuration of ``state``, with exactly these disks in its slots.

    Raises:
        PlanRefusedError: It has no such slot, and what a host writes for a new one is not known.
    """
    disks = {disk.place: disk for disk in state.disks}
    wanted = {slot.place: slot.path for slot in slots}
    changed = {
        disks[place].drive.field: windows(path)
        for place, path in wanted.items()
        if place in disks and disks[place].path != path
    }
    root = with_disks(root, changed)
    for place in disks.keys() - wanted.keys():
        root = with_drive(root, disks[place].drive.field, "")
    for place in sorted(wanted.keys() - disks.keys()):
        root = with_drive(root, _empty_slot(state, place), windows(wanted[place]))
    return root


def _empty_slot(state: MachineState, place: str) -> str:
    """Return the field of the empty slot at ``place``."""
    configuration = state.configuration
    scsi = {instance: number for number, instance in enumerate(configuration.scsi_controllers)}
    for drive in configuration.drives:
        number = scsi.get(drive.section, drive.number)
        if not drive.path and f"{drive.controller} {number}:{drive.slot}" == place:
            return drive.field
    what = f"it has no empty slot at {place}, and none is made up here; let the host attach it"
    raise PlanRefusedError(f"{state.path}: {what}")

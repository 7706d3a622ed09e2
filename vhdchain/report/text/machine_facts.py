"""How is told what a configuration says of a machine: whether it was on, what is attached, which state was kept?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from vhdchain.hyperv import ControllerKind, PowerState
from vhdchain.locate import shortened
from vhdchain.report.names import folder_and_name
from vhdchain.report.numbers import counted
from vhdchain.report.slots import Slots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.hyperv import Configuration, Drive, MachineState

_POWER = {
    PowerState.RUNNING: "probably running when copied",
    PowerState.SAVED: "probably saved when copied",
    PowerState.OFF: "probably off when copied",
    PowerState.UNKNOWN: "running or not is unknown",
}
_TAKEN = {PowerState.SAVED: "while running or saved", PowerState.OFF: "while off"}


def power_text(now: MachineState | None) -> str:
    """Return whether a machine was on, as the guess that it is; empty where its configuration is not here."""
    return "" if now is None else _POWER[now.configuration.power.state]


def taken_text(snapshot: MachineState) -> str:
    """Return in which state a snapshot was taken, as far as it shows."""
    return _TAKEN.get(snapshot.configuration.power.state, "")


def state_name(state: MachineState) -> str:
    """Return what a snapshot or machine is called; its file where it has neither name nor id."""
    names = (state.configuration.name, state.id, folder_and_name(state.path)[1])
    return shortened(next(name for name in (*names, state.path) if name.strip()))


def controllers_text(configuration: Configuration) -> str:
    """Return what is attached to which controller: ``IDE (1 disk, 1 DVD drive), SCSI 0 (2 disks)``."""
    return ", ".join(_controllers(configuration))


def _controllers(configuration: Configuration) -> Iterator[str]:
    slots = Slots(configuration)
    held: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    for drive in configuration.drives:
        name = str(drive.controller)
        if drive.controller is ControllerKind.SCSI:
            name = f"{name} {slots.number(drive)}"
        counts = held.setdefault((name, drive.section), Counter())
        counts.update(what for what in (_attached(drive),) if what)
    for number, section in enumerate(configuration.scsi_controllers):
        held.setdefault((f"{ControllerKind.SCSI} {number}", section), Counter())
    for (name, _), counts in held.items():
        if counts or not name.startswith((ControllerKind.FLOPPY, ControllerKind.OTHER)):
            text = ", ".join(counted(number, *nouns) for nouns, number in counts.items())
            yield f"{name} ({text or 'empty'})"


def _attached(drive: Drive) -> tuple[str, str] | None:
    """Return what is in a slot, in singular and plural; None where it is empty."""
    if drive.is_disk:
        return "disk", "disks"
    if drive.is_pass_through:
        return "disk of the host", "disks of the host"
    if drive.kind.upper() == "ISO":
        return "DVD drive", "DVD drives"
    # Every machine has a floppy drive; one with something in it is worth a word.
    return ("floppy disk", "floppy disks") if drive.kind.upper() == "VFD" and drive.path.strip() else None

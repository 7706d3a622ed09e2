"""What may happen to a machine over time, drawn at random?

A history is a list of steps, as values: the lab carries them out with `run_step`, a test keeps its own record of what
they mean. Steps that choose a snapshot or a disk do so by a number, taken modulo what there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from vhdchain.hyperv.records import PowerState
from vhdchain.units import bytes_to_sectors, sectors_to_bytes

if TYPE_CHECKING:
    from random import Random

    from vhdchain.testing.lab.host import HostLab
    from vhdchain.testing.lab.machine import LabMachine

_LONGEST_WRITE = 1500


class LabAction(StrEnum):
    """What may happen in a step."""

    WRITE = "write"
    TAKE = "take"
    APPLY = "apply"
    DELETE = "delete"
    DELETE_LATER = "delete, merge later"
    MERGE = "finish merges"
    START = "start"
    SAVE = "save"
    TURN_OFF = "turn off"


_OFTEN = (LabAction.WRITE, LabAction.WRITE, LabAction.WRITE, LabAction.TAKE, LabAction.TAKE)
_NEEDS_SNAPSHOT = (LabAction.APPLY, LabAction.DELETE, LabAction.DELETE_LATER)
_POWER = {
    LabAction.START: PowerState.RUNNING,
    LabAction.SAVE: PowerState.SAVED,
    LabAction.TURN_OFF: PowerState.OFF,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LabStep:
    """One step.

    Attributes:
        action: What happens.
        number: Which disk is written to, or which snapshot is applied or deleted.
        offset: Where is written, in bytes.
        data: What is written.
    """

    action: LabAction
    number: int = 0
    offset: int = 0
    data: bytes = b""


def draw_step(random: Random, *, size: int) -> LabStep:
    """Return a step drawn from ``random``; writes lie behind the first sector of a disk of ``size`` bytes."""
    action = random.choice((*LabAction, *_OFTEN))
    if action is not LabAction.WRITE:
        return LabStep(action=action, number=random.randrange(60))
    length = random.randrange(1, _LONGEST_WRITE)
    sector = random.randrange(1, bytes_to_sectors(size - length))
    offset = min(sectors_to_bytes(sector) + random.choice((0, 0, 100)), size - length)
    return LabStep(action=action, number=random.randrange(60), offset=offset, data=random.randbytes(length))


def run_step(lab: HostLab, machine: LabMachine, step: LabStep) -> bool:
    """Carry ``step`` out; return False where it means nothing: there is no snapshot, or no disk."""
    if step.action in _NEEDS_SNAPSHOT and not machine.snapshots:
        return False
    if step.action is LabAction.WRITE:
        if not machine.state.images:
            return False
        lab.write(machine, step.number % len(machine.state.images), step.offset, step.data)
    elif step.action is LabAction.TAKE:
        lab.take(machine, f"{machine.name} {lab.images.tick()}")
    elif step.action is LabAction.MERGE:
        if machine.power is not PowerState.OFF:
            return False
        lab.finish_merges(machine)
    elif step.action in _POWER:
        lab.bring(machine, _POWER[step.action])
    else:
        snapshot = machine.snapshots[step.number % len(machine.snapshots)]
        if step.action is LabAction.APPLY:
            lab.apply(machine, snapshot)
        else:
            lab.delete(machine, snapshot, merge=step.action is LabAction.DELETE)
    return True

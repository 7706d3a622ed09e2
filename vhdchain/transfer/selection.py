"""What of a machine goes along: all of it, its present alone, or one snapshot as a machine of its own?"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError, PlanRefusedError
from vhdchain.findings import Location, finding
from vhdchain.locate import shortened

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.hyperv import Machine, MachineState

ALL, NONE = "all", "none"
"""The words for all snapshots and for none; everything else is the id or name of one."""

_LISTED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What goes along.

    Attributes:
        machine: The machine.
        own: The state that the machine has in the export.
        snapshots: The snapshots that go along.
        kind: ``all``, ``none``, or the id of the snapshot that becomes a machine; the name of its file, if it has none.
        id: The id of the machine in the export, upper case; empty where its configuration has none.
        name: Its name there.
    """

    machine: Machine
    own: MachineState
    snapshots: tuple[MachineState, ...] = ()
    kind: str = ALL
    id: str
    name: str

    @property
    def states(self) -> tuple[MachineState, ...]:
        """The machine's state in the export, and its snapshots there."""
        return (self.own, *self.snapshots)

    @property
    def of_a_snapshot(self) -> bool:
        """Whether a snapshot becomes a machine."""
        return self.kind not in (ALL, NONE)


def select(machine: Machine, snapshots: str, new_id: Callable[[], str]) -> Selection:
    """Return what of ``machine`` goes along.

    Args:
        machine: The machine.
        snapshots: ``all``, ``none``, or the id or name of one; a snapshot that is called like one of these two words is
            taken by its id.
        new_id: Gives the id, upper case, that a snapshot gets as a machine.

    Raises:
        ConfigError: There is no such snapshot, or there are several.
        PlanRefusedError: The machine's own configuration is not here.
    """
    if machine.now is None:
        path = machine.states[0].path
        why = "its own configuration is not here; scan the folder that holds it, too"
        found = finding("VHD932", Location(path=path, structure="machine"), f"{shortened(machine.name)}: {why}")
        raise PlanRefusedError(f"{path}: {found.message}", findings=[found])
    if snapshots in (ALL, NONE):
        kept = machine.snapshots if snapshots == ALL else ()
        return Selection(
            machine=machine, own=machine.now, snapshots=kept, kind=snapshots, id=machine.id, name=machine.name
        )
    chosen = _chosen(machine, snapshots)
    return Selection(
        machine=machine, own=chosen, kind=chosen.id or posixpath.basename(chosen.path), id=new_id(), name=chosen.name
    )


def _chosen(machine: Machine, wanted: str) -> MachineState:
    try:
        return machine.snapshot(wanted)
    except KeyError:
        pass
    named = [item for item in machine.snapshots if item.configuration.name == wanted]
    shown = shortened(wanted, 100)
    if named:
        ids = ", ".join(item.id for item in named[:_LISTED])
        raise ConfigError(
            f"{len(named)} snapshots of {shortened(machine.name)} are called '{shown}': take one by its id, {ids}"
        )
    known = ", ".join(f"'{shortened(item.name, 100)}'" for item in machine.snapshots[:_LISTED])
    more = f" and {len(machine.snapshots) - _LISTED} more" if len(machine.snapshots) > _LISTED else ""
    has = f"it has {known}{more}" if known else "it has none"
    raise ConfigError(f"{shortened(machine.name)} has no snapshot '{shown}': {has}; or say all, or none")

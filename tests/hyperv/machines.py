"""Configurations and machines made by hand, for the checks of what they say."""

from __future__ import annotations

from typing import Any

from vhdchain.hyperv import (
    AttachedDisk,
    Configuration,
    ConfigurationKind,
    ControllerKind,
    Drive,
    FoundPath,
    Machine,
    MachineState,
    PathOutcome,
    PowerGuess,
    PowerState,
    SavedState,
    Service,
    make_key,
)
from vhdchain.hyperv.encoding import HOST_ENCODING

SRV, WEB = "0F2C6C1A-6C1E-4B52-9C6A-2B7E4F0B8D01", "B1D5E0A4-1F0A-4E6E-8C7C-9D2C3A4B5E02"
MACHINES, SNAPSHOTS = "host/Virtual Machines", "host/Snapshots"
OFF = PowerGuess(state=PowerState.OFF, reason="it was last turned off after it was last turned on")
RUNNING = PowerGuess(state=PowerState.RUNNING, reason="it was turned on last")


def snapshot_id(number: int) -> str:
    """Return the id of a snapshot by its number."""
    return f"{number:08X}-0000-4000-8000-000000000000"


def configuration(**fields: Any) -> Configuration:
    """Return the configuration of the machine ``SRV``, off, in which nothing is wrong; ``fields`` replace its own."""
    own: dict[str, Any] = {
        "path": f"{MACHINES}/{SRV}.xml",
        "kind": ConfigurationKind.MACHINE,
        "id": SRV,
        "machine_id": SRV,
        "name": "srv",
        "services": dict.fromkeys(Service, True),
        "power": OFF,
        "tree": make_key("configuration", None),
        "encoding": HOST_ENCODING,
    }
    return Configuration(**{**own, **fields})


def snapshot(number: int, **fields: Any) -> Configuration:
    """Return the configuration of a snapshot of ``SRV``."""
    own = {
        "path": f"{SNAPSHOTS}/{snapshot_id(number)}.xml",
        "kind": ConfigurationKind.SNAPSHOT,
        "id": snapshot_id(number),
        "name": f"snapshot {number}",
    }
    return configuration(**{**own, **fields})


def saved(**fields: Any) -> SavedState:
    """Return a saved state with both files."""
    return SavedState(**{"memory": r"C:\VMs\x.bin", "devices": r"C:\VMs\x.vsv", "type": "Normal", **fields})


def state(
    item: Configuration, *, here: bool | PathOutcome = True, disks: tuple[str, ...] = (), **fields: Any
) -> MachineState:
    """Return a configuration with its files.

    Args:
        item: The configuration.
        here: Whether the files of its saved state are here, or what came of the search for them.
        disks: The disks that were found.
        fields: Others of `MachineState`.
    """
    outcome = here if isinstance(here, PathOutcome) else PathOutcome.FOUND if here else PathOutcome.MISSING
    own = {
        "memory": found(item.saved_state.memory, outcome) if item.saved_state.memory else None,
        "devices": found(item.saved_state.devices, outcome) if item.saved_state.devices else None,
        "disks": tuple(AttachedDisk(drive=drive(path=path), found=found(path)) for path in disks),
    }
    return MachineState(configuration=item, **{**own, **fields})


def found(stored: str, outcome: PathOutcome = PathOutcome.FOUND, *candidates: str) -> FoundPath:
    """Return what came of looking for a stored path; a file that is found has its name below ``host``."""
    name = stored.rpartition("\\")[2]
    return FoundPath(
        stored=stored,
        outcome=outcome,
        path=f"host/{name}" if outcome is PathOutcome.FOUND else None,
        candidates=candidates,
    )


def drive(**fields: Any) -> Drive:
    """Return the first slot of the IDE controller."""
    section = "83f8638b-8dca-4152-9eda-2ca8b33039b4"
    own: dict[str, Any] = {
        "controller": ControllerKind.IDE,
        "section": section,
        "number": 0,
        "slot": 0,
        "kind": "VHD",
        "path": r"C:\VMs\srv.vhd",
        "field": f"_{section}_/controller0/drive0/pathname",
    }
    return Drive(**{**own, **fields})


def machine(now: MachineState | Configuration | None, *snapshots: MachineState | Configuration) -> Machine:
    """Return a machine of these states."""
    present = state(now) if isinstance(now, Configuration) else now
    kept = tuple(state(item) if isinstance(item, Configuration) else item for item in snapshots)
    first = present or kept[0]
    return Machine(
        id=first.configuration.machine_id,
        name=present.name if present else first.configuration.machine_id,
        now=present,
        snapshots=kept,
    )

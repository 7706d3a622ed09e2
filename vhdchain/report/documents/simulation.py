"""What does the document of a simulation look like?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.report.documents.findings import findings_list
from vhdchain.report.documents.shape import document

if TYPE_CHECKING:
    from vhdchain.report.documents.shape import Json
    from vhdchain.snapshots import Action, Loss, Result, Room, Simulation, Slot, Snapshot, State


def simulation_document(simulation: Simulation, *, executed: bool = False) -> dict[str, Json]:
    """Return the document of ``simulation``; ``executed``: whether it was done as well."""
    results = simulation.results
    return document(
        "simulate",
        machine=simulation.before.name,
        machine_id=simulation.before.id,
        before=_state(simulation.before),
        after=_state(simulation.after),
        steps=[_step(number, action) for number, item in enumerate(results) for action in item.actions],
        losses=[_loss(number, loss) for number, item in enumerate(results) for loss in item.losses],
        operations=[_operation(result, room) for result, room in zip(results, simulation.rooms, strict=True)],
        findings=findings_list(simulation.findings),
        refused=findings_list(simulation.refused) or None,
        executed=executed,
    )


def _state(state: State) -> dict[str, Json]:
    return {
        "power": str(state.power),
        "parent": state.parent,
        "configuration": state.configuration,
        "disks": _slots(state.slots),
        "state_files": list(state.state_files),
        "snapshots": [_snapshot(item) for item in state.snapshots],
        "files": [{"path": path, "parent": state.disks[path].parent} for path in sorted(state.disks)],
        "merges_owed": list(state.freed),
    }


def _snapshot(snapshot: Snapshot) -> dict[str, Json]:
    return {
        "id": snapshot.id,
        "name": snapshot.name,
        "parent": snapshot.parent,
        "configuration": snapshot.configuration,
        "disks": _slots(snapshot.slots),
        "state_files": list(snapshot.state_files),
    }


def _slots(slots: tuple[Slot, ...]) -> list[Json]:
    return [{"place": slot.place, "path": slot.path} for slot in slots]


def _operation(result: Result, room: Room) -> dict[str, Json]:
    return {"operation": result.operation, "peak": room.peak, "lasting": room.lasting}


def _step(number: int, action: Action) -> dict[str, Json]:
    return {
        "operation": number,
        "action": str(action.kind),
        "path": action.path,
        "source": action.source or None,
        "files": list(action.files),
        "why": action.why or None,
    }


def _loss(number: int, loss: Loss) -> dict[str, Json]:
    return {
        "operation": number,
        "what": str(loss.what),
        "path": loss.path,
        "name": loss.name or None,
        "bytes": loss.bytes,
        "why": loss.why,
    }

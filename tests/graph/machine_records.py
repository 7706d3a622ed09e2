"""Machines made by hand, for the checks of disks and configurations together."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from tests.graph.inventories import inventory_of
from vhdchain.hyperv import (
    NOW,
    AttachedDisk,
    Configuration,
    ConfigurationKind,
    ControllerKind,
    Drive,
    FoundPath,
    Machine,
    Machines,
    MachineState,
    PathOutcome,
    PathRule,
    PowerGuess,
    PowerState,
    build_document,
    derive_tree,
    make_key,
    parse_document,
)

if TYPE_CHECKING:
    from vhdchain.graph import Inventory
    from vhdchain.testing import ChainBuilder

SECTION = "83f8638b-8dca-4152-9eda-2ca8b33039b4"
_DOCUMENT = parse_document(build_document(make_key("configuration", None)), name="empty")


def guid(text: str) -> str:
    """Return the id that ``text`` stands for."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, text)).upper()


def disk(
    path: str | None,
    *,
    stored: str | None = None,
    slot: int = 0,
    kind: ControllerKind = ControllerKind.IDE,
    **found: Any,
) -> AttachedDisk:
    r"""Return a disk at ``slot`` that was found at ``path``, or not at all; it stores ``C:\VMs\<path>``."""
    text = rf"C:\VMs\{path}" if stored is None else stored
    outcome = PathOutcome.MISSING if path is None else PathOutcome.FOUND
    rule = None if path is None else PathRule.SAME_PLACE
    options = {"outcome": outcome, "path": path, "rule": rule, **found}
    drive = Drive(
        controller=kind,
        section=SECTION,
        number=0,
        slot=slot,
        kind="VHD",
        path=text,
        field=f"_{SECTION}_/controller0/drive{slot}/pathname",
    )
    return AttachedDisk(drive=drive, found=FoundPath(stored=text, **options))


def state(name: str, *disks: AttachedDisk | str, power: PowerState = PowerState.OFF, **fields: Any) -> MachineState:
    """Return a state whose configuration is called ``<name>.xml``; disks are given as `disk` or by their paths."""
    attached = tuple(item if isinstance(item, AttachedDisk) else disk(item, slot=at) for at, item in enumerate(disks))
    options: dict[str, Any] = {"id": guid(name), "machine_id": "", "path": f"{name}.xml", **fields}
    configuration = Configuration(
        kind=ConfigurationKind.MACHINE,
        name=name,
        drives=tuple(item.drive for item in attached),
        power=PowerGuess(state=power, reason="it says so"),
        tree=_DOCUMENT.root,
        encoding=_DOCUMENT.encoding,
        **options,
    )
    return MachineState(configuration=configuration, disks=attached)


def machine(now: MachineState | None, *snapshots: MachineState, name: str = "srv") -> Machine:
    """Return a machine without a tree; `scanned` derives that."""
    key = guid(name) if now is None else now.id
    return Machine(id=key, name=name if now is None else now.name, now=now, snapshots=snapshots)


def scanned(
    tree: ChainBuilder, *machines: Machine, links: dict[str, str | None] | None = None, **fields: Any
) -> Inventory:
    """Return an inventory of ``tree`` and ``machines``, whose snapshot trees are derived from the disks."""
    graph = inventory_of(tree, links=links).graph
    complete = []
    for item in machines:
        states = {other.path: tuple(attached.path for attached in other.disks) for other in item.snapshots}
        if item.now is not None:
            states[NOW] = tuple(attached.path for attached in item.now.disks)
        known = derive_tree(states, graph.parents, orphans=graph.orphans)
        complete.append(Machine(id=item.id, name=item.name, now=item.now, snapshots=item.snapshots, tree=known))
    return inventory_of(tree, links=links, machines=Machines(complete), **fields)

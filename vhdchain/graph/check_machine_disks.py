"""Is every disk of a machine its own, and does nothing build on it that a start of the machine would break?

A file counts as the one that a configuration means where its path leads to it for certain; of two configurations that
were led to one file by its name alone, nothing is said unless both store the same path. Saved states and what lies in
DVD drives are judged elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.graph.machine_words import LONGEST_NAME, identity, listed, shown_name, shown_use, state_identity
from vhdchain.hyperv import volume_of
from vhdchain.locate import fold_case, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.graph.inventory import DiskUse, Inventory
    from vhdchain.hyperv import Machine

_FOLLOWED = 200  # files above a disk that are asked for their users


def check_machine_disks(inventory: Inventory) -> Iterator[Finding]:
    """Yield VHD709, 812, 819 and 829."""
    for path in inventory.used:
        uses = inventory.uses(path)
        present = [use for use in uses if use.is_now]
        if present and path in inventory.graph.children:
            yield _has_children(inventory, path, present)
        yield from _attached_twice(path, present)
        yield from _claimed_twice(inventory, path, uses)
    for machine in inventory.machines:
        yield from _volumes(machine)


def _has_children(inventory: Inventory, path: str, present: Sequence[DiskUse]) -> Finding:
    children = inventory.graph.children[path]
    users = dict.fromkeys(shown_use(use) for use in _users_above(inventory, path))
    number = "a disk builds on it" if len(children) == 1 else f"{len(children)} disks build on it"
    who = f", which {listed(list(users))} {'needs' if len(users) == 1 else 'need'}" if users else ""
    sure = any(use.disk.found.exact for use in present)
    message = (
        f"{listed(_machines(present))} runs on this disk at {present[0].disk.place}, and "
        f"{number}{who}: starting the machine writes to it and breaks what is above"
    )
    if not sure:
        message += "; the file was found by its name only, so that another one may be meant"
    place = Location(path=path, structure="graph")
    return finding("VHD709", place, message, related=children, severity=None if sure else Severity.WARNING)


def _users_above(inventory: Inventory, path: str) -> Iterator[DiskUse]:
    """Yield who uses the files above ``path``: those nearest to it, as the message names but a few."""
    pending, met = [path], {path}
    for below in pending:
        for child in inventory.graph.children.get(below, ()):
            if child not in met and len(met) <= _FOLLOWED:
                met.add(child)
                pending.append(child)
                yield from inventory.uses(child)


def _attached_twice(path: str, present: Sequence[DiskUse]) -> Iterator[Finding]:
    sure = certain(present)
    # Two copies of a configuration are one machine, and told as such.
    machines = {identity(use.machine): use for use in sure if use.machine.id}
    if len(machines) < 2:
        yield from _in_two_slots(path, sure)
        return
    names = listed(_machines(list(machines.values())))
    message = f"{len(machines)} machines have this very file attached: {names}; one of them ruins what the other wrote"
    place = Location(path=path, structure="graph")
    yield finding("VHD819", place, message, related=[use.state.path for use in machines.values()])


def _in_two_slots(path: str, present: Sequence[DiskUse]) -> Iterator[Finding]:
    """Yield VHD819 for a machine that has one file in several slots."""
    slots: dict[str, dict[str, DiskUse]] = {}
    for use in present:
        slots.setdefault(use.state.path, {})[use.disk.drive.field] = use
    for uses in slots.values():
        if len(uses) < 2:
            continue
        (first, *_) = own = list(uses.values())
        slots_of = listed([use.disk.place for use in own])
        message = (
            f"{shown_name(first.machine)} has this very file attached at {slots_of}: the host opens it for one of them "
            "only, and another disk is missing if its path was meant"
        )
        yield finding("VHD819", Location(path=path, structure="graph"), message, related=[first.state.path])


def _claimed_twice(inventory: Inventory, path: str, uses: Sequence[DiskUse]) -> Iterator[Finding]:
    """Yield VHD812 where a machine's snapshots share a file, or its present writes to one that a snapshot froze."""
    if len(uses) < 2:
        return
    by_machine: dict[str, list[DiskUse]] = {}
    for use in certain(uses):
        if not (use.is_now and path in inventory.graph.children):
            by_machine.setdefault(identity(use.machine), []).append(use)
    for own in by_machine.values():
        states = {state_identity(use.state): use for use in own}
        if len(states) < 2 or all(use.is_now for use in own):
            continue
        yield _claimed(path, list(states.values()))


def _claimed(path: str, uses: Sequence[DiskUse]) -> Finding:
    snapshots = [shown_name(use.state) for use in uses if not use.is_now]
    name = shown_name(uses[0].machine)
    if len(snapshots) < len(uses):
        froze = f"snapshot {snapshots[0]}" if len(snapshots) == 1 else f"snapshots {listed(snapshots)}"
        message = f"{name} runs on the very file that its {froze} froze: every write changes what was kept"
    else:
        message = (
            f"{len(snapshots)} snapshots of {name} name this file: {listed(snapshots)}; each freezes one of its own"
        )
    return finding("VHD812", Location(path=path, structure="graph"), message, related=[use.state.path for use in uses])


def certain(uses: Sequence[DiskUse]) -> list[DiskUse]:
    """Return those of the uses of one file that mean it for certain, or store the same path as one that does.

    Where none is certain, those that store the same path as the first: they mean one file, whichever it is.
    """
    sure = {fold_case(use.disk.found.stored) for use in uses if use.disk.found.exact}
    kept = sure or {fold_case(use.disk.found.stored) for use in uses[:1]}
    return [use for use in uses if use.disk.found.exact or fold_case(use.disk.found.stored) in kept]


def _machines(uses: Sequence[DiskUse]) -> list[str]:
    return list(dict.fromkeys(shown_name(use.machine) for use in uses))


# -------------------------------------------------------------------------------------------------------------- volumes


def _volumes(machine: Machine) -> Iterator[Finding]:
    """Yield VHD829 where a disk of the present lies on another volume than the machine's snapshots."""
    if machine.now is None:
        return
    root = machine.now.configuration.snapshot_root
    volume = volume_of(root)
    if volume is None:
        return
    apart = [
        (disk, other)
        for disk in machine.now.disks
        if (other := volume_of(disk.drive.path)) is not None and fold_case(other) != fold_case(volume)
    ]
    if apart:
        shown, others = shortened(volume, LONGEST_NAME), list(dict.fromkeys(other for _, other in apart))
        message = (
            f"{shown_name(machine)} keeps its snapshots on {shown}, but "
            f"{f'{len(apart)} disks' if len(apart) > 1 else 'a disk'} on "
            f"{listed([shortened(other, LONGEST_NAME) for other in others])}; a backup of the running machine needs "
            "them on one volume"
        )
        yield finding(
            "VHD829",
            Location(path=machine.now.path, structure="configuration", field="global_settings/snapshots/data_root"),
            message,
            expected=others[0],
            found=volume,
            details=[f"{disk.place}: {shortened(disk.drive.path)}" for disk, _ in apart],
        )

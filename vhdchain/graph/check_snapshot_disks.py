"""Do the files of snapshots hold what the snapshots kept, and are those gone that should be?

What deleted snapshots left is found in the chains of the machines: a file that no configuration names, below one that a
host made for a snapshot. A differencing disk made by hand may stand above any file that no configuration names.
Whether a frozen disk was written to is told from times alone, and only where these came along with the files.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.graph.machine_words import identity, listed, shown_name, state_identity
from vhdchain.graph.unknown_uses import UnknownUses
from vhdchain.hyperv import PowerState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.graph.inventory import Inventory
    from vhdchain.hyperv import Machine, MachineState

TOLERANCE = timedelta(hours=1)
"""How far apart two times may lie that are of one moment: writing a large saved state takes its time."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 1, 1, tzinfo=UTC)


def check_snapshot_disks(inventory: Inventory) -> Iterator[Finding]:
    """Yield VHD806, 808 and 810."""
    for machine in inventory.machines:
        yield from _without_disks(machine)
    yield from _left_by_deleted(inventory)
    yield from _written(inventory)


def _without_disks(machine: Machine) -> Iterator[Finding]:
    if not any(state.disks for state in machine.states):
        return
    for state in machine.snapshots:
        if not state.disks:
            message = (
                f"snapshot {shown_name(state)} of {shown_name(machine)} names no disk in a file, while the machine has "
                "some elsewhere: applying it would leave the machine without them"
            )
            yield finding("VHD810", Location(path=state.path, structure="configuration"), message)


# ---------------------------------------------------------------------------------------------------- deleted snapshots


def left_by_deleted(inventory: Inventory) -> dict[str, list[Machine]]:
    """Return the files that deleted snapshots left in the chains of machines, each with these machines."""
    left: dict[str, list[Machine]] = {}
    counts: dict[str, set[str]] = {}
    for machine in inventory.machines:
        counts.setdefault(identity(machine), set()).update(map(state_identity, machine.snapshots))
    unknown: UnknownUses | None = None
    for machine in inventory.machines:
        if not machine.tree.leftovers or machine.now is None:
            continue
        unknown = unknown or UnknownUses.of(inventory)
        listed_snapshots = machine.now.configuration.listed_snapshots
        # A snapshot whose configuration is not here froze one of these files, and nobody can say which.
        if unknown.configurations if listed_snapshots is None else listed_snapshots > len(counts[identity(machine)]):
            continue
        for path in machine.tree.leftovers:
            if not inventory.uses(path) and not unknown.may_be_used(path):
                left.setdefault(path, []).append(machine)
    return left


def _left_by_deleted(inventory: Inventory) -> Iterator[Finding]:
    """Yield VHD808 for every file that a deleted snapshot left in the chains of machines."""
    for path, machines in left_by_deleted(inventory).items():
        yield _left(path, machines, inventory.graph.children[path])


def _left(path: str, machines: Sequence[Machine], children: Sequence[str]) -> Finding:
    names = listed(list(dict.fromkeys(map(shown_name, machines))))
    message = f"a snapshot of {names} that is gone froze this file, and "
    if len(children) > 1:
        message += f"{len(children)} disks build on it: it stays until a later deletion leaves one of them"
    else:
        message += "one disk builds on it, which the host merges into it while the machine is off"
        message += "".join(f"; {guess}" for guess in dict.fromkeys(map(_guess, machines)) if guess)
    severity = Severity.NOTE if len(children) > 1 else None
    return finding("VHD808", Location(path=path, structure="graph"), message, related=children, severity=severity)


def _guess(machine: Machine) -> str:
    assert machine.now is not None
    power = machine.now.configuration.power.state
    if power is PowerState.UNKNOWN:
        return ""
    return f"it was probably {power} when the files were copied"


# ---------------------------------------------------------------------------------------------------------------- times


def _written(inventory: Inventory) -> Iterator[Finding]:
    """Yield VHD806 for every disk that was modified after the snapshot that froze it was taken, as times have it."""
    snapshots = [
        (machine, state, taken)
        for machine in inventory.machines
        for state in machine.snapshots
        if (taken := _taken(state)) is not None
    ]
    if not snapshots:
        return
    written = {file.path: _moment(file.mtime_ns) for file in inventory.host_files if file.configuration is not None}
    modified = {file.path: _moment(file.mtime_ns) for file in inventory.inputs}
    told: set[str] = set()
    for machine, state, taken in snapshots:
        kept = written.get(state.path)
        # A copy that gave its files new times says nothing, nor does a configuration that was written again later.
        if kept is None or abs(kept - taken) > TOLERANCE:
            continue
        for disk in state.disks:
            changed = modified.get(disk.path or "") if disk.found.exact else None
            if changed is not None and disk.path is not None and disk.path not in told and changed - kept > TOLERANCE:
                told.add(disk.path)
                yield _changed(machine, state, disk.path, kept, changed)


def _changed(machine: Machine, state: MachineState, path: str, kept: datetime, changed: datetime) -> Finding:
    hours = (changed - kept) // timedelta(hours=1)
    later = f"{hours} hours" if hours < 48 else f"{hours // 24} days"
    message = (
        f"this disk was modified {'an hour' if hours == 1 else later} after snapshot {shown_name(state)} of "
        f"{shown_name(machine)} froze it: what the snapshot kept is not what was there"
    )
    return finding(
        "VHD806",
        Location(path=path, structure="graph"),
        message,
        expected=_shown(kept),
        found=_shown(changed),
        related=[state.path],
    )


def _taken(state: MachineState) -> datetime | None:
    created = state.configuration.created
    return None if not created else _at(_FILETIME_EPOCH, created // 10)


def _moment(nanoseconds: int) -> datetime | None:
    return _at(_EPOCH, nanoseconds // 1000)


def _at(epoch: datetime, microseconds: int) -> datetime | None:
    """Return a time; None for what no calendar holds."""
    most = (_LAST - epoch) // timedelta(microseconds=1)
    return epoch + timedelta(microseconds=microseconds) if 0 < microseconds < most else None


def _shown(time: datetime) -> str:
    return time.isoformat(sep=" ", timespec="seconds").replace("+00:00", " UTC")

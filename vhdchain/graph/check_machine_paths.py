r"""Are the disks here that configurations name, and is it certain which files they are?

Told once for each path that a machine's configurations store, whatever number of its snapshots store it. Where a file
is not found, or several fit, the way out is a path map: the message says which, as far as a command line can hold it.
Disks in files only: what lies in a DVD or floppy drive does not belong to a machine's data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.graph.machine_words import shown_name
from vhdchain.graph.map_options import MapOptions
from vhdchain.hyperv import PathOutcome
from vhdchain.locate import LONGEST_PATH, fold_case, parse_path, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vhdchain.graph.inventory import Inventory
    from vhdchain.hyperv import AttachedDisk, FoundPath, Machine, MachineState

LONGEST_OPTION = 180
"""How long an option may be that a message proposes; a longer one is left to the details."""

_LONGEST_STORED = 160

Named: TypeAlias = "tuple[MachineState, AttachedDisk]"


def check_machine_paths(inventory: Inventory) -> Iterator[Finding]:
    """Yield VHD801, 802, 809 and 837."""
    told = [(machine, named) for machine in inventory.machines for named in _groups(machine)]
    if told:
        options = MapOptions(inventory.machines)
        yield from (_told(machine, named, options) for machine, named in told)


def _groups(machine: Machine) -> Iterable[Sequence[Named]]:
    groups: dict[tuple[str, ...], list[Named]] = {}
    for state in machine.states:
        for disk in state.disks:
            if (key := _key(disk.found, is_now=state is machine.now)) is not None:
                groups.setdefault(key, []).append((state, disk))
    return groups.values()


def _key(found: FoundPath, *, is_now: bool) -> tuple[str, ...] | None:
    """Return what paths have in common that are told together; None where nothing is to be told."""
    if found.outcome is PathOutcome.FOUND and found.exact:
        return None
    stored = fold_case(found.stored)
    match found.outcome:
        case PathOutcome.FOUND:
            return (found.outcome, stored, found.path or "")
        case PathOutcome.AMBIGUOUS:
            return (found.outcome, stored, *found.candidates)
        case _:
            return (PathOutcome.MISSING, stored, str(is_now))


def _told(machine: Machine, named: Sequence[Named], options: MapOptions) -> Finding:
    match named[0][1].found.outcome:
        case PathOutcome.FOUND:
            return _stale(machine, named, options)
        case PathOutcome.AMBIGUOUS:
            return _ambiguous(machine, named, options)
        case _:
            return _missing(machine, named, options)


def _missing(machine: Machine, named: Sequence[Named], options: MapOptions) -> Finding:
    state, disk = named[0]
    problem = disk.found.problem
    option = options.option(disk.found.stored, None)
    severity = None
    if problem:
        message = f"{_what(machine, named)} was not looked for, because {problem}: {_stored(disk)}"
        # A disk of another format than VHD may well lie there.
        severity = Severity.NOTE if parse_path(disk.found.stored).problem is None else None
    else:
        message = f"{_what(machine, named)} is not here: {_stored(disk)}; scan its folder as well"
        message += f", or say where it lies with {option}" if _fits_in(option) else ""
    return finding(
        "VHD801" if state is machine.now else "VHD802",
        _place(state, disk),
        message,
        expected=disk.found.stored,
        related=_others(named),
        details=[*_tried(disk.found), *([option] if option and not _fits_in(option) and not problem else [])],
        severity=severity,
    )


def _ambiguous(machine: Machine, named: Sequence[Named], options: MapOptions) -> Finding:
    state, disk = named[0]
    candidates = disk.found.candidates
    ways = [way for item in candidates if (way := options.option(disk.found.stored, item)) is not None]
    short = next((way for way in ways if _fits_in(way)), None)
    choice = f"say which, with {short} or another such option" if short is not None else "scan the copies one by one"
    message = f"{len(candidates)} files fit equally well as {_what(machine, named)}, {_stored(disk)}: {choice}"
    return finding(
        "VHD837",
        _place(state, disk),
        message,
        expected=disk.found.stored,
        related=(*candidates, *_others(named)),
        details=ways,
    )


def _stale(machine: Machine, named: Sequence[Named], options: MapOptions) -> Finding:
    state, disk = named[0]
    found = disk.found
    path, option = found.path or "", options.option(found.stored, found.path)
    message = (
        f"{_what(machine, named)} is not where the configuration says, {_stored(disk)}; taken for it is "
        f"{shortened(path, LONGEST_PATH)} ({found.rule})"
    )
    if option is not None and len(message) + len(option) < 2 * LONGEST_OPTION:
        message += f"; {option} makes it certain"
    return finding(
        "VHD809",
        _place(state, disk),
        message,
        expected=found.stored,
        found=path,
        related=(path, *_others(named)),
        details=[*_tried(found), *([option] if option is not None else [])],
    )


# ---------------------------------------------------------------------------------------------------------------- words


def _fits_in(option: str | None) -> bool:
    return option is not None and len(option) <= LONGEST_OPTION


def _what(machine: Machine, named: Sequence[Named]) -> str:
    """Return whose disk it is, and where it is attached: in the first configuration that names it."""
    state, disk = named[0]
    name = shown_name(machine)
    if state is machine.now:
        return f"the disk of {name} at {disk.place}"
    if len(named) > 1:
        return f"the disk that {len(named)} snapshots of {name} keep at {disk.place}"
    return f"the disk that snapshot {shown_name(state)} of {name} keeps at {disk.place}"


def _stored(disk: AttachedDisk) -> str:
    return shortened(disk.found.stored, _LONGEST_STORED)


def _place(state: MachineState, disk: AttachedDisk) -> Location:
    return Location(path=state.path, structure="configuration", field=disk.drive.field)


def _others(named: Sequence[Named]) -> tuple[str, ...]:
    """Return the other configurations that name it."""
    first = named[0][0].path
    return tuple(dict.fromkeys(state.path for state, _ in named if state.path != first))


def _tried(found: FoundPath) -> list[str]:
    """Return what was tried, a clause for each rule."""
    clauses: dict[str, None] = {}
    for attempt in found.attempts:
        met = "no file" if not attempt.candidates else shortened(attempt.candidates[0], LONGEST_PATH)
        if len(attempt.candidates) > 1:
            met = f"{len(attempt.candidates)} files"
        why = f" ({shortened(attempt.detail)})" if attempt.detail else ""
        clauses[f"{attempt.rule}: {met}{why}"] = None
    return list(clauses)

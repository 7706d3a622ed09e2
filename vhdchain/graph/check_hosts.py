"""What is wrong with the configurations and saved states of a scan taken together?

Judges which machine each file belongs to: ids that several files have, snapshots without their machine, saved states
that nothing names, and what was passed over because it is no configuration. Disks are judged elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.graph.paths import folder_and_name, stem_of
from vhdchain.hyperv import STRUCTURE, FileRole, PowerState, snapshot_count
from vhdchain.hyperv.check_configuration import shown
from vhdchain.locate import LONGEST_PATH, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from vhdchain.graph.inventory import Inventory
    from vhdchain.hyperv import HostFile, Machine, MachineState

_LISTED = 8
_PASSED_OVER = {
    FileRole.CACHED: "the cache of a host",
    FileRole.EXPORTED: "an export",
    FileRole.LINK: "a link",
}


def check_hosts(inventory: Inventory) -> Iterator[Finding]:
    """Yield what the host files of ``inventory`` show together: VHD816, 817, 818, 823, 835, 836."""
    for file in inventory.host_files:
        yield from file.problems
    same_id: dict[str, list[Machine]] = {}
    for machine in inventory.machines:
        if machine.now is not None and machine.id:
            same_id.setdefault(machine.id, []).append(machine)
    digests = {file.path: file.sha256 for file in inventory.host_files}
    for machines in same_id.values():
        yield from _same_id([machine.now for machine in machines if machine.now is not None], digests)
        yield from _listed(machines)
    yield from _states_left(inventory)
    yield from _passed_over(inventory)
    yield from _without_machine(inventory)


# ------------------------------------------------------------------------------------------------------------- machines


def _same_id(states: Sequence[MachineState], digests: Mapping[str, str | None]) -> Iterator[Finding]:
    if len(states) < 2:
        return
    first = states[0]
    place = Location(path=first.path, structure=STRUCTURE, field="properties/global_id")
    related = [state.path for state in states]
    name = shown(first.name)
    # A host registers machines by links; a copy that followed them holds the same file twice.
    known = {digests.get(state.path) for state in states}
    if len(known) == 1 and None not in known and len({state.disk_paths for state in states}) == 1:
        message = (
            f"{len(states)} files are the same configuration of {name}, byte for byte, and name the same disks: a link "
            "to it that was followed when the folder was copied, or a plain copy"
        )
        yield finding("VHD818", place, message, found=first.id, related=related, severity=Severity.NOTE)
        return
    message = (
        f"{len(states)} configurations have the id {shown(first.id)} of the machine {name}: a machine was copied "
        "and not imported with a new id, and a host takes one of them alone"
    )
    yield finding("VHD818", place, message, found=first.id, related=related)


def _listed(machines: Sequence[Machine]) -> Iterator[Finding]:
    """Yield VHD817; where several configurations have one id, the snapshots may hang on any of them."""
    here = {state.id or state.path for machine in machines for state in machine.snapshots}
    for machine in machines:
        assert machine.now is not None
        listed = machine.now.configuration.listed_snapshots
        if listed is None or listed == len(here):
            continue
        why = (
            "the others lie outside of what was scanned, or are gone"
            if listed > len(here)
            else "the host has deleted some of them, or they are of another time"
        )
        count = "1 is" if len(here) == 1 else f"{len(here)} are"
        yield finding(
            "VHD817",
            Location(path=machine.now.path, structure=STRUCTURE, field="global_settings/snapshots/list/size"),
            f"{shown(machine.name)} says that it has {listed} snapshots, and {count} here: {why}",
            expected=len(here),
            found=listed,
            related=[state.path for state in machine.snapshots],
        )


def _without_machine(inventory: Inventory) -> Iterator[Finding]:
    passed_over: dict[str, list[HostFile]] = {}
    for file in inventory.host_files:
        if file.configuration is None and file.role is not FileRole.STATE:
            passed_over.setdefault(stem_of(file.path), []).append(file)
    for machine in inventory.machines:
        if machine.now is not None:
            continue
        count = snapshot_count(machine)
        what = "1 snapshot belongs" if count == 1 else f"{count} snapshots belong"
        whose = f"with the id {shown(machine.id)}" if machine.id else "that is not named"
        yield finding(
            "VHD836",
            Location(path=machine.snapshots[0].path, structure=STRUCTURE, field="settings/global/logical_id"),
            f"{what} to a machine {whose}, whose configuration is not here: its present state is not known",
            found=machine.id or None,
            related=[state.path for state in machine.snapshots],
            details=[f"{_what(file)}: {_shown(file.path)}" for file in passed_over.get(machine.id, ())[:_LISTED]],
        )


def _what(file: HostFile) -> str:
    if file.problems:
        return "its configuration cannot be read"
    return f"there is {_PASSED_OVER.get(file.role, 'a file')} with its id"


# --------------------------------------------------------------------------------------------------------- saved states


def _states_left(inventory: Inventory) -> Iterator[Finding]:
    """Yield VHD823 for the files of each saved state that no configuration names, where there are any at all."""
    if not inventory.machines:
        return
    named: set[str] = set()
    running: set[str] = set()
    for machine in inventory.machines:
        for state in machine.states:
            for item in state.state_files:
                named.update(item.candidates if item.path is None else (item.path,))
        # While a machine runs, the host keeps its files ready, to have room for its state.
        if machine.now is not None and machine.now.configuration.power.state is PowerState.RUNNING:
            running.add(machine.id)
    left: dict[tuple[str, str], list[HostFile]] = {}
    for file in inventory.host_files:
        if file.role is FileRole.STATE and file.path not in named:
            left.setdefault((folder_and_name(file.path)[0], stem_of(file.path)), []).append(file)
    for (_, owner), files in left.items():
        if owner not in running:
            yield _state_left(files)


def _state_left(files: Sequence[HostFile]) -> Finding:
    size = sum(file.size for file in files)
    what = "this file" if len(files) == 1 else f"these {len(files)} files"
    return finding(
        "VHD823",
        Location(path=files[0].path),
        f"no configuration here names {what} of a saved state ({size} bytes)",
        found=size,
        related=[file.path for file in files],
    )


# ---------------------------------------------------------------------------------------------------------- passed over


def _passed_over(inventory: Inventory) -> Iterator[Finding]:
    """Yield VHD835, one for each folder and kind of file."""
    groups: dict[tuple[str, FileRole], list[HostFile]] = {}
    for file in inventory.host_files:
        if file.role in _PASSED_OVER:
            groups.setdefault((folder_and_name(file.path)[0], file.role), []).append(file)
    if not groups:
        return
    here = {state.id: state.path for machine in inventory.machines for state in machine.states if state.id}
    for (folder, role), files in groups.items():
        found = {file.path: here[key] for file in files if (key := stem_of(file.path)) in here}
        yield finding(
            "VHD835",
            Location(path=folder[:-1] or folder or ".", structure=role.value),
            _MESSAGES[role](len(files), len(found)),
            found=len(files),
            related=[file.path for file in files],
            details=_found_elsewhere(found) if role is FileRole.LINK else (),
        )


def _cached(count: int, _: int) -> str:
    files = "1 file" if count == 1 else f"{count} files"
    return f"{files} in a host's cache of configurations, which are none themselves: nothing was read there"


def _exported(count: int, _: int) -> str:
    files = "1 file" if count == 1 else f"{count} files"
    return f"{files} of an export of 2008 or 2008 R2, whose contents nobody has described: nothing was read"


def _links(count: int, here: int) -> str:
    if count == 1:
        known = "found elsewhere in the scan" if here else "not found in the scan"
        return f"a link that registers a machine or snapshot stored elsewhere, whose configuration was {known}"
    links = f"{count} links that register machines and snapshots stored elsewhere"
    return f"{links}, of which {here} configurations were found elsewhere in the scan"


_MESSAGES = {FileRole.CACHED: _cached, FileRole.EXPORTED: _exported, FileRole.LINK: _links}


def _found_elsewhere(found: Mapping[str, str]) -> Iterable[str]:
    told = [f"{shown(folder_and_name(link)[1])}: the configuration is {_shown(path)}" for link, path in found.items()]
    return told[:_LISTED] + ([f"{len(told) - _LISTED} more"] if len(told) > _LISTED else [])


def _shown(path: str) -> str:
    return shortened(path, LONGEST_PATH)

"""What keeps a machine from being exported, and what is worth knowing of an export beforehand?

A machine that is on writes to its files; a file that is missing or damaged would make a copy that looks whole and is
not. What an export leaves out, and what a host will not make of it, is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.hyperv import PathOutcome
from vhdchain.hyperv.check_machine import place_of_drive
from vhdchain.locate import LONGEST_PATH, Outcome, PathKind, collapse, fold_case, references, shortened
from vhdchain.locate.references import Rule
from vhdchain.snapshots import Power, power_of
from vhdchain.transfer.selection import ALL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Drive, FoundPath, MachineState
    from vhdchain.image import Image
    from vhdchain.snapshots import Policy
    from vhdchain.transfer.listing import Listing
    from vhdchain.transfer.selection import Selection

_LISTED, _LONGEST_KIND = 12, 40
_MEDIA = ("ISO", "VFD")
_STILL = frozenset({Power.OFF, Power.SAVED})
"""The states in which a machine does not write to its files, whatever its host exports while it is on."""

_REMEDIES = {
    Power.RUNNING: "shut it down first",
    Power.PAUSED: "resume it, and shut it down first",
    Power.SAVED: "start it and shut it down first, or export it by the rules of 2008 R2 (--host '2008 R2')",
    Power.OFF: "its host exports no machine that is off",
}
_TOLD_AS_MISSING = frozenset(
    {"VHD601", "VHD603", "VHD605", "VHD617", "VHD628", "VHD701", "VHD708", "VHD801", "VHD802", "VHD822", "VHD837"}
)
"""Errors that come from what lacks: they are told once, by what lacks."""


def check_power(selection: Selection, policy: Policy, power: Power | None) -> Iterator[Finding]:
    """Yield VHD931 where the machine may be writing to its files, or its host would not export it as it is.

    Args:
        selection: What goes along.
        policy: The rules of the host.
        power: Whether the machine is on, where that is known better than its files tell.
    """
    now = selection.machine.now
    assert now is not None
    guess = now.configuration.power
    state = power_of(now, power)
    allowed = policy.export_while & _STILL
    if state in allowed:
        return
    why = f"{guess.reason}; if that is wrong, say so with --power" if power is None else "as you said"
    yield finding(
        "VHD931",
        Location(path=now.path, structure="machine"),
        f"{shortened(selection.machine.name)} is {state} ({why}): {_REMEDIES[state]}",
        expected=" or ".join(sorted(allowed)),
        found=str(state),
    )


# ---------------------------------------------------------------------------------------------------- what is not here


def check_missing(inventory: Inventory, selection: Selection) -> Iterator[Finding]:
    """Yield VHD932 for every file that must go along and is not here."""
    unread = {item.path: item.reason for item in inventory.unreadable}
    met: set[str] = set()
    for state in selection.states:
        for disk in state.disks:
            what = f"the disk at {disk.place} of {shortened(state.name)}"
            if disk.path is None:
                yield _not_found(state, disk.drive.field, what, disk.found)
                continue
            for path in inventory.graph.path_to_base(disk.path):
                if path not in met:
                    met.add(path)
                    yield from _gap(inventory, path, unread)
        for found, key in ((state.memory, "memlocation"), (state.devices, "vsvlocation")):
            if found is not None and found.path is None:
                yield _not_found(state, f"savedstate/{key}", f"the saved state of {shortened(state.name)}", found)


def _not_found(state: MachineState, field: str, what: str, found: FoundPath) -> Finding:
    place = Location(path=state.path, structure="configuration", field=field)
    why = "is not here"
    if found.outcome is PathOutcome.AMBIGUOUS:
        why = f"may be any of {len(found.candidates)} files here; say which with --map"
    elif found.outcome is PathOutcome.REFUSED:
        why = f"was not looked for: {shortened(found.problem)}"
    message = f"{what} {why}: {shortened(found.stored, LONGEST_PATH)}"
    return finding("VHD932", place, message, expected=found.stored, related=found.candidates)


def _gap(inventory: Inventory, path: str, unread: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what keeps the chain from going on at one of its files."""
    image = image_of(inventory, path)
    place = Location(path=path, structure="link")
    if image is None:
        reason = shortened(unread.get(path, "it was not read"))
        yield finding("VHD932", place, f"what it builds on is not known: {reason}")
    elif any(path in cycle for cycle in inventory.graph.cycles):
        yield finding("VHD932", place, "its chain comes back to itself and has no base")
    elif image.is_differencing and inventory.graph.parent(path) is None:
        resolution = inventory.resolution(path)
        outcome = Outcome.MISSING if resolution is None else resolution.outcome
        name = next((item.text for item in references(image) if item.text), "")
        message = f"its parent is not here ({outcome}): {shortened(name, LONGEST_PATH)}"
        yield finding("VHD932", place, message, expected=name or None)


def check_snapshot_count(selection: Selection) -> Iterator[Finding]:
    """Yield VHD932 where the machine's configuration lists more snapshots than are here and would go along."""
    now = selection.machine.now
    assert now is not None
    listed, here = now.configuration.listed_snapshots, len({state.id for state in selection.machine.snapshots})
    if selection.kind != ALL or (listed or 0) <= here:
        return
    yield finding(
        "VHD932",
        Location(path=now.path, structure="configuration", field="global_settings/snapshots/list/size"),
        f"{shortened(selection.machine.name)} says that it has {listed} snapshots, and {here} are here; scan the "
        "folder that holds the others, too, or export it with --snapshots none; --damaged exports those that are here",
        expected=listed,
        found=here,
    )


# --------------------------------------------------------------------------------------------------- what is not sound


def check_damaged(listing: Listing, sources: Collection[str], findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield VHD932 for every file of the export of which an audit tells an error.

    Args:
        listing: What goes along.
        sources: All files that it is made from.
        findings: What an audit of the scan tells.
    """
    errors: dict[str, list[Finding]] = {path: [] for path in (*(item.source for item in listing.files), *sources)}
    for item in findings:
        if item.severity is Severity.ERROR and item.code not in _TOLD_AS_MISSING and item.location.path in errors:
            errors[item.location.path].append(item)
    for path, found in errors.items():
        if found:
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            yield finding(
                "VHD932",
                Location(path=path),
                f"it is damaged: {found[0].message} [{found[0].code}]{more}; --damaged exports it as it is",
                found=found[0].code,
                details=[str(item) for item in found],
            )


# ----------------------------------------------------------------------------------------------- what is worth knowing


def told_of_export(inventory: Inventory, selection: Selection, listing: Listing, *, imports: bool) -> Iterator[Finding]:
    """Yield what is worth knowing beforehand: VHD933, 934, 935.

    Args:
        inventory: The scan.
        selection: What goes along.
        listing: Where it goes.
        imports: Whether the machine's host imports what since 2012 an export looks like.
    """
    own = selection.own.path
    if not imports:
        yield finding(
            "VHD933",
            Location(path=own, structure="machine"),
            "Hyper-V of 2008 and 2008 R2 does not import this export: it takes its own form alone; 'vhdchain import' "
            "brings it back, or its disks are attached to a new machine by hand",
        )
    yield from _led_elsewhere(inventory, listing)
    left_out = [(state, drive) for state in selection.states for drive in state.configuration.drives]
    yield from _left_out([item for item in left_out if item[1].is_pass_through], Severity.WARNING)
    media = [item for item in left_out if item[1].kind.upper() in _MEDIA and item[1].path.strip()]
    yield from _left_out(media, Severity.NOTE)


def _led_elsewhere(inventory: Inventory, listing: Listing) -> Iterator[Finding]:
    strays = []
    for item in listing.files:
        image = None if item.parent is None else image_of(inventory, item.source)
        if image is not None and item.parent is not None and not _leads(image, item.path, item.parent):
            strays.append(item)
    if strays:
        how_many = "a disk names its parent" if len(strays) == 1 else f"{len(strays)} disks name their parents"
        yield finding(
            "VHD934",
            Location(path=strays[0].source, structure="link"),
            f"{how_many} by paths that do not lead there in the export, where disks lie in one folder: 'vhdchain "
            "import' sets them right, or 'vhdchain reparent' by hand",
            expected=strays[0].parent,
            related=[item.source for item in strays[1:]],
        )


def _leads(image: Image, child: str, parent: str) -> bool:
    """Say whether a locator of ``image``, read in its place in the export, leads to its parent's place there."""
    folder, wanted = tuple(child.split("/")[:-1]), [fold_case(name) for name in parent.split("/")]
    for reference in references(image):
        path = reference.path
        if reference.slot is None or reference.rule is Rule.BASENAME or path.problem:
            continue
        if path.kind is PathKind.RELATIVE and [fold_case(name) for name in collapse((*folder, *path.parts))] == wanted:
            return True
    return False


def _left_out(met: list[tuple[MachineState, Drive]], severity: Severity) -> Iterator[Finding]:
    if not met:
        return
    shown = dict.fromkeys(
        f"{place_of_drive(state.configuration, drive)}: {shortened(drive.kind, _LONGEST_KIND)} {shortened(drive.path)}"
        for state, drive in met
    )
    what = "disks of the host" if severity is Severity.WARNING else "images of DVDs and floppies"
    first, drive = met[0]
    yield finding(
        "VHD935",
        Location(path=first.path, structure="configuration", field=drive.field),
        f"{what} are not exported: {', '.join(list(shown)[:_LISTED])}",
        found=drive.kind,
        details=list(shown),
        severity=severity,
    )


def image_of(inventory: Inventory, path: str) -> Image | None:
    """Return the image at ``path``; None where the scan has none."""
    try:
        return inventory.image(path)
    except KeyError:
        return None

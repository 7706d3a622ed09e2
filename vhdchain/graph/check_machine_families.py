"""Which disks does no machine need, and which bases do several machines share?

A disk is needed when a configuration names it, or a disk above it. What is not needed is told once for each leaf, with
the ancestors that only this leaf needs. Files above one base, or above the same missing parent, are a family. Where
not all configurations could be read or found, a leaf that is named by none is a note, and the message says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.graph.check_chains import named_by_searches
from vhdchain.graph.machine_words import identity, listed_names, state_identity
from vhdchain.graph.unknown_uses import UnknownUses

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from vhdchain.graph.inventory import Inventory
    from vhdchain.hyperv import Machine

Kin: TypeAlias = "str | bytes"
"""What a family is called: its lowest file, or the identifier of the parent that its lowest files miss."""


def check_machine_families(inventory: Inventory) -> Iterator[Finding]:
    """Yield VHD706, 710, 713 and 803."""
    families = _Families(inventory)
    # Where no machine found any of its disks, those that are here may be of other machines.
    if inventory.used:
        yield from _unused(inventory, families)
    yield from _shared(inventory, families)


class _Families:
    """Which files belong together, which of them are needed, and by which machines a family is used."""

    def __init__(self, inventory: Inventory) -> None:
        self._graph = inventory.graph
        self._lowest: dict[str, str] = {}
        self._kin: dict[str, Kin] = {}
        for node in self._graph.nodes:
            if node not in self._graph.parents:
                resolution = inventory.resolution(node)
                wanted = b"" if resolution is None else resolution.wanted
                self._kin[node] = wanted if any(wanted) else node
                self._add(node)
        self.needed: set[str] = set()
        self._machines: dict[Kin, dict[str, Machine]] = {}
        for path in inventory.used:
            self._need(path)
            users = self._machines.setdefault(self._family(path), {})
            users.update((identity(use.machine), use.machine) for use in inventory.uses(path))

    def _add(self, lowest: str) -> None:
        pending = [lowest]
        while pending:
            node = pending.pop()
            self._lowest[node] = lowest
            pending.extend(self._graph.children.get(node, ()))

    def _need(self, path: str) -> None:
        node: str | None = path
        while node is not None and node not in self.needed:
            self.needed.add(node)
            node = self._graph.parents.get(node)

    def _family(self, path: str) -> Kin:
        lowest = self.lowest(path)
        return path if lowest is None else self._kin[lowest]

    def lowest(self, path: str) -> str | None:
        """Return the lowest file below ``path`` that is here; None for members of a cycle, and what is above one."""
        return self._lowest.get(path)

    def users(self, path: str) -> Collection[Machine]:
        """Return the machines that use the family of ``path``."""
        return self._machines.get(self._family(path), {}).values()

    def only_below(self, leaf: str) -> list[str]:
        """Return the ancestors of a leaf that no other disk needs, the nearest first."""
        found: list[str] = []
        node = self._graph.parents.get(leaf)
        # A member of a cycle that a leaf builds on has another child, too.
        while node is not None and node not in self.needed and len(self._graph.children[node]) == 1:
            found.append(node)
            node = self._graph.parents.get(node)
        return found


# --------------------------------------------------------------------------------------------------------- unused disks


def _unused(inventory: Inventory, families: _Families) -> Iterator[Finding]:
    """Yield one finding for every leaf that no configuration names."""
    unknown = UnknownUses.of(inventory)
    lacking = _lacking(inventory)
    named = named_by_searches(inventory)
    for image in inventory.images:
        path = image.name
        if image.footer is None or path in inventory.graph.children or path in families.needed:
            continue
        if unknown.may_be_used(path):
            continue
        if image.is_differencing:
            yield _unused_leaf(path, families, unknown.doubt, lacking)
        elif path not in named:
            message = "no configuration names this disk and no disk builds on it: what it belongs to cannot be said"
            yield _unless_doubtful("VHD803", path, message, unknown.doubt)


def _lacking(inventory: Inventory) -> set[str]:
    """Return the machines that say that they have more snapshots than are here, which name disks, too."""
    listed: dict[str, int] = {}
    here: dict[str, set[str]] = {}
    for machine in inventory.machines:
        key = identity(machine)
        here.setdefault(key, set()).update(map(state_identity, machine.snapshots))
        if machine.now is not None:
            listed[key] = max(listed.get(key, 0), machine.now.configuration.listed_snapshots or 0)
    return {key for key, number in listed.items() if number > len(here[key])}


def _unused_leaf(path: str, families: _Families, doubt: str | None, lacking: Collection[str]) -> Finding:
    below = families.only_below(path)
    if users := families.users(path):
        incomplete = [machine for machine in users if identity(machine) in lacking]
        if doubt is None and incomplete:
            doubt = f"not all snapshots of {listed_names(incomplete)} are here"
        who = f"{listed_names(users)} {'uses' if len(users) == 1 else 'use'}"
        message = (
            f"no configuration names this disk, while {who} others of its family: a revert, or a merge that "
            "failed, may have left it"
        )
        return _unless_doubtful("VHD710", path, message, doubt, below)
    message = "no machine or snapshot names this disk, or any other of its family"
    return _unless_doubtful("VHD706", path, message, doubt, below)


def _unless_doubtful(code: str, path: str, message: str, doubt: str | None, related: Sequence[str] = ()) -> Finding:
    place = Location(path=path, structure="graph")
    if doubt is None:
        return finding(code, place, message, related=related)
    return finding(code, place, f"{message}; {doubt}, which may change that", related=related, severity=Severity.NOTE)


# --------------------------------------------------------------------------------------------------------- shared bases


def _shared(inventory: Inventory, families: _Families) -> Iterator[Finding]:
    """Yield a note for every file that the present disks of several machines stand above."""
    present: dict[str, dict[str, Machine]] = {}
    for machine in inventory.machines:
        for disk in () if machine.now is None else machine.now.disks:
            if disk.path is None or not disk.found.exact or disk.path not in inventory.graph.parents:
                continue
            if (lowest := families.lowest(disk.path)) is not None:
                present.setdefault(lowest, {}).setdefault(disk.path, machine)
    for lowest, disks in present.items():
        users = {identity(machine): machine for machine in disks.values()}
        if len(users) > 1:
            message = (
                f"{len(users)} machines run on disks above this one: {listed_names(users.values())}; what changes it, "
                "changes the disks of all"
            )
            yield finding("VHD713", Location(path=lowest, structure="graph"), message, related=disks)

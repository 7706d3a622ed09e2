"""Is what an operation on snapshots does what it was said to do, on real files?

A `SnapshotWorld` is a folder with one machine, and beside it a model that knows nothing of files: for the present and
for every snapshot a dict of sectors, and the snapshot that it was made from. Operations are carried out on the folder,
and what was foretold is compared with what came out: the tree, every disk, the sectors that are lost, the sizes of the
files and the room. `AssertionError` says what differs.

Every sector that is written has a content of its own, so that what is lost can be counted.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from vhdchain.audit import audit
from vhdchain.chain import link_images
from vhdchain.errors import PlanRefusedError
from vhdchain.findings import Severity
from vhdchain.hyperv.windows_names import windows_names
from vhdchain.read import DiskReader
from vhdchain.shell.executor.run import execute
from vhdchain.shell.scanning import scan_folder
from vhdchain.shell.snapshots.simulating import foretell, simulate
from vhdchain.snapshots import (
    HYPER_V_2008_R2,
    DiskFile,
    LossKind,
    Operation,
    Sizes,
    parse_request,
    state_of,
)
from vhdchain.testing.faults import WeighingLayer, weight
from vhdchain.testing.guest_writes import write_sectors
from vhdchain.testing.lab import HostLab, LabDisk
from vhdchain.testing.lab.guest import Partitions
from vhdchain.testing.snapshot_reference import NOW, Reference
from vhdchain.units import SECTOR_SIZE, bytes_to_sectors, sectors_to_bytes

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping

    from vhdchain.graph import Inventory
    from vhdchain.plan import Plan
    from vhdchain.snapshots import Policy, Request, Result, Simulation, Slot, State
    from vhdchain.testing.snapshot_reference import Disk

MACHINE = "srv"
DISK_SIZE = 64 << 10
_BLOCK_SIZE = 4096
_BEGAN = datetime(2011, 5, 2, 8, 12, tzinfo=UTC)
_DIGITS = SECTOR_SIZE - 1
_JOURNAL_ROOM = 256 << 10


class SnapshotWorld:
    """A folder with a machine, and what must be true of it; see the module.

    Attributes:
        folder: The folder.
        policy: The rules of its host.
        reference: What its guest knows.
        executed: How many operations were carried out.
        refused: How many were refused.
    """

    def __init__(
        self,
        folder: Path,
        *,
        version: str = "2008 R2",
        policy: Policy = HYPER_V_2008_R2,
        disks: int = 1,
        fixed: bool = False,
        saved: bool = False,
    ) -> None:
        """Make the folder.

        Args:
            folder: An empty folder, or the name of one to be made.
            version: Of the host that made it: ``2008``, ``2008 R2`` or ``2012 R2``.
            policy: The rules by which operations are carried out.
            disks: How many disks the machine has.
            fixed: Whether the first is a fixed disk.
            saved: Whether the machine is in saved state.
        """
        self.folder = folder
        self.policy = policy
        self.executed = self.refused = 0
        self._serial = itertools.count(1)
        lab = HostLab(seed="world", version=version)
        made = [
            LabDisk(
                f"disk{number}.vhd",
                size=DISK_SIZE,
                block_size=_BLOCK_SIZE,
                fixed=fixed and not number,
                partitions=Partitions.NONE,
            )
            for number in range(disks)
        ]
        machine = lab.machine(MACHINE, disks=made)
        contents: list[Disk] = []
        for number in range(disks):
            contents.append({sector: self._content() for sector in range(bytes_to_sectors(DISK_SIZE))})
            lab.write(machine, number, 0, b"".join(contents[-1].values()))
        lab.bring(machine, "saved" if saved else "off")
        for path in lab.save(folder).values():
            path.chmod(0o644)
        places = [slot.place for slot in self.state().slots]
        self.reference = Reference(disks={NOW: dict(zip(places, contents, strict=True))})

    # --------------------------------------------------------------------------------------------- what may be done

    def state(self) -> State:
        """Return the machine's state, from a scan."""
        with scan_folder(self.folder) as inventory:
            return state_of(inventory, inventory.machines[MACHINE])

    def write(self, place: str, first: int, count: int) -> None:
        """Let the guest write ``count`` sectors to the disk at ``place``, from the sector ``first`` on.

        A snapshot that was applied in place is written to as well.
        """
        state = self.state()
        path = next(slot.path for slot in state.slots if slot.place == place)
        sectors = {number: self._content() for number in range(first, first + count)}
        write_sectors(self.folder / path, first, b"".join(sectors.values()))
        for id_ in (NOW, *(item.id for item in state.shared_with_now())):
            self.reference.disks[id_][place] |= sectors

    def do(self, request: Request | str, *, policy: Policy | None = None) -> Result | None:
        """Carry an operation out and compare everything; None where it is refused, and nothing has changed."""
        wanted = parse_request(request) if isinstance(request, str) else request
        rules = policy or self.policy
        before = weight(self.folder)
        try:
            foretold = self._foretold(wanted, rules)
        except PlanRefusedError:
            self.refused += 1
            assert weight(self.folder) == before
            return None
        layer = WeighingLayer(self.folder)
        execute(foretold.plan, layer=layer)
        peak = sum(need.peak for need in foretold.plan.needs)
        assert layer.most - before <= peak + _JOURNAL_ROOM, f"{layer.most - before} bytes at the most, {peak} foretold"
        self.executed += 1
        held = self.reference.sectors()
        self.follow(wanted, foretold.result, rules)
        self._check_losses(foretold, held - self.reference.sectors())
        self.check(foretold.result.state, foretold.sizes)
        return foretold.result

    def plan(self, request: Request | str) -> tuple[Result, Plan]:
        """Return what an operation leads to, and the plan for it."""
        wanted = parse_request(request) if isinstance(request, str) else request
        foretold = self._foretold(wanted, self.policy)
        return foretold.result, foretold.plan

    def simulated(self, *requests: Request | str) -> Simulation:
        """Return what several operations would lead to; nothing is changed."""
        with scan_folder(self.folder) as inventory:
            return simulate(inventory, inventory.machines[MACHINE], requests, policy=self.policy)

    def follow(self, request: Request, result: Result, policy: Policy) -> None:
        """Do in the reference model what was asked for; only the id of a new snapshot comes from ``result``."""
        before, reference = result.before, self.reference
        match request.operation:
            case Operation.TAKE:
                known = {item.id for item in before.snapshots}
                (made,) = (item.id for item in result.state.snapshots if item.id not in known)
                reference.take(made)
            case Operation.APPLY | Operation.REVERT:
                target = reference.parents[NOW] if request.operation is Operation.REVERT else None
                target = target or before.find(request.snapshot).id
                (reference.apply if policy.copy_on_apply else reference.apply_in_place)(target)
            case Operation.DELETE:
                reference.delete(before.find(request.snapshot).id)
            case Operation.DELETE_SUBTREE:
                reference.delete_subtree(before.find(request.snapshot).id)
            case _:
                pass

    # ------------------------------------------------------------------------------------------------ what must be true

    def check(self, state: State, sizes: Mapping[str, int] | None = None) -> None:
        """Compare the folder with ``state``, with the reference model and with the sizes that were foretold."""
        check_folder(self.folder, relative_to(state, self.folder), self.reference)
        for path, size in (sizes or {}).items():
            assert (self.folder / path).stat().st_size == size, path

    def _check_losses(self, foretold: _Foretold, gone: Counter[bytes]) -> None:
        losses = foretold.result.losses
        told = {loss.path: loss.bytes for loss in losses if loss.what is LossKind.SECTORS}
        found = {
            path: sectors_to_bytes(number)
            for path, stored in foretold.stored.items()
            if (number := len(stored & gone.keys()))
        }
        assert told == found
        assert sum(found.values()) == sectors_to_bytes(gone.total()), "each sector lies in one file"

    # --------------------------------------------------------------------------------------------------------- details

    def _foretold(self, request: Request, policy: Policy) -> _Foretold:
        now = _BEGAN + timedelta(minutes=self.executed)
        with scan_folder(self.folder) as inventory:
            machine = inventory.machines[MACHINE]
            foretold = foretell(inventory, machine, request, policy=policy, now=now)
            state, names = foretold.state, windows_names(machine)
            sizes = Sizes(inventory, windows=lambda path: names.of(path) or path)
            return _Foretold(
                result=foretold.result,
                plan=foretold.plan,
                sizes={path: sizes.of(state, path) for path in state.disks},
                stored={path: _stored(Path(path).read_bytes()) for path in foretold.result.before.disks},
            )

    def _content(self) -> bytes:
        return b"#" + str(next(self._serial)).zfill(_DIGITS).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Foretold:
    """What was said before an operation: its result, its plan, the sizes after it, and what every file held."""

    result: Result
    plan: Plan
    sizes: Mapping[str, int]
    stored: Mapping[str, set[bytes]]


def _stored(raw: bytes) -> set[bytes]:
    """Return the contents that a guest has written and that lie in a file; everything in a file is aligned."""
    pieces = (raw[start : start + SECTOR_SIZE] for start in range(0, len(raw), SECTOR_SIZE))
    return {piece for piece in pieces if piece.startswith(b"#000")}


def check_folder(folder: Path, state: State, reference: Reference) -> None:
    """Compare a folder with what its machine must be.

    Args:
        folder: The folder.
        state: The machine's state; paths below the folder.
        reference: What its guest knows.
    """
    with scan_folder(folder) as inventory:
        found = state_of(inventory, inventory.machines[MACHINE])
        assert relative_to(found, folder) == _sorted(state)
        assert {item.id: item.parent for item in found.snapshots} | {NOW: found.parent} == reference.parents
        slots = {NOW: found.slots} | {item.id: item.slots for item in found.snapshots}
        for id_, disks in reference.disks.items():
            read = {slot.place: disk_of(inventory, slot.path) for slot in slots[id_]}
            assert read == disks, id_ or "the present"
        told = [str(item) for item in audit(inventory, deep=True).findings if item.severity is Severity.ERROR]
    assert told == []


def disk_of(inventory: Inventory, path: str) -> Disk:
    """Return what a guest reads of the disk of the image at ``path``."""
    way = [inventory.image(each) for each in reversed(inventory.graph.path_to_base(path))]
    reader = DiskReader(link_images(way))
    read = reader.read(0, reader.size)
    pieces = ((start, read[start : start + SECTOR_SIZE]) for start in range(0, len(read), SECTOR_SIZE))
    return {bytes_to_sectors(start): piece for start, piece in pieces if any(piece)}


def relative_to(state: State, folder: Path) -> State:
    """Return ``state`` as a scan tells it, with paths below ``folder``: two of one machine can be compared."""

    def cut(path: str) -> str:
        return path.removeprefix(f"{folder}/")

    def cut_slots(slots: tuple[Slot, ...]) -> tuple[Slot, ...]:
        return tuple(replace(slot, path=cut(slot.path)) for slot in slots)

    return _sorted(
        replace(
            state,
            configuration=cut(state.configuration),
            slots=cut_slots(state.slots),
            disks={
                cut(path): DiskFile(path=cut(path), parent=disk.parent and cut(disk.parent), content=(cut(path),))
                for path, disk in state.disks.items()
            },
            snapshots=tuple(
                replace(
                    item,
                    slots=cut_slots(item.slots),
                    configuration=cut(item.configuration),
                    state_files=tuple(map(cut, item.state_files)),
                )
                for item in state.snapshots
            ),
            state_files=tuple(map(cut, state.state_files)),
            freed=tuple(map(cut, state.freed)),
            needed=frozenset(map(cut, state.needed)),
        )
    )


def _sorted(state: State) -> State:
    snapshots = (replace(item, state_files=tuple(sorted(item.state_files))) for item in state.snapshots)
    return replace(
        state,
        snapshots=tuple(sorted(snapshots, key=lambda item: item.id)),
        state_files=tuple(sorted(state.state_files)),
        freed=tuple(sorted(state.freed)),
    )

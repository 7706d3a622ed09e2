"""Which files belong to one state of a machine, and what is wrong with each?

A line for each slot: the disk's file, and below it the files that it builds on, down to those of the state above, or
to one that has its place already. A disk that was not found shows what was stored and what fits. Then the files of the
saved state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.hyperv import PathOutcome, PathRule
from vhdchain.locate import shortened
from vhdchain.report.lines import Role, beside, fits, line, span, wrapped
from vhdchain.report.names import folder_and_name, shown_name
from vhdchain.report.numbers import counted
from vhdchain.report.slots import Slots
from vhdchain.report.text.disks import image_at, missing_parent, rounded_facts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from vhdchain.findings import Finding
    from vhdchain.graph import Inventory
    from vhdchain.hyperv import AttachedDisk, Drive, FoundPath, Machine, MachineState
    from vhdchain.report.lines import Line, Span
    from vhdchain.report.machine_forest import StatePlace
    from vhdchain.report.names import MachineNames
    from vhdchain.report.text.marks import Marks

_SLOT_COLUMN = 11  # "SCSI 3:63" and a gap
_MOST_BELOW = 60  # a machine whose 50 snapshots were deleted while it ran has as many files below its disk
_MOST_CANDIDATES = 8
_MEMORY, _DEVICES = "memlocation", "vsvlocation"

_INEXACT = {
    PathRule.MAP: "found by the path map",
    PathRule.SAME_PLACE: "found in the same place",
    PathRule.SUFFIX: "found by the end of its path",
    PathRule.BESIDE: "found beside the configuration",
    PathRule.DISKS_FOLDER: "found in Virtual Hard Disks",
    PathRule.NAME: "found by its name alone",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InFiles:
    """What is wrong with a configuration, by what it is about.

    Attributes:
        own: What is about no file that it names.
        drives: Key of a drive -> what is about its file.
        saved: Key below ``savedstate`` -> the same for files of a saved state.
    """

    own: Sequence[Finding]
    drives: Mapping[str, Sequence[Finding]]
    saved: Mapping[str, Sequence[Finding]]


def in_files(state: MachineState, findings: Iterable[Finding]) -> InFiles:
    """Return ``findings``, which are about the configuration of ``state``, by the places where they are shown."""
    shown = {_node(drive) for drive in state.configuration.drives if drive.is_disk or drive.is_pass_through}
    files = ((_MEMORY, state.memory), (_DEVICES, state.devices))
    named = {f"savedstate/{name}": name for name, found in files if found is not None}
    own: list[Finding] = []
    drives: dict[str, list[Finding]] = {}
    saved: dict[str, list[Finding]] = {}
    for finding in findings:
        field = finding.location.field or ""
        node = field if field in shown else field.rpartition("/")[0]
        if node in shown:
            drives.setdefault(node, []).append(finding)
        elif field in named:
            saved.setdefault(named[field], []).append(finding)
        else:
            own.append(finding)
    return InFiles(own=own, drives=drives, saved=saved)


def _node(drive: Drive) -> str:
    return drive.field.rpartition("/")[0]


class FilesWriter:
    """Writes the files of the states of one machine, in the order in which these are shown."""

    def __init__(
        self,
        inventory: Inventory,
        machine: Machine,
        marks: Marks,
        owners: Mapping[str, Sequence[Machine]],
        *,
        names: MachineNames,
        width: int | None,
        arrow: str,
    ) -> None:
        self._inventory = inventory
        self._machine = machine
        self._marks = marks
        self._owners = owners
        self._names = names
        self._width = width
        self._arrow = arrow
        self._leftovers = frozenset(machine.tree.leftovers)
        self._shown: set[str] = set()

    def lines(self, place: StatePlace[MachineState], findings: InFiles, below: str) -> Iterator[Line]:
        """Yield the files of a state, each line behind ``below``."""
        state = place.state
        above = frozenset(() if place.parent is None else place.parent.disk_paths)
        disks = {disk.drive: disk for disk in state.disks}
        slots = Slots(state.configuration)
        for drive in state.configuration.drives:
            found = findings.drives.get(_node(drive), ())
            if (disk := disks.get(drive)) is not None:
                yield from self._disk(disk, above, found, below)
            elif drive.is_pass_through:
                slot = _slot(slots.place(drive))
                text = span(f"a disk of the host ({shortened(drive.kind)}), in no file", Role.NOTE)
                yield line(below, slot, text)
                yield from self._marks.lines(found, below + " " * _SLOT_COLUMN)
        yield from self._saved(state, findings, below)

    # ------------------------------------------------------------------------------------------------------ disks

    def _disk(
        self, disk: AttachedDisk, above: Collection[str], findings: Sequence[Finding], below: str
    ) -> Iterator[Line]:
        rest = below + " " * _SLOT_COLUMN
        head = line(below, _slot(disk.place))
        if disk.path is None:
            yield from _not_found(disk.found, head, rest)
            yield from self._marks.lines(findings, rest)
            return
        notes = [] if disk.found.exact or disk.found.rule is None else [_INEXACT[disk.found.rule]]
        yield from self._file(disk.path, head, rest, notes)
        yield from self._marks.lines(findings, rest)
        yield from self._below(disk.path, above, rest)

    def _file(self, path: str, head: Line, rest: str, notes: list[str]) -> Iterator[Line]:
        """Yield one file with what is to be said of it; its size only where that has room."""
        self._shown.add(path)
        others = [owner.name for owner in self._owners.get(path, ()) if owner is not self._machine]
        if others:
            notes = [*notes, f"also of {', '.join(map(shortened, others))}"]
        if path in self._leftovers:
            notes = [*notes, "left by a deleted snapshot"]
        unread = () if image_at(self._inventory, path) is not None else (span("  not read", Role.ERROR),)
        whole = (*head, span(self._names.disk(path), Role.PATH), *unread)
        sizes = list(rounded_facts(self._inventory, path))
        folder, name = self._names.place(path)
        apart = bool(folder) and not fits(whole, sizes[-1] if sizes else "", width=self._width)
        if apart:
            whole = (*head, span(name, Role.PATH), *unread)
        yield from self._told(whole, sizes, ", ".join(notes), rest)
        if apart:
            yield line(rest, span("in ", Role.LABEL), span(folder, Role.PATH))
        yield from self._marks.at(path, rest)

    def _told(self, whole: Line, sizes: Sequence[str], notes: str, rest: str) -> Iterator[Line]:
        """Yield a file's name with the longest of ``sizes`` and the notes beside it, or with the notes below it."""
        together = (", ".join(part for part in (size, notes) if part) for size in (*sizes, ""))
        if (text := next((text for text in together if fits(whole, text, width=self._width)), None)) is not None:
            yield from beside(whole, text, width=self._width, below=rest)
            return
        size = next((size for size in sizes if fits(whole, size, width=self._width)), "")
        yield from beside(whole, size, width=self._width, below=rest)
        if notes:
            yield from wrapped(span(notes, Role.FAINT), width=self._width, first=rest, rest=rest)

    def _below(self, path: str, above: Collection[str], rest: str) -> Iterator[Line]:
        """Yield the files that ``path`` builds on, down to one of ``above``, or one that has its place already."""
        graph, node, way = self._inventory.graph, path, {path}
        arrow, further = span(self._arrow, Role.LABEL), rest + " " * len(self._arrow)
        for _ in range(_MOST_BELOW):
            parent = graph.parent(node)
            if parent is None:
                resolution = self._inventory.resolution(node)
                if resolution is not None:
                    yield line(rest, arrow, *missing_parent(resolution))
                return
            if parent in above:
                return
            if parent in self._shown:
                end = span("  a circle", Role.ERROR) if parent in way else span("  see above", Role.FAINT)
                yield line(rest, arrow, span(self._names.disk(parent), Role.PATH), end)
                return
            yield from self._file(parent, line(rest, arrow), further, [])
            node = parent
            way.add(node)
        if graph.parent(node) is not None:
            yield line(rest, arrow, span("and more: --disks shows all", Role.FAINT))

    # ------------------------------------------------------------------------------------------------ saved states

    def _saved(self, state: MachineState, findings: InFiles, below: str) -> Iterator[Line]:
        rest = below + " " * _SLOT_COLUMN
        files = [("memory", state.memory, _MEMORY), ("devices", state.devices, _DEVICES)]
        named = [(label, found, key) for label, found, key in files if found is not None]
        paths = [found.path for _, found, key in named if found.path is not None and not findings.saved.get(key)]
        if len(paths) == len(files) and all(_is_usual(path, state) and not self._marks.take(path) for path in paths):
            suffixes = " and ".join(f".{path.rpartition('.')[2]}" for path in paths)
            name = folder_and_name(paths[0])[1].rpartition(".")[0]
            yield line(below, _slot("state"), span(name, Role.PATH), span(suffixes, Role.PATH))
            return
        for label, found, key in named:
            head = line(below, _slot(label))
            if found.path is None:
                yield from _not_found(found, head, rest)
            else:
                shown = folder_and_name(found.path)[1] if _is_usual(found.path, state) else self._shown_name(found.path)
                yield (*head, span(shown, Role.PATH))
                yield from self._marks.at(found.path, rest)
            yield from self._marks.lines(findings.saved.get(key, ()), rest)

    def _shown_name(self, path: str) -> str:
        return shown_name(path, self._inventory.scanned)


def _slot(text: str) -> Span:
    return span(text.ljust(_SLOT_COLUMN - 1) + " ", Role.LABEL)


def _is_usual(path: str, state: MachineState) -> bool:
    """Say whether a file of a saved state lies where hosts keep it: in the folder that is called like its state."""
    folder, name = folder_and_name(path)
    stem = state.path.rpartition(".")[0]
    return folder == stem and name.rpartition(".")[0] == folder_and_name(stem)[1]


def _not_found(found: FoundPath, head: Line, rest: str) -> Iterator[Line]:
    """Yield a stored path that led to no file, with the files that fit where there are several."""
    folder, name = folder_and_name(found.stored.strip())
    if found.outcome is PathOutcome.AMBIGUOUS:
        text = f"  {counted(len(found.candidates), 'file')} fit: --map says which"
    else:
        text = f"  {found.outcome}"
    yield (*head, span(shortened(name or found.stored), Role.PATH), span(text, Role.ERROR))
    if found.problem:
        yield line(rest, span(found.problem, Role.ERROR))
    if folder:
        yield line(rest, span("stored in ", Role.LABEL), span(shortened(folder), Role.FAINT))
    for candidate in found.candidates[:_MOST_CANDIDATES]:
        yield line(rest, span("fits ", Role.LABEL), span(candidate, Role.PATH))
    if len(found.candidates) > _MOST_CANDIDATES:
        yield line(rest, span(f"and {len(found.candidates) - _MOST_CANDIDATES} more", Role.LABEL))

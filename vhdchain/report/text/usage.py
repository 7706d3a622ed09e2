"""How much do the disks of a folder take, and what would go with a snapshot, for people?

A line for each file, family by family, its numbers in columns that are as wide as they must be; where a name has no
room behind them, all names stand above. Then what deleting each snapshot would free, and what becomes of its files.
Sizes are rounded here, the document has them exact.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from vhdchain.graph import Fate
from vhdchain.locate import shortened
from vhdchain.report.lines import Role, line, span, wrapped
from vhdchain.report.names import folder_and_name, shown_name
from vhdchain.report.numbers import counted, exact_size, human_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vhdchain.blockmap import DeletionUsage, DiskUsage, FamilyUsage, ImageUsage, MergePrediction
    from vhdchain.graph import DiskFate, Inventory
    from vhdchain.report.lines import Line

_COLUMNS = ("file", "exclusive", "shared", "dead", "clear", "metadata", "other", "one file")
_DEEP_COLUMNS = ("repeated", "zeros")


def usage_lines(inventory: Inventory, usage: DiskUsage, *, width: int | None, deep: bool = False) -> Iterator[Line]:
    """Yield what the disks of ``inventory`` take, and what deleting snapshots would free.

    Args:
        inventory: What a scan found.
        usage: What its disks take.
        width: The columns at which prose is wrapped; None where lines have no width.
        deep: Whether there are columns for what files hold in vain.
    """
    writer = _Writer(inventory, tuple(usage.images), width, deep=deep)
    if len(inventory.scanned) == 1:
        yield line(span(inventory.scanned[0], Role.HEADING))
    for number, family in enumerate(usage.families):
        if number:
            yield line("")
        yield from writer.family(family)
    yield from writer.snapshots(usage.snapshots)
    if usage.owed.merges or usage.owed.deleted:
        yield line("")
        yield line(span("merges that deleted snapshots left to be made", Role.HEADING))
        yield from writer.outcome(usage.owed, "all of them")
    if not usage.snapshots:
        yield from writer.merges(usage.images)
    for item in inventory.unreadable:
        yield line(span(shown_name(item.path, inventory.scanned), Role.PATH), "  ", span("not read: ", Role.ERROR))
        yield from wrapped(item.reason, width=width, first="  ", rest="  ")
    yield line("")
    size = sum(family.file_size for family in usage.families)
    yield line(f"{counted(len(inventory.images), 'image')} of {exact_size(size)}")


class _Writer:
    def __init__(self, inventory: Inventory, images: Sequence[ImageUsage], width: int | None, *, deep: bool) -> None:
        self._scanned = inventory.scanned
        self._names = Counter(folder_and_name(image.name)[1] for image in inventory.images)
        self._width = width
        self._columns = _COLUMNS + (_DEEP_COLUMNS if deep else ())
        rows = [self._columns, *map(self._cells, images)]
        self._widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        longest = max((len(self._name(image.path)) for image in images), default=0)
        self._named_above = width is not None and sum(self._widths) + len(self._widths) + 1 + longest > width

    def family(self, family: FamilyUsage) -> Iterator[Line]:
        if folder := folder_and_name(shown_name(family.images[0].path, self._scanned))[0]:
            yield line(span("in ", Role.LABEL), span(folder, Role.PATH))
        yield line(span(self._row(self._columns), Role.LABEL))
        for image in family.images:
            name, row = span(self._name(image.path), Role.PATH), self._row(self._cells(image))
            if self._named_above:
                yield line(name)
                yield line(row)
            else:
                yield line(row, "  ", name)
        if family.problem is not None:
            text = span(f"left out: {family.problem}", Role.ERROR)
            yield from wrapped(text, width=self._width, first="  ", rest="  ")
        elif not family.complete:
            yield line("  ", span("the parent of the first is missing: what it holds is not counted", Role.WARNING))

    def snapshots(self, snapshots: Sequence[DeletionUsage]) -> Iterator[Line]:
        machine = None
        for item in snapshots:
            assert item.machine is not None
            assert item.snapshot is not None
            if item.machine is not machine:
                machine = item.machine
                yield line("")
                yield line(span(f"deleting a snapshot of {shortened(machine.name)}", Role.HEADING))
            yield from self.outcome(item, shortened(item.snapshot.name))

    def outcome(self, item: DeletionUsage, name: str) -> Iterator[Line]:
        yield line("  ", span(name, Role.HEADING), "  ", *_freed(item.frees, item.room))
        for disk in item.disks:
            if disk.fate is Fate.STAYS:
                yield from self._stays(disk)
        for path in item.deleted:
            yield line("    ", span(self._name(path), Role.PATH), " goes")
        for merge in item.merges:
            if merge is not None:
                yield from self._merge(merge)

    def merges(self, images: Iterable[ImageUsage]) -> Iterator[Line]:
        """Yield what merging every only child into its parent comes to."""
        found = [image.merge for image in images if image.merge is not None]
        if found:
            yield line("")
            yield line(span("merging an only child into its parent", Role.HEADING))
        for merge in found:
            yield line("  ", *_freed(merge.frees, merge.room))
            yield from self._merge(merge)

    def _stays(self, disk: DiskFate) -> Iterator[Line]:
        first = line("    ", span(self._name(disk.path), Role.PATH), " ")
        yield from wrapped(f"stays: {disk.reason}", width=self._width, first=first, rest="      ")

    def _merge(self, merge: MergePrediction) -> Iterator[Line]:
        into, *others = merge.files
        grows = f"{human_size(merge.after - merge.room)} to {human_size(merge.after)}" if merge.room else "as it is"
        yield line("    ", span(self._name(into), Role.PATH), f" ({grows}) takes up")
        for path in others:
            yield line("      ", span(self._name(path), Role.PATH))

    def _cells(self, image: ImageUsage) -> Sequence[str]:
        values = _values(image)[: len(self._columns)]
        return ["" if value is None else _short(value) for value in values]

    def _row(self, cells: Sequence[str]) -> str:
        return " ".join(cell.rjust(width) for cell, width in zip(cells, self._widths, strict=True))

    def _name(self, path: str) -> str:
        """Return the bare name of a file where no other has it."""
        name = folder_and_name(path)[1]
        return name if self._names[name] == 1 else shown_name(path, self._scanned)


def _freed(frees: int | None, room: int | None) -> Iterator[str]:
    if frees is None or room is None:
        yield "not known: a family of its disks is left out above"
        return
    yield f"frees {exact_size(frees)}" if frees >= 0 else f"takes {exact_size(-frees)} more"
    if room:
        yield f", needs {human_size(room)} on the way"


def _values(image: ImageUsage) -> list[int | None]:
    parts, sectors, redundant = image.parts, image.sectors, image.redundant
    values: list[int | None] = [image.file_size]
    values += [sectors.exclusive, sectors.shared, sectors.dead, sectors.clear] if sectors else [None] * 4
    values += [parts.structures + parts.bitmaps, parts.other] if parts else [None] * 2
    values.append(image.flattened if image.is_view else None)
    return values + ([redundant.repeated, redundant.zeros] if redundant else [None] * 2)


def _short(size: int) -> str:
    return f"{size} B" if size < 1024 else human_size(size)

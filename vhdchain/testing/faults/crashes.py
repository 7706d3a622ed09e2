"""Which states may a crash leave a folder in?

At every point of a recorded run, before, between and after its operations. What was synced is there. What was written
and not synced is lost, or kept, or torn (any of its 512-byte sectors are there), or reordered (any of the writes are
there); so are sizes and times. Names that were made, moved or removed and not synced are lost or kept. That is as
unforgiving as POSIX, and more than most file systems are.

States that are equal are given once.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from vhdchain.testing.faults.operations import FOLDER, Names, Recording, SetTime, Sync, SyncFolder, Truncate, Write
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from vhdchain.testing.faults.operations import Operation

WRITTEN_AT = 1_900_000_000_000_000_000
"""The modification time of what was written during the run."""

Content: TypeAlias = tuple[bytes, int]  # bytes, modification time
_Pending: TypeAlias = Write | Truncate | SetTime


@dataclass(frozen=True, slots=True, kw_only=True)
class CrashState:
    """What a folder may hold after a crash.

    Attributes:
        operations: How many operations of the recording were begun.
        policy: What became of what was not synced.
        files: By path: contents and modification time; None for a folder.
        same: By path of a file that has another name before it: that name. A rename between two folders, of which
            one half was forgotten, leaves both.
    """

    operations: int
    policy: str
    files: dict[str, Content | None] = field(repr=False)
    same: dict[str, str] = field(default_factory=dict, repr=False)


def crash_states(recording: Recording, *, seeds: int = 2) -> Iterator[CrashState]:
    """Yield the distinct states in which a crash may leave the folder, in the order of the operations.

    Args:
        recording: The run.
        seeds: How many different ways to tear, and to reorder, are tried at each point.
    """
    disk = _Disk(recording)
    seen: set[bytes] = set()
    for done in range(len(recording.operations) + 1):
        if done:
            disk.apply(recording.operations[done - 1])
        for policy, contents in disk.contents(done, seeds):
            for names_policy, names in disk.names():
                files = _files(names, contents)
                key = _key(files)
                if key not in seen:
                    seen.add(key)
                    label, same = f"{policy}, names {names_policy}", _same(files, names)
                    yield CrashState(operations=done, policy=label, files=files, same=same)


class _Disk:
    """What is safe, and what is not yet."""

    def __init__(self, recording: Recording) -> None:
        self._safe: dict[int, Content] = {}
        self._pending: dict[int, list[_Pending]] = {}
        self._kept: dict[int, Content] = {}
        self._names: dict[str, int] = {}
        self._changes: list[Names] = []
        for name, content in recording.start.items():
            self._names[name] = FOLDER if content is None else recording.numbers[name]
            if content is not None:
                self._safe[self._names[name]] = self._kept[self._names[name]] = content

    def apply(self, operation: Operation) -> None:
        match operation:
            case Names():
                self._changes.append(operation)
                for _, number in operation.changes:
                    if number is not None and number != FOLDER and number not in self._safe:
                        self._safe[number] = self._kept[number] = (b"", WRITTEN_AT)
            case SyncFolder(folder):
                for change in self._changes:
                    if change.folder == folder:
                        _change(self._names, change)
                self._changes = [change for change in self._changes if change.folder != folder]
            case Sync(file):
                self._safe[file] = self._kept[file]
                self._pending.pop(file, None)
            case _:
                self._pending.setdefault(operation.file, []).append(operation)
                self._kept[operation.file] = _applied(self._kept[operation.file], [operation])

    def names(self) -> Iterator[tuple[str, dict[str, int]]]:
        yield "lost", self._names
        if self._changes:
            kept = dict(self._names)
            for change in self._changes:
                _change(kept, change)
            yield "kept", kept

    def contents(self, point: int, seeds: int) -> Iterator[tuple[str, dict[int, Content]]]:
        yield "writes kept", self._kept
        if not self._pending:
            return
        yield "writes lost", self._safe
        for seed in range(seeds):
            chance = random.Random(f"{point} {seed}")  # no secret
            yield f"writes torn ({seed})", {**self._kept, **self._chosen(chance, _torn)}
            yield f"writes reordered ({seed})", {**self._kept, **self._chosen(chance, _some)}

    def _chosen(self, chance: random.Random, choose: _Choice) -> dict[int, Content]:
        return {
            file: _applied(self._safe[file], choose(pending, len(self._safe[file][0]), chance))
            for file, pending in self._pending.items()
        }


_Choice: TypeAlias = "Callable[[list[_Pending], int, random.Random], list[_Pending]]"


def _some(pending: list[_Pending], size: int, chance: random.Random) -> list[_Pending]:  # noqa: ARG001  # as `_torn`
    return [operation for operation in pending if chance.random() < 0.5]


def _torn(pending: list[_Pending], size: int, chance: random.Random) -> list[_Pending]:
    """Return any sectors of the writes, within any of the sizes that the file had."""
    sizes, pieces = [size], list[_Pending]()
    for operation in pending:
        match operation:
            case Write(file, offset, data):
                sizes.append(max(sizes[-1], offset + len(data)))
                start = 0
                while start < len(data):
                    end = min(start + SECTOR_SIZE - (offset + start) % SECTOR_SIZE, len(data))
                    if chance.random() < 0.5:
                        pieces.append(Write(file, offset + start, data[start:end]))
                    start = end
            case Truncate():
                sizes.append(operation.size)
            case SetTime():
                pieces.extend([operation] if chance.random() < 0.5 else [])
    times = [piece for piece in pieces if isinstance(piece, SetTime)]
    others = [piece for piece in pieces if not isinstance(piece, SetTime)]
    cut = [Truncate(pending[0].file, chance.choice(sizes))] if len(set(sizes)) > 1 else []
    return [*others, *cut, *times]


def _applied(content: Content, operations: list[_Pending]) -> Content:
    data, time = bytearray(content[0]), content[1]
    for operation in operations:
        match operation:
            case Write(_, offset, new):
                data.extend(bytes(max(offset + len(new) - len(data), 0)))
                data[offset : offset + len(new)] = new
                time = WRITTEN_AT
            case Truncate(_, size) if size != len(data):
                data.extend(bytes(max(size - len(data), 0)))
                del data[size:]
                time = WRITTEN_AT
            case SetTime(_, mtime_ns):
                time = mtime_ns
    return bytes(data), time


def _change(names: dict[str, int], change: Names) -> None:
    for name, number in change.changes:
        if number is None:
            names.pop(name, None)
        else:
            names[name] = number


def _files(names: dict[str, int], contents: dict[int, Content]) -> dict[str, Content | None]:
    """Return the files by their paths; what lies in a folder that was lost is lost with it."""
    files: dict[str, Content | None] = {}
    for name, number in sorted(names.items()):
        folder = name.rpartition("/")[0]
        if not folder or folder in files:
            files[name] = None if number == FOLDER else contents[number]
    return files


def _same(files: Collection[str], names: dict[str, int]) -> dict[str, str]:
    """Return the names of files that have another one before them, with that."""
    first: dict[int, str] = {}
    links = ((name, first.setdefault(names[name], name)) for name in files if names[name] != FOLDER)
    return {name: other for name, other in links if other != name}


_DIGESTS: dict[int, tuple[bytes, bytes]] = {}


def _key(files: dict[str, Content | None]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for name, content in files.items():
        digest.update(f"{name}\0{'' if content is None else content[1]}\0".encode())
        if content is not None:
            digest.update(_digest(content[0]))
    return digest.digest()


def _digest(data: bytes) -> bytes:
    """Return a digest of bytes of which many states hold the very same object."""
    known = _DIGESTS.get(id(data))
    if known is None or known[0] is not data:
        if len(_DIGESTS) > 1000:
            _DIGESTS.clear()
        known = _DIGESTS[id(data)] = data, hashlib.blake2b(data, digest_size=16).digest()
    return known[1]

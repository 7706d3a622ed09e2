"""Which file of a backup set is which file of the list?

Configurations are told by the id that they hold, disks by name and identifier, files of saved states and the host's
store by name; of several with one name, the one that lies most alike. Each file of the set is taken once, so that two
disks of one name need two files. An export holds a file of its own in the place of a configuration, called by the id.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from vhdchain.audit.backup.required import Part
from vhdchain.audit.backup.volumes import place_of
from vhdchain.hyperv import FileRole
from vhdchain.hyperv.known_files import common_end, names_of
from vhdchain.locate import fold_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vhdchain.audit.backup.required import RequiredFile
    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Configuration

Compare: TypeAlias = Callable[[str, str], str | None]
"""(file here, file of the set), as messages call them -> how their contents differ, as one clause; None: not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherFile:
    """A file of a set that is neither a disk nor one of a host's.

    Attributes:
        path: As messages call it.
        size: Its length in bytes.
    """

    path: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSet:
    """A backup set, or the folder of an export.

    Attributes:
        inventory: What a scan of it found.
        others: All its other files; without them nothing is said of such.
        compare: Compares the contents of two files; None: sizes and identifiers count.
    """

    inventory: Inventory
    others: tuple[OtherFile, ...] = ()
    compare: Compare | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFile:
    """A file of a set.

    Attributes:
        path: As messages call it.
        size: Its length in bytes.
        part: What it is; None for what no list has.
        id: The id of the machine or snapshot in a configuration, or in the name of a file of a saved state or export.
        unique_id: The 16 stored bytes that identify a disk; None for other files, raw disks, and what is no disk.
        configuration: What a configuration says; None for other files.
        sha256: Of a configuration, in hex.
        exported: Whether it is an export's own form of a configuration.
        recorded: Whether it is the record of an export.
    """

    path: str
    size: int
    part: Part | None = None
    id: str = ""
    unique_id: bytes | None = None
    configuration: Configuration | None = None
    sha256: str | None = None
    exported: bool = False
    recorded: bool = False

    @property
    def name(self) -> str:
        """Its own name, folded."""
        return fold_case(self.path.rpartition("/")[2])


def held_files(held: BackupSet) -> tuple[HeldFile, ...]:
    """Return every file of a set that was met, in the order of the paths."""
    return tuple(sorted((*_disks(held.inventory), *_host_files(held.inventory), *_others(held)), key=lambda f: f.path))


def _disks(inventory: Inventory) -> Iterator[HeldFile]:
    for image in inventory.images:
        known = image.footer is not None and not image.raw
        unique_id = image.unique_id if known else None
        yield HeldFile(path=image.name, size=image.file_size, part=Part.DISK, unique_id=unique_id)


def _host_files(inventory: Inventory) -> Iterator[HeldFile]:
    for file in inventory.host_files:
        stem, _, suffix = file.path.rpartition("/")[2].rpartition(".")
        part, owner, exported = None, "", False
        if file.configuration is not None:
            part = Part.SNAPSHOT if file.configuration.is_snapshot else Part.CONFIGURATION
            owner = file.configuration.id
        elif file.role is FileRole.STATE:
            part, owner = (Part.MEMORY if suffix.lower() == "bin" else Part.DEVICES), stem.upper()
        elif file.role is FileRole.STORE:
            part = Part.STORE
        elif file.role is FileRole.EXPORTED:
            part, owner, exported = Part.CONFIGURATION, stem.upper(), True
        yield HeldFile(
            path=file.path,
            size=file.size,
            part=part,
            id=owner,
            configuration=file.configuration,
            sha256=file.sha256,
            exported=exported,
            recorded=file.role is FileRole.RECORD,
        )


def _others(held: BackupSet) -> Iterator[HeldFile]:
    known = {file.path for file in held.inventory.inputs} | {file.path for file in held.inventory.host_files}
    aliases = {alias for file in held.inventory.inputs for alias in file.aliases}
    for other in held.others:
        if other.path not in known | aliases:
            yield HeldFile(path=other.path, size=other.size)


@dataclass(slots=True, kw_only=True)
class Matching:
    """Which file of the set stands for which of the list.

    Attributes:
        files: The files of the set.
        taken: Path of a file of the set -> what it stands for.
    """

    files: Sequence[HeldFile]
    taken: dict[str, RequiredFile] = field(default_factory=dict)
    _by_name: dict[tuple[Part | None, str], list[HeldFile]] = field(default_factory=dict)
    _by_id: dict[tuple[Part | None, str], list[HeldFile]] = field(default_factory=dict)
    _by_unique_id: dict[bytes, list[HeldFile]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for file in self.files:
            self._by_name.setdefault((file.part, file.name), []).append(file)
            if file.id:
                self._by_id.setdefault((file.part, file.id), []).append(file)
            if file.unique_id is not None:
                self._by_unique_id.setdefault(file.unique_id, []).append(file)

    def match(self, required: Sequence[RequiredFile]) -> list[HeldFile | None]:
        """Return the file of the set for each of ``required``, None where there is none."""
        found: list[HeldFile | None] = [None] * len(required)
        # First those that are the same for certain, so that a file of one name does not take another's place.
        for certain in (True, False):
            for number, file in enumerate(required):
                if found[number] is None and (held := self._best(file, certain=certain)) is not None:
                    found[number] = held
                    self.taken[held.path] = file
        return found

    def _best(self, file: RequiredFile, *, certain: bool) -> HeldFile | None:
        free = [item for item in self._candidates(file) if item.path not in self.taken]
        if certain:
            free = [item for item in free if _is_certain(file, item)]
        return max(free, key=lambda item: _likeness(file, item), default=None)

    def _candidates(self, file: RequiredFile) -> Iterable[HeldFile]:
        if file.part in (Part.CONFIGURATION, Part.SNAPSHOT) and file.id:
            # An export calls both kinds of configuration alike.
            exported = [item for item in self._by_id.get((Part.CONFIGURATION, file.id), ()) if item.exported]
            return (*self._by_id.get((file.part, file.id), ()), *exported)
        if file.part is Part.STORE:
            return [item for item in self.files if item.part is Part.STORE]
        names = [place_of(file.stored)[-1]] if file.stored else []
        if file.path is not None:
            names.append(fold_case(file.path.rpartition("/")[2]))
        return [item for name in dict.fromkeys(names) for item in self._by_name.get((file.part, name), ())]

    def of_identifier(self, unique_id: bytes) -> HeldFile | None:
        """Return a file of the set that stands for nothing yet and holds the disk with this identifier."""
        return next((file for file in self._by_unique_id.get(unique_id, ()) if file.path not in self.taken), None)


def _is_certain(file: RequiredFile, held: HeldFile) -> bool:
    if file.part is Part.DISK:
        return file.unique_id is not None and file.unique_id == held.unique_id and file.size in (None, held.size)
    return file.size in (None, held.size) and file.sha256 in (None, held.sha256)


def _likeness(file: RequiredFile, held: HeldFile) -> tuple[bool, bool, int]:
    """Return how well a file of the set fits: by identifier, by size, by how much of its path ends alike."""
    names = names_of(held.path)
    ends = [common_end(place_of(file.stored), names)] if file.stored else []
    if file.path is not None:
        ends.append(common_end(names_of(file.path), names))
    same = file.unique_id is not None and file.unique_id == held.unique_id
    return same, file.size == held.size, max(ends, default=0)

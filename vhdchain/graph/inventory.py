"""What did a scan of folders find?

An `Inventory` is the record that audits, trees and accounts work on: the images, how each parent was looked for, the
graph, and what could not be read, so that nothing that was left out looks clean.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from vhdchain.hyperv.machines import Machines

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import TracebackType

    from vhdchain.graph.disks import DiskGraph
    from vhdchain.hyperv.machines import AttachedDisk, Machine, MachineState
    from vhdchain.hyperv.records import HostFile
    from vhdchain.image import Image
    from vhdchain.locate import Resolution


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A file or folder that was met and not taken in.

    Attributes:
        path: Its path as messages call it.
        reason: One clause.
        refused: Whether the operating system refused it (rights, a lock, a failing device); otherwise it is something
            that is not read, such as a link that leads nowhere.
    """

    path: str
    reason: str
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataHole:
    """A place of a structure that the file system holds no data for, so that it reads as zeros.

    Attributes:
        structure: ``footer``, ``footer copy``, ``dynamic header``, ``BAT``, ``locator 3``.
        offset: Where it begins in the file, in bytes.
        length: How many bytes of the structure it covers.
    """

    structure: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """What a file was when it was read, for the record of an audit.

    Attributes:
        path: Its path as messages call it.
        size: Length in bytes.
        mtime_ns: Modification time in nanoseconds since 1970 (UTC).
        aliases: Other names of the same file that were met: hard links and symbolic links.
        writable: Whether its mode lets anybody write to it; None where that is not known.
        changed: What was different when it was looked at again at the end of the scan, as one clause; None: nothing.
        holes: The places of its structures that lie in holes of a sparse file.
    """

    path: str
    size: int
    mtime_ns: int
    aliases: tuple[str, ...] = ()
    writable: bool | None = None
    changed: str | None = None
    holes: tuple[MetadataHole, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskUse:
    """A configuration that names a disk.

    Attributes:
        machine: The machine.
        state: Its present state, or the snapshot.
        disk: The slot, and how the file was found.
    """

    machine: Machine
    state: MachineState
    disk: AttachedDisk

    @property
    def is_now(self) -> bool:
        """Whether the machine runs on the disk, and not a snapshot."""
        return self.state is self.machine.now


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Inventory:
    """What was found; every sequence is in the order of the paths. A context manager that closes the images.

    Attributes:
        images: Every image once, however many names its file has; also parents found inside the roots but beside the
            folders that were scanned.
        resolutions: One for every differencing image.
        graph: The images as a graph.
        roots: The folders inside which parents were looked for, as the caller wrote them.
        scanned: The folders and files that the caller asked for.
        unreadable: What could not be read or listed.
        inputs: One for every image.
        leftovers: Files that are no disks, and by their names are left over from work on one: states of merges,
            half-written copies.
        host_files: The other files of a host's folders: configurations, caches, links, saved states.
        machines: The virtual machines that the configurations make up, by name or id, or one after the other.
    """

    images: tuple[Image, ...]
    resolutions: tuple[Resolution, ...]
    graph: DiskGraph
    roots: tuple[str, ...]
    scanned: tuple[str, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    inputs: tuple[InputFile, ...] = ()
    leftovers: tuple[str, ...] = ()
    host_files: tuple[HostFile, ...] = ()
    machines: Machines = field(default_factory=Machines)
    _images: dict[str, Image] = field(init=False, repr=False)
    _resolutions: dict[str, Resolution] = field(init=False, repr=False)
    _uses: dict[str, list[DiskUse]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_images", {image.name: image for image in self.images})
        object.__setattr__(self, "_resolutions", {item.child: item for item in self.resolutions})
        object.__setattr__(self, "_uses", _uses_of(self.machines))

    def __repr__(self) -> str:
        return f"<inventory of {', '.join(map(repr, self.scanned)) or 'nothing'}, {len(self.images)} images>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every image; what was scanned stays readable, data does not."""
        for image in self.images:
            image.close()

    def uses(self, path: str) -> tuple[DiskUse, ...]:
        """Return the configurations that name the disk at ``path``, machine by machine."""
        return tuple(self._uses.get(path, ()))

    @property
    def used(self) -> Collection[str]:
        """The disks that configurations name."""
        return self._uses.keys()

    @property
    def outside(self) -> tuple[Resolution, ...]:
        """The links whose parents lie outside of the roots, so that they were not looked for."""
        return tuple(item for item in self.resolutions if item.is_outside)

    def image(self, path: str) -> Image:
        """Return the image at ``path``, as messages call it.

        Raises:
            KeyError: There is none.
        """
        return self._images[path]

    def resolution(self, path: str) -> Resolution | None:
        """Return how the parent of ``path`` was looked for; None where it needs none."""
        return self._resolutions.get(path)

    def parent(self, path: str) -> Image | None:
        """Return the parent of ``path`` as an image, where it was found."""
        found = self.graph.parent(path)
        return None if found is None else self._images.get(found)


def _uses_of(machines: Machines) -> dict[str, list[DiskUse]]:
    uses: dict[str, list[DiskUse]] = {}
    for machine in machines:
        for state in machine.states:
            for disk in state.disks:
                if disk.path is not None:
                    uses.setdefault(disk.path, []).append(DiskUse(machine=machine, state=state, disk=disk))
    return uses

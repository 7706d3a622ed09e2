"""What is told of the disks of an inventory: of each file, each family, each snapshot?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.blockmap.accounting import SectorUsage
    from vhdchain.blockmap.file_parts import FileParts
    from vhdchain.blockmap.predictions import MergePrediction
    from vhdchain.graph import DiskFate
    from vhdchain.hyperv import Machine, MachineState


@dataclass(frozen=True, slots=True, kw_only=True)
class RedundantData:
    """Data of one file that reads the same without it, in bytes.

    Attributes:
        repeated: Sectors that hold what the files below show there, and not only zeros.
        zeros: Sectors that hold zeros where the files below show zeros, or nothing.
    """

    repeated: int
    zeros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageUsage:
    """What one file takes; sizes in bytes.

    Attributes:
        path: The file.
        file_size: Its length.
        parent: What it builds on, where that is here.
        is_view: Whether its disk is a leaf's, or one that a configuration names.
        parts: What it consists of; None where its family is left out.
        sectors: The data of its blocks by who sees it; likewise.
        flattened: Its disk as one dynamic image; None where a parent is missing, and likewise.
        merge: What merging its only child into it comes to; None where it has none or several, and likewise.
        redundant: What it holds in vain; None where that was not looked for, or a parent is missing.
    """

    path: str
    file_size: int
    parent: str | None
    is_view: bool
    parts: FileParts | None = None
    sectors: SectorUsage | None = None
    flattened: int | None = None
    merge: MergePrediction | None = None
    redundant: RedundantData | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyUsage:
    """The files over one base; sizes in bytes.

    Attributes:
        images: The base first, every parent before its children.
        complete: Whether the base needs no parent.
        problem: Why the family is left out, as one line; None where it is not.
    """

    images: tuple[ImageUsage, ...]
    complete: bool
    problem: str | None = None

    @property
    def file_size(self) -> int:
        """What all files take."""
        return sum(image.file_size for image in self.images)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionUsage:
    """What deleting a snapshot, or making the merges that are owed, comes to; sizes in bytes.

    Attributes:
        machine: The machine; None for what is owed in all of the folders.
        snapshot: The snapshot; likewise.
        disks: What becomes of each of its frozen disks.
        deleted: The disks that go.
        deleted_size: What these take.
        merges: The merges that can then be made; None in the place of one whose family is left out.
        state_size: What its configuration and the files of its saved state take, which go at once.
    """

    machine: Machine | None
    snapshot: MachineState | None
    disks: tuple[DiskFate, ...]
    deleted: tuple[str, ...]
    deleted_size: int
    merges: tuple[MergePrediction | None, ...]
    state_size: int

    @property
    def frees(self) -> int | None:
        """What is free when all of it is done; negative where files grow by more than goes; None: not known."""
        freed = self.deleted_size + self.state_size
        for merge in self.merges:
            if merge is None:
                return None
            freed += merge.frees
        return freed

    @property
    def room(self) -> int | None:
        """What must be free for the merges, if all of them are made at once; None: not known."""
        room = 0
        for merge in self.merges:
            if merge is None:
                return None
            room += merge.room
        return room


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskUsage:
    """What the disks of an inventory take.

    Attributes:
        families: In the order of their bases' paths.
        snapshots: What deleting each snapshot comes to, by itself, machine by machine.
        owed: What making the merges comes to that earlier deletions left.
    """

    families: tuple[FamilyUsage, ...]
    snapshots: tuple[DeletionUsage, ...]
    owed: DeletionUsage

    @property
    def images(self) -> Iterator[ImageUsage]:
        """Every file, family by family."""
        for family in self.families:
            yield from family.images

"""What did a folder hold at one moment?

Of each image who it is, its length and times, a digest of its structures, and where asked for what its guest sees; of
every other file its length and a digest. All paths are relative to the folder, with ``/``, so that a copy elsewhere can
be held against the same manifest. What could not be read stands in it as well: a manifest never looks more complete
than it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from vhdchain.audit.manifest.chunks import Chunks

OTHER = "other"
"""The role of a file that is neither a disk nor one of a host's."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DiskContent:
    """What the guest sees on the disk of an image.

    Attributes:
        parent: The image of the manifest on whose disk it builds; None where `chunks` is the whole disk.
        chunks: The chunks in which the image's own file holds data, above those of ``parent``.
        sha256: `vhdchain.audit.manifest.view_sha256` of the whole disk, in hex: equal for disks that look the same.
    """

    parent: str | None
    chunks: Chunks = field(repr=False)
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateUse:
    """A state of a machine that names a disk.

    Attributes:
        machine: The machine's name, or its id where it has none.
        snapshot: The snapshot's, likewise; None: the machine's present state.
    """

    machine: str
    snapshot: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImageEntry:
    """One image.

    Attributes:
        path: Its path in the folder.
        size: Length in bytes.
        mtime_ns: Modification time in nanoseconds since 1970 (UTC); None where it is not known.
        disk_type: ``fixed``, ``dynamic``, ``differencing``, ``raw``; None where no footer says it.
        virtual_size: The size of its disk in bytes.
        unique_id: Its identifier as 32 hex digits; None where no footer says it.
        parent_unique_id: The one that it asks for; None where it asks for none.
        parent: The image in the folder that was found to be its parent.
        metadata_sha256: As `vhdchain.audit.inputs.AuditInput` has it.
        used_by: The states of machines that name it: by whom it is seen.
        content: What its guest sees; None where contents were not asked for, or could not be read.
        problem: Why they could not be read, or what else is doubtful about this entry.
    """

    path: str
    size: int
    mtime_ns: int | None
    disk_type: str | None
    virtual_size: int
    unique_id: str | None
    parent_unique_id: str | None
    parent: str | None
    metadata_sha256: str | None
    used_by: tuple[StateUse, ...] = ()
    content: DiskContent | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """One file that is no image.

    Attributes:
        path: Its path in the folder.
        role: Its part among a host's files (`vhdchain.hyperv.FileRole`), or `OTHER`.
        size: Length in bytes.
        mtime_ns: Modification time in nanoseconds since 1970 (UTC).
        sha256: Of the whole file, in hex; None where it was not read.
        problem: Why it could not be read.
    """

    path: str
    role: str
    size: int
    mtime_ns: int
    sha256: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Something in the folder that could not be taken in at all.

    Attributes:
        path: Its path in the folder.
        reason: One clause.
    """

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Manifest:
    """What a folder held; the entries are in the order of their paths.

    Attributes:
        tool_version: Which version of the program wrote it.
        time: When it was made; None where the caller did not say.
        chunk_size: In how many bytes at a time contents were hashed; None: they were not.
        images: The images.
        files: Everything else.
        unread: What could not be read.
    """

    tool_version: str
    time: datetime | None = None
    chunk_size: int | None = None
    images: tuple[ImageEntry, ...] = ()
    files: tuple[FileEntry, ...] = ()
    unread: tuple[Unread, ...] = ()

    def __repr__(self) -> str:
        return f"<manifest of {len(self.images)} images and {len(self.files)} other files>"

    @property
    def problems(self) -> tuple[Unread, ...]:
        """Everything in it that could not be read, whole entries and parts of them."""
        entries: tuple[ImageEntry | FileEntry, ...] = (*self.images, *self.files)
        doubtful = (Unread(path=item.path, reason=item.problem) for item in entries if item.problem is not None)
        return tuple(sorted((*self.unread, *doubtful), key=lambda item: item.path))

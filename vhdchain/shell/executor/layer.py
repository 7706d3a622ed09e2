"""Through what are files changed?

Every call of the executor that changes something on a disk goes through a `FileLayer`, and there is no other way. What
was written is safe only after `WritableFile.sync`; a name that was made, moved or removed only after `sync_folder`.
`SystemLayer` asks the operating system; `vhdchain.testing` has layers that stop, fail, forget and tear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from vhdchain.shell.files import FileSource


class WritableFile(Protocol):
    """An open file that may be written to; offsets and lengths in bytes.

    Attributes:
        name: The path as it was given.
    """

    @property
    def name(self) -> str:
        """The path as it was given."""
        ...

    def size(self) -> int:
        """Return the file's length now."""
        ...

    def read_at(self, offset: int, length: int) -> bytes:
        """Return the bytes there now; fewer at the end of the file."""
        ...

    def write_at(self, offset: int, data: Buffer) -> None:
        """Write all of ``data`` at ``offset``; the file grows where it must."""
        ...

    def copy_from(self, source: FileSource, source_offset: int, offset: int, length: int) -> None:
        """Write ``length`` bytes of another file at ``offset``: in the kernel where it can, shared where blocks allow.

        Raises:
            ShortReadError: The other file no longer holds these bytes.
        """
        ...

    def truncate(self, size: int) -> None:
        """Make the file this long; what is new reads as zeros and takes no room."""
        ...

    def punch(self, offset: int, length: int) -> None:
        """Make this part read as zeros, as a hole where the file system can."""
        ...

    def set_modified(self, mtime_ns: int) -> None:
        """Set when the file was modified last, in nanoseconds since 1970 (UTC)."""
        ...

    def adopt(self, source: FileSource, *, writable: bool = False) -> None:
        """Take on owner, permissions and extended attributes of another file, as far as the system allows.

        Args:
            source: The other file.
            writable: Whether the owner may write to this one in any case.
        """
        ...

    def push(self) -> None:
        """Have what was written go to the disk, and wait for what was pushed before; it is not safe with that."""
        ...

    def sync(self) -> None:
        """Return when everything that was written is safe."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class FileLayer(Protocol):
    """What changes files and names. Errors are `OSError` with the path as ``filename``."""

    def open(self, path: str) -> WritableFile:
        """Open an existing regular file for reading and writing; a symbolic link is refused."""
        ...

    def create(self, path: str) -> WritableFile:
        """Make a new, empty file; `FileExistsError` where the name is taken."""
        ...

    def rename(self, path: str, to: str) -> None:
        """Give a file another name, in the place of what had it, at once."""
        ...

    def rename_free(self, path: str, to: str) -> None:
        """Give a file another name, at once; `FileExistsError` where it is taken."""
        ...

    def link(self, path: str, to: str) -> bool:
        """Give a file a second name; `FileExistsError` where it is taken, False where the file system has no links."""
        ...

    def unlink(self, path: str) -> None:
        """Remove a name."""
        ...

    def make_folder(self, path: str) -> None:
        """Make a folder; `FileExistsError` where the name is taken."""
        ...

    def remove_folder(self, path: str) -> None:
        """Remove an empty folder."""
        ...

    def sync_folder(self, path: str) -> None:
        """Return when the names in a folder are safe."""
        ...

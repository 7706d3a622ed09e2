"""What can a plan do to a file?

One record per kind of step. A step says what shall be true when it is done, and enough to take it back; how it is made
durable, and what is left behind by a crash in the middle of it, is for the executor. Paths are as the caller of the
plan wrote them; offsets and lengths are bytes of a file unless they say "disk".

Every step can be repeated: carried out again after it was stopped anywhere, it ends in the same state. Nothing that a
step replaces or deletes is gone before the whole plan is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """Some bytes of a file that become others.

    Attributes:
        offset: Where in the file.
        old: What is there now; where something else is, the patch is refused.
        new: What shall be there; as long as ``old``.
        why: What this changes, as a clause, such as "parent_unique_id of the dynamic header".
    """

    offset: int
    old: bytes
    new: bytes
    why: str

    def __post_init__(self) -> None:
        """Hold the two to one length.

        Raises:
            ValueError: They differ, or are empty, or the offset is negative.
        """
        if self.offset < 0 or not self.old or len(self.old) != len(self.new):
            raise ValueError(f"a patch @0x{self.offset:X} of {len(self.old)} bytes by {len(self.new)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchFile:
    """Change bytes of a file where it lies. Until it is done, or taken back, the file may be unreadable.

    Attributes:
        path: The file.
        patches: In the order of their offsets, not overlapping.
        size: The file's length afterwards; None where it stays. Growth reads as zeros in ``old``.
    """

    path: str
    patches: tuple[Patch, ...]
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceFile:
    """Put a patched copy in the place of a file, at once: at every moment the name leads to the old or the new one.

    Attributes:
        path: The file.
        patches: As in `PatchFile`.
        size: As in `PatchFile`.
    """

    path: str
    patches: tuple[Patch, ...]
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateFile:
    """Make a small file that appears when it is whole; refused where the name is taken.

    Attributes:
        path: The file.
        content: All of its bytes.
        why: What it is, as a clause.
    """

    path: str
    content: bytes
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyFile:
    """Copy a file, holes as holes, under a name that is free; it appears when it is whole.

    Attributes:
        source: What is copied.
        path: The copy.
        hash: Name of a digest (as `hashlib` has it) that is made of the bytes while they are copied, holes as zeros;
            empty for none. It becomes the fact `digest_fact`; the length becomes `size_fact` in any case.
        expected: The digest that the bytes must have, in hex; empty where any will do.
    """

    source: str
    path: str
    hash: str = ""
    expected: str = ""

    def __post_init__(self) -> None:
        """Ask for the digest that is expected.

        Raises:
            ValueError: One is expected and none is made.
        """
        if self.expected and not self.hash:
            raise ValueError("a digest is expected, and which one is not said")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyFile:
    """Read a file back from the disk, and refuse the plan where it is not what it must be; changes nothing.

    Attributes:
        path: The file.
        size: Its length in bytes.
        hash: Name of a digest, as `hashlib` has it.
        digest: The digest in hex; empty: the fact `digest_fact` of an earlier step, which must be that of the file.
            Where `WriteDisk` made a VHD, it is that of the disk, unless `DigestFile` comes between.
    """

    path: str
    size: int
    hash: str
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestFile:
    """Read a file back from the disk that an earlier step wrote, and make its digest; changes nothing.

    For what is not written from its beginning to its end, such as a dynamic image.

    Attributes:
        path: The file.
        hash: Name of the digest, as `hashlib` has it. It becomes the fact `digest_fact`.
    """

    path: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyChain:
    """Open a leaf as whoever uses it will, and refuse the plan where its chain is not these files; changes nothing.

    Attributes:
        layers: The files of the chain, base first.
        within: The folders inside which parents may be opened.
    """

    layers: tuple[str, ...]
    within: tuple[str, ...]

    def __post_init__(self) -> None:
        """Ask for a leaf.

        Raises:
            ValueError: There is none.
        """
        if not self.layers:
            raise ValueError("a chain of no files")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """A place of a record that is known when the plan is carried out.

    Attributes:
        offset: Where in the record.
        length: How long the place is, in bytes: the fact is put at its end, behind spaces.
        fact: Which fact of an earlier step, such as `digest_fact`.
    """

    offset: int
    length: int
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRecord:
    """Make a small file as `CreateFile` does, with places that are filled from what earlier steps found out.

    Attributes:
        path: The file.
        content: All of its bytes; the places that are filled may hold anything.
        fills: The places, in the order of their offsets, not overlapping.
        why: What it is, as a clause.
    """

    path: str
    content: bytes
    fills: tuple[Fill, ...]
    why: str

    def __post_init__(self) -> None:
        """Hold the places to the content.

        Raises:
            ValueError: One lies outside of it, is empty, or overlaps the one before.
        """
        end = 0
        for fill in self.fills:
            if fill.offset < end or fill.length <= 0 or fill.offset + fill.length > len(self.content):
                raise ValueError(
                    f"a place @0x{fill.offset:X} of {fill.length} bytes, in order, in a record of {len(self.content)}"
                )
            end = fill.offset + fill.length


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameFile:
    """Give a file a name that is free, on the same volume."""

    path: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteFile:
    """Delete a file, when everything else of the plan is done."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeFolder:
    """Make a folder below one that exists; no fault where it exists already."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFolder:
    """Remove a folder that is empty by then, when everything else of the plan is done."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetModified:
    """Set when a file was modified last: children record this time of their parent.

    Attributes:
        path: The file.
        seconds: Seconds since 2000-01-01 00:00:00 UTC.
    """

    path: str
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeBlocks:
    """Write what a run of layers holds into the image below them, in place.

    While it runs, every layer that is merged keeps hiding what is written below it, so that the disk of each of them
    reads as before at every moment.

    Attributes:
        destination: The file that takes the sectors up.
        layers: The files that are merged into it, from the lowest to the highest.
        below: The files below the destination, base first, that must be open to read its chain.
        old_size: Length of the destination before.
        new_size: Its length afterwards.
        sectors: Sectors that are written, each once.
        new_blocks: Blocks that the destination gets.
        overwritten: Sectors of the destination's disk that it held before and that are written over.
    """

    destination: str
    layers: tuple[str, ...]
    below: tuple[str, ...]
    old_size: int
    new_size: int
    sectors: int
    new_blocks: int
    overwritten: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteDisk:
    """Write the disk of a chain as one new image that appears when it is whole.

    Attributes:
        layers: The files of the chain, base first.
        path: The new image.
        form: ``raw``, ``fixed`` or ``dynamic``.
        disk_size: Length of the disk in bytes.
        replace: Whether a file of this name is replaced.
        unique_id: The new image's identifier, 16 stored bytes; empty for raw.
        time_stamp: Its creation time, in seconds since 2000-01-01 00:00:00 UTC; 0 for raw.
        block_size: Bytes of disk data in a block of a dynamic image, otherwise 0.
        hash: Name of a digest (as `hashlib` has it) that is made of the disk while it is copied; empty for none. It
            becomes the fact `digest_fact`; the length of the image becomes `size_fact` in any case.
        footer: Which footer of the layers counts: ``auto``, ``end`` or ``copy``.
        accept: Codes of errors of the layers that are no reason to stop.
    """

    layers: tuple[str, ...]
    path: str
    form: str
    disk_size: int
    replace: bool = False
    unique_id: bytes = b""
    time_stamp: int = 0
    block_size: int = 0
    hash: str = ""
    footer: str = "auto"
    accept: tuple[str, ...] = ()


Step: TypeAlias = (
    PatchFile
    | ReplaceFile
    | CreateFile
    | CopyFile
    | RenameFile
    | DeleteFile
    | MakeFolder
    | RemoveFolder
    | SetModified
    | MergeBlocks
    | WriteDisk
    | VerifyFile
    | DigestFile
    | VerifyChain
    | WriteRecord
)

STEP_KINDS: dict[str, type[Step]] = {
    "patch": PatchFile,
    "replace": ReplaceFile,
    "create": CreateFile,
    "copy": CopyFile,
    "rename": RenameFile,
    "delete": DeleteFile,
    "make-folder": MakeFolder,
    "remove-folder": RemoveFolder,
    "set-modified": SetModified,
    "merge-blocks": MergeBlocks,
    "write-disk": WriteDisk,
    "verify-file": VerifyFile,
    "digest-file": DigestFile,
    "verify-chain": VerifyChain,
    "write-record": WriteRecord,
}
"""The word for each kind of step, in documents and reports."""


def digest_fact(name: str, path: str) -> str:
    """Return the name of the fact that tells the digest ``name`` of what a step wrote to ``path``, in hex."""
    return f"{name}:{path}"


def size_fact(path: str) -> str:
    """Return the name of the fact that tells how many bytes the file has that a step wrote to ``path``."""
    return f"size:{path}"

"""What is known of one image file?

An `Image` holds every structure that could be read, where it lay, and what could not be read and why. The facts that
later stages ask for (size, type, identity, where data may lie) are properties, taken from the footer that counts.
Sector bitmaps and data are not in here: they are read when an answer depends on them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from vhdchain.structures.footer import NULL_ID, DiskType, Footer
from vhdchain.units import bitmap_length, blocks_for

if TYPE_CHECKING:
    from types import TracebackType

    from vhdchain.source import ByteSource
    from vhdchain.structures import Bat, BatmapHeader, DynamicHeader, Stored, StoredLocator
    from vhdchain.structures.header_chain import HeaderChainEnd


class FooterPolicy(StrEnum):
    """Which footer counts: by the stated rule, or the one that the caller chose."""

    AUTO = "auto"
    END = "end"
    COPY = "copy"


class FaultKind(StrEnum):
    """Why a structure could not be read whole."""

    BEYOND_END = "beyond-end"
    SHORT_READ = "short-read"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Bytes that a structure claims and that could not be read.

    Attributes:
        kind: Why.
        structure: Which structure: ``footer``, ``dynamic header``, ``BAT``, ``locator 3``, ``batmap``.
        offset: Where the bytes should be, in the file.
        length: How many bytes were wanted.
        reason: One clause that says what happened.
    """

    kind: FaultKind
    structure: str
    offset: int
    length: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a single file is taken in, whatever the file claims.

    Attributes:
        max_bat_entries: BAT entries that are read; the default covers 128 TiB in blocks of 2 MiB and costs 256 MiB.
        max_locator_bytes: Bytes that are read behind one locator; Windows' longest path needs 65,534.
    """

    max_bat_entries: int = 1 << 26
    max_locator_bytes: int = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Image:
    """One file as it was found. Compared by identity; usable from several threads; a context manager that closes.

    Attributes:
        source: Where its bytes come from.
        file_size: The file's length in bytes when it was scanned.
        footer_end: The footer at the end of the file, if there is one (whatever its checksum), or an intact one behind
            which only bytes follow that belong to nothing (`scan_earlier`).
        footer_copy: The copy at offset 0, if there is one.
        footer_source: Which of the two counts: ``end``, ``copy``, or None where there is no footer at all.
        header: The dynamic header, where the footer that counts names a place for it inside the file.
        further_headers: What its `data_offset` leads to, one behind the other; nothing in healthy files. Of the last
            one only place and bytes count where the chain ends ``foreign``.
        header_chain_end: Why there are no more of these; None where there is no header.
        locators: The used parent locators with their data, in slot order.
        bat: The entries that could be read.
        batmap: blktap's batmap header, if there is one.
        batmap_bits: The bits that it speaks of, as far as its place and length can be right.
        faults: What could not be read.
        raw: Whether this is a raw disk, taken as it is because its child has a null parent identifier.
        head: The first bytes, at most a sector, of a file that has no footer; what it is instead may stand there.
    """

    source: ByteSource = field(repr=False)
    file_size: int
    footer_end: Stored[Footer] | None = None
    footer_copy: Stored[Footer] | None = None
    footer_source: FooterPolicy | None = None
    header: Stored[DynamicHeader] | None = None
    further_headers: tuple[Stored[DynamicHeader], ...] = ()
    header_chain_end: HeaderChainEnd | None = None
    locators: tuple[StoredLocator, ...] = ()
    bat: Bat | None = field(default=None, repr=False)
    batmap: Stored[BatmapHeader] | None = None
    batmap_bits: bytes | None = field(default=None, repr=False)
    faults: tuple[Fault, ...] = ()
    raw: bool = False
    head: bytes = field(default=b"", repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the source; what was scanned stays readable, data does not."""
        self.source.close()

    @property
    def name(self) -> str:
        """The path or label of the source."""
        return self.source.name

    @property
    def stored_footer(self) -> Stored[Footer] | None:
        """The footer that counts, with its bytes and place."""
        return self.footer_copy if self.footer_source is FooterPolicy.COPY else self.footer_end

    @property
    def footer(self) -> Footer | None:
        """The footer that counts."""
        stored = self.footer_copy if self.footer_source is FooterPolicy.COPY else self.footer_end
        return None if stored is None else stored.record

    @property
    def disk_type(self) -> DiskType | None:
        """The kind of image; None where no footer counts or its type is unknown."""
        if self.raw:
            return DiskType.RAW
        return None if (footer := self.footer) is None else footer.disk_type

    @property
    def is_differencing(self) -> bool:
        """Whether sectors that are not in this file come from a parent."""
        footer = None if self.raw else self.footer
        return footer is not None and footer.disk_type is DiskType.DIFFERENCING

    @property
    def is_sparse(self) -> bool:
        """Whether this image has a BAT: dynamic or differencing."""
        return self.disk_type in (DiskType.DYNAMIC, DiskType.DIFFERENCING)

    @property
    def virtual_size(self) -> int:
        """The size in bytes that the guest sees: `current_size`, never CHS or `original_size`. Raw: the file's."""
        if self.raw:
            return self.file_size
        return 0 if (footer := self.footer) is None else footer.current_size

    @property
    def unique_id(self) -> bytes:
        """The 16 stored bytes of the identifier; null for raw disks and where there is no footer."""
        return NULL_ID if (footer := self.footer) is None else footer.unique_id

    @property
    def parent_unique_id(self) -> bytes | None:
        """The 16 stored bytes that identify the parent; None where this is not a differencing disk."""
        return self.header.record.parent_unique_id if self.is_differencing and self.header else None

    @property
    def block_size(self) -> int:
        """Bytes of disk data in a block; 0 where there is no header."""
        return self.header.record.block_size if self.header else 0

    @property
    def block_count(self) -> int:
        """How many blocks the disk has: ceil(virtual_size / block_size); 0 where that cannot be said."""
        return blocks_for(self.virtual_size, size) if (size := self.block_size) > 0 else 0

    @property
    def bitmap_length(self) -> int:
        """Bytes that a block's sector bitmap takes in the file, before its data."""
        return bitmap_length(self.block_size)

    @property
    def data_end(self) -> int:
        """Offset in bytes where the end footer begins: no data may lie behind. The file's size where there is none."""
        return self.footer_end.offset if self.footer_end and not self.raw else self.file_size

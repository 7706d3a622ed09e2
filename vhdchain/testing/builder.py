"""How does a test get a chain of VHD files of which every byte is known?

`ChainBuilder` holds a tree of images. It creates them, writes through the chain as a hypervisor would, takes snapshots,
resizes, plants single blocks and bits, and gives the files (in memory or on disk) together with what a right reader
must find in them. The same seed and the same calls give the same bytes on every machine. Sizes and offsets are bytes.

The builder writes healthy files; what is wrong with a file is planted on purpose: by the fields that a call replaces,
or afterwards by the recipes of ``vhdchain.testing.damage``.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from vhdchain.testing.expected import ExpectedDisk, ExpectedExtent
from vhdchain.testing.images import BuiltBlock, BuiltImage, label_data, runs_of
from vhdchain.testing.layout import BuiltFile, build_file
from vhdchain.testing.report import expected_report
from vhdchain.testing.sparse import SparseSource
from vhdchain.testing.tree import ImageTree
from vhdchain.units import (
    SECTOR_SIZE,
    bitmap_length,
    bytes_to_sectors,
    sectors_for,
    sectors_to_bytes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

_PIECE = 1 << 20
_EPOCH = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())

EXPECTED_NAME = "expected.json"
"""The file beside a saved tree that says what a right reader must find in it."""


class ChainBuilder(ImageTree):
    r"""A tree of images that is being built.

    Args:
        seed: Decides identifiers, junk and shuffled orders.
        dialect: Whose manner the files have, unless a call says otherwise.
        windows_folder: The folder in which the tree pretends to lie; absolute locators name it.
        start: The time of the first step (aware); every step takes a minute.

    Example:
        >>> tree = ChainBuilder(seed=1)
        >>> base = tree.dynamic("base.vhd", size=1 << 20, block_size=4096)
        >>> tree.write(base, 0, b"first")
        >>> leaf = tree.snapshot(base, "leaf.avhd")
        >>> tree.write(leaf, 2, b"RST")
        >>> tree.expected(leaf).read(0, 5)
        b'fiRST'
        >>> tree.expected_map(leaf)[0]
        ExpectedExtent(start=0, length=512, layer=1, file_offset=4096)
    """

    # ---------------------------------------------------------------------------------------------------- what is done

    def write(self, image: BuiltImage, offset: int, data: bytes, *, under_children: bool = False) -> None:
        """Write to the disk of ``image`` as its guest would: blocks are allocated and bits set as needed.

        Whole sectors are stored; where ``data`` covers a sector in part, the rest of it is copied up from what the
        chain showed before.

        Raises:
            ValueError: The range is not inside the disk, or ``image`` has children and ``under_children`` does not
                say that damaging them is meant.
        """
        self._check_write(image, offset, len(data), under_children=under_children)
        image.modified = self._tick()
        self._store(image, offset, data)

    def write_with(
        self,
        image: BuiltImage,
        offset: int,
        length: int,
        content: Callable[[int, int], bytes],
        *,
        under_children: bool = False,
    ) -> None:
        """Write what a function gives, as one step; see `write`.

        Args:
            image: Whose disk is written to.
            offset: Where on the disk.
            length: How many bytes.
            content: Called with an offset on the disk and a length, piece after piece and in order; returns so many
                bytes.
            under_children: See `write`.

        Raises:
            ValueError: As for `write`, or ``content`` gave more or fewer bytes than it was asked for.
        """
        self._check_write(image, offset, length, under_children=under_children)
        image.modified = self._tick()
        for start in range(offset, offset + length, _PIECE):
            wanted = min(_PIECE, offset + length - start)
            piece = content(start, wanted)
            if len(piece) != wanted:
                raise ValueError(f"the content gave {len(piece)} bytes for offset {start}, not {wanted}")
            self._store(image, start, piece)

    def write_file(self, image: BuiltImage, offset: int, path: Path, *, under_children: bool = False) -> int:
        """Write what a file holds, as one step; return how many bytes; see `write`.

        Raises:
            ValueError: As for `write`, or the file became shorter meanwhile.
            OSError: The file cannot be read.
        """
        with path.open("rb") as file:
            length = os.fstat(file.fileno()).st_size
            # It is asked in order, so that the place in the file is the right one.
            self.write_with(image, offset, length, lambda _, count: file.read(count), under_children=under_children)
        return length

    def fill(self, image: BuiltImage, offset: int, length: int, *, label: str | None = None) -> None:
        """Write text that names ``label`` (the image by default) and the sector into the range; see `write`."""
        first = bytes_to_sectors(offset)
        text = label_data(label or image.name, first, offset - sectors_to_bytes(first) + length)
        self.write(image, offset, text[-length:])

    def resize(self, image: BuiltImage, size: int) -> None:
        """Give the disk of ``image`` another size; `original_size` stays, what is cut off is gone.

        Raises:
            ValueError: ``size`` is not a positive multiple of 512.
        """
        if size <= 0 or size % SECTOR_SIZE:
            raise ValueError(f"a size is a positive multiple of 512, not {size}")
        image.resize(size)
        image.modified = self._tick()
        self._changed(image)

    def block(
        self,
        image: BuiltImage,
        index: int,
        *,
        bitmap: bytes | None = None,
        sectors: Iterable[int] | None = None,
        data: bytes | None = None,
        at: int | None = None,
    ) -> BuiltBlock:
        """Plant block ``index`` exactly as told, whatever was there.

        Args:
            image: A dynamic or differencing image.
            index: The block's index in the BAT.
            bitmap: The stored bitmap's leading bytes; the rest is zero. All sectors are set where neither this nor
                ``sectors`` is given.
            sectors: Instead of ``bitmap``: the sectors of the block that are set.
            data: The block's data, at most `block_size` bytes, stored also under clear bits (as what the format calls
                meaningless); by default text that names image and sector under set bits.
            at: The offset of the bitmap in the file, a multiple of 512; by default where the layout puts it.

        Raises:
            ValueError: The image has no blocks or not so many, or ``bitmap`` or ``data`` is too long.
        """
        count, size = bytes_to_sectors(image.block_size), image.block_size
        if not 0 <= index < image.block_count:
            raise ValueError(f"{image.name} has {image.block_count} blocks, none has the index {index}")
        stored = None if bitmap is None else bitmap.ljust(bitmap_length(size), b"\0")
        if (stored is not None and len(stored) > bitmap_length(size)) or (data is not None and len(data) > size):
            raise ValueError(f"bitmap or data is longer than a block of {size} bytes has room for")
        present = np.full(count, stored is None and sectors is None, dtype=np.bool_)
        if stored is not None:
            present[:] = [bool(stored[sector >> 3] & 0x80 >> (sector & 7)) for sector in range(count)]
        elif sectors is not None:
            present[list(sectors)] = True
        clear = None if data is None else data.ljust(size, b"\0")
        for start, end in runs_of(present):
            first, length = index * count + start, sectors_to_bytes(end - start)
            text = label_data(image.name, first, length) if clear is None else clear[sectors_to_bytes(start) :][:length]
            image.data.write(sectors_to_bytes(first), text)
        block = image.blocks[index] = BuiltBlock(present=present, at=at, clear=clear, bitmap=stored)
        self._changed(image)
        return block

    def edit(self, image: BuiltImage, **fields: Any) -> None:
        """Replace attributes of ``image`` (`layout`, `unique_id`, `footer_fields`, ...) in the finished tree.

        Raises:
            AttributeError: There is no such attribute.
        """
        for name, value in fields.items():
            if not hasattr(image, name):
                raise AttributeError(f"an image has no {name!r}")
            setattr(image, name, value)
        self._changed(image)

    # ------------------------------------------------------------------------------------------------- what comes out

    def file(self, image: BuiltImage) -> BuiltFile:
        """Return the file of ``image`` and where its parts lie."""
        if image.name not in self._files:
            self._files[image.name] = build_file(image, windows_folder=self.windows_folder)
        return self._files[image.name]

    def files(self) -> dict[str, bytes]:
        """Return the bytes of every file by its name; for small trees."""
        return {image.name: bytes(self.file(image).content) for image in self.images}

    def source(self, image: BuiltImage) -> SparseSource:
        """Return the file of ``image`` as a `vhdchain.source.ByteSource`."""
        return SparseSource(self.file(image).content, name=image.name)

    def sources(self) -> dict[str, SparseSource]:
        """Return every file as a `vhdchain.source.ByteSource` by its name."""
        return {image.name: self.source(image) for image in self.images}

    def chain_sources(self, leaf: BuiltImage) -> list[SparseSource]:
        """Return the files of the chain of ``leaf``, base first."""
        return [self.source(image) for image in leaf.stack]

    def expected(self, image: BuiltImage) -> ExpectedDisk:
        """Return what the guest must see of the disk of ``image``."""
        return ExpectedDisk(image.stack, {layer.name: self.file(layer) for layer in image.stack})

    def expected_map(self, image: BuiltImage) -> list[ExpectedExtent]:
        """Return the maximal extents that partition the disk of ``image``, in order."""
        return self.expected(image).extents

    def save(self, folder: Path, *, expected: bool = False) -> dict[str, Path]:
        """Write every file below ``folder``, sparse, with its modification time; return the paths by name.

        Args:
            folder: Made where it does not exist.
            expected: Whether to write `EXPECTED_NAME` beside: the disks, their maps and digests, as
                ``docs/testing.md`` describes.
        """
        paths = {}
        for image in self.images:
            path = paths[image.name] = folder / image.name
            path.parent.mkdir(parents=True, exist_ok=True)
            self.file(image).content.save(path)
            os.utime(path, (image.modified + _EPOCH, image.modified + _EPOCH))
        if expected:
            write_expected(expected_report(self), folder)
        return paths

    def _check_write(self, image: BuiltImage, offset: int, length: int, *, under_children: bool) -> None:
        if offset < 0 or length < 0 or offset + length > image.size:
            raise ValueError(f"{length} bytes at {offset} are not inside a disk of {image.size} bytes")
        if not under_children and any(other.parent is image for other in self.images):
            raise ValueError(f"{image.name} has children, whose disks a write would change (under_children=True)")

    def _store(self, image: BuiltImage, offset: int, data: bytes) -> None:
        if not data:
            return
        first, end = bytes_to_sectors(offset), sectors_for(offset + len(data))
        start = sectors_to_bytes(first)
        head = image.read_sector(first)[: offset - start]
        tail = image.read_sector(end - 1)[offset + len(data) - sectors_to_bytes(end - 1) :]
        image.set_sectors(first, end - first)
        image.data.write(start, head + data + tail)
        self._changed(image)

    def _changed(self, image: BuiltImage) -> None:
        self._files.pop(image.name, None)


def write_expected(report: dict[str, Any], folder: Path) -> None:
    """Write what a right reader must find as `EXPECTED_NAME` in ``folder``."""
    text = json.dumps(report, indent=1, ensure_ascii=False)
    (folder / EXPECTED_NAME).write_text(text + "\n", encoding="utf-8", newline="\n")

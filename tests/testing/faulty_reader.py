"""How would a reader look that has exactly one of the usual faults?

A small reader of chains by ``struct``, written for these tests: right without a fault, and wrong in one named way with
one. As a program it takes the fault and the leaf and prints the disk. It shares no code with what it is tried on.
"""

from __future__ import annotations

import posixpath
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FAULTS = (
    "bit order",
    "no mask",
    "no parent",
    "original size",
    "zero entry",
    "bitmap not rounded up",
    "path from the root",
    "zeros show the parent",
)
"""What can be wrong with it."""

SECTOR = 512


class _File:
    def __init__(self, name: str, data: bytes, fault: str) -> None:
        self.name, self.data, self.fault = name, data, fault
        footer = data[-512:] if data[-512:-504] == b"conectix" else data[-511:]
        if footer[:8] != b"conectix":
            raise ValueError(f"{name}: no footer")
        (header,) = struct.unpack_from(">Q", footer, 16)
        original, current = struct.unpack_from(">QQ", footer, 40)
        (self.kind,) = struct.unpack_from(">I", footer, 60)
        self.size = original if fault == "original size" else current
        if self.kind == 2:
            return
        table, _, count, self.block_size = struct.unpack_from(">QIII", data, header + 16)
        if count * 4 > len(data):
            raise ValueError(f"{name}: {count} entries")
        self.entries = struct.unpack_from(f">{count}I", data, table)
        self.parent = self._parent_path(header) if self.kind == 4 else None

    def _parent_path(self, header: int) -> str:
        folder = "" if self.fault == "path from the root" else posixpath.dirname(self.name)
        for slot in range(8):
            code, _, length, _, offset = struct.unpack_from(">4sIIIQ", self.data, header + 576 + slot * 24)
            if code == b"W2ru":
                text = self.data[offset : offset + length].decode("utf-16-le").replace("\\", "/")
                return posixpath.normpath(posixpath.join(folder, text))
        name = self.data[header + 64 : header + 576].decode("utf-16-be").split("\0")[0]
        return posixpath.join(folder, name.replace("\\", "/").rpartition("/")[2])

    def sector(self, number: int) -> bytes | None:
        """Return the bytes of a sector that this file holds, else None."""
        if self.kind == 2:
            return self.data[number * SECTOR : (number + 1) * SECTOR]
        per_block = self.block_size // SECTOR
        block, within = divmod(number, per_block)
        entry = self.entries[block]
        if entry == 0xFFFFFFFF:
            return None
        if entry == 0 and self.fault != "zero entry":
            raise ValueError(f"{self.name}: entry of block {block} is 0")
        start = entry * SECTOR
        if not self._is_set(self.data[start + within // 8], within % 8):
            return None
        room = (per_block + 7) // 8
        if self.fault != "bitmap not rounded up":
            room = (room + SECTOR - 1) // SECTOR * SECTOR
        place = start + room + within * SECTOR
        found = self.data[place : place + SECTOR]
        if len(found) < SECTOR:
            raise ValueError(f"{self.name}: block {block} ends behind the file")
        return None if self.fault == "zeros show the parent" and not any(found) else found

    def _is_set(self, byte: int, bit: int) -> bool:
        if self.fault == "no mask":
            return bool(byte)
        return bool(byte & (1 << bit if self.fault == "bit order" else 0x80 >> bit))


def faulty_read(files: Mapping[str, bytes], leaf: str, fault: str = "") -> bytes:
    """Return the disk of ``leaf`` as a reader with ``fault`` sees it; files by their paths below one folder.

    Raises:
        ValueError: A file is damaged, or missing.
    """
    chain = [_File(leaf, files[leaf], fault)]
    while chain[-1].kind == 4 and fault != "no parent":
        name = chain[-1].parent
        if name is None or name not in files or len(chain) > 50:
            raise ValueError(f"{chain[-1].name}: no parent {name}")
        chain.append(_File(name, files[name], fault))
    return b"".join(_sector(chain, number) for number in range(chain[0].size // SECTOR))


def _sector(chain: list[_File], number: int) -> bytes:
    for file in chain:
        if number * SECTOR >= file.size:
            break
        found = file.sector(number)
        if found is not None:
            return found
    return bytes(SECTOR)


def main(fault: str, leaf: str) -> None:
    """Print the disk of ``leaf``; the folder of the folder of the leaf is looked through."""
    path = Path(leaf)
    root = path.parent.parent if path.parent.name == "snapshot" else path.parent
    files = {file.relative_to(root).as_posix(): file.read_bytes() for file in root.rglob("*") if file.is_file()}
    try:
        sys.stdout.buffer.write(faulty_read(files, path.relative_to(root).as_posix(), fault))
    except ValueError as error:
        sys.exit(f"refused: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])

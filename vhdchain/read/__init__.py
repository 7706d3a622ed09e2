"""What does the guest see at this place of its disk?

Guest bytes through a chain: positional reads, and a seekable read-only file object. A chain with a hole never yields
bytes for it: it raises.
"""

from __future__ import annotations

from vhdchain.read.changes import differing
from vhdchain.read.file import DiskFile
from vhdchain.read.mixed import MixedReader
from vhdchain.read.pieces import LONGEST_MIXED, MIXED, Piece, disk_pieces, require_known
from vhdchain.read.reader import DiskReader
from vhdchain.read.redundancy import redundant_data

__all__ = [
    "LONGEST_MIXED",
    "MIXED",
    "DiskFile",
    "DiskReader",
    "MixedReader",
    "Piece",
    "differing",
    "disk_pieces",
    "redundant_data",
    "require_known",
]

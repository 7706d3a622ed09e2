"""Which layer supplies every sector, and where in its file?

The heart of the package: the BATs and sector bitmaps of a chain, merged into extents. Sector-exact, for any mix of
block sizes, disk sizes and kinds of base; bitmaps are read only where an answer depends on them.
"""

from __future__ import annotations

from vhdchain.blockmap.accounting import FamilyAccount, SectorUsage, account
from vhdchain.blockmap.difference import common_ancestor, may_differ
from vhdchain.blockmap.disk_change import DiskChange, DiskOutcome
from vhdchain.blockmap.explain import Reason, Step, explain
from vhdchain.blockmap.extents import EXTENT_DTYPE, UNKNOWN, ZERO, Extent, Extents
from vhdchain.blockmap.family import Family, family_of
from vhdchain.blockmap.few_sectors import MOST_SECTORS, FewSectors, Supply
from vhdchain.blockmap.file_parts import FileParts
from vhdchain.blockmap.map import BlockMap
from vhdchain.blockmap.predictions import MergePrediction
from vhdchain.blockmap.ranges import (
    RANGE_DTYPE,
    Ranges,
    ends_of,
    gathered_ranges,
    joined_pieces,
    make_ranges,
    union,
    widened,
    within_ranges,
)
from vhdchain.blockmap.usage import usage_of
from vhdchain.blockmap.usage_records import DeletionUsage, DiskUsage, FamilyUsage, ImageUsage, RedundantData

__all__ = [
    "EXTENT_DTYPE",
    "MOST_SECTORS",
    "RANGE_DTYPE",
    "UNKNOWN",
    "ZERO",
    "BlockMap",
    "DeletionUsage",
    "DiskChange",
    "DiskOutcome",
    "DiskUsage",
    "Extent",
    "Extents",
    "Family",
    "FamilyAccount",
    "FamilyUsage",
    "FewSectors",
    "FileParts",
    "ImageUsage",
    "MergePrediction",
    "Ranges",
    "Reason",
    "RedundantData",
    "SectorUsage",
    "Step",
    "Supply",
    "account",
    "common_ancestor",
    "ends_of",
    "explain",
    "family_of",
    "gathered_ranges",
    "joined_pieces",
    "make_ranges",
    "may_differ",
    "union",
    "usage_of",
    "widened",
    "within_ranges",
]

"""What do implementers of VHD readers get wrong?

The traps by their numbers in ``docs/format.md``, each in a few words. Most are asked by the cases of the suite; what
cannot be seen in the bytes that a reader prints stands in `NOT_ASKED`, with the reason.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TRAPS: Mapping[int, str] = MappingProxyType(
    {
        1: "bits are most significant first, and masked one by one",
        2: "a differencing disk is read through its whole chain, or not at all",
        3: "a clear bit in an allocated block",
        4: "a set bit over zeros hides the parent",
        5: "the guest's size is current_size",
        6: "footers of 511 bytes",
        7: "two footers, of which one may be torn",
        8: "the checksum is over the stored bytes",
        9: "feature bits that are missing, or unknown",
        10: "a disk of a saved machine",
        11: "a BAT that is longer than the disk needs",
        12: "damaged BAT entries",
        13: "a last block that is partial",
        14: "data aligned at 4 KiB, and a batmap behind the BAT",
        15: "blocks in any order, also in front of the locators",
        16: "the forms of the parent's name in the header",
        17: "the unit of platform_data_space",
        18: "a relative path in W2ku; relative to the child's real folder",
        19: "parents in other folders, under other letter case, behind Windows paths",
        20: "two locators that name two different files",
        21: "two texts for one unique id",
        22: "a parent time stamp that a copy broke",
        23: "a null parent unique id: the parent is raw",
        24: "sizes that differ along a chain",
        25: "copies with the same unique id, files with the same name",
        26: "block sizes that differ along a chain",
        27: "what a merge does to siblings",
        28: "cycles, and chains of more than a thousand images",
        29: "offsets and tables beyond 32 bits",
        30: "bitmaps are not read eagerly",
        31: "files that are shorter than they say",
        32: "creator codes that a reader does not know",
        33: "undo disks under the name .vud",
    }
)
"""The traps by number."""

NOT_ASKED: Mapping[int, str] = MappingProxyType(
    {
        21: "a matter of how identifiers are printed; the guest's bytes do not show it",
        27: "a matter of writing",
        30: "needs a disk of 2 TiB, which no reader prints in reasonable time",
    }
)
"""Which traps no case asks about, and why."""

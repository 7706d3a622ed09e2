"""Which CHS geometry does a disk of this size get?

Geometry is advice for old guests. It is never the disk's size: `current_size` is (a reader that multiplies CHS out
truncates disks or grows them). The calculation is the appendix of the specification, "CHS Calculation".
"""

from __future__ import annotations

from dataclasses import dataclass

from vhdchain.units import Sectors, bytes_to_sectors, sectors_to_bytes

_MAX_CYLINDERS = 65535
_MAX_HEADS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """Cylinders, heads and sectors per track, as stored in the footer."""

    cylinders: int
    heads: int
    sectors_per_track: int

    @property
    def sectors(self) -> Sectors:
        """The product: how many sectors the geometry can address."""
        return Sectors(self.cylinders * self.heads * self.sectors_per_track)

    @property
    def size(self) -> int:
        """The product in bytes."""
        return sectors_to_bytes(self.sectors)

    def __str__(self) -> str:
        return f"{self.cylinders}/{self.heads}/{self.sectors_per_track}"


LARGEST_GEOMETRY = Geometry(cylinders=_MAX_CYLINDERS, heads=_MAX_HEADS, sectors_per_track=255)
"""The largest geometry that is calculated; qemu writes it where the geometry is not to be gone by."""


def geometry_for(size: int) -> Geometry:
    """Return the geometry that the specification calculates for a disk of ``size`` bytes."""
    total = min(bytes_to_sectors(size), _MAX_CYLINDERS * _MAX_HEADS * 255)
    if total >= _MAX_CYLINDERS * _MAX_HEADS * 63:
        return _geometry(total, heads=_MAX_HEADS, sectors_per_track=255)
    cylinders_times_heads = total // 17
    heads = max((cylinders_times_heads + 1023) // 1024, 4)
    if cylinders_times_heads < heads * 1024 and heads <= _MAX_HEADS:
        return _geometry(total, heads=heads, sectors_per_track=17)
    if total // 31 < _MAX_HEADS * 1024:
        return _geometry(total, heads=_MAX_HEADS, sectors_per_track=31)
    return _geometry(total, heads=_MAX_HEADS, sectors_per_track=63)


def _geometry(total: int, *, heads: int, sectors_per_track: int) -> Geometry:
    cylinders = total // sectors_per_track // heads
    return Geometry(cylinders=cylinders, heads=heads, sectors_per_track=sectors_per_track)

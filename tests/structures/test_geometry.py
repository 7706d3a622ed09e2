"""The specification's calculation, against what real programs wrote and at its own borders."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vhdchain.structures import Geometry, geometry_for

SECTOR = 512
MIB = 1 << 20


@pytest.mark.parametrize(
    ("size", "geometry", "writer"),
    [
        (4 * MIB, "120/4/17", "Windows 10"),
        (4212736, "121/4/17", "qemu"),
        (1061888, "30/4/17", "qemu"),
        (40 * MIB, "963/5/17", "Windows 8.1, Windows 10, VirtualBox 4.3, XenServer 6.2"),
        (41953280, "964/5/17", "qemu"),
        (1 << 30, "2080/16/63", "Windows 8.1"),
    ],
)
def test_what_programs_wrote(size: int, geometry: str, writer: str) -> None:
    assert str(geometry_for(size)) == geometry, writer


# By hand from the appendix of the specification. Total sectors -> cylinders, heads, sectors per track.
@pytest.mark.parametrize(
    ("sectors", "expected"),
    [
        (0, (0, 4, 17)),
        (1, (0, 4, 17)),
        (68, (1, 4, 17)),
        (4 * 17 * 1024 - 1, (1023, 4, 17)),
        (4 * 17 * 1024 + 17, (819, 5, 17)),
        (16 * 17 * 1024 - 1, (1023, 16, 17)),
        (16 * 17 * 1024, (561, 16, 31)),
        (16 * 31 * 1024 - 1, (1023, 16, 31)),
        (16 * 31 * 1024, (503, 16, 63)),
        (65535 * 16 * 63 - 1, (65534, 16, 63)),
        (65535 * 16 * 63, (16191, 16, 255)),
        (65535 * 16 * 255, (65535, 16, 255)),
        (65535 * 16 * 255 + 1, (65535, 16, 255)),
        (1 << 40, (65535, 16, 255)),
    ],
)
def test_the_borders_of_the_calculation(sectors: int, expected: tuple[int, int, int]) -> None:
    cylinders, heads, per_track = expected
    assert geometry_for(sectors * SECTOR) == Geometry(cylinders=cylinders, heads=heads, sectors_per_track=per_track)


@given(st.integers(0, 65535 * 16 * 255))
def test_the_geometry_never_exceeds_the_disk_and_fits_its_fields(sectors: int) -> None:
    geometry = geometry_for(sectors * SECTOR)
    assert geometry.sectors <= sectors
    assert geometry.size == geometry.sectors * SECTOR
    assert geometry.cylinders <= 65535
    assert geometry.heads <= 16


def test_the_product_is_not_the_size() -> None:
    # VirtualBox's empty disk of 40 MiB: a reader that multiplies out loses the last sectors.
    assert geometry_for(41943040).size == 41909760

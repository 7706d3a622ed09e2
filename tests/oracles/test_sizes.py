"""Does qemu take the size of a disk from where the check of disputed sizes says that it does?

For every writer that is known, and for the largest geometry: where qemu goes by the geometry, VHD132 is told, and what
it tells as the other size is the one that qemu sees.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from vhdchain.image import check_image, scan_image
from vhdchain.source import BytesSource
from vhdchain.structures import DiskType, Geometry
from vhdchain.structures.geometry import LARGEST_GEOMETRY
from vhdchain.structures.writers import WRITERS
from vhdchain.testing.edits import edit_footer, end_footer, healthy

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.oracle

RAW = healthy(DiskType.DYNAMIC)
SIZE = end_footer(RAW).current_size
LESS = Geometry(cylinders=1, heads=2, sectors_per_track=34)


def _size_by_qemu(qemu_img: str, file: Path, raw: bytes) -> int:
    file.write_bytes(raw)
    done = subprocess.run(
        [qemu_img, "info", "-f", "vpc", "--output", "json", str(file)], capture_output=True, check=True
    )
    size = json.loads(done.stdout)["virtual-size"]
    assert isinstance(size, int)
    return size


def _other_size(raw: bytes) -> int | str | None:
    """Return the size that the check says others see; None where it says that they agree."""
    found = {item.code: item for item in check_image(scan_image(BytesSource(raw)))}
    return found["VHD132"].found if "VHD132" in found else None


@pytest.mark.parametrize("creator", sorted(WRITERS), ids=lambda code: code.decode("ascii").rstrip("\0 "))
def test_qemu_goes_by_the_geometry_of_the_writers_that_are_told(creator: bytes, qemu_img: str, tmp_path: Path) -> None:
    raw = edit_footer(RAW, geometry=LESS, creator_application=creator)
    size = _size_by_qemu(qemu_img, tmp_path / "a.vhd", raw)
    assert size == (_other_size(raw) or SIZE)
    assert size in (SIZE, LESS.size)


@pytest.mark.parametrize("creator", [b"vpc ", b"vbox"])
def test_the_largest_geometry_is_never_gone_by(creator: bytes, qemu_img: str, tmp_path: Path) -> None:
    raw = edit_footer(RAW, geometry=LARGEST_GEOMETRY, creator_application=creator)
    assert _size_by_qemu(qemu_img, tmp_path / "a.vhd", raw) == SIZE
    assert _other_size(raw) is None

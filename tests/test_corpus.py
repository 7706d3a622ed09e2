"""Does every stated fact of the collection of real disks hold?

The facts stand in ``../shared/corpus/README.md``; each was written down from the file's bytes by hand, not by this
package. The collection is read-only and not part of the project: where it is absent, these tests skip.
"""

from __future__ import annotations

import hashlib
import posixpath
import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vhdchain import open_chain, open_image, scan_folder
from vhdchain.audit import audit
from vhdchain.findings import Severity
from vhdchain.structures import DiskType, SpaceUnit
from vhdchain.testing.model import naive_map, naive_read
from vhdchain.testing.oracles import Cannot, SevenZip
from vhdchain.units import bytes_to_sectors

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.image import Image
    from vhdchain.structures import DynamicHeader, Footer

pytestmark = pytest.mark.corpus

FAT_SECTORS = (134, 143, *range(152, 160), 184, 185, 188, 190, 191, 192, 194, 196)
FAT_SHA256 = "e1135af39c8362c771e0dd03457568095b511d48db0dcade48f549abb03bb869"
CHILDREN = {
    "fat-pair/fat-differential.vhd": "fat-pair/fat-parent.vhd",
    "win8-pair/win8-child.vhd": "win8-pair/win8.vhd",
}
SINGLES = {
    "dfvfs_ext2.vhd",
    "govhd_qemu.vhd",
    "govhd_vbox.vhd",
    "govhd_win81_1GB.vhd",
    "govhd_xapi.vhd",
    "ronin_origsize_mismatch.vhd",
}


def _footer(image: Image) -> Footer:
    assert image.footer is not None
    return image.footer


def _header(image: Image) -> DynamicHeader:
    assert image.header is not None
    return image.header.record


def test_the_pair_of_fat_disks_has_the_stated_structures(corpus: Path) -> None:
    with (
        open_image(corpus / "fat-pair/fat-differential.vhd") as child,
        open_image(corpus / "fat-pair/fat-parent.vhd") as parent,
    ):
        assert (child.disk_type, child.virtual_size) == (DiskType.DIFFERENCING, 4 * 1024 * 1024)
        assert (_footer(child).creator_application, _footer(child).creator_version) == (b"win ", 0x000A0000)
        assert child.parent_unique_id == bytes.fromhex("5fa21a55f394aa4d99581951a67d5540") == parent.unique_id
        locators = [
            (one.name, one.text, one.entry.platform_data_length, one.entry.platform_data_space)
            for one in sorted(child.locators, key=lambda one: one.name)
        ]
        assert locators == [
            ("W2ku", r"C:\Projects\dfvfs\test_data\fat-parent.vhd", 84, 4096),
            ("W2ru", r".\fat-parent.vhd", 32, 65536),
        ]
        places = {one.name: (one.entry.platform_data_offset, one.entry.space_unit) for one in child.locators}
        assert places == {"W2ku": (4096, SpaceUnit.BYTES), "W2ru": (12288, SpaceUnit.BYTES)}
        assert _header(child).table_offset == 8192
        assert _header(child).parent_time_stamp == 0
        assert child.bat is not None
        assert child.bat.entries.tolist() == [bytes_to_sectors(81408), 0xFFFFFFFF]
        assert (parent.disk_type, parent.virtual_size) == (DiskType.FIXED, 4 * 1024 * 1024)


def test_the_pair_of_fat_disks_supplies_exactly_the_stated_sectors(corpus: Path) -> None:
    with open_chain(corpus / "fat-pair/fat-differential.vhd") as chain:
        extents = chain.block_map().extents
        from_child = extents[extents["layer"] == 1]
        sectors = [
            sector
            for start, length in zip(from_child["start"].tolist(), from_child["length"].tolist(), strict=True)
            for sector in range(bytes_to_sectors(start), bytes_to_sectors(start + length))
        ]
        assert tuple(sectors) == FAT_SECTORS
        data = 81408 + 512
        assert (from_child["file_offset"] - from_child["start"] == data).all()


def test_the_pair_of_fat_disks_composes_to_the_stated_disk(corpus: Path) -> None:
    with open_chain(corpus / "fat-pair/fat-differential.vhd") as chain:
        disk = chain.read(0, chain.virtual_size)
    assert hashlib.sha256(disk).hexdigest() == FAT_SHA256
    words = np.frombuffer(disk, dtype=">u4").reshape(-1, 128)
    untouched = np.setdiff1d(np.arange(len(words)), FAT_SECTORS)
    assert (words[untouched] == untouched[:, None]).all()


@pytest.mark.oracle
def test_7zip_composes_the_same_pair_of_fat_disks(corpus: Path, seven_zip: str) -> None:
    answer = SevenZip(seven_zip).read([corpus / "fat-pair/fat-differential.vhd"])
    assert not isinstance(answer, Cannot)
    assert hashlib.sha256(answer).hexdigest() == FAT_SHA256


def test_the_pair_of_windows_8_reads_as_zeros(corpus: Path) -> None:
    with open_chain(corpus / "win8-pair/win8-child.vhd") as chain:
        leaf, base = chain.layers[1].image, chain.layers[0].image
        assert (_footer(leaf).creator_version, _footer(base).creator_version) == (0x000A0000, 0x00060003)
        assert leaf.parent_unique_id == bytes.fromhex("adb719754b5b0b40b025d06dab31b26f") == base.unique_id
        assert {one.name: one.text for one in leaf.locators} == {
            "W2ku": r"C:\Users\sergi\Downloads\win8.vhd",
            "W2ru": r".\win8.vhd",
        }
        assert str(_footer(leaf).geometry) == "963/5/17"
        assert _footer(leaf).geometry.size < chain.virtual_size == 41943040
        assert chain.block_map().extents.tolist() == [(0, 41943040, -1, -1)]
        assert chain.read(0, 41943040) == bytes(41943040)


def test_the_disk_of_xenserver_has_a_batmap(corpus: Path) -> None:
    with open_image(corpus / "single/govhd_xapi.vhd") as image:
        assert image.disk_type is DiskType.DYNAMIC
        assert (_footer(image).creator_application, _footer(image).creator_version) == (b"tap\0", 0x00010003)
        assert _footer(image).creator_host_os == bytes(4)
        assert image.batmap is not None
        assert (image.batmap.offset, image.batmap.record.batmap_offset) == (2048, 2560)


@pytest.mark.parametrize(
    ("name", "creator", "size"),
    [
        ("govhd_vbox.vhd", b"vbox", 41943040),
        ("govhd_qemu.vhd", b"qemu", 41953280),
        ("govhd_win81_1GB.vhd", b"win ", 1024**3),
    ],
)
def test_an_empty_disk_is_one_extent_of_zeros(corpus: Path, name: str, creator: bytes, size: int) -> None:
    with open_chain(corpus / "single" / name) as chain:
        assert _footer(chain.layers[0].image).creator_application == creator
        assert chain.virtual_size == size
        assert chain.block_map().extents.tolist() == [(0, size, -1, -1)]


def test_virtualbox_stores_a_geometry_that_is_short_of_the_size(corpus: Path) -> None:
    with open_image(corpus / "single/govhd_vbox.vhd") as image:
        assert (_footer(image).geometry.size, image.virtual_size) == (41909760, 41943040)


def test_the_current_size_counts_where_the_original_one_differs(corpus: Path) -> None:
    with open_chain(corpus / "single/ronin_origsize_mismatch.vhd") as chain:
        footer = _footer(chain.layers[0].image)
        assert (footer.original_size, footer.current_size) == (1061888, 2123776)
        assert chain.virtual_size == 2123776


def test_the_disk_of_ext2_holds_its_file_system(corpus: Path) -> None:
    with open_chain(corpus / "single/dfvfs_ext2.vhd") as chain:
        assert _footer(chain.layers[0].image).creator_application == b"qemu"
        assert chain.layers[0].image.disk_type is DiskType.DYNAMIC
        # The superblock lies 1,024 bytes behind the beginning: 1,024 inodes and 4,096 blocks of 1 KiB, then its magic.
        inodes, blocks = struct.unpack("<II", chain.read(1024, 8))
        assert (inodes, blocks) == (1024, 4096)
        assert chain.read(1024 + 56, 2) == b"\x53\xef"


# The naive reader asks for every sector, so the disk of 1 GiB is not for it.
@pytest.mark.parametrize(
    "name",
    [*CHILDREN, *CHILDREN.values(), *(f"single/{name}" for name in sorted(SINGLES - {"govhd_win81_1GB.vhd"}))],
)
def test_a_naive_reader_sees_the_same_disk_and_map(corpus: Path, name: str) -> None:
    with open_chain(corpus / name) as chain:
        files = [
            (corpus / posixpath.dirname(name) / posixpath.basename(layer.image.name)).read_bytes()
            for layer in chain.layers
        ]
        assert chain.block_map().extents.tolist() == naive_map(files)
        assert chain.read(0, chain.virtual_size) == naive_read(files)


def test_no_healthy_real_file_has_an_error(corpus: Path) -> None:
    with scan_folder(corpus) as inventory:
        errors = [item for item in audit(inventory).findings if item.severity is Severity.ERROR]
    # The configuration came without its disk.
    assert [(item.code, item.location.path.rpartition("/")[2]) for item in errors] == [
        ("VHD801", "vm_2012r2_ascii_declared_utf16.xml")
    ]


def test_scanning_the_folder_gives_the_right_tree(corpus: Path) -> None:
    with scan_folder(corpus) as inventory:
        names = {image.name: posixpath.relpath(image.name, corpus) for image in inventory.images}
        assert set(names.values()) == {*CHILDREN, *CHILDREN.values(), *(f"single/{name}" for name in SINGLES)}
        found = {names[item.child]: names[item.parent] for item in inventory.resolutions if item.parent is not None}
        assert found == CHILDREN
        assert {item.found_by for item in inventory.resolutions} == {"W2ru"}

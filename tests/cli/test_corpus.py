"""Do the commands say of real disks what is known of them?"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.cli.program import run

pytestmark = pytest.mark.corpus

COMPOSED = "e1135af39c8362c771e0dd03457568095b511d48db0dcade48f549abb03bb869"
SET_SECTORS = [134, 143, *range(152, 160), 184, 185, 188, 190, 191, 192, 194, 196]


def test_the_composed_disk_is_the_known_one(corpus: Path, tmp_path: Path) -> None:
    leaf = corpus / "fat-pair" / "fat-differential.vhd"
    assert run("flatten", leaf, tmp_path / "out.raw").code == 0
    assert hashlib.sha256((tmp_path / "out.raw").read_bytes()).hexdigest() == COMPOSED


def test_the_map_names_the_sectors_that_the_child_holds(corpus: Path) -> None:
    document = run("map", "--json", corpus / "fat-pair" / "fat-differential.vhd").document
    held = [
        sector
        for extent in document["extents"]
        if extent["layer"] == 1
        for sector in range(extent["start"] // 512, (extent["start"] + extent["length"]) // 512)
    ]
    assert held == SET_SECTORS


def test_info_knows_what_the_programs_wrote(corpus: Path) -> None:
    single = corpus / "single"
    names = ["govhd_xapi.vhd", "govhd_vbox.vhd", "govhd_qemu.vhd", "govhd_win81_1GB.vhd", "ronin_origsize_mismatch.vhd"]
    images = run("info", "--json", *(single / name for name in names)).document["images"]
    assert [(image["creator"], image["creator_version"], image["virtual_size"]) for image in images] == [
        ("tap\0", "1.3", 41943040),
        ("vbox", "4.3", 41943040),
        ("qemu", "5.3", 41953280),
        ("win ", "6.3", 1 << 30),
        ("qemu", "5.3", 2123776),
    ]
    assert images[0]["batmap"]["offset"] == 2048
    assert images[0]["batmap"]["batmap_offset"] == 2560
    assert images[4]["original_size"] == 1061888


def test_the_whole_collection_has_one_error_and_the_right_tree(corpus: Path) -> None:
    findings = run("audit", "--json", corpus).document["findings"]
    # The configuration came without its disk.
    errors = [(item["code"], Path(item["location"]["path"]).name) for item in findings if item["severity"] == "error"]
    assert errors == [("VHD801", "vm_2012r2_ascii_declared_utf16.xml")]
    disks = run("tree", "--json", corpus).document["disks"]
    links = {Path(disk["path"]).name: Path(disk["parent"]).name for disk in disks if disk["parent"]}
    assert links == {"fat-differential.vhd": "fat-parent.vhd", "win8-child.vhd": "win8.vhd"}
    assert len(disks) == 10

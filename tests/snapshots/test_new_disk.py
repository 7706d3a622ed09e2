"""A new differencing disk is a sound image that shows its parent, and nothing else."""

from __future__ import annotations

import ntpath
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from vhdchain.findings import Severity
from vhdchain.snapshots.new_disk import ParentOfNew, new_differencing_disk, new_disk_size
from vhdchain.source import BytesSource
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from pathlib import Path

CREATED = 357_638_940
SIZE = 64 * 4096


def parent(**fields: object) -> ParentOfNew:
    values = {"path": r"D:\VMs\base.vhd", "unique_id": b"\7" * 16, "modified": 5, "disk_size": SIZE, "block_size": 4096}
    return ParentOfNew(**{**values, **fields})  # type: ignore[arg-type]


def made(of: ParentOfNew, path: str = r"D:\VMs\leaf.avhd") -> vc.Image:
    raw = new_differencing_disk(of, path=path, unique_id=b"\x09" * 16, created=CREATED)
    return vc.load_image(BytesSource(raw, name="leaf.avhd"))


def test_it_names_its_parent_in_every_way_that_hosts_use() -> None:
    image = made(parent())

    assert image.header is not None
    assert image.header.record.parent_unique_id == b"\7" * 16
    assert image.header.record.parent_time_stamp == 5
    assert image.header.record.parent_name == r"D:\VMs\base.vhd"
    assert [(locator.name, locator.text) for locator in image.locators] == [
        ("W2ku", r"D:\VMs\base.vhd"),
        ("W2ru", r".\base.vhd"),
    ]


@pytest.mark.parametrize(
    ("child", "expected"),
    [
        (r"D:\VMs\Snapshots\1\leaf.avhd", [("W2ku", r"D:\VMs\base.vhd"), ("W2ru", r"..\..\base.vhd")]),
        (r"d:\vms\leaf.avhd", [("W2ku", r"D:\VMs\base.vhd"), ("W2ru", r".\base.vhd")]),
        (r"E:\leaf.avhd", [("W2ku", r"D:\VMs\base.vhd")]),
    ],
)
def test_the_relative_path_leads_from_the_childs_folder(child: str, expected: list[tuple[str, str]]) -> None:
    assert [(item.name, item.text) for item in made(parent(), child).locators] == expected


def test_a_path_too_long_for_the_header_is_named_by_its_last_part() -> None:
    path = ntpath.join("D:\\", "a" * 200, "b" * 60 + ".vhd")
    image = made(parent(path=path))

    assert image.header is not None
    assert image.header.record.parent_name == "b" * 60 + ".vhd"
    assert image.locators[0].text == path


@pytest.mark.parametrize("child", [r"D:\VMs\leaf.avhd", r"E:\leaf.avhd", "D:\\" + "x" * 300 + r"\leaf.avhd"])
@pytest.mark.parametrize("disk_size", [512, 5 << 20, 40 << 30])
def test_its_length_is_known_before_it_is_made(child: str, disk_size: int) -> None:
    of = parent(disk_size=disk_size, path=ntpath.join("D:\\", "y" * 200, "z" * 80 + ".vhd"))
    raw = new_differencing_disk(of, path=child, unique_id=bytes(16), created=CREATED)

    assert new_disk_size(of, child) == len(raw)


@pytest.mark.parametrize("block_size", [0, 512 << 10, 2 << 20])
def test_its_blocks_are_those_of_its_parent_or_the_usual_ones(block_size: int) -> None:
    image = made(parent(block_size=block_size, disk_size=5 << 20))

    assert image.block_size == (block_size or 2 << 20)
    assert (image.virtual_size, image.disk_type) == (5 << 20, "differencing")


def test_its_disk_is_its_parents_and_an_audit_finds_no_fault(tmp_path: Path) -> None:
    tree = ChainBuilder(seed=1)
    base = tree.dynamic("base.vhd", size=SIZE, block_size=4096)
    tree.write(base, 4096, b"below")
    tree.save(tmp_path)
    with vc.open_image(tmp_path / "base.vhd") as image:
        of = parent(unique_id=image.unique_id)
    raw = new_differencing_disk(of, path=r"D:\VMs\leaf.avhd", unique_id=b"\x09" * 16, created=CREATED)
    (tmp_path / "leaf.avhd").write_bytes(raw)

    with vc.open_chain(tmp_path / "leaf.avhd") as chain:
        assert chain.read(0, SIZE) == tree.expected(base).read(0, SIZE)
    with vc.scan_folder(tmp_path) as inventory:
        told = vc.audit(inventory, deep=True).findings
    assert [item.code for item in told if item.severity is not Severity.NOTE] == []

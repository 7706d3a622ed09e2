"""A disk that nothing builds on grows by its footers; any other is refused, with the reason."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from vhdchain.errors import PlanRefusedError
from vhdchain.image import Image, check_image, scan_image
from vhdchain.merge.patched import PatchedSource
from vhdchain.merge.resizing import plan_resize
from vhdchain.plan import PatchFile
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from vhdchain.testing.images import BuiltImage

SIZE, BLOCK = 1 << 18, 4096


def _disk(*, size: int = SIZE, spare: int = 64, **layout: object) -> tuple[ChainBuilder, BuiltImage]:
    tree = ChainBuilder(seed=9)
    disk = tree.dynamic("disk.vhd", size=size, block_size=BLOCK)
    tree.edit(disk, layout=dataclasses.replace(disk.layout, spare_entries=spare, **layout))  # type: ignore[arg-type]
    tree.write(disk, 0, b"data")
    return tree, disk


def _refused(image: Image, size: int, children: tuple[str, ...] = ()) -> PlanRefusedError:
    with pytest.raises(PlanRefusedError) as refused:
        plan_resize(image, size, name="disk.vhd", children=children)
    return refused.value


def test_a_lone_disk_is_expanded_in_both_footers() -> None:
    tree, disk = _disk()
    image = scan_image(tree.source(disk))
    plan = plan_resize(image, SIZE + 10 * BLOCK, name="disk.vhd", children=())
    (step,) = plan.steps
    assert isinstance(step, PatchFile)
    assert [patch.offset for patch in step.patches] == [0, image.data_end]
    grown = scan_image(PatchedSource(image.source, step.patches))
    assert grown.virtual_size == SIZE + 10 * BLOCK
    assert {item.code for item in check_image(grown)} - {item.code for item in check_image(image)} == {"VHD125"}


def test_a_disk_with_children_is_refused() -> None:
    tree, disk = _disk()
    refused = _refused(scan_image(tree.source(disk)), 2 * SIZE, ("leaf.avhd",))
    assert [(item.code, item.related) for item in refused.findings] == [("VHD911", ("leaf.avhd",))]


def test_a_leaf_grows_beyond_its_parent_with_a_warning() -> None:
    tree, disk = _disk()
    leaf = tree.snapshot(disk, "leaf.avhd")
    tree.edit(leaf, layout=dataclasses.replace(leaf.layout, spare_entries=64))
    plan = plan_resize(scan_image(tree.source(leaf)), SIZE + BLOCK, name="leaf.avhd", children=())
    assert [item.code for item in plan.findings] == ["VHD611"]


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        (SIZE, "is not shrunk"),
        (SIZE + 100, "no whole number of sectors"),
        (1 << 50, "the largest that hosts take"),
        (SIZE + 65 * BLOCK, "the BAT has 128 entries"),
    ],
)
def test_a_size_that_the_footers_alone_cannot_give_is_refused(size: int, reason: str) -> None:
    tree, disk = _disk()
    assert reason in str(_refused(scan_image(tree.source(disk)), size))


def test_a_fixed_disk_is_refused() -> None:
    tree = ChainBuilder()
    disk = tree.fixed("disk.vhd", size=SIZE)
    assert "no dynamic or differencing disk" in str(_refused(scan_image(tree.source(disk)), 2 * SIZE))


def test_data_behind_the_end_would_become_the_guests() -> None:
    tree, disk = _disk(size=SIZE - 1024)
    tree.block(disk, SIZE // BLOCK - 1, data=b"x" * BLOCK)
    assert "behind the end" in str(_refused(scan_image(tree.source(disk)), SIZE))


def test_a_last_block_that_is_cut_short_is_refused() -> None:
    tree, disk = _disk(size=SIZE - 1024, truncated_tail=True)
    tree.write(disk, SIZE - 2048, b"tail")
    assert "cut short" in str(_refused(scan_image(tree.source(disk)), SIZE))

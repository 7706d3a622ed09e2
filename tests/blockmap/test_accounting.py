"""What does an account say of a family that can be counted by hand, and does it matter how it is cut into chunks?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vhdchain.blockmap import FamilyAccount, SectorUsage, account, family_of, family_rows
from vhdchain.testing import ChainBuilder
from vhdchain.testing.opening import built_image

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from vhdchain.testing import BuiltImage

BLOCK = 4096
SECTOR = 512


def _account(
    tree: ChainBuilder,
    images: Sequence[BuiltImage],
    *,
    views: Collection[int] = (),
    runs: Sequence[tuple[int, ...]] = (),
) -> FamilyAccount:
    parents = [None if image.parent is None else images.index(image.parent) for image in images]
    opened = [built_image(tree, image) for image in images]
    return account(family_of(opened, parents, [number in views for number in range(len(images))]), runs)


def _fork() -> tuple[ChainBuilder, list[BuiltImage]]:
    """Return a base with sectors 0 to 7 set, and two children: one hides 0 and 1, the other 1 and 2."""
    tree = ChainBuilder(seed=1)
    base = tree.dynamic("base.vhd", size=64 * BLOCK, block_size=BLOCK)
    tree.write(base, 0, b"a" * BLOCK)
    one, two = tree.snapshot(base, "one.avhd"), tree.snapshot(base, "two.avhd")
    tree.write(one, 0, b"b" * 2 * SECTOR)
    tree.write(two, SECTOR, b"c" * 2 * SECTOR)
    return tree, [base, one, two]


def test_two_leaves_over_a_base() -> None:
    tree, images = _fork()
    base, one, two = _account(tree, images).sectors
    assert base == SectorUsage(exclusive=2 * SECTOR, shared=5 * SECTOR, dead=SECTOR, clear=0)
    assert one == two == SectorUsage(exclusive=2 * SECTOR, shared=0, dead=0, clear=6 * SECTOR)


def test_a_disk_that_a_configuration_names_is_a_view() -> None:
    tree, images = _fork()
    base, *_ = _account(tree, images, views=[0]).sectors
    # The base shows all of itself, and nothing in it is dead any more.
    assert base == SectorUsage(exclusive=SECTOR, shared=7 * SECTOR, dead=0, clear=0)


def test_what_lies_behind_a_shorter_disk_is_dead() -> None:
    tree = ChainBuilder(seed=1)
    base = tree.fixed("base.vhd", size=4 * BLOCK)
    leaf = tree.snapshot(base, "leaf.avhd", block_size=BLOCK)
    tree.resize(leaf, BLOCK)
    found = _account(tree, [base, leaf])
    assert found.sectors[0] == SectorUsage(exclusive=BLOCK, shared=0, dead=3 * BLOCK, clear=0)
    assert found.sectors[1] == SectorUsage(exclusive=0, shared=0, dead=0, clear=0)


def test_what_a_merge_and_a_flattening_come_to() -> None:
    tree, images = _fork()
    tree.write(images[1], 9 * BLOCK, b"new")
    found = _account(tree, images, runs=[(0, 1)])
    (merge,) = found.merges
    assert (merge.blocks, merge.room) == (1, BLOCK + SECTOR)
    assert merge.after == len(bytes(tree.file(images[0]).content)) + BLOCK + SECTOR
    assert merge.frees == len(bytes(tree.file(images[1]).content)) - BLOCK - SECTOR
    # Copy, header, one sector of BAT, two blocks with their bitmaps, footer.
    assert found.flattened[1] == 512 + 1024 + 512 + 2 * (BLOCK + SECTOR) + 512


def test_a_child_of_a_missing_parent_is_counted_and_not_flattened() -> None:
    tree, images = _fork()
    found = account(family_of([built_image(tree, images[1])], [None], [False]))
    assert found.sectors == (SectorUsage(exclusive=2 * SECTOR, shared=0, dead=0, clear=6 * SECTOR),)
    assert found.flattened == (None,)


def _many(kind: str) -> tuple[ChainBuilder, list[BuiltImage]]:
    """Return a family in which many rows have blocks of several files, of several block sizes."""
    tree = ChainBuilder(seed=kind)
    size = 300 * BLOCK + 3 * SECTOR
    base = (
        tree.fixed("base.vhd", size=size) if kind == "fixed" else tree.dynamic("base.vhd", size=size, block_size=BLOCK)
    )
    images = [base]
    for number in range(9):
        parent = images[number * 2 // 3]
        images.append(tree.snapshot(parent, f"{number}.avhd", block_size=(BLOCK, 2 * BLOCK, 16 * BLOCK)[number % 3]))
        for place in range(7):
            offset = (place * 7919 + number * 104_729) * SECTOR % (size - 5 * SECTOR)
            tree.fill(images[-1], offset, 5 * SECTOR)
    return tree, images


@pytest.mark.parametrize("kind", ["fixed", "dynamic"])
@pytest.mark.parametrize("chunk", [1, 64, 1000])
def test_the_size_of_chunks_changes_nothing(kind: str, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    tree, images = _many(kind)
    runs = [(0, 1), (0, 1, 3)]
    whole = _account(tree, images, views=[2, 3], runs=runs)
    monkeypatch.setattr(family_rows, "_CHUNK_BYTES", chunk)
    assert _account(tree, images, views=[2, 3], runs=runs) == whole

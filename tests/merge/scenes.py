"""Which chains are merged in tests of crashes, and what must be read of them at every moment?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from vhdchain.shell.merging import plan_merge
from vhdchain.shell.opening import open_chain
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.dialects import BLKTAP, Layout
from vhdchain.units import sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vhdchain.plan import Plan

BLOCK = 4096
SIZE = 12 * BLOCK
MODIFIED = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def disk_of(path: Path) -> bytes:
    """Return what the guest sees of the disk of a file."""
    with open_chain(path) as chain:
        return chain.read(0, chain.virtual_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A folder in which something is merged.

    Attributes:
        build: Makes the tree.
        child: What is merged.
        into: What takes it up.
        seen: Disks whose content never changes, however far the merge is; the child is read as long as it is there.
        in_place: As of `plan_merge`.
    """

    build: Callable[[], ChainBuilder]
    child: str
    into: str
    seen: tuple[str, ...] = ()
    in_place: bool = False

    def plan(self, folder: Path) -> Plan:
        """Return the plan for the scene's files in ``folder``."""
        return plan_merge(folder / self.child, into=folder / self.into, in_place=self.in_place, modified=MODIFIED)

    def expected(self) -> dict[str, bytes]:
        """Return the content of every disk, as the builder knows it."""
        return _contents(self.build)

    def check(self, folder: Path) -> None:
        """Raise AssertionError unless every disk that somebody wants reads as before."""
        known = self.expected()
        top = self.child if (folder / self.child).exists() else self.into
        assert disk_of(folder / top) == known[self.child], top
        for name in self.seen:
            assert disk_of(folder / name) == known[name], name

    def check_done(self, folder: Path) -> None:
        """The same, and the merged files are gone."""
        assert not (folder / self.child).exists()
        self.check(folder)
        known = self.expected()
        for path in folder.iterdir():
            assert path.name in known, path.name
            disk_of(path)


@cache
def _contents(build: Callable[[], ChainBuilder]) -> dict[str, bytes]:
    tree = build()
    return {image.name: bytes(tree.expected(image).read(0, image.size)) for image in tree.images}


def _snapshot_with_a_child() -> ChainBuilder:
    tree = ChainBuilder(seed="crash")
    base = tree.dynamic("base.vhd", size=SIZE, block_size=BLOCK)
    tree.fill(base, 0, 3 * BLOCK)
    leaf = tree.snapshot(base, "leaf.avhd")
    tree.fill(leaf, BLOCK + 512, 1024)
    tree.fill(leaf, 2 * BLOCK, BLOCK)
    tree.fill(leaf, 7 * BLOCK + 1536, 3 * BLOCK)
    tree.fill(tree.snapshot(leaf, "above.avhd"), 9 * BLOCK, 2048)
    return tree


def _three_links() -> ChainBuilder:
    tree = ChainBuilder(seed="links")
    base = tree.dynamic(
        "base.vhd",
        size=SIZE - 1024,
        block_size=2 * BLOCK,
        layout=Layout(footer_length=511, truncated_tail=True, spare_entries=130),
    )
    tree.fill(base, SIZE - 4096, 3072)
    image = base
    for number, offset in enumerate((0, 3 * BLOCK, 5 * BLOCK + 512)):
        image = tree.snapshot(image, f"link{number}.avhd", block_size=BLOCK << number, layout=Layout())
        tree.fill(image, offset, 2 * BLOCK)
        tree.fill(image, SIZE - 2048, 512)
    return tree


def _blktap_with_a_batmap() -> ChainBuilder:
    tree = ChainBuilder(seed="tap", dialect=BLKTAP)
    base = tree.dynamic("base.vhd", size=SIZE, block_size=BLOCK)
    tree.fill(base, BLOCK, BLOCK)
    middle = tree.snapshot(base, "middle.vhd")
    tree.fill(middle, 0, BLOCK // 2)
    leaf = tree.snapshot(middle, "leaf.vhd")
    tree.fill(leaf, BLOCK // 2, BLOCK // 2)
    tree.fill(leaf, 4 * BLOCK, BLOCK)
    for block in range(5, 11):
        tree.fill(leaf, block * BLOCK + 512 * (block % 3), 1024)
    return tree


def _fixed_base() -> ChainBuilder:
    tree = ChainBuilder(seed="fixed")
    base = tree.fixed("base.vhd", size=SIZE)
    tree.fill(base, 0, SIZE)
    leaf = tree.snapshot(base, "leaf.avhd", block_size=BLOCK)
    tree.fill(leaf, sectors_to_bytes(3), BLOCK)
    for block in range(5, 12):
        tree.fill(leaf, block * BLOCK + 512 * (block % 4), 512)
        tree.fill(leaf, block * BLOCK + 2048, 1024)
    return tree


SCENES = {
    "into the parent of a disk that has a child": Scene(
        build=_snapshot_with_a_child, child="leaf.avhd", into="base.vhd", seen=("above.avhd",)
    ),
    "children patched in place": Scene(build=_snapshot_with_a_child, child="leaf.avhd", into="base.vhd", in_place=True),
    "three links in one pass": Scene(build=_three_links, child="link2.avhd", into="base.vhd"),
    "into a differencing disk with a batmap": Scene(build=_blktap_with_a_batmap, child="leaf.vhd", into="middle.vhd"),
    "into a fixed disk": Scene(build=_fixed_base, child="leaf.avhd", into="base.vhd"),
}

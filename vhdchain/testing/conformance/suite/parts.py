"""What are the chains of the suite made of?

Small disks in the manner of Hyper-V 2008 R2 with blocks of 2 MiB, which every reader is used to: what a case changes is
then all that can lead a reader astray.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.conformance.case import BuiltChain
from vhdchain.testing.dialects import NameForm
from vhdchain.testing.tree import ImageOptions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


BLOCK = 0x200000
SIZE = 2 * BLOCK
BASE, LEAF = "base.vhd", "leaf.avhd"

_USUAL: ImageOptions = {"size": SIZE, "block_size": BLOCK}
_BY_NAME: ImageOptions = {"name_form": NameForm.BASENAME}


def single(
    *, data: bytes | None = None, bitmap: bytes | None = None, name: str = BASE, **options: Unpack[ImageOptions]
) -> BuiltChain:
    """Return one dynamic disk whose blocks are all allocated.

    Args:
        data: What lies in the first block, also under clear bits.
        bitmap: Of the first block; all bits are set by default.
        name: The file's name.
        options: Of the image.
    """
    tree = ChainBuilder(seed="conformance")
    leaf = tree.dynamic(name, **ImageOptions(**{**_USUAL, **options}))
    for block in range(leaf.block_count):
        tree.block(leaf, block)
    tree.block(leaf, 0, data=data, bitmap=bitmap)
    return BuiltChain(tree, leaf)


def pair(
    *,
    bitmap: bytes = b"\xff" * 64,
    data: bytes | None = None,
    base: str = BASE,
    leaf: str = LEAF,
    base_options: ImageOptions | None = None,
    **options: Unpack[ImageOptions],
) -> BuiltChain:
    """Return a full base and a child with one block.

    Args:
        bitmap: The beginning of the child's bitmap.
        data: What lies in the child's block, also under clear bits; text under set ones by default.
        base: The parent's name.
        leaf: The child's name.
        base_options: Of the parent.
        options: Of the child.
    """
    tree = ChainBuilder(seed="conformance")
    parent = tree.dynamic(base, **ImageOptions(**{**_USUAL, **(base_options or {})}))
    for block in range(parent.block_count):
        tree.block(parent, block)
    # A basename in the header lets readers that know no Windows paths find the parent; so does W2ru.
    child = tree.snapshot(parent, leaf, **ImageOptions(**{**_BY_NAME, **options}))
    tree.block(child, 0, bitmap=bitmap, data=data)
    return BuiltChain(tree, child)


def on_bytes(name: str, damage: Callable[[bytes], bytes]) -> Callable[[dict[str, Path]], None]:
    """Return what damages the saved file ``name``."""

    def change(paths: dict[str, Path]) -> None:
        paths[name].write_bytes(damage(paths[name].read_bytes()))

    return change

"""What is a folder recipe, and what does the healthy folder hold that it starts from?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NewType, TypeAlias

from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.edits import BLOCK_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

Link = NewType("Link", str)
"""A symbolic link, by its target."""

Files: TypeAlias = "Mapping[str, bytes | Link]"
"""The files of a folder by their paths below it, with ``/``."""

BASE, LEAF, LONE = "base.vhd", "leaf.avhd", "data.vhd"
SIZE = 10 * BLOCK_SIZE + BLOCK_SIZE // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderRecipe:
    """How to plant one condition in a folder.

    Attributes:
        code: The code that it plants.
        what: What is done to the folder, as a clause.
        damage: From the files of `healthy_folder` to those of the faulty folder.
        also: Codes that unavoidably follow, each with the reason.
        scanned: Which folders below it must be scanned to see it.
        within: Which folders below it parents may be read from; those that are scanned where None.
        denied: Files that the reading account may not open.
    """

    code: str
    what: str
    damage: Callable[[Files], Files]
    also: Mapping[str, str] = field(default_factory=dict)
    scanned: tuple[str, ...] = (".",)
    within: tuple[str, ...] | None = None
    denied: tuple[str, ...] = ()

    @property
    def codes(self) -> frozenset[str]:
        """All the codes that an audit of the faulty folder shows, beside that it was not a deep one."""
        return frozenset({self.code, *self.also})


def healthy_tree() -> ChainBuilder:
    """Return the builder of the healthy folder, to add images to."""
    tree = ChainBuilder(seed="folder")
    base = tree.dynamic(BASE, size=SIZE, block_size=BLOCK_SIZE)
    tree.write(base, 0, b"below")
    tree.write(tree.snapshot(base, LEAF), BLOCK_SIZE, b"above")
    tree.fixed(LONE, size=2 * BLOCK_SIZE)
    return tree


def healthy_folder() -> dict[str, bytes | Link]:
    """Return a folder of a base, a leaf above it and a disk on its own."""
    tree = healthy_tree()
    return {image.name: bytes(tree.file(image).content) for image in tree.images}


def write_folder(files: Files, folder: Path) -> None:
    """Write ``files`` below ``folder``, which exists."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.symlink_to(content)


def bytes_of(files: Files, name: str) -> bytes:
    """Return the content of a file, which is no link."""
    content = files[name]
    assert isinstance(content, bytes)
    return content


def edited(files: Files, name: str, edit: Callable[[bytes], bytes]) -> Files:
    """Return ``files`` with the content of ``name`` edited."""
    return {**files, name: edit(bytes_of(files, name))}


def moved(files: Files, name: str, *targets: str) -> Files:
    """Return ``files`` with ``name`` moved, or copied, to ``targets``; gone where there are none."""
    rest = {other: content for other, content in files.items() if other != name}
    return {**rest, **dict.fromkeys(targets, files[name])}


def apart(_: Files) -> Files:
    """Return the leaf in a folder of its own, with a locator that leads to the base in another one."""
    tree = ChainBuilder(seed="folder")
    base = tree.dynamic(f"library/{BASE}", size=SIZE, block_size=BLOCK_SIZE)
    leaf = tree.snapshot(base, f"machine/{LEAF}")
    return {image.name: bytes(tree.file(image).content) for image in (base, leaf)}

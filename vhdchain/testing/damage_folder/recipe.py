"""What is a folder recipe, and what does the healthy folder hold that it starts from?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.edits import BLOCK_SIZE
from vhdchain.testing.folder import Files, Link, write_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from vhdchain.testing.lab import HostLab

__all__ = [
    "BASE",
    "LEAF",
    "LONE",
    "SIZE",
    "Files",
    "FolderRecipe",
    "Link",
    "apart",
    "bytes_of",
    "edited",
    "healthy_folder",
    "healthy_tree",
    "moved",
    "write_folder",
]

BASE, LEAF, LONE = "base.vhd", "leaf.avhd", "lone/data.vhd"
SIZE = 10 * BLOCK_SIZE + BLOCK_SIZE // 2


def _as_they_are(files: Files) -> Files:
    return files


def _nothing(_: HostLab) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderRecipe:
    """How to plant one condition in a folder.

    Attributes:
        code: The code that it plants.
        what: What is done to the folder, as a clause.
        damage: From the files of the healthy folder to those of the faulty folder.
        host: Makes the healthy host from whose folder the recipe starts; `healthy_folder` where None.
        change: What is done to that host before its files are written, and `damage` gets them.
        also: Codes that unavoidably follow, each with the reason.
        scanned: Which folders below it must be scanned to see it.
        within: Which folders below it parents may be read from; those that are scanned where None.
        denied: Files that the reading account may not open.
        touched: Files that are written to while the scan runs, after they were read.
        sparse: Whether pages of zeros are written as holes.
        deep: Whether bitmaps and data must be read to see it.
        path_map: Where folders that images name lie, below the faulty folder.
        modified: When files were modified, in seconds since 2000, where not as `write_folder` has it.
        writable: Files that may be written to.
        domain_controllers: The machines that the audit is told to be domain controllers.
        free_space: How many bytes the audit is told to be free for merges.
    """

    code: str
    what: str
    damage: Callable[[Files], Files] = _as_they_are
    host: Callable[[], HostLab] | None = None
    change: Callable[[HostLab], object] = _nothing
    also: Mapping[str, str] = field(default_factory=dict)
    scanned: tuple[str, ...] = (".",)
    within: tuple[str, ...] | None = None
    denied: tuple[str, ...] = ()
    touched: tuple[str, ...] = ()
    sparse: bool = False
    deep: bool = False
    path_map: Mapping[str, str] = field(default_factory=dict)
    modified: Mapping[str, int] = field(default_factory=dict)
    writable: tuple[str, ...] = ()
    domain_controllers: tuple[str, ...] = ()
    free_space: int | None = None

    @property
    def codes(self) -> frozenset[str]:
        """All the codes that an audit of the faulty folder shows beyond the notes that the healthy folder has."""
        return frozenset({self.code, *self.also})

    def plant(self, folder: Path) -> None:
        """Write the faulty folder to ``folder``, which exists. What is `denied` and `touched`, the caller does."""
        files, modified = self._healthy()
        times = {**modified, **self.modified}
        write_folder(self.damage(files), folder, sparse=self.sparse, modified=times, writable=self.writable)

    def _healthy(self) -> tuple[Files, Mapping[str, int]]:
        """Return the files from which `damage` starts, and when they were modified, where that is told."""
        if self.host is None:
            return healthy_folder(), {}
        lab = self.host()
        self.change(lab)
        return lab.contents(), lab.modified()


def healthy_tree() -> ChainBuilder:
    """Return the builder of the healthy folder, to add images to."""
    tree = ChainBuilder(seed="folder")
    base = tree.dynamic(BASE, size=SIZE, block_size=BLOCK_SIZE)
    tree.write(base, 0, b"below")
    tree.write(tree.snapshot(base, LEAF), BLOCK_SIZE, b"above")
    tree.fixed(LONE, size=2 * BLOCK_SIZE)
    return tree


def healthy_folder() -> dict[str, bytes | Link]:
    """Return a folder of a base and a leaf above it, and a disk on its own in a folder below."""
    tree = healthy_tree()
    return {image.name: bytes(tree.file(image).content) for image in tree.images}


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
    tree.write(leaf, BLOCK_SIZE, b"above")
    return {image.name: bytes(tree.file(image).content) for image in (base, leaf)}

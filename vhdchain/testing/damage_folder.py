"""How is one single fault planted in a folder of disks that is otherwise healthy?

For each code of a finding that concerns a link, the graph or the reading of files there is a `FolderRecipe`: a function
from the files of a healthy folder (names and bytes) to those of a faulty one. `write_folder` puts them on disk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NewType, TypeAlias

from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.edits import BLOCK_SIZE, edit_entry, edit_footer, end_footer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

Link = NewType("Link", str)
"""A symbolic link, by its target."""

Files: TypeAlias = "Mapping[str, bytes | Link]"
"""The files of a folder by their paths below it, with ``/``."""

BASE, LEAF, LONE = "base.vhd", "leaf.avhd", "data.vhd"
_SIZE = 10 * BLOCK_SIZE + BLOCK_SIZE // 2


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


def _tree() -> ChainBuilder:
    tree = ChainBuilder(seed="folder")
    base = tree.dynamic(BASE, size=_SIZE, block_size=BLOCK_SIZE)
    tree.write(base, 0, b"below")
    tree.write(tree.snapshot(base, LEAF), BLOCK_SIZE, b"above")
    tree.fixed(LONE, size=2 * BLOCK_SIZE)
    return tree


def healthy_folder() -> dict[str, bytes | Link]:
    """Return a folder of a base, a leaf above it and a disk on its own."""
    tree = _tree()
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


def _bytes(files: Files, name: str) -> bytes:
    content = files[name]
    assert isinstance(content, bytes)
    return content


def _edited(files: Files, name: str, edit: Callable[[bytes], bytes]) -> Files:
    return {**files, name: edit(_bytes(files, name))}


def _moved(files: Files, name: str, *targets: str) -> Files:
    rest = {other: content for other, content in files.items() if other != name}
    return {**rest, **dict.fromkeys(targets, files[name])}


def _apart(_: Files) -> Files:
    """Return the leaf in a folder of its own, with a locator that leads to the base in another one."""
    tree = ChainBuilder(seed="folder")
    base = tree.dynamic(f"library/{BASE}", size=_SIZE, block_size=BLOCK_SIZE)
    leaf = tree.snapshot(base, f"machine/{LEAF}")
    return {image.name: bytes(tree.file(image).content) for image in (base, leaf)}


def _with_second_child(files: Files) -> Files:
    tree = _tree()
    branch = tree.snapshot(tree.image(BASE), "branch.avhd")
    return {**files, branch.name: bytes(tree.file(branch).content)}


def _cycle(files: Files) -> Files:
    base, leaf = end_footer(_bytes(files, BASE)), end_footer(_bytes(files, LEAF))
    tree = ChainBuilder(seed="cycle")
    below = tree.dynamic(LEAF, size=_SIZE, block_size=BLOCK_SIZE, unique_id=leaf.unique_id)
    above = tree.snapshot(below, BASE, unique_id=base.unique_id)
    return {**files, BASE: bytes(tree.file(above).content)}


def _smaller(raw: bytes) -> bytes:
    return edit_footer(raw, current_size=_SIZE - BLOCK_SIZE // 2)


def _larger(raw: bytes) -> bytes:
    return edit_footer(raw, current_size=_SIZE + BLOCK_SIZE // 2)


_ALL = (
    FolderRecipe(
        code="VHD001",
        what="a link leads to itself",
        damage=lambda files: {**files, "loop.avhd": Link("loop.avhd")},
    ),
    FolderRecipe(
        code="VHD003",
        what="the base lies beside the folder that is scanned",
        damage=_apart,
        also={"VHD714": "what lies outside is missing from the picture"},
        scanned=("machine",),
    ),
    FolderRecipe(
        code="VHD601",
        what="the base is gone",
        damage=lambda files: _moved(files, BASE),
    ),
    FolderRecipe(
        code="VHD602",
        what="the base has another name",
        damage=lambda files: _moved(files, BASE, "renamed.vhd"),
    ),
    FolderRecipe(
        code="VHD603",
        what="the base has another identifier",
        damage=lambda files: _edited(files, BASE, lambda raw: edit_footer(raw, unique_id=b"\x17" * 16)),
    ),
    FolderRecipe(
        code="VHD605",
        what="the base is gone, and two copies of it lie elsewhere",
        damage=lambda files: _moved(files, BASE, "one/first.vhd", "two/second.vhd"),
        also={"VHD702": "copies have the same identifier"},
    ),
    FolderRecipe(
        code="VHD610",
        what="the leaf's disk is half a block smaller",
        damage=lambda files: _edited(files, LEAF, _smaller),
    ),
    FolderRecipe(
        code="VHD611",
        what="the leaf's disk is half a block larger",
        damage=lambda files: _edited(files, LEAF, _larger),
    ),
    FolderRecipe(
        code="VHD615",
        what="a BAT entry of the base is zero",
        damage=lambda files: _edited(files, BASE, lambda raw: edit_entry(raw, 3, 0)),
        also={"VHD403": "it is the error that the leaf suffers from"},
    ),
    FolderRecipe(
        code="VHD617",
        what="the leaf was copied over its base",
        damage=lambda files: {LONE: files[LONE], BASE: files[LEAF]},
    ),
    FolderRecipe(
        code="VHD628",
        what="the base may not be opened",
        damage=_apart,
        scanned=("machine",),
        within=(".",),
        denied=(f"library/{BASE}",),
    ),
    FolderRecipe(
        code="VHD701",
        what="the base is a child of its leaf",
        damage=_cycle,
    ),
    FolderRecipe(
        code="VHD702",
        what="a disk was copied",
        damage=lambda files: {**files, "copy.vhd": files[LONE]},
    ),
    FolderRecipe(
        code="VHD704",
        what="the base has a second child",
        damage=_with_second_child,
    ),
    FolderRecipe(
        code="VHD714",
        what="the base lies beside the folder that is scanned",
        damage=_apart,
        also={"VHD003": "the parent was refused"},
        scanned=("machine",),
    ),
)

FOLDER_RECIPES: Mapping[str, FolderRecipe] = MappingProxyType({recipe.code: recipe for recipe in _ALL})
"""The recipe of every code that only a folder can show, in the order of the codes."""

"""Folders that the commands are tried on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from vhdchain.testing import BuiltImage, ChainBuilder

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A saved tree, and what its builder knows of it."""

    folder: Path
    tree: ChainBuilder

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def image(self, name: str) -> BuiltImage:
        return self.tree.image(name)


def _tree() -> ChainBuilder:
    tree = ChainBuilder(seed="cli", windows_folder="D:\\VMs")
    base = tree.dynamic("base.vhd", size=4 * MIB, block_size=MIB)
    tree.fill(base, 0, 3 * 512)
    middle = tree.snapshot(base, "middle.avhd")
    tree.fill(middle, 512, 512)
    leaf = tree.snapshot(middle, "leaf.avhd")
    tree.fill(leaf, 2 * MIB + 1024, 512)
    other = tree.snapshot(middle, "other.avhd")
    tree.fill(other, 0, 512)
    return tree


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A base, a snapshot, and two leaves on it. Read only: it is built once."""
    folder, tree = tmp_path_factory.mktemp("healthy"), _tree()
    tree.save(folder)
    return Built(folder=folder, tree=tree)


@pytest.fixture
def broken(tmp_path: Path) -> Built:
    """The same, without the snapshot in the middle. Each test has its own."""
    folder, tree = tmp_path / "broken", _tree()
    tree.save(folder)
    (folder / "middle.avhd").unlink()
    return Built(folder=folder, tree=tree)

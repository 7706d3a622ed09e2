"""Which chains are measured, and where do they lie?

The standard ones: *A*, a disk of 40 GiB with ten layers in each pattern; *B*, 127 GiB with 51 layers, mixed; *C*,
2,040 GiB with 51 layers, clustered, metadata only. Or one of any size in the patterns that are asked for. A chain is
written when it is needed, into its own folder, and removed after it unless its folder is to be kept.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.generate import BLOCK_SIZE, GIB, Shape, generate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

STANDARD = ("A", "B", "C")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A chain under measurement.

    Attributes:
        key: Which of the standard chains it is; empty for one of another size.
        shape: What it was made from.
        paths: Its files, base first.
    """

    key: str
    shape: Shape
    paths: Sequence[Path]

    @property
    def name(self) -> str:
        """What tables call it."""
        return self.shape.name

    @property
    def leaf(self) -> Path:
        """The file whose disk is measured."""
        return self.paths[-1]

    @property
    def folder(self) -> Path:
        """The folder that holds the chain and nothing else."""
        return self.leaf.parent

    @property
    def blocks(self) -> int:
        """How many blocks the disk has."""
        return self.shape.size // BLOCK_SIZE


def standard_shapes(keys: Sequence[str], patterns: Sequence[str]) -> Iterator[tuple[str, Shape]]:
    """Yield the standard chains of these keys; ``patterns`` are those in which A is wanted."""
    if "A" in keys:
        for pattern in patterns:
            yield "A", Shape(name=f"A {pattern}", size=40 * GIB, layers=10, pattern=pattern)
    if "B" in keys:
        yield "B", Shape(name="B mixed", size=127 * GIB, layers=51, pattern="mixed", base_share=0.02, share=0.001)
    if "C" in keys:
        yield "C", tables_shape("C clustered", 2040, 51)


def tables_shape(name: str, size_gib: float, layers: int, *, base_pattern: str = "full") -> Shape:
    """Return a chain of metadata only: half of the blocks in the base, a hundredth in every other layer."""
    return Shape(
        name=name,
        size=whole_blocks(size_gib),
        layers=layers,
        pattern="clustered",
        base_pattern=base_pattern,
        base_share=0.5,
        payload=False,
    )


def sized_shapes(size_gib: float, layers: int, patterns: Sequence[str]) -> Iterator[tuple[str, Shape]]:
    """Yield chains of one size, in these patterns."""
    for pattern in patterns:
        name = f"{size_gib:g} GiB x {layers} {pattern}"
        yield "", Shape(name=name, size=whole_blocks(size_gib), layers=layers, pattern=pattern)


def whole_blocks(size_gib: float) -> int:
    """Return a size in bytes: whole blocks, and at least one."""
    return max(1, round(size_gib * GIB / BLOCK_SIZE)) * BLOCK_SIZE


@contextmanager
def written(key: str, shape: Shape, parent: Path, *, keep: bool) -> Iterator[Subject]:
    """Give the chain of ``shape`` in a folder below ``parent``; it is written unless it is there."""
    folder = parent / shape.name.replace(" ", "-")
    done = folder.with_name(f"{folder.name}.whole")  # an interrupted run leaves half a chain
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        generate(shape, folder)
        done.touch()
    try:
        yield Subject(key=key, shape=shape, paths=sorted(folder.glob("*.vhd")))
    finally:
        if not keep:
            done.unlink()
            shutil.rmtree(folder)

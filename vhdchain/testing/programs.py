"""What does a tree look like after each of these steps?

A program is a tuple of steps (values that can be printed, compared and pasted into a test). Running it acts on the
builder and on the reference model together and calls back after every step, so that a reader can be compared with the
model at each of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from vhdchain.structures.footer import DiskType
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.model import ModelDisks, naive_map, naive_read
from vhdchain.units import bytes_to_sectors

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.testing.dialects import Layout
    from vhdchain.testing.images import BuiltImage


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """Make a base."""

    image: str
    kind: DiskType = DiskType.DYNAMIC
    size: int
    block_size: int = 4096
    layout: Layout | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Write ``payload(fill, offset, length)`` to the disk of a leaf; fill 0 writes zeros, which hide the parent."""

    image: str
    offset: int
    length: int
    fill: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Make a child of ``parent``; of a parent that has a child already: a branch."""

    parent: str
    image: str
    block_size: int | None = None
    layout: Layout | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resize:
    """Give a disk another size."""

    image: str
    size: int


Step: TypeAlias = Create | Write | Snapshot | Resize
Program: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramState:
    """Builder and model after the same steps."""

    tree: ChainBuilder
    model: ModelDisks = field(default_factory=ModelDisks)

    def chain_files(self, image: BuiltImage) -> list[bytes]:
        """Return the bytes of the files of the chain of ``image``, base first."""
        return [bytes(self.tree.file(layer).content) for layer in image.stack]


def run_program(
    program: Program, *, tree: ChainBuilder | None = None, after_each: Callable[[ProgramState, Step], object]
) -> ProgramState:
    """Run ``program`` on builder and model together.

    Args:
        program: The steps.
        tree: An empty builder; one of seed 0 by default.
        after_each: Called with the state and the step that led to it.

    Raises:
        ValueError: A step is not possible: a name that exists, a write to an image with children or outside the disk.
        KeyError: A step names an image that does not exist.
    """
    state = ProgramState(tree=ChainBuilder() if tree is None else tree)
    for step in program:
        run_step(state, step)
        after_each(state, step)
    return state


def run_step(state: ProgramState, step: Step) -> None:
    """Carry out one step on builder and model together.

    Raises:
        ValueError: It is not possible: a name that exists, a write to an image with children or outside the disk.
        KeyError: It names an image that does not exist.
    """
    tree, model = state.tree, state.model
    match step:
        case Create():
            layout = step.layout or tree.dialect.layout
            if step.kind is DiskType.RAW:
                image = tree.raw(step.image, size=step.size)
            else:
                image = tree.create(step.kind, step.image, size=step.size, block_size=step.block_size, layout=layout)
            whole = image.kind is DiskType.DYNAMIC and layout.whole_blocks
            allocation = bytes_to_sectors(step.block_size) if whole else 1
            model.create(step.image, size=step.size, supplies_all=not image.is_sparse, allocation=allocation)
        case Write():
            data = payload(step.fill, step.offset, step.length)
            tree.write(tree.image(step.image), step.offset, data)
            model.write(step.image, step.offset, data)
        case Snapshot():
            parent = tree.image(step.parent)
            block_size = step.block_size or parent.block_size
            layout = step.layout or parent.layout
            tree.snapshot(parent, step.image, block_size=block_size, layout=layout)
            model.create(step.image, size=parent.size, parent=step.parent)
        case Resize():
            tree.resize(tree.image(step.image), step.size)
            model.resize(step.image, step.size)


def payload(fill: int, offset: int, length: int) -> bytes:
    """Return bytes that tell ``fill`` and, every eight bytes, the place on the disk; zeros for fill 0."""
    if not fill:
        return bytes(length)
    first = offset // 8
    words = b"".join(
        bytes([fill & 0xFF]) + word.to_bytes(7, "big") for word in range(first, (offset + length) // 8 + 1)
    )
    return words[offset - first * 8 :][:length]


def check_builder(state: ProgramState, step: Step | None = None) -> None:
    """Raise AssertionError unless builder, model and naive reader agree on every disk of ``state``.

    Args:
        state: What a program led to.
        step: The last step, for the message.
    """
    for image in state.tree.images:
        expected, disk = state.tree.expected(image), state.model.read(image.name)
        files = state.chain_files(image)
        where = f"{image.name} after {step}"
        assert expected == disk, f"{where}: the builder's disk differs from the model's"
        assert naive_read(files) == disk, f"{where}: the files read differently from the model"
        assert naive_map(files) == expected.extents, f"{where}: the files' map differs from the builder's"
        layers = [extent.layer for extent in expected.extents for _ in range(bytes_to_sectors(extent.length))]
        assert layers == state.model.layers(image.name), f"{where}: the map's layers differ from the model's"

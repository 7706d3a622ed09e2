"""How does a reader keep up with a tree that grows, snapshot by snapshot?

A state machine for Hypothesis to subclass: it writes, takes snapshots anywhere, makes branches and resizes, on the
builder and on the reference model together. The subclass says what must hold after every step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.programs import Create, ProgramState, Resize, Snapshot, Step, Write, run_step
from vhdchain.testing.recipes import BASES, BLOCK_SIZES
from vhdchain.testing.strategies import layouts, sizes

if TYPE_CHECKING:
    from vhdchain.structures.footer import DiskType
    from vhdchain.testing.dialects import Layout
    from vhdchain.testing.images import BuiltImage

_MOST_SECTORS = 48


class ImageMachine(RuleBasedStateMachine):
    """Images that are written to, snapshotted, branched and resized.

    Attributes:
        state: The builder and the model; see `ProgramState`.
        steps: What was done so far: a program that can be pasted into a test.

    Example:
        >>> from vhdchain.testing import naive_read
        >>> class MyReader(ImageMachine):
        ...     def check(self, image):
        ...         assert naive_read(self.state.chain_files(image)) == self.state.model.read(image.name)
        >>> TestMyReader = MyReader.TestCase
    """

    def __init__(self) -> None:
        super().__init__()
        self.state = ProgramState(tree=ChainBuilder())
        self.steps: list[Step] = []

    def check(self, image: BuiltImage) -> None:
        """Raise AssertionError unless the disk of ``image`` is read right; asked of every image after every step."""
        raise NotImplementedError

    @initialize(
        kind=st.sampled_from(BASES),
        size=sizes(_MOST_SECTORS),
        block_size=st.sampled_from(BLOCK_SIZES),
        layout=layouts(),
    )
    def create(self, kind: DiskType, size: int, block_size: int, layout: Layout) -> None:
        """Make the base."""
        self._do(Create(image="base.vhd", kind=kind, size=size, block_size=block_size, layout=layout))

    @rule(data=st.data(), fill=st.integers(0, 255))
    def write(self, data: st.DataObject, fill: int) -> None:
        """Write to a leaf."""
        image = data.draw(st.sampled_from([leaf.name for leaf in self.state.tree.leaves]), label="leaf")
        size = self.state.tree.image(image).size
        offset = data.draw(st.integers(0, size - 1), label="offset")
        length = data.draw(st.integers(0, size - offset), label="length")
        self._do(Write(image=image, offset=offset, length=length, fill=fill))

    @rule(data=st.data(), block_size=st.sampled_from(BLOCK_SIZES), layout=layouts())
    def snapshot(self, data: st.DataObject, block_size: int, layout: Layout) -> None:
        """Make a child of any image; of one that has a child already: a branch."""
        parent = data.draw(st.sampled_from([image.name for image in self.state.tree.images]), label="parent")
        name = f"snapshot{len(self.state.tree.images)}.avhd"
        self._do(Snapshot(parent=parent, image=name, block_size=block_size, layout=layout))

    @rule(data=st.data(), size=sizes(_MOST_SECTORS))
    def resize(self, data: st.DataObject, size: int) -> None:
        """Give any disk another size."""
        image = data.draw(st.sampled_from([image.name for image in self.state.tree.images]), label="image")
        self._do(Resize(image=image, size=size))

    @invariant()
    def every_disk_is_read_right(self) -> None:
        """Ask `check` about every image."""
        for image in self.state.tree.images:
            self.check(image)

    def _do(self, step: Step) -> None:
        self.steps.append(step)
        run_step(self.state, step)

"""Which images, chains and programs should a property be tried on?

Hypothesis strategies that draw values (`vhdchain.testing.recipes`, `vhdchain.testing.programs`), so that a failure
prints what can be pasted into a test. They shrink towards one small dynamic disk with no block in it. Import this
module only where Hypothesis is installed; nothing else of ``vhdchain.testing`` needs it.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from vhdchain.testing.dialects import (
    DIALECTS,
    MACX,
    W2KU,
    W2RU,
    WI2R,
    Layout,
    LocatorsAt,
    NameForm,
    Order,
)
from vhdchain.testing.programs import Create, Program, Resize, Snapshot, Step, Write
from vhdchain.testing.recipes import (
    BASES,
    BIT_PATTERNS,
    BLOCK_SIZES,
    BlockRecipe,
    ChainRecipe,
    Content,
    LayerRecipe,
    TreeRecipe,
)
from vhdchain.testing.strategies_of_hosts import DamagedImage, LabRecipe, damaged, labs
from vhdchain.units import bitmap_length, blocks_for, bytes_to_sectors, ceil_div, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.structures.footer import DiskType


__all__ = [
    "DamagedImage",
    "LabRecipe",
    "chains",
    "damaged",
    "images",
    "labs",
    "layouts",
    "programs",
    "sizes",
    "trees",
]

# Strategies are validated when they are first drawn from, which costs more than the draw: made once, they are cheap.
_LAYOUTS = st.builds(
    Layout,
    header_offset=st.sampled_from((512, 1024, 4096)),
    locators_at=st.sampled_from((LocatorsAt.AFTER_BAT, LocatorsAt.BEFORE_BAT, LocatorsAt.AFTER_DATA)),
    order=st.sampled_from(tuple(Order)),
    data_alignment=st.sampled_from((512, 4096)),
    gap=st.sampled_from((0, 512, 1536)),
    spare_entries=st.sampled_from((0, 1, 127, 128, 129)),
    bat_padding=st.sampled_from((0xFF, 0x00)),
    bitmap_padding=st.sampled_from((0x00, 0xFF)),
    batmap=st.booleans(),
    footer_length=st.sampled_from((512, 511)),
    truncated_tail=st.booleans(),
    junk=st.booleans(),
    whole_blocks=st.booleans(),
)
_BOOLEANS = st.booleans()
_PATTERNS = st.sampled_from(BIT_PATTERNS)
_BLOCK_SIZES = st.sampled_from(BLOCK_SIZES)
_CONTENTS = st.sampled_from((Content.LABEL, Content.ZEROS))
_DIALECTS = st.sampled_from(DIALECTS)
_NAME_FORMS = st.sampled_from(tuple(NameForm))
_LOCATORS = st.none() | st.lists(st.sampled_from((W2RU, W2KU, MACX, WI2R)), min_size=1, max_size=8).map(tuple)
_KEPT = st.integers(0, 5)
_SEEDS = st.integers(0, 3)
_ACTIONS = st.sampled_from(("write", "write", "write", "snapshot", "resize"))


def layouts() -> st.SearchStrategy[Layout]:
    """Return a strategy for everything that a `Layout` can say."""
    return _LAYOUTS


def sizes(max_sectors: int = 64) -> st.SearchStrategy[int]:
    """Return a strategy for disk sizes in bytes: any multiple of 512, up to ``max_sectors`` sectors."""
    return st.integers(1, max_sectors).map(sectors_to_bytes)


@st.composite
def _bitmaps(draw: st.DrawFn, block_size: int) -> bytes:
    used = ceil_div(bytes_to_sectors(block_size), 8)
    if draw(_BOOLEANS):
        return draw(_PATTERNS) * used
    # Now and then also behind the last sector's bit, where they mean nothing.
    return draw(st.binary(max_size=min(used + 1, bitmap_length(block_size))))


# Blocks and layers, the base among them, are items of lists, so that one can go and the others stay.
@st.composite
def _blocks(draw: st.DrawFn, block_size: int, count: int) -> BlockRecipe:
    index = draw(st.integers(0, count - 1))
    return BlockRecipe(index=index, bitmap=draw(_bitmaps(block_size)), content=draw(_CONTENTS))


@st.composite
def _layers(
    draw: st.DrawFn,
    kinds: Sequence[DiskType],
    max_sectors: int,
    size: int | None,
    folders: Sequence[str] = ("",),
    *,
    resized: bool = False,
) -> LayerRecipe:
    own_size = draw(sizes(max_sectors)) if size is None else size
    block_size = draw(_BLOCK_SIZES)
    count = blocks_for(own_size, block_size)
    blocks = draw(st.lists(_blocks(block_size, count), unique_by=attrgetter("index"), max_size=6))
    return LayerRecipe(
        kind=draw(st.sampled_from(kinds)),
        size=own_size,
        block_size=block_size,
        blocks=tuple(blocks),
        dialect=draw(_DIALECTS),
        layout=draw(_LAYOUTS),
        locators=draw(_LOCATORS),
        name_form=draw(_NAME_FORMS),
        original_size=draw(st.none() | sizes(max_sectors)) if resized else None,
        folder=draw(st.sampled_from(folders)),
    )


# A layer is drawn in too many steps for Hypothesis to take it out of a list; but it tries the simplest of every step.
@st.composite
def _kept(draw: st.DrawFn, layer: st.SearchStrategy[LayerRecipe]) -> LayerRecipe | None:
    return draw(layer) if draw(_KEPT) else None


def images(
    *, kinds: Sequence[DiskType] = BASES, max_sectors: int = 64, resized: bool = False
) -> st.SearchStrategy[ChainRecipe]:
    """Return a strategy for single images without a parent.

    Args:
        kinds: The kinds to draw from.
        max_sectors: How large the disk may be.
        resized: Whether the original size may be another one than the disk's.
    """
    return chains(kinds=kinds, max_layers=1, max_sectors=max_sectors, resized=resized)


@st.composite
def chains(
    draw: st.DrawFn,
    *,
    kinds: Sequence[DiskType] = BASES,
    max_layers: int = 5,
    max_sectors: int = 64,
    same_size: bool = False,
    resized: bool = False,
    folders: Sequence[str] = ("",),
) -> ChainRecipe:
    """Return a strategy for chains of any mix of sizes, block sizes, layouts, dialects and bit patterns.

    Args:
        draw: Given by Hypothesis.
        kinds: What the base may be.
        max_layers: How many images there may be.
        max_sectors: How large a layer's disk may be.
        same_size: Whether all layers have the base's size, as Windows demands.
        resized: Whether the original size may be another one than the disk's.
        folders: In which folders the files may lie; more than one for readers that find parents by themselves.
    """
    size = draw(sizes(max_sectors)) if same_size else None
    layer = _layers(kinds, max_sectors, size, folders, resized=resized)
    drawn = draw(st.lists(_kept(layer), min_size=1, max_size=max_layers))
    layers = [each for each in drawn if each is not None] or [draw(layer)]
    return ChainRecipe(layers=tuple(layers), seed=draw(_SEEDS))


@st.composite
def trees(
    draw: st.DrawFn, *, kinds: Sequence[DiskType] = BASES, max_images: int = 6, max_sectors: int = 64
) -> TreeRecipe:
    """Return a strategy for trees: chains with branches anywhere.

    Args:
        draw: Given by Hypothesis.
        kinds: What the base may be.
        max_images: How many images there may be.
        max_sectors: How large a disk may be.
    """
    image = st.tuples(_layers(kinds, max_sectors, None), st.integers(0, max_images))
    drawn = draw(st.lists(image, min_size=1, max_size=max_images))
    return TreeRecipe(
        layers=tuple(layer for layer, _ in drawn),
        # Whatever is left when Hypothesis takes an image out, each has a parent among those before it.
        parents=tuple(drawn[above][1] % above for above in range(1, len(drawn))),
        seed=draw(_SEEDS),
    )


@st.composite
def programs(draw: st.DrawFn, *, max_steps: int = 12, max_sectors: int = 48) -> Program:
    """Return a strategy for programs: one base, then writes to leaves, snapshots, branches and resizes.

    Args:
        draw: Given by Hypothesis.
        max_steps: How many steps follow the creation of the base.
        max_sectors: How large a disk may become.
    """
    first = Create(
        image="base.vhd",
        kind=draw(st.sampled_from(BASES)),
        size=draw(sizes(max_sectors)),
        block_size=draw(_BLOCK_SIZES),
        layout=draw(_LAYOUTS),
    )
    steps: list[Step] = [first]
    grown = {first.image: first.size}
    parents: set[str] = set()
    for number in range(draw(st.integers(0, max_steps))):
        leaves = [name for name in grown if name not in parents]
        match draw(_ACTIONS):
            case "write":
                name = draw(st.sampled_from(leaves))
                offset = draw(st.integers(0, grown[name] - 1))
                length = draw(st.integers(0, grown[name] - offset))
                steps.append(Write(image=name, offset=offset, length=length, fill=draw(st.integers(0, 255))))
            case "snapshot":
                parent, name = draw(st.sampled_from(list(grown))), f"snapshot{number}.avhd"
                steps.append(Snapshot(parent=parent, image=name, block_size=draw(_BLOCK_SIZES), layout=draw(_LAYOUTS)))
                grown[name] = grown[parent]
                parents.add(parent)
            case _:
                name = draw(st.sampled_from(list(grown)))
                grown[name] = draw(sizes(max_sectors))
                steps.append(Resize(image=name, size=grown[name]))
    return tuple(steps)

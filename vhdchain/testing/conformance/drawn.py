"""Which random chains is a reader asked about, and how are they drawn again?

From a seed, so that the same number means the same chain everywhere; Hypothesis is not needed. Every other chain is
plain: what any Hyper-V host could have written, with random blocks and bits. The rest mix everything that the builder
knows: writers, layouts, locators, sizes and block sizes. What a test suite wants that shrinks a failure, draws from
``vhdchain.testing.strategies`` instead.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from vhdchain.testing.conformance.case import BuiltChain, Case
from vhdchain.testing.dialects import DIALECTS, HYPER_V_2008_R2, PLAIN, W2RU, Layout, LocatorsAt, NameForm, Order
from vhdchain.testing.recipes import BASES, BIT_PATTERNS, BLOCK_SIZES, BlockRecipe, ChainRecipe, Content, LayerRecipe
from vhdchain.units import blocks_for, bytes_to_sectors, ceil_div, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_LAYERS = 5
_MOST_BLOCKS = 6
_MOST_SECTORS = 256


def random_cases(count: int, seed: int) -> Iterator[Case]:
    """Yield ``count`` cases; the first ones of a longer list are the same."""
    for number in range(count):
        recipe = random_recipe(seed, number)
        layers = len(recipe.layers)
        kind = "what a host could have written" if _is_plain(number) else "anything that the builder knows"
        yield Case(
            name=f"random-{seed}-{number}",
            trap=0,
            asks=f"{layers} random {'layers' if layers > 1 else 'layer'}: {kind}",
            build=partial(_built, recipe),
            recipe=repr(recipe),
        )


def _built(recipe: ChainRecipe) -> BuiltChain:
    return BuiltChain(*recipe.build())


def random_recipe(seed: int, number: int) -> ChainRecipe:
    """Return one of the chains that ``seed`` means."""
    random = Random(f"conformance/{seed}/{number}")
    draw = _plain_layer if _is_plain(number) else _any_layer
    size = sectors_to_bytes(random.randint(1, _MOST_SECTORS))
    layers = [draw(random, size) for _ in range(random.randint(1, _MOST_LAYERS))]
    if _is_plain(number):  # what lies under clear bits of a dynamic disk is another trap's
        layers[0] = replace(layers[0], layout=replace(layers[0].layout, junk=False))
    return ChainRecipe(layers=tuple(layers), seed=seed)


def _is_plain(number: int) -> bool:
    return number % 2 == 0


def _plain_layer(random: Random, size: int) -> LayerRecipe:
    block_size = random.choice([value for value in BLOCK_SIZES if value >= 4096])
    return LayerRecipe(
        size=size,
        block_size=block_size,
        blocks=_blocks(random, size, block_size),
        dialect=HYPER_V_2008_R2,
        locators=(W2RU,),
        layout=Layout(order=random.choice(tuple(Order)), gap=random.choice((0, 512)), junk=random.random() < 0.5),
    )


def _any_layer(random: Random, size: int) -> LayerRecipe:
    own_size = size if random.random() < 0.5 else sectors_to_bytes(random.randint(1, _MOST_SECTORS))
    block_size = random.choice(BLOCK_SIZES)
    return LayerRecipe(
        kind=random.choice(BASES),
        size=own_size,
        block_size=block_size,
        blocks=_blocks(random, own_size, block_size),
        dialect=random.choice(DIALECTS),
        locators=None if random.random() < 0.5 else (W2RU,),
        name_form=random.choice((NameForm.BASENAME, NameForm.FULL_PATH)),
        layout=_layout(random) if random.random() < 0.5 else PLAIN,
    )


def _layout(random: Random) -> Layout:
    return Layout(
        header_offset=random.choice((512, 4096)),
        locators_at=random.choice(tuple(LocatorsAt)),
        order=random.choice(tuple(Order)),
        data_alignment=random.choice((512, 4096)),
        gap=random.choice((0, 1536)),
        spare_entries=random.choice((0, 129)),
        bat_padding=random.choice((0xFF, 0x00)),
        bitmap_padding=random.choice((0x00, 0xFF)),
        batmap=random.random() < 0.5,
        footer_length=random.choice((512, 512, 511)),
        truncated_tail=random.random() < 0.2,
        junk=random.random() < 0.5,
    )


def _blocks(random: Random, size: int, block_size: int) -> tuple[BlockRecipe, ...]:
    count = blocks_for(size, block_size)
    bytes_used = ceil_div(bytes_to_sectors(block_size), 8)
    return tuple(
        BlockRecipe(
            index=index,
            bitmap=random.choice(BIT_PATTERNS) * bytes_used if random.random() < 0.5 else random.randbytes(bytes_used),
            content=Content.ZEROS if random.random() < 0.2 else Content.LABEL,
        )
        for index in random.sample(range(count), random.randint(0, min(count, _MOST_BLOCKS)))
    )

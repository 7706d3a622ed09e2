"""Do other programs treat a file as the verdicts say? Each is asked about every condition that can be planted.

In both directions: where there is a verdict the program shows that effect, where there is none it gives the guest's
bytes. Blocks of the planted images have 4 KiB, so that rules about smaller ones have chains of their own
(``test_faults.py`` holds them).
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.matrix.planting import findings_of
from tests.oracles.others import BY_NAME
from vhdchain.audit.interop import PROGRAMS, RULES, Effect, verdicts_on
from vhdchain.image import scan_image
from vhdchain.source import BytesSource
from vhdchain.structures import DiskType
from vhdchain.testing import ChainBuilder
from vhdchain.testing.damage import RECIPES, Recipe
from vhdchain.testing.edits import BLOCK_SIZE
from vhdchain.testing.oracles import Cannot

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.testing.oracles import Answer, Oracle

pytestmark = pytest.mark.oracle

MEASURED = [program.name for program in PROGRAMS if program.name in BY_NAME]

# What the guest sees is another disk than before, so that there is nothing to compare with; each with the reason.
CHANGED = {
    "VHD129": "the disk is larger than can be compared byte by byte",
    "VHD143": "the guest's first sector is another one",
    "VHD216": "the disk is shorter",
    "VHD413": "a block is lost",
    "VHD417": "all blocks are lost",
    "VHD419": "two blocks have changed places",
    "VHD408": "a locator's text is in a block",
    "VHD454": "a block is cleared",
    "VHD455": "half of a block is cleared",
    "VHD456": "a sector is cleared",
    "VHD458": "the bits are turned round",
    "VHD459": "every other sector is cleared",
    "VHD460": "data is missing, which is told without reading it by VHD404",
    "VHD558": "all blocks are gone",
    "VHD128": "the disk ends within a sector, and everybody rounds in his own way",
}

COMPARED = [recipe for code, recipe in RECIPES.items() if code not in CHANGED]


@cache
def _parent() -> bytes:
    tree = ChainBuilder(seed="healthy")
    size = 10 * BLOCK_SIZE + BLOCK_SIZE // 2
    return bytes(tree.file(tree.create(DiskType.FIXED, "base.vhd", size=size, block_size=BLOCK_SIZE)).content)


def _ask(oracle: Oracle, raw: bytes, kind: DiskType, name: str) -> Answer:
    with tempfile.TemporaryDirectory() as folder:
        files = {"base.vhd": _parent(), name: raw} if kind is DiskType.DIFFERENCING else {name: raw}
        paths = [Path(folder) / file for file in files]
        for path, content in zip(paths, files.values(), strict=True):
            path.write_bytes(content)
        return oracle.read(paths)


_asked: dict[tuple[str, bytes], Answer] = {}


def _healthy_answer(oracle: Oracle, raw: bytes, kind: DiskType, name: str) -> Answer:
    key = (oracle.name, raw)
    if key not in _asked:
        _asked[key] = _ask(oracle, raw, kind, name)
    return _asked[key]


def _effect(answer: Answer, right: bytes) -> Effect | None:
    if isinstance(answer, Cannot):
        return Effect.REFUSES
    if answer == right:
        return None
    return Effect.TRUNCATES if right.startswith(answer) else Effect.MISREADS


@pytest.mark.parametrize("name", MEASURED)
@pytest.mark.parametrize(
    "recipe", [item for code, item in RECIPES.items() if code not in CHANGED], ids=lambda r: r.code
)
def test_a_program_does_what_the_verdicts_say(recipe: Recipe, name: str, installed: Callable[[str], Oracle]) -> None:
    oracle = installed(name)
    kind = DiskType.DYNAMIC if DiskType.DYNAMIC in recipe.kinds else min(recipe.kinds)
    base, file = recipe.healthy(kind), recipe.file_name(kind)
    right = _healthy_answer(oracle, base, kind, file)
    if isinstance(right, Cannot):
        pytest.skip(f"{name} refuses the healthy file, too: {right.reason}")
    raw = recipe.damage(base)
    with scan_image(BytesSource(raw, name=file)) as image:
        verdicts = verdicts_on(image, findings_of(raw, file, deep=recipe.deep))
    told = {item.effect for item in verdicts if item.program.name == name and item.certain and item.code}
    maybe = {item.effect for item in verdicts if item.program.name == name and not item.certain}
    effect = _effect(_ask(oracle, raw, kind, file), right)
    assert (effect in told) if told else (effect is None or effect in maybe), (effect, told, maybe)


def test_every_rule_is_about_codes_that_can_be_planted() -> None:
    assert {code for rule in RULES for code in rule.codes} <= set(RECIPES)
    assert all((rule.fact is None) == bool(rule.codes) for rule in RULES)


def test_every_reason_to_compare_nothing_is_about_a_code() -> None:
    assert set(CHANGED) <= set(RECIPES)

"""Are conditions planted in any image, together, and is what does not show an error?"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from vhdchain.structures import DiskType
from vhdchain.testing import RECIPES, ChainBuilder, DamageError, damage
from vhdchain.testing.damage.planting import plant
from vhdchain.testing.dialects import BLKTAP, DIALECTS

ROOT = Path(__file__).resolve().parent.parent.parent


def image(kind: DiskType = DiskType.DYNAMIC) -> bytes:
    """An image of another size and shape than the one that recipes were written for."""
    tree = ChainBuilder(seed="other")
    disk = tree.create(DiskType.DYNAMIC, "base.vhd", size=63 * 1024 + 512, block_size=4096)
    tree.fill(disk, 0, disk.size)
    if kind is DiskType.FIXED:
        disk = tree.fixed("fixed.vhd", size=64 * 1024)
    if kind is DiskType.DIFFERENCING:
        disk = tree.snapshot(disk, "leaf.avhd")
        tree.fill(disk, 10_000, 50_000)
    return bytes(tree.file(disk).content)


@pytest.mark.parametrize("code", RECIPES)
def test_every_condition_is_planted_in_the_image_that_its_recipe_was_written_for(code: str) -> None:
    recipe = RECIPES[code]
    dialect = next(dialect for dialect in DIALECTS if recipe.fits(dialect))
    for kind in recipe.kinds:
        healthy = recipe.healthy(kind, dialect)
        assert damage(healthy, code) == recipe.damage(healthy)


# A tenth of all pairs, always the same; docs/damages.md names no pair, so what cannot be combined must say so.
_PAIRS = [pair for number, pair in enumerate(combinations(RECIPES, 2)) if number % 97 == 0]


def test_most_pairs_can_be_planted_together_and_the_others_say_why_not() -> None:
    planted, refused = 0, 0
    for first, second in _PAIRS:
        kinds = RECIPES[first].kinds & RECIPES[second].kinds
        if not kinds or RECIPES[first].base is not RECIPES[second].base:
            continue
        healthy = RECIPES[first].healthy(min(kinds))
        try:
            both = damage(healthy, first, second)
        except DamageError:
            refused += 1
        else:
            planted += 1
            assert both == damage(healthy, second, first)
    assert planted > 2 * refused > 0


@pytest.mark.parametrize("codes", [("VHD106",), ("VHD404",), ("VHD204", "VHD404", "VHD113"), ("VHD319", "VHD460")])
def test_conditions_are_planted_in_other_images(codes: tuple[str, ...]) -> None:
    kind = DiskType.DIFFERENCING if "VHD319" in codes else DiskType.DYNAMIC
    assert damage(image(kind), *codes) != image(kind)


def test_nearly_every_condition_is_planted_in_an_image_of_another_shape() -> None:
    lacking = []
    for code, recipe in RECIPES.items():
        try:
            damage(image(max(recipe.kinds)), code)
        except DamageError:
            lacking.append(code)
    # blktap's batmap, and what needs holes between or behind the blocks.
    needs_a_batmap = [code for code in lacking if code.startswith("VHD50") or code == "VHD512"]
    assert len(needs_a_batmap) == 10
    assert len(lacking) - len(needs_a_batmap) <= 10


def test_a_way_is_chosen() -> None:
    healthy = RECIPES["VHD227"].healthy(DiskType.DIFFERENCING)
    ways = RECIPES["VHD227"].damages()
    assert damage(healthy, "VHD227", way="in other letters") == ways["in other letters"](healthy)


@pytest.mark.parametrize(
    ("codes", "kind", "message"),
    [
        (("VHD999",), DiskType.DYNAMIC, "'VHD999' is no code of a finding"),
        (("VHD601",), DiskType.DYNAMIC, "VHD601 is nothing that one file shows by itself"),
        (("VHD301",), DiskType.DYNAMIC, "VHD301 is planted in differencing images; this one is dynamic"),
        (("VHD501",), DiskType.DYNAMIC, "VHD501 .*in this image"),
    ],
)
def test_what_cannot_be_planted_is_told(codes: tuple[str, ...], kind: DiskType, message: str) -> None:
    with pytest.raises(DamageError, match=message):
        damage(image(kind), *codes)


def test_bytes_that_are_no_image_are_told() -> None:
    with pytest.raises(DamageError, match="this one is none at all"):
        damage(bytes(4096), "VHD106")


def test_an_unknown_way_names_those_that_there_are() -> None:
    with pytest.raises(DamageError, match=r"VHD227 is not planted by way of 'x' \(ways: 'in other letters'\)"):
        damage(RECIPES["VHD227"].healthy(DiskType.DIFFERENCING), "VHD227", way="x")


def test_a_damage_that_does_nothing_is_an_error() -> None:

    idle = {"VHD106": replace(RECIPES["VHD106"], damage=lambda raw: raw)}
    with pytest.raises(DamageError, match="VHD106 does not show in this image"):
        plant(idle, image(), ["VHD106"])


def test_a_batmap_needs_blktaps_manner() -> None:
    assert RECIPES["VHD501"].fits(BLKTAP)
    assert damage(RECIPES["VHD501"].healthy(DiskType.DYNAMIC, BLKTAP), "VHD501")


@pytest.mark.parametrize("first", ["vhdchain.testing.damage", "vhdchain.testing"])
def test_damage_is_the_function_whoever_loads_its_package_first(first: str) -> None:
    script = f"import {first}, vhdchain.testing, vhdchain.testing.damage as d; print(vhdchain.testing.damage.__name__)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "damage\n"


def test_the_index_of_recipes_is_the_present_one() -> None:
    spec = importlib.util.spec_from_file_location("generate_damages", ROOT / "docs" / "generate_damages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (ROOT / "docs" / "damages.md").read_text(encoding="utf-8") == module.page()

"""What do the commands make of every damage that can be planted?

The codes come from the recipes, which state them for the checks; here it is shown that they reach the document and the
exit code, and that no damage ends in anything but an answer or one line.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.audit.folders import healthy_codes
from tests.cli.program import ROOT, run
from tests.matrix.planting import cells
from vhdchain.findings import CODES, Severity
from vhdchain.testing.damage import RECIPES
from vhdchain.testing.damage_folder import FOLDER_RECIPES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Ran
    from vhdchain.testing.damage import Recipe
    from vhdchain.testing.damage_folder import FolderRecipe

# What depends on the time at which one looks, and on whether the disk has children.
NOT_FOR_INFO = {"VHD120", "VHD137", "VHD229"}
ON_ONE = (["info"], ["info", "--json"], ["chain"], ["map"], ["map", "--partial", "--json"], ["map", "--at", "0"])
ON_ALL = (
    ["tree"],
    ["tree", "--json"],
    ["tree", "--format", "dot"],
    ["audit"],
    ["audit", "--json"],
    ["du", "--json"],
    ["du", "--deep"],
)


def assert_answered(ran: Ran, *, on_chain: bool) -> None:
    assert ran.code in (0, 1, 3), ran
    assert "please report" not in ran.err
    lines = ran.err.splitlines()
    assert all(line.startswith("vhdchain: ") and line.isprintable() for line in lines)
    if on_chain and ran.code == 3:
        assert (ran.out, len(lines)) == ("", 1)


@pytest.mark.parametrize("recipe", FOLDER_RECIPES.values(), ids=lambda recipe: recipe.code)
def test_damage_in_a_folder(recipe: FolderRecipe, tmp_path: Path) -> None:
    recipe.plant(tmp_path)
    scanned = [tmp_path / folder for folder in recipe.scanned]
    within = [part for folder in recipe.within or () for part in ("--within", tmp_path / folder)]
    maps = [part for name, target in recipe.path_map.items() for part in ("--map", f"{name}={tmp_path / target}")]
    for command in ON_ALL:
        assert_answered(run(*command, *scanned, *within, *maps), on_chain=False)
    # This account may be one that is denied nothing, and nobody writes to a file while the command runs.
    if recipe.denied or recipe.touched:
        return
    options = ["--deep"] if recipe.deep else []
    options += [part for name in recipe.domain_controllers for part in ("--domain-controller", name)]
    options += [] if recipe.free_space is None else ["--free", str(recipe.free_space)]
    document = run("audit", "--json", *options, *scanned, *within, *maps).document
    known = healthy_codes(recipe.host, deep=recipe.deep)
    assert {item["code"] for item in document["findings"]} - known == recipe.codes


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.code)
def test_damage_in_an_image(recipe: Recipe, tmp_path: Path) -> None:
    kind, dialect = next(cells(recipe))
    path = tmp_path / recipe.file_name(kind)
    path.write_bytes(recipe.damage(recipe.healthy(kind, dialect)))
    for command in ON_ONE:
        assert_answered(run(*command, path), on_chain=command[0] != "info")
    assert_answered(run("flatten", path, tmp_path / "out.raw"), on_chain=True)
    if recipe.deep or recipe.children or recipe.code in NOT_FOR_INFO:
        return
    document = run("info", "--json", path).document
    found = {item["code"]: Severity(item["severity"]) for item in document["images"][0]["findings"]}
    assert recipe.code in found
    is_vhd = document["images"][0]["footer_source"] is not None
    worst = max(severity.at_least(Severity.WARNING) for severity in found.values())
    assert run("info", path).code == (3 if not is_vhd else int(worst))


@pytest.mark.parametrize("seed", range(40))
def test_random_damage_ends_in_an_answer(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)  # damage, not secrets
    names = [path for folder in ("healthy", "broken") for path in sorted((ROOT / "fixtures" / folder).glob("*vhd"))]
    picked = draw.sample(names, 3)
    for path in picked:
        raw = bytearray(path.read_bytes())
        for _ in range(draw.choice((0, 1, 2, 4))):
            place = draw.choice((draw.randrange(1700), len(raw) - draw.randrange(1, 512)))
            length = draw.choice((1, 4, 8))
            raw[place : place + length] = draw.choice((bytes(length), b"\xff" * length, draw.randbytes(length)))
        (tmp_path / path.name).write_bytes(raw)
    for command in ON_ALL:
        assert_answered(run(*command, tmp_path), on_chain=False)
    for command in ON_ONE:
        assert_answered(run(*command, tmp_path / picked[0].name), on_chain=command[0] != "info")


def test_every_code_can_be_explained() -> None:
    assert [run("explain", code).code for code in CODES] == [0] * len(CODES)

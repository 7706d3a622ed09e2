"""Does a recipe become the folder that it tells, and is everything that is wrong with one told with its line?"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

import vhdchain as vc
from vhdchain.errors import ConfigError
from vhdchain.testing import DIALECTS, FOLDER_RECIPES, RECIPES, SET_RECIPES, ChainBuilder, Layout, Order
from vhdchain.testing.dialects import BLKTAP, W2RU
from vhdchain.testing.make import RecipeError, make, make_by_code, parse_recipe, recipe_schema
from vhdchain.testing.make.recipe import DIALECT_NAMES

ROOT = Path(__file__).resolve().parent.parent.parent.parent
RECIPE_FILES = sorted((ROOT / "fixtures").glob("*.toml"))

BASE = """\
seed = 7
[[step]]
do = "create"
name = "base.vhd"
size = "64K"
block_size = 4096
"""


def files_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


# ------------------------------------------------------------------------------------------------------------- healthy


@pytest.mark.parametrize(("recipe", "folder"), [("healthy", "healthy"), ("two-machines", "host")])
def test_the_recipe_of_a_folder_that_is_kept_gives_its_bytes(recipe: str, folder: str, tmp_path: Path) -> None:
    make(ROOT / "fixtures" / f"{recipe}.toml", tmp_path / "made")
    wanted = files_of(ROOT / "fixtures" / folder)
    del wanted["expected.json"]
    assert files_of(tmp_path / "made") == wanted


@pytest.mark.parametrize("path", RECIPE_FILES, ids=lambda path: path.name)
def test_a_recipe_of_the_fixtures_fits_the_schema_and_is_made_the_same_again(path: Path, tmp_path: Path) -> None:
    jsonschema.validate(tomllib.loads(path.read_text(encoding="utf-8")), recipe_schema())
    first, second = make(path, tmp_path / "1"), make(path, tmp_path / "2")
    assert [p.name for p in first] == [p.name for p in second]
    assert files_of(tmp_path / "1") == files_of(tmp_path / "2")


def test_every_step_of_a_tree_does_what_the_builder_does(tmp_path: Path) -> None:
    (tmp_path / "payload.bin").write_bytes(b"from a file")
    text = (
        BASE
        + """
[[step]]
do = "write"
image = "base.vhd"
offset = "1K"
hex = "00 ff"
repeat = 3
[[step]]
do = "fill"
image = "base.vhd"
offset = 8192
length = 600
label = "x"
[[step]]
do = "copy"
of = "base.vhd"
name = "copies/base.vhd"
[[step]]
do = "snapshot"
of = "base.vhd"
name = "leaf.avhd"
dialect = "blktap 1.3"
layout = { order = "shuffled", gap = 512 }
locators = [{ code = "W2ru" }]
name_form = "basename"
[[step]]
do = "write"
image = "leaf.avhd"
file = "payload.bin"
[[step]]
do = "write"
image = "leaf.avhd"
offset = 1024
zeros = "1s"
[[step]]
do = "block"
image = "leaf.avhd"
index = 3
bitmap = "a5"
text = "y"
repeat = 4096
at = "0x8000"
[[step]]
do = "resize"
image = "leaf.avhd"
size = "68K"
"""
    )
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(text, encoding="utf-8")
    make(recipe, tmp_path / "made")

    tree = ChainBuilder(seed=7)
    base = tree.dynamic("base.vhd", size=65536, block_size=4096)
    tree.write(base, 1024, b"\x00\xff" * 3)
    tree.fill(base, 8192, 600, label="x")
    tree.copy(base, "copies/base.vhd")
    layout = Layout(order=Order.SHUFFLED, gap=512, data_alignment=4096, batmap=True, bat_padding=0x00)
    leaf = tree.snapshot(base, "leaf.avhd", dialect=BLKTAP, layout=layout, locators=[W2RU])
    tree.write(leaf, 0, b"from a file")
    tree.write(leaf, 1024, bytes(512))
    tree.block(leaf, 3, bitmap=b"\xa5", data=b"y" * 4096, at=0x8000)
    tree.resize(leaf, 68 * 1024)
    tree.save(tmp_path / "built", expected=True)
    assert files_of(tmp_path / "made") == files_of(tmp_path / "built")


def test_a_host_has_its_machines_with_their_snapshots(tmp_path: Path) -> None:
    make(ROOT / "fixtures" / "host.toml", tmp_path / "made")
    with vc.scan_folder(tmp_path / "made") as inventory:
        machine = inventory.machines["srv"]
        assert [snapshot.name for snapshot in machine.snapshots] == ["before the update", "after the update"]
        assert machine.tree.is_known


def test_what_is_expected_leaves_out_disks_that_were_damaged(tmp_path: Path) -> None:
    make(ROOT / "fixtures" / "damaged.toml", tmp_path / "made")
    expected: Any = json.loads((tmp_path / "made" / "expected.json").read_text(encoding="utf-8"))
    assert [disk["path"] for disk in expected["disks"]] == ["base.vhd", "leaf.avhd"]


def test_the_damaged_folder_shows_its_codes_and_nothing_worse(tmp_path: Path) -> None:
    make(ROOT / "fixtures" / "damaged.toml", tmp_path / "made")
    with vc.scan_folder(tmp_path / "made") as inventory:
        found = {item.code for item in vc.audit(inventory).findings if item.severity is not vc.Severity.NOTE}
    assert found - {"VHD002"} == {"VHD106", "VHD404"}


def test_finished_files_are_removed_renamed_and_cut(tmp_path: Path) -> None:
    text = (
        BASE
        + """
[[step]]
do = "snapshot"
of = "base.vhd"
name = "leaf.avhd"
[[step]]
do = "copy"
of = "base.vhd"
name = "spare.vhd"
[[step]]
do = "remove"
file = "base.vhd"
[[step]]
do = "rename"
file = "leaf.avhd"
to = "moved/leaf.avhd"
[[step]]
do = "cut"
file = "spare.vhd"
size = 512
"""
    )
    made = make(text, tmp_path / "made")
    names = ["expected.json", "moved/leaf.avhd", "spare.vhd"]
    assert [path.relative_to(tmp_path / "made").as_posix() for path in made] == names
    assert (tmp_path / "made" / "spare.vhd").stat().st_size == 512


# -------------------------------------------------------------------------------------------------------------- by code


@pytest.mark.parametrize("code", ["VHD106", "VHD227", "VHD501", "VHD601", "VHD801", "VHD833"])
def test_a_code_alone_makes_a_folder(code: str, tmp_path: Path) -> None:
    assert make_by_code(code, tmp_path / "made")


def test_a_folder_made_by_code_shows_it(tmp_path: Path) -> None:
    make_by_code("VHD404", tmp_path)
    with vc.scan_folder(tmp_path) as inventory:
        assert "VHD404" in {item.code for item in vc.audit(inventory).findings}


def test_every_code_with_a_recipe_can_be_made_and_no_other_one(tmp_path: Path) -> None:
    for code in (*RECIPES, *SET_RECIPES):
        make_by_code(code, tmp_path / code)
    assert not set(RECIPES) & set(FOLDER_RECIPES)
    with pytest.raises(LookupError, match="VHD004 has no recipe"):
        make_by_code("VHD004", tmp_path / "none")


# --------------------------------------------------------------------------------------------------------------- errors

_STEP = "[[step]]\n"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("seed = [", "1: no TOML: Invalid value"),
        ("sed = 1", "1: the recipe has no field 'sed'"),
        ("seed = 1.5", "1: seed: expected 'int | str', got 'float'"),
        ('dialect = "x"', f"1: dialect 'x' is none of {', '.join(DIALECT_NAMES)}"),
        (_STEP + 'name = "x"', "1: the step lacks the field 'do'"),
        (_STEP + 'do = "x"', "2: value 'x' is nothing that a step can do"),
        (_STEP + 'do = "create"\nname = "x"', "1: the step lacks the field 'size'"),
        (BASE + 'sise = "1K"', "7: the step has no field 'sise'"),
        (BASE.replace('"64K"', '"64Kb"'), '5: size: no size such as 4096, "2M" or "64s"'),
        (BASE.replace('"64K"', "-1"), "5: size: expected 'int' >= 0"),
        (BASE.replace('"64K"', "100"), "2: step 1 (create): a size is a positive multiple of 512, not 100"),
        (BASE + "layout = { orde = 3 }", "7: layout has no field 'orde'"),
        (BASE + 'dialect = "x"', f"7: dialect 'x' is none of {', '.join(DIALECT_NAMES)}"),
        (BASE.replace("base.vhd", "../base.vhd"), "2: step 1 (create): '../base.vhd' is no path below the folder ..."),
        (
            BASE + _STEP + 'do = "write"\nimage = "leaf"\ntext = "x"',
            "7: step 2 (write): there is no image 'leaf' (images: base.vhd)",
        ),
        (
            BASE + _STEP + 'do = "write"\nimage = "base.vhd"',
            "7: step 2 (write): tells no bytes: text, hex, zeros or file",
        ),
        (
            BASE + _STEP + 'do = "write"\nimage = "base.vhd"\ntext = "x"\nzeros = 3',
            "7: step 2 (write): tells its bytes in several ways: text, zeros",
        ),
        (BASE + _STEP + 'do = "write"\nimage = "base.vhd"\nhex = "0"', "10: hex: no bytes in hex digits"),
        (
            BASE + _STEP + 'do = "write"\nimage = "base.vhd"\nfile = "x"',
            "7: step 2 (write): 'x': a recipe that is no file has no files beside it",
        ),
        (
            BASE + _STEP + 'do = "damage"\nfile = "base.vhd"\ncode = "VHD6O1"',
            '10: code: no code such as "VHD404"',
        ),
        (BASE + _STEP + 'do = "damage"\nfile = "x"\ncode = "VHD106"', "7: step 2 (damage): there is no file 'x'"),
        (
            BASE + _STEP + 'do = "damage"\nfile = "base.vhd"\ncode = "VHD601"',
            "7: step 2 (damage): VHD601 is nothing that one file shows by itself: ...",
        ),
        (
            BASE
            + _STEP
            + 'do = "remove"\nfile = "base.vhd"\n'
            + _STEP
            + 'do = "resize"\nimage = "base.vhd"\nsize = 512',
            "10: step 3 (resize): comes after a step that changes finished files",
        ),
        (
            _STEP + 'do = "machine"\nname = "srv"',
            "1: step 1 (machine): is a step of a host; this recipe makes a tree (a host needs '[host]')",
        ),
        ("[host]\n" + BASE.partition("\n")[2], "2: step 1 (create): is a step of a tree; this recipe makes a host"),
        (
            "[host]\n" + _STEP + 'do = "take"\nmachine = "srv"\nname = "x"',
            "2: step 1 (take): there is no machine 'srv' (machines: none so far)",
        ),
        (
            "[host]\n[[step]]\ndo = 'machine'\nname = 'srv'\ndisks = [\n { nam = 'x' },\n]",
            "5: disks[0] has no field 'nam'",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, error: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        make(text, tmp_path / "made")
    message, shown = str(caught.value), f"recipe:{error}"
    assert message.startswith(shown[:-3]) if shown.endswith("...") else message == shown


def test_a_file_beside_the_recipe_may_not_lead_out_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    folder = tmp_path / "recipes"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path / "secret")
    for number, name in enumerate(("../secret", "link", "/etc/hostname")):
        (folder / "r.toml").write_text(BASE + f'[[step]]\ndo = "write"\nimage = "base.vhd"\nfile = "{name}"', "utf-8")
        with pytest.raises(RecipeError, match=r"step 2 \(write\): .*(leads out of|no path below)"):
            make(folder / "r.toml", tmp_path / f"made{number}")


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("there", encoding="utf-8")
    with pytest.raises(ConfigError, match="not empty"):
        make(BASE, tmp_path)
    with pytest.raises(ConfigError, match="not empty"):
        make_by_code("VHD106", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_recipe_that_cannot_be_carried_out_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(RecipeError):
        make(BASE.replace('"64K"', "100"), tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_text_that_is_no_utf_8_is_told(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_bytes(b"about = '\xff'")
    with pytest.raises(RecipeError, match="no UTF-8 text \\(byte 9\\)"):
        make(tmp_path / "r.toml", tmp_path / "made")


def test_positions_know_texts_of_several_lines() -> None:
    read = parse_recipe(
        'about = """\n[[step]]\nname = 3\n"""\nseed = 2\n[[step]]\ndo = "create"\nname = "a"\nsize = 512'
    )
    assert [read.positions.line(path) for path in ("about", "seed", "step[0]", "step[0].size", "step[0].x", "x")] == [
        1,
        5,
        6,
        9,
        6,
        1,
    ]


def test_the_schema_is_one_and_refuses_what_the_parser_refuses() -> None:
    schema = recipe_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for wrong in ({"sed": 1}, {"step": [{"do": "create", "name": "x"}]}, {"step": [{"do": "x"}]}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)
    assert set(DIALECT_NAMES) == {dialect.name for dialect in DIALECTS}
    assert msgspec.json.encode(schema)

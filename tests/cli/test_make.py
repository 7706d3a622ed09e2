"""What does ``vhdchain make`` do and say?"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import environment, run

ROOT = Path(__file__).resolve().parent.parent.parent
DAMAGED = ROOT / "fixtures" / "damaged.toml"


def test_a_recipe_is_made(tmp_path: Path) -> None:
    ran = run("make", DAMAGED, tmp_path / "made")
    assert (ran.code, ran.out, ran.err) == (0, f"{tmp_path / 'made'}: 5 files\n", "")
    assert run("audit", tmp_path / "made").code == 1


def test_the_document_names_the_files(tmp_path: Path) -> None:
    ran = run("make", "--json", "VHD601", tmp_path / "made")
    assert ran.document == {
        "schema": "vhdchain.make",
        "version": 1,
        "recipe": "VHD601",
        "folder": str(tmp_path / "made"),
        "files": ["leaf.avhd", "lone/data.vhd"],
    }


@pytest.mark.parametrize("code", ["VHD106", "vhd106", "106", "end-footer-checksum"])
def test_a_code_may_be_told_in_every_way(code: str, tmp_path: Path) -> None:
    ran = run("make", "-q", code, tmp_path / "made")
    assert (ran.code, ran.out) == (0, "")
    assert "VHD106" in run("audit", tmp_path / "made").out


def test_an_error_in_a_recipe_is_one_line(tmp_path: Path) -> None:
    recipe = tmp_path / "r.toml"
    recipe.write_text("seed = 1\nsed = 2\n", encoding="utf-8")
    ran = run("make", recipe, tmp_path / "made")
    assert (ran.code, ran.out, ran.error) == (3, "", f"{recipe}:2: the recipe has no field 'sed'")


def test_the_schema_is_printed() -> None:
    shipped = ROOT / "docs" / "schemas" / "recipe.schema.json"
    assert run("make", "--schema").document == json.loads(shipped.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        ((), 2, "a recipe and a folder are needed: RECIPE DEST"),
        (("VHD004", "x"), 2, "VHD004 has no recipe"),
        (("no.toml", "x"), 3, "no.toml: No such file or directory"),
    ],
)
def test_what_cannot_be_made_is_told(arguments: tuple[str, ...], code: int, error: str) -> None:
    ran = run("make", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert ran.error.startswith(error)


def test_without_msgspec_the_extra_is_named(tmp_path: Path) -> None:
    (tmp_path / "msgspec.py").write_text("raise ModuleNotFoundError(name='msgspec')", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "vhdchain", "make", str(DAMAGED), str(tmp_path / "made")],
        env=environment(PYTHONPATH=f"{tmp_path}:{ROOT}"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "vhdchain: recipes need msgspec: pip install 'vhdchain[testing]'\n"

"""``audit --deep``: what it finds beyond an audit, its exit codes, and what it no longer says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.program import run
from vhdchain.structures import DiskType
from vhdchain.testing.damage import RECIPES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Built


def test_bitmaps_and_data_are_read_only_where_that_is_asked_for(tmp_path: Path) -> None:
    recipe = RECIPES["VHD452"]
    (tmp_path / "disk.vhd").write_bytes(recipe.damage(recipe.healthy(DiskType.DYNAMIC)))
    plain, deep = run("audit", "--json", tmp_path), run("audit", "--json", "--deep", tmp_path)
    assert (plain.code, deep.code) == (0, 1)
    codes = [{item["code"] for item in ran.document["findings"]} for ran in (plain, deep)]
    assert codes[1] - codes[0] == {"VHD452", "VHD455"}
    assert codes[0] - codes[1] == {"VHD002"}
    assert [ran.document["record"]["deep"] for ran in (plain, deep)] == [False, True]
    assert (len(plain.document["skipped"]), deep.document["skipped"]) == (1, [])
    assert run("audit", "--deep", "--fail-on", "error", tmp_path).code == 0


def test_a_clean_folder_is_clean_and_nothing_was_skipped(healthy: Built) -> None:
    ran = run("audit", "--deep", healthy.folder)
    assert (ran.code, ran.err) == (0, "")
    assert not any(line.startswith("skipped") for line in ran.out.splitlines())
    assert any(line.startswith("skipped") for line in run("audit", healthy.folder).out.splitlines())

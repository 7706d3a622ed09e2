"""Does ``vhdchain repair`` show, refuse, carry out and take back, with the right exit code?"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import ROOT, run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    for name in ("mail.vhd", "app.vhd", "data.vhd"):
        shutil.copyfile(ROOT / "fixtures" / "broken" / name, tmp_path / name)
    return tmp_path


def test_a_folder_is_shown_with_what_stays(broken: Path) -> None:
    ran = run("repair", broken)
    assert ran.code == 1
    assert "not mended: bytes of blocks are missing" in ran.out
    assert ran.out.splitlines()[-1] == "nothing was changed; --execute does it"
    assert sorted(path.name for path in broken.iterdir()) == ["app.vhd", "data.vhd", "mail.vhd"]


def test_files_are_mended_and_taken_back(broken: Path) -> None:
    files = [broken / "mail.vhd", broken / "app.vhd"]
    before = [path.read_bytes() for path in files]
    assert run("audit", *files, "--fail-on", "error").code == 1
    ran = run("repair", *files, "--execute")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "done")
    assert run("audit", *files, "--fail-on", "error").code == 0
    assert run("repair", *files).out.splitlines() == ["repair: nothing is to be mended", "  nothing is to be done"]
    for path in files:
        assert run("repair", "--undo", "--execute", path, "-q").code == 0
    assert [path.read_bytes() for path in files] == before


def test_only_what_is_asked_for(broken: Path) -> None:
    document = run("repair", broken, "--only", "VHD106", "--json").document
    assert document["facts"]["mended"] == "VHD106"
    assert {step["path"].rpartition("/")[2] for step in document["steps"]} == {"app.vhd", "app.vhd.undo.json"}


def test_nothing_that_can_be_mended_is_a_refusal(broken: Path) -> None:
    ran = run("repair", broken / "data.vhd")
    assert ran.code == 1
    assert "VHD404" in ran.out
    assert ran.err.count("\n") == 1


def test_what_cannot_be_understood(broken: Path) -> None:
    assert run("repair").code == 2
    assert run("repair", "--undo", broken / "mail.vhd", broken / "app.vhd").code == 2
    assert run("repair", "--undo", "--only", "VHD106", broken / "mail.vhd").code == 2
    assert run("repair", broken / "gone.vhd").code == 3

"""Does ``vhdchain reparent`` show, refuse and carry out, with the right exit code?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.program import run
from tests.shell.test_reparenting import reparenting_folder
from vhdchain.plan import plan_from_document

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    reparenting_folder(tmp_path)
    return tmp_path


def test_a_plan_is_shown_and_nothing_is_changed(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    ran = run("reparent", folder / "middle.avhd", folder / "rebuilt.vhd")
    assert (ran.code, ran.err) == (0, "")
    assert "parent_unique_id of the dynamic header" in ran.out
    assert ran.out.splitlines()[-1] == "nothing was changed; --execute does it"
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_a_plan_as_a_document_is_one_that_can_be_read_back(folder: Path) -> None:
    ran = run("reparent", folder / "middle.avhd", folder / "rebuilt.vhd", "--json", "--replace")
    assert ran.code == 0
    plan = plan_from_document(ran.document)
    assert (plan.action, plan.facts["compared"]) == ("reparent", "yes")


def test_a_plan_is_carried_out_and_taken_back(folder: Path) -> None:
    child = folder / "middle.avhd"
    before = child.read_bytes()
    ran = run("reparent", child, folder / "rebuilt.vhd", "--execute")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "done")
    assert run("chain", folder / "top.avhd").out.splitlines()[0].count("rebuilt.vhd") == 0
    assert "rebuilt.vhd" in run("chain", folder / "top.avhd").out
    assert run("repair", "--undo", child).code == 0
    assert child.read_bytes() != before
    assert run("repair", "--undo", "--execute", child).code == 0
    assert child.read_bytes() == before
    assert run("repair", "--undo", child).code == 1


def test_a_refusal_lists_the_ranges_and_says_how_to_override_it(folder: Path) -> None:
    ran = run("reparent", folder / "middle.avhd", folder / "other.vhd")
    assert ran.code == 1
    assert "0x1E00-0x3000 (4608 bytes)" in ran.out
    assert "--allow VHD908" in ran.err
    assert run("reparent", folder / "middle.avhd", folder / "other.vhd", "--json").out == ""
    ran = run("reparent", folder / "middle.avhd", folder / "other.vhd", "--allow", "908", "--execute", "-q")
    assert ran.code == 0
    assert "VHD908" in ran.out


def test_what_cannot_be_understood(folder: Path) -> None:
    child, new = folder / "middle.avhd", folder / "rebuilt.vhd"
    assert run("reparent", child).code == 2
    assert run("reparent", child, new, "--path-as", "rebuilt.vhd").code == 2
    assert run("reparent", child, new, "--footer", "copy").code == 2
    assert run("reparent", child, folder / "gone.vhd").code == 3

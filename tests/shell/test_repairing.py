"""Files on disk are mended, and taken back; a disk with children is not expanded."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest

from vhdchain import audit, execute, open_chain, plan_repair, plan_resize, scan_folder
from vhdchain.errors import ConfigError, PlanRefusedError
from vhdchain.plan import Patch, PatchFile
from vhdchain.shell.undo_files import plan_undo
from vhdchain.testing import ChainBuilder
from vhdchain.testing.edits import edit_footer

if TYPE_CHECKING:
    from pathlib import Path

SIZE, BLOCK = 1 << 18, 4096


def _folder(folder: Path) -> dict[str, bytes]:
    tree = ChainBuilder(seed=4)
    base = tree.dynamic("base.vhd", size=SIZE, block_size=BLOCK)
    tree.write(base, 0, b"base" * 3000)
    tree.write(tree.snapshot(base, "leaf.avhd"), 512, b"leaf")
    lone = tree.dynamic("lone.vhd", size=SIZE, block_size=BLOCK)
    tree.edit(lone, layout=dataclasses.replace(lone.layout, spare_entries=64))
    tree.write(lone, 0, b"lone")
    tree.save(folder)
    return tree.files()


def _codes(folder: Path) -> set[str]:
    with scan_folder(folder) as inventory:
        return {item.code for item in audit(inventory).findings if item.severity != "note"}


def test_a_folder_is_mended_and_taken_back_file_by_file(tmp_path: Path) -> None:
    healthy = _folder(tmp_path)
    damaged = {
        "base.vhd": healthy["base.vhd"][:-512] + bytes(512),
        "lone.vhd": bytes(512) + healthy["lone.vhd"][512:],
    }
    for name, raw in damaged.items():
        (tmp_path / name).write_bytes(raw)
    assert {"VHD102", "VHD139", "VHD901"} <= _codes(tmp_path)
    plan = plan_repair(tmp_path)
    assert plan.facts["mended"] == "VHD102, VHD139"
    assert [item.code for item in plan.findings] == ["VHD901"]
    execute(plan)
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*vhd")} == healthy
    assert _codes(tmp_path) == set()
    for name in damaged:
        execute(plan_undo(tmp_path / name))
    assert {name: (tmp_path / name).read_bytes() for name in damaged} == damaged


def test_the_children_of_a_file_are_looked_for_in_its_folder(tmp_path: Path) -> None:
    healthy = _folder(tmp_path)
    base = healthy["base.vhd"]
    (tmp_path / "base.vhd").write_bytes(base[:-512] + edit_footer(base, unique_id=bytes(range(16)))[-512:])
    execute(plan_repair(tmp_path / "base.vhd"))
    assert (tmp_path / "base.vhd").read_bytes() == base


def test_a_file_with_a_journal_waits_for_it(tmp_path: Path) -> None:
    healthy = _folder(tmp_path)
    (tmp_path / "lone.vhd").write_bytes(healthy["lone.vhd"][:-512])
    (tmp_path / "lone.vhd.vhdchain-journal").write_bytes(b"")
    with pytest.raises(PlanRefusedError, match="vhdchain resume"):
        plan_repair([tmp_path / "lone.vhd"])


def test_an_expanded_base_is_set_back_and_the_chain_opens_again(tmp_path: Path) -> None:
    tree = ChainBuilder(seed=4)
    base = tree.fixed("base.vhd", size=SIZE)
    tree.write(base, 0, b"base")
    leaf = tree.snapshot(base, "leaf.avhd", block_size=BLOCK)
    tree.write(leaf, 512, b"leaf")
    before = bytes(tree.file(base).content)
    tree.resize(base, 2 * SIZE)
    tree.save(tmp_path)
    expanded = (tmp_path / "base.vhd").read_bytes()
    execute(plan_repair(tmp_path / "base.vhd", only=["VHD612"]))
    assert (tmp_path / "base.vhd").read_bytes() == before
    with open_chain(tmp_path / "leaf.avhd") as chain:
        assert chain.read(0, 516)[:4] + chain.read(512, 4) == b"baseleaf"
    execute(plan_undo(tmp_path / "base.vhd"))
    assert (tmp_path / "base.vhd").read_bytes() == expanded


def test_a_lone_disk_is_expanded_and_a_base_is_not(tmp_path: Path) -> None:
    healthy = _folder(tmp_path)
    with pytest.raises(PlanRefusedError) as refused:
        plan_resize(tmp_path / "base.vhd", 2 * SIZE)
    assert [item.code for item in refused.value.findings] == ["VHD911"]
    execute(plan_resize(tmp_path / "lone.vhd", 2 * SIZE))
    with open_chain(tmp_path / "lone.vhd") as chain:
        assert chain.virtual_size == 2 * SIZE
        assert chain.read(0, 4) + chain.read(2 * SIZE - 4, 4) == b"lone" + bytes(4)
    execute(plan_undo(tmp_path / "lone.vhd"))
    assert (tmp_path / "lone.vhd").read_bytes() == healthy["lone.vhd"]


# ---------------------------------------------------------------------------------------------------------- undo files


def _undo_document(folder: Path) -> dict[str, object]:
    healthy = _folder(folder)
    (folder / "lone.vhd").write_bytes(bytes(512) + healthy["lone.vhd"][512:])
    execute(plan_repair(folder / "lone.vhd"))
    document: dict[str, object] = json.loads((folder / "lone.vhd.undo.json").read_text())
    return document


def test_an_undo_file_may_be_named_itself_and_moves_with_its_disk(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    _undo_document(tmp_path / "before")
    (tmp_path / "before").rename(tmp_path / "after")
    execute(plan_undo(tmp_path / "after" / "lone.vhd.undo.json"))
    assert (tmp_path / "after" / "lone.vhd").read_bytes()[:512] == bytes(512)


@pytest.mark.parametrize("path", ["../lone.vhd", "/etc/hosts"])
def test_an_undo_file_leads_nowhere_else(path: str, tmp_path: Path) -> None:
    document = _undo_document(tmp_path)
    step = document["steps"][0]  # type: ignore[index]
    (tmp_path / "lone.vhd.undo.json").write_text(json.dumps({**document, "steps": [{**step, "path": path}]}))
    with pytest.raises(ConfigError, match="does something else"):
        plan_undo(tmp_path / "lone.vhd")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "vhdchain.audit"}', "[" * 100_000])
def test_a_file_that_is_no_undo_file_is_refused(text: str, tmp_path: Path) -> None:
    _folder(tmp_path)
    (tmp_path / "lone.vhd.undo.json").write_text(text)
    with pytest.raises(ConfigError, match="is no undo file"):
        plan_undo(tmp_path / "lone.vhd")


def test_a_disk_that_was_written_to_since_is_not_taken_back(tmp_path: Path) -> None:
    _undo_document(tmp_path)
    plan = plan_undo(tmp_path / "lone.vhd")
    (step,) = [step for step in plan.steps if isinstance(step, PatchFile)]
    assert [type(patch) for patch in step.patches] == [Patch]
    raw = (tmp_path / "lone.vhd").read_bytes()
    (tmp_path / "lone.vhd").write_bytes(b"x" + raw[1:])
    with pytest.raises(PlanRefusedError):
        execute(plan)

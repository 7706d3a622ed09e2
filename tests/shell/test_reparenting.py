"""A child on disk gets another parent: what is compared, refused, written, executed and taken back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from vhdchain import execute, open_chain, plan_reparent
from vhdchain.errors import ChainError, ConfigError, PlanRefusedError
from vhdchain.plan import CreateFile, PatchFile, ReplaceFile, SetModified
from vhdchain.shell.undo_files import plan_undo
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from pathlib import Path

SIZE, BLOCK = 1 << 18, 4096


def reparenting_folder(folder: Path) -> ChainBuilder:
    """Write a base, a leaf with a child of its own, and what may become the leaf's parent."""
    tree = ChainBuilder(seed=2, windows_folder=r"D:\VMs")
    base = tree.dynamic("base.vhd", size=SIZE, block_size=BLOCK)
    tree.write(base, 0, b"base" * 3000)
    middle = tree.snapshot(base, "middle.avhd")
    tree.write(middle, 512, b"middle")
    tree.write(tree.snapshot(middle, "top.avhd"), 5000, b"top")
    tree.copy(base, "library/copy.vhd")
    under_middle = tree.dynamic("rebuilt.vhd", size=SIZE, block_size=2 * BLOCK)
    tree.write(under_middle, 0, b"base" * 3000)
    tree.write(under_middle, 512, b"nobody sees this")
    other = tree.dynamic("other.vhd", size=SIZE, block_size=BLOCK)
    tree.write(other, 0, b"base" * 2000)
    tree.dynamic("short.vhd", size=SIZE // 2, block_size=BLOCK)
    tree.save(folder)
    return tree


def _read(path: Path) -> bytes:
    with open_chain(path, within=[path.parent]) as chain:
        return chain.read(0, chain.virtual_size)


def test_a_copy_in_another_folder_becomes_the_parent_and_the_disk_stays_the_same(tmp_path: Path) -> None:
    reparenting_folder(tmp_path)
    before, seen = (tmp_path / "middle.avhd").read_bytes(), _read(tmp_path / "top.avhd")
    plan = plan_reparent(tmp_path / "middle.avhd", tmp_path / "library" / "copy.vhd")
    assert [type(step) for step in plan.steps] == [CreateFile, PatchFile, SetModified]
    assert (plan.facts["compared"], plan.facts["differing_bytes"], plan.findings) == ("yes", 0, ())
    execute(plan)
    (tmp_path / "base.vhd").rename(tmp_path / "library" / "gone.vhd")
    with open_chain(tmp_path / "top.avhd", within=[tmp_path]) as chain:
        assert chain.base.name.endswith("copy.vhd")
        assert [layer.found_by for layer in chain.layers[:2]] == ["W2ru", "W2ru"]
    assert _read(tmp_path / "top.avhd") == seen
    (tmp_path / "library" / "gone.vhd").rename(tmp_path / "base.vhd")
    execute(plan_undo(tmp_path / "middle.avhd"))
    assert (tmp_path / "middle.avhd").read_bytes() == before
    assert not list(tmp_path.glob("*.undo*"))


def test_the_time_of_a_child_that_others_build_on_stays(tmp_path: Path) -> None:
    reparenting_folder(tmp_path)
    middle, top = tmp_path / "middle.avhd", tmp_path / "top.avhd"
    before = {path: int(path.stat().st_mtime) for path in (middle, top)}
    execute(plan_reparent(middle, tmp_path / "rebuilt.vhd"))
    assert int(middle.stat().st_mtime) == before[middle]
    assert SetModified not in [type(step) for step in plan_reparent(top, tmp_path / "base.vhd", allow={"VHD908"}).steps]


def test_what_the_child_holds_itself_may_differ(tmp_path: Path) -> None:
    reparenting_folder(tmp_path)
    seen = _read(tmp_path / "top.avhd")
    plan = plan_reparent(tmp_path / "middle.avhd", tmp_path / "rebuilt.vhd", replace=True)
    assert ReplaceFile in [type(step) for step in plan.steps]
    execute(plan)
    (tmp_path / "base.vhd").unlink()
    assert _read(tmp_path / "top.avhd") == seen


def test_other_data_under_clear_bits_is_refused_and_listed(tmp_path: Path) -> None:
    reparenting_folder(tmp_path)
    with pytest.raises(PlanRefusedError) as refused:
        plan_reparent(tmp_path / "middle.avhd", tmp_path / "other.vhd")
    (told,) = refused.value.findings
    assert (told.code, told.found, told.details) == ("VHD908", 4608, ("0x1E00-0x3000 (4608 bytes)",))
    plan = plan_reparent(tmp_path / "middle.avhd", tmp_path / "other.vhd", allow={"VHD908"})
    assert "VHD908" in [item.code for item in plan.findings]
    assert plan.facts["differing_bytes"] == 4608


@pytest.mark.parametrize(
    ("parent", "code"), [("top.avhd", "VHD701"), ("middle.avhd", "VHD701"), ("short.vhd", "VHD909")]
)
def test_a_parent_that_cannot_be_one_is_refused_whatever_is_allowed(parent: str, code: str, tmp_path: Path) -> None:
    reparenting_folder(tmp_path)
    with pytest.raises(PlanRefusedError) as refused:
        plan_reparent(tmp_path / "middle.avhd", tmp_path / parent, allow={"VHD908", "VHD701", "VHD909"})
    assert code in [item.code for item in refused.value.findings]


def test_without_the_present_parent_only_the_identifier_is_proved(tmp_path: Path) -> None:
    reparenting_folder(tmp_path)
    (tmp_path / "base.vhd").rename(tmp_path / "base.vhd.aside")
    child = tmp_path / "middle.avhd"
    plan = plan_reparent(child, tmp_path / "library" / "copy.vhd", within=tmp_path / "library")
    assert plan.facts["compared"] == "no"
    assert "that both parents hold the same" in str(plan.facts["not_proved"])
    assert [item.code for item in plan.findings] == ["VHD002"]
    (tmp_path / "library" / "copy.vhd").unlink()
    with pytest.raises(PlanRefusedError) as refused:
        plan_reparent(child, tmp_path / "rebuilt.vhd", within=tmp_path / "library")
    assert [item.code for item in refused.value.findings] == ["VHD603"]
    plan = plan_reparent(child, tmp_path / "rebuilt.vhd", within=tmp_path / "library", allow={"VHD603"})
    assert "VHD603" in [item.code for item in plan.findings]


def test_a_parent_that_is_the_parent_already_needs_no_step(tmp_path: Path) -> None:
    reparenting_folder(tmp_path)
    plan = plan_reparent(tmp_path / "middle.avhd", tmp_path / "base.vhd")
    assert plan.steps == ()
    assert plan.summary.endswith("it is already")


def test_the_name_for_windows_comes_from_the_caller_or_the_map(tmp_path: Path) -> None:
    reparenting_folder(tmp_path)
    new = tmp_path / "library" / "copy.vhd"
    plans = [
        plan_reparent(tmp_path / "middle.avhd", new, path_as=r"E:\disks\copy.vhd"),
        plan_reparent(tmp_path / "middle.avhd", new, path_map={r"E:\disks": tmp_path / "library"}),
    ]
    for plan in plans:
        (step,) = [step for step in plan.steps if isinstance(step, PatchFile)]
        assert r"the text of locator 0 (W2ku): E:\disks\copy.vhd" in [patch.why for patch in step.patches]
    with pytest.raises(ConfigError, match="--path-as"):
        plan_reparent(tmp_path / "middle.avhd", new, path_as="copy.vhd")


def test_the_new_parents_own_chain_must_be_whole(tmp_path: Path) -> None:
    reparenting_folder(tmp_path)
    (tmp_path / "base.vhd").unlink()
    (tmp_path / "library" / "copy.vhd").unlink()
    with pytest.raises(ChainError):
        plan_reparent(tmp_path / "top.avhd", tmp_path / "middle.avhd")


def test_a_disk_of_a_machine_in_saved_state_is_refused(tmp_path: Path) -> None:
    tree = ChainBuilder(seed=2)
    base = tree.dynamic("base.vhd", size=SIZE, block_size=BLOCK)
    leaf = tree.snapshot(base, "leaf.avhd")
    tree.edit(leaf, footer_fields={"saved_state": 1})
    tree.copy(base, "copy.vhd")
    tree.save(tmp_path)
    with pytest.raises(PlanRefusedError) as refused:
        plan_reparent(tmp_path / "leaf.avhd", tmp_path / "copy.vhd")
    assert [item.code for item in refused.value.findings] == ["VHD136"]
    assert plan_reparent(tmp_path / "leaf.avhd", tmp_path / "copy.vhd", allow={"VHD136"}).steps


def test_a_file_that_changed_since_is_not_patched(tmp_path: Path) -> None:
    reparenting_folder(tmp_path)
    plan = plan_reparent(tmp_path / "middle.avhd", tmp_path / "rebuilt.vhd")
    os.utime(tmp_path / "middle.avhd", (1, 1))
    with pytest.raises(PlanRefusedError, match="since the plan was made"):
        execute(plan)


def test_changes_are_taken_back_in_the_opposite_order(tmp_path: Path) -> None:
    reparenting_folder(tmp_path)
    child = tmp_path / "middle.avhd"
    states = [child.read_bytes()]
    for parent in ("rebuilt.vhd", "library/copy.vhd"):
        execute(plan_reparent(child, tmp_path / parent))
        states.append(child.read_bytes())
    assert sorted(path.name for path in tmp_path.glob("*.json")) == ["middle.avhd.undo-2.json", "middle.avhd.undo.json"]
    for state in reversed(states[:-1]):
        execute(plan_undo(child))
        assert child.read_bytes() == state
    with pytest.raises(PlanRefusedError, match="no undo file"):
        plan_undo(child)


def test_a_path_that_needs_room_and_its_undo_keep_every_byte(tmp_path: Path) -> None:
    tree = reparenting_folder(tmp_path)
    child = tmp_path / "middle.avhd"
    before, seen = child.read_bytes(), _read(tmp_path / "top.avhd")
    deep = tmp_path / ("a folder with a long name " * 4 + "x") / ("and another one " * 8 + "y") / ("z" * 100)
    deep.mkdir(parents=True)
    (tmp_path / "library" / "copy.vhd").rename(deep / "copy.vhd")
    execute(plan_reparent(child, deep / "copy.vhd", allow={"VHD910"}))
    (tmp_path / "base.vhd").unlink()
    assert child.stat().st_size > len(before)
    with open_chain(tmp_path / "top.avhd", within=[tmp_path]) as chain:
        assert chain.read(0, chain.virtual_size) == seen
    execute(plan_undo(child))
    assert child.read_bytes() == before
    assert tree.image("middle.avhd").size == SIZE

"""What is planned for a merge, what is refused, and what a caller may override."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import vhdchain as vc
from tests.merge.scenes import BLOCK, MODIFIED, SCENES, SIZE, disk_of
from vhdchain.errors import ConfigError, PlanRefusedError
from vhdchain.plan import DeleteFile, MergeBlocks, PatchFile, ReplaceFile, SetModified
from vhdchain.structures import to_timestamp
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.faults.quick import QuickLayer
from vhdchain.testing.lab import host_lab

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.plan import Plan
    from vhdchain.testing.images import BuiltImage


def _saved(tree: ChainBuilder, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    tree.save(folder)


def _two(
    folder: Path,
    *,
    leaf_size: int = SIZE,
    base_size: int = SIZE,
    **fields: Any,  # of any footer
) -> tuple[ChainBuilder, BuiltImage]:
    tree = ChainBuilder(seed="planning")
    base = tree.dynamic("base.vhd", size=base_size, block_size=BLOCK, footer=fields)
    tree.fill(base, 0, base_size)
    leaf = tree.differencing("leaf.avhd", parent=base, size=leaf_size, block_size=BLOCK)
    tree.fill(leaf, BLOCK, BLOCK)
    _saved(tree, folder)
    return tree, leaf


def _plan(folder: Path, **options: Any) -> Plan:  # of any option
    return vc.plan_merge(folder / "leaf.avhd", modified=MODIFIED, **options)


def _refused(folder: Path, **options: Any) -> PlanRefusedError:  # of any option
    with pytest.raises(PlanRefusedError) as caught:
        _plan(folder, **options)
    return caught.value


def _codes(error: PlanRefusedError) -> list[str]:
    return [item.code for item in error.findings]


def test_the_steps_come_in_the_order_in_which_nothing_can_be_lost(tmp_path: Path) -> None:
    scene = SCENES["into the parent of a disk that has a child"]
    scene.build().save(tmp_path)
    merge, time, child, gone = scene.plan(tmp_path).steps

    assert isinstance(merge, MergeBlocks)
    assert (merge.destination, merge.layers) == (str(tmp_path / "base.vhd"), (str(tmp_path / "leaf.avhd"),))
    assert time == SetModified(path=merge.destination, seconds=to_timestamp(MODIFIED))
    assert isinstance(child, ReplaceFile)
    assert child.path == str(tmp_path / "above.avhd")
    assert gone == DeleteFile(path=merge.layers[0])


def test_a_child_of_the_merged_disk_names_the_new_parent_and_its_time(tmp_path: Path) -> None:
    scene = SCENES["children patched in place"]
    scene.build().save(tmp_path)
    plan = scene.plan(tmp_path)
    assert any(isinstance(step, PatchFile) for step in plan.steps)
    vc.execute(plan, layer=QuickLayer())
    with vc.open_chain(tmp_path / "above.avhd") as chain:
        header = chain.leaf.header
        assert header is not None
        assert header.record.parent_unique_id == chain.base.unique_id
        assert (header.record.parent_name or "").endswith(r"\base.vhd")
        assert header.record.parent_time_stamp == to_timestamp(MODIFIED)
        assert len(header.record.locators) == 8
    assert (tmp_path / "base.vhd").stat().st_mtime == MODIFIED.timestamp()


def test_each_layer_is_merged_once_and_the_highest_goes_first(tmp_path: Path) -> None:
    scene = SCENES["three links in one pass"]
    scene.build().save(tmp_path)
    plan = scene.plan(tmp_path)
    names = [str(tmp_path / f"link{number}.avhd") for number in range(3)]
    step = plan.steps[0]
    assert isinstance(step, MergeBlocks)
    assert list(step.layers) == names
    assert [each.path for each in plan.steps if isinstance(each, DeleteFile)] == names[::-1]
    # Each link holds two blocks, and they lie over each other in part; the sector at the end is written once.
    seen = {sector for start in (0, 24, 41) for sector in range(start, start + 16)} | {92}
    assert step.sectors == len(seen)
    assert [item.code for item in plan.findings] == ["VHD906"]


def test_siblings_of_the_destination_and_of_what_lies_between_are_named(tmp_path: Path) -> None:
    tree = ChainBuilder(seed="siblings")
    base = tree.dynamic("base.vhd", size=SIZE, block_size=BLOCK)
    middle = tree.snapshot(base, "middle.avhd")
    tree.snapshot(middle, "leaf.avhd")
    tree.snapshot(tree.snapshot(base, "other.avhd"), "carried.avhd")
    tree.snapshot(middle, "twin.avhd")
    _saved(tree, tmp_path)
    error = _refused(tmp_path, into=tmp_path / "base.vhd")

    assert _codes(error) == ["VHD904", "VHD906"]
    assert [name.rpartition("/")[2] for name in error.findings[0].related] == ["other.avhd", "twin.avhd"]
    assert len(error.findings[0].details) == 1
    allowed = _plan(tmp_path, into=tmp_path / "base.vhd", allow={"VHD904"})
    assert [item.code for item in allowed.findings] == ["VHD904", "VHD906"]


def test_a_disk_that_asks_for_a_file_that_goes_is_a_sibling_although_it_does_not_find_it(tmp_path: Path) -> None:
    tree, _ = _two(tmp_path)
    lost = tree.snapshot(tree.image("base.vhd"), "lost.avhd")
    content = bytes(tree.file(lost).content).replace("base.vhd".encode("utf-16-le"), "gone.vhd".encode("utf-16-le"))
    other = tree.image("base.vhd")
    (tmp_path / "lost.avhd").write_bytes(content)
    (tmp_path / "copy.vhd").write_bytes(bytes(tree.file(other).content))  # two files have the wanted identifier
    assert "VHD904" in _codes(_refused(tmp_path))


def test_a_smaller_destination_takes_up_what_lies_before_its_end_when_that_is_allowed(tmp_path: Path) -> None:
    tree, leaf = _two(tmp_path, leaf_size=SIZE + BLOCK)
    known = bytes(tree.expected(leaf).read(0, SIZE))
    assert _codes(_refused(tmp_path)) == ["VHD905"]
    vc.execute(_plan(tmp_path, allow={"VHD905"}), layer=QuickLayer())
    assert disk_of(tmp_path / "base.vhd") == known


def test_data_behind_the_end_of_the_destination_can_never_be_merged(tmp_path: Path) -> None:
    tree, leaf = _two(tmp_path, leaf_size=SIZE + BLOCK)
    tree.fill(leaf, SIZE, 512)
    tree.save(tmp_path)
    error = _refused(tmp_path, allow={"VHD905"})
    assert _codes(error) == ["VHD905"]
    assert "1 sectors" in str(error)


def test_a_larger_destination_is_refused_unless_the_disk_may_grow(tmp_path: Path) -> None:
    _two(tmp_path, leaf_size=SIZE - BLOCK)
    assert _codes(_refused(tmp_path)) == ["VHD610"]
    vc.execute(_plan(tmp_path, allow={"VHD610"}), layer=QuickLayer())
    assert len(disk_of(tmp_path / "base.vhd")) == SIZE


def test_a_shorter_disk_between_hides_what_would_show_and_is_refused(tmp_path: Path) -> None:
    tree = ChainBuilder(seed="short")
    base = tree.dynamic("base.vhd", size=SIZE, block_size=BLOCK)
    tree.fill(base, 0, SIZE)
    middle = tree.differencing("middle.avhd", parent=base, size=SIZE - BLOCK, block_size=BLOCK)
    tree.differencing("leaf.avhd", parent=middle, size=SIZE, block_size=BLOCK)
    _saved(tree, tmp_path)
    assert _codes(_refused(tmp_path, into=tmp_path / "base.vhd")) == ["VHD611", "VHD906"]


def test_a_saved_machine_keeps_its_disks(tmp_path: Path) -> None:
    _two(tmp_path, saved_state=1)
    assert _codes(_refused(tmp_path)) == ["VHD136"]
    assert [item.code for item in _plan(tmp_path, allow={"VHD136"}).findings] == ["VHD136"]


def test_a_read_only_destination_is_left_alone(tmp_path: Path) -> None:
    _two(tmp_path)
    (tmp_path / "base.vhd").chmod(0o444)
    assert _refused(tmp_path).findings == ()


def test_only_some_refusals_can_be_overridden(tmp_path: Path) -> None:
    _two(tmp_path)
    with pytest.raises(ConfigError):
        _plan(tmp_path, allow={"VHD611"})


def test_a_disk_that_is_not_below_takes_nothing_up(tmp_path: Path) -> None:
    _two(tmp_path)
    assert _refused(tmp_path, into=tmp_path / "leaf.avhd").findings == ()
    with pytest.raises(PlanRefusedError):
        vc.plan_merge(tmp_path / "base.vhd")


def test_a_locked_file_is_in_use(tmp_path: Path) -> None:
    import fcntl  # noqa: PLC0415  # only here

    _two(tmp_path)
    plan = _plan(tmp_path)
    with (tmp_path / "leaf.avhd").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(PlanRefusedError):
            vc.execute(plan)


def test_a_file_that_changed_since_is_not_merged(tmp_path: Path) -> None:
    tree, leaf = _two(tmp_path)
    plan = _plan(tmp_path)
    tree.fill(leaf, 0, 512)
    tree.save(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(PlanRefusedError):
        vc.execute(plan)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_step_that_says_another_thing_than_the_files_is_refused_and_nothing_stays(tmp_path: Path) -> None:
    _two(tmp_path)
    plan = _plan(tmp_path)
    step = plan.steps[0]
    assert isinstance(step, MergeBlocks)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(PlanRefusedError):
        vc.execute(replace(plan, steps=(replace(step, sectors=step.sectors + 1), *plan.steps[1:])))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_configurations_that_name_a_disk_that_goes_or_changes_are_asked(tmp_path: Path) -> None:
    lab = host_lab()
    machine = lab.machines[0]
    for name, content in lab.contents().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        assert isinstance(content, bytes)
        path.write_bytes(content)
    leaf = tmp_path / lab.disk_path(machine)
    with pytest.raises(PlanRefusedError) as caught:
        vc.plan_merge(leaf, within=tmp_path, path_map={"C:\\": str(tmp_path)})
    assert {"VHD801", "VHD806"} <= set(_codes(caught.value))


def test_what_du_says_of_deleting_a_snapshot_is_what_merging_frees(tmp_path: Path) -> None:
    lab = host_lab()
    for name, content in lab.contents().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        assert isinstance(content, bytes)
        path.write_bytes(content)
    allow = {"VHD801", "VHD802", "VHD806", "VHD904", "VHD136"}
    with vc.scan_folder(tmp_path) as inventory:
        deletions = [each for each in vc.disk_usage(inventory).snapshots if each.merges]
    assert deletions
    for deletion in deletions[:1]:
        assert deletion.frees is not None
        before = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
        for gone in deletion.deleted:
            (tmp_path / gone).unlink()
        for merge in deletion.merges:
            assert merge is not None
            plan = vc.plan_merge(merge.files[-1], into=merge.files[0], within=tmp_path, allow=allow)
            vc.execute(plan, layer=QuickLayer())
        after = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
        assert before - after == deletion.frees - deletion.state_size

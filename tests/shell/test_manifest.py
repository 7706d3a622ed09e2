"""Does a manifest hold what lies in a folder, and does a comparison say what changed, of files and of views apart?"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import vhdchain as vc
from vhdchain.audit.manifest import (
    OTHER,
    Basis,
    FileAspect,
    FileStatus,
    ViewOutcome,
    manifest_document,
)
from vhdchain.errors import CancelledError, ConfigError
from vhdchain.hyperv import FileRole
from vhdchain.testing import ChainBuilder
from vhdchain.testing.edits import edit_footer
from vhdchain.testing.lab import host_lab

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vhdchain.audit.manifest import FileChange

MIB = 1 << 20
CHUNK = 1 << 16


def _tree(*, merged: bool = False) -> ChainBuilder:
    """Return a base, a snapshot and a leaf; or the same after the snapshot was merged into the base."""
    tree = ChainBuilder(seed="manifest")
    base = tree.dynamic("base.vhd", size=4 * MIB, block_size=CHUNK)
    tree.fill(base, 0, 3 * CHUNK)
    middle = base if merged else tree.snapshot(base, "middle.avhd")
    tree.fill(middle, CHUNK, 512, label="middle.avhd")
    tree.fill(middle, 2 * MIB, CHUNK, label="middle.avhd")
    leaf = tree.snapshot(middle, "leaf.avhd")
    tree.fill(leaf, 3 * MIB, 1024)
    return tree


def _created(folder: Path, **options: Any) -> vc.Manifest:
    with vc.scan_folder(folder) as inventory:
        return vc.create_manifest(inventory, **{"content": True, "chunk_size": CHUNK, **options})


def _verified(folder: Path, manifest: vc.Manifest, **options: Any) -> Mapping[str, FileChange]:
    with vc.scan_folder(folder) as inventory:
        comparison = vc.verify_manifest(inventory, manifest, **options)
    assert comparison.exit_code() == (3 if comparison.unread else 0 if comparison.is_same else 1)
    return {item.shown: item for item in comparison.files}


def _views(changes: Mapping[str, FileChange]) -> dict[str, ViewOutcome]:
    return {name: item.view.outcome for name, item in changes.items() if item.view is not None}


def _keep_times(folder: Path, times: Mapping[str, int]) -> None:
    for name, mtime in times.items():
        os.utime(folder / name, ns=(mtime, mtime))


# ------------------------------------------------------------------------------------------------------- what it holds


def test_the_files_of_a_host_are_hashed_and_others_only_with_contents(tmp_path: Path) -> None:
    lab = host_lab()
    lab.save(tmp_path)
    (tmp_path / "notes.txt").write_text("x")
    plain, deep = _created(tmp_path, content=False), _created(tmp_path)
    roles = {item.path: item.role for item in plain.files}
    assert roles["notes.txt"] == OTHER
    assert FileRole.CONFIGURATION.value in roles.values()
    assert [item.path for item in plain.files if item.sha256 is None] == ["notes.txt"]
    assert [item.path for item in deep.files if item.sha256 is None] == []
    for item in deep.files:
        assert item.sha256 == hashlib.sha256((tmp_path / item.path).read_bytes()).hexdigest()
    assert all(item.content is None for item in plain.images)
    assert all(item.content is not None for item in deep.images)


def test_who_sees_a_disk_is_told() -> None:
    with vc.scan_folder(Path(__file__).parents[2] / "fixtures" / "host") as inventory:
        manifest = vc.create_manifest(inventory)
    uses = {Path(item.path).name: [(use.machine, use.snapshot) for use in item.used_by] for item in manifest.images}
    assert uses["srv.vhd"] == [("srv", "first")]
    assert uses["web.vhd"] == [("web", None)]
    assert uses["srv_2CCE12A3-5ECB-454D-9A00-EE927ACE877A.avhd"] == [("srv", None)]


def test_two_manifests_of_one_folder_are_equal_whatever_way_leads_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tree().save(tmp_path)
    first = manifest_document(_created(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert manifest_document(_created(Path())) == first
    assert [item["path"] for item in first["images"]] == ["base.vhd", "leaf.avhd", "middle.avhd"]


def test_only_what_a_file_holds_itself_stands_in_its_entry(tmp_path: Path) -> None:
    _tree().save(tmp_path)
    chunks = {item.path: item.content.chunks.numbers.tolist() for item in _created(tmp_path).images if item.content}
    assert chunks == {"base.vhd": [0, 1, 2], "middle.avhd": [1, 32], "leaf.avhd": [48]}


def test_zeros_that_hide_a_parent_are_told_and_stored_zeros_of_a_base_are_not(tmp_path: Path) -> None:
    tree = ChainBuilder(seed="zeros")
    base = tree.dynamic("base.vhd", size=4 * CHUNK, block_size=CHUNK)
    tree.fill(base, 0, CHUNK)
    tree.write(base, CHUNK, bytes(CHUNK))
    tree.write(tree.snapshot(base, "leaf.avhd"), 0, bytes(CHUNK))
    tree.save(tmp_path)
    document = manifest_document(_created(tmp_path))
    of_base, of_leaf = (item["content"]["chunks"] for item in document["images"])
    assert (list(of_base), of_leaf) == (["0"], {"0": None})


def test_names_may_hold_anything(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/f"))
    _tree().save(folder)
    (folder / "base.vhd").rename(os.fsdecode(os.fsencode(folder) + b"/b\xff\n.vhd"))
    (folder / "new\nline").write_bytes(b"1")
    (folder / 'quo"te\\x').write_bytes(b"2")
    manifest = _created(folder)
    vc.save_manifest(manifest, tmp_path / "m.json")
    again = vc.load_manifest(tmp_path / "m.json")
    assert manifest_document(again) == manifest_document(manifest)
    assert "b\udcff\n.vhd" in [item.path for item in again.images]
    assert {item.status for item in _verified(folder, again).values()} == {FileStatus.SAME}


def test_a_manifest_in_its_own_folder_does_not_count(tmp_path: Path) -> None:
    _tree().save(tmp_path)
    out = tmp_path / "m.json"
    manifest = _created(tmp_path, leave_out=[out])
    vc.save_manifest(manifest, out)
    assert "m.json" not in _verified(tmp_path, manifest, leave_out=[out])
    assert _verified(tmp_path, manifest)["m.json"].status is FileStatus.NEW
    with pytest.raises(FileExistsError):
        vc.save_manifest(manifest, out)
    vc.save_manifest(manifest, out, force=True)


def test_a_parent_elsewhere_is_no_part_of_the_folder_and_its_data_is(tmp_path: Path) -> None:
    _tree().save(tmp_path / "all")
    there = tmp_path / "all" / "machine"
    there.mkdir()
    for name in ("middle.avhd", "leaf.avhd"):
        (tmp_path / "all" / name).rename(there / name)
    with vc.scan_folder(there, within=tmp_path / "all") as inventory:
        manifest = vc.create_manifest(inventory, content=True, chunk_size=CHUNK)
    middle = {item.path: item for item in manifest.images}["middle.avhd"]
    assert [item.path for item in manifest.images] == ["leaf.avhd", "middle.avhd"]
    assert middle.content is not None
    assert (middle.parent, middle.content.parent) == (None, None)
    assert middle.content.chunks.numbers.tolist() == [0, 1, 2, 32]
    assert manifest_document(manifest)["unread"] == []


def test_a_broken_chain_is_a_problem_of_every_disk_above_it(tmp_path: Path) -> None:
    _tree().save(tmp_path)
    (tmp_path / "base.vhd").write_bytes(b"x")
    (tmp_path / "gone.vhd").symlink_to("nowhere.vhd")
    manifest = _created(tmp_path)
    assert [item.path for item in manifest.problems] == ["base.vhd", "gone.vhd", "leaf.avhd", "middle.avhd"]
    assert all(item.content is None for item in manifest.images)
    assert [item.path for item in _created(tmp_path, content=False).problems] == ["gone.vhd"]


@pytest.mark.parametrize("size", [0, 512, 4095, 6000, (1 << 30) + 4096])
def test_a_chunk_is_a_multiple_of_a_page(size: int, tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        _created(tmp_path, chunk_size=size)


def test_a_manifest_is_of_one_folder(tmp_path: Path) -> None:
    _tree().save(tmp_path)
    with vc.scan_folder(tmp_path / "base.vhd") as inventory, pytest.raises(ConfigError):
        vc.create_manifest(inventory)
    with vc.scan_folder(tmp_path, tmp_path) as inventory, pytest.raises(ConfigError):
        vc.create_manifest(inventory)


# ------------------------------------------------------------------------------------------------------------- changes


def test_a_folder_that_nobody_touched_is_the_same(tmp_path: Path) -> None:
    _tree().save(tmp_path)
    for content in (False, True):
        changes = _verified(tmp_path, _created(tmp_path, content=content))
        assert not any(item.is_change for item in changes.values())
        bases = {item.view.basis for item in changes.values() if item.view}
        assert bases == {Basis.CONTENT if content else Basis.METADATA}


def test_after_a_merge_files_are_others_and_the_leafs_guest_sees_the_same(tmp_path: Path) -> None:
    _tree().save(tmp_path)
    manifest = _created(tmp_path)
    (tmp_path / "middle.avhd").unlink()
    _tree(merged=True).save(tmp_path)
    changes = _verified(tmp_path, manifest)
    assert {name: item.status for name, item in changes.items()} == {
        "base.vhd": FileStatus.CHANGED,
        "leaf.avhd": FileStatus.CHANGED,
        "middle.avhd": FileStatus.GONE,
    }
    assert FileAspect.METADATA in changes["leaf.avhd"].aspects
    assert FileAspect.CONTENT not in changes["leaf.avhd"].aspects
    views = {name: item.view for name, item in changes.items() if item.view is not None}
    assert {name: view.outcome for name, view in views.items()} == {
        "base.vhd": ViewOutcome.CHANGED,
        "leaf.avhd": ViewOutcome.SAME,
        "middle.avhd": ViewOutcome.SAME,
    }
    assert views["middle.avhd"].shown_by == ("base.vhd",)
    assert (views["base.vhd"].chunks, views["base.vhd"].first, views["base.vhd"].shown_by) == (2, CHUNK, ())


def test_a_base_that_was_written_to_changes_the_disks_above_it_and_not_their_files(tmp_path: Path) -> None:
    tree = _tree()
    tree.save(tmp_path)
    manifest = _created(tmp_path)
    times = {image.name: (tmp_path / image.name).stat().st_mtime_ns for image in tree.images}
    tree.write(tree.image("base.vhd"), 0, b"!", under_children=True)
    tree.save(tmp_path)
    _keep_times(tmp_path, times)  # so that nothing but the data tells
    changes = _verified(tmp_path, manifest)
    assert {name: (item.status, item.aspects) for name, item in changes.items()} == {
        "base.vhd": (FileStatus.CHANGED, (FileAspect.CONTENT,)),
        "leaf.avhd": (FileStatus.SAME, ()),
        "middle.avhd": (FileStatus.SAME, ()),
    }
    assert set(_views(changes).values()) == {ViewOutcome.CHANGED}
    fast = _verified(tmp_path, manifest, content=False)
    assert not any(item.is_change for item in fast.values())  # nothing but contents could tell


def test_data_of_a_leaf_changes_the_leaf_alone(tmp_path: Path) -> None:
    tree = _tree()
    tree.save(tmp_path)
    manifest = _created(tmp_path)
    tree.write(tree.image("leaf.avhd"), 3 * MIB, b"!")
    tree.save(tmp_path)
    changes = _verified(tmp_path, manifest, ignore_times=True)
    assert {name for name, item in changes.items() if item.is_change} == {"leaf.avhd"}
    assert changes["leaf.avhd"].aspects == (FileAspect.CONTENT,)


def test_a_copy_with_other_times_is_the_same_where_contents_are(tmp_path: Path) -> None:
    _tree().save(tmp_path)
    deep, plain = _created(tmp_path), _created(tmp_path, content=False)
    for path in tmp_path.iterdir():
        os.utime(path, ns=(1, 1))
    changes = _verified(tmp_path, deep)
    assert {(item.status, item.aspects) for item in changes.values()} == {(FileStatus.SAME, (FileAspect.TIME,))}
    # Without contents nobody knows what a file that was written to holds.
    assert {item.status for item in _verified(tmp_path, plain).values()} == {FileStatus.CHANGED}
    ignored = _verified(tmp_path, plain, ignore_times=True)
    assert {item.status for item in ignored.values()} == {FileStatus.SAME}
    assert set(_views(ignored).values()) == {ViewOutcome.UNKNOWN}


def test_a_file_that_moved_is_found_by_its_identity(tmp_path: Path) -> None:
    _tree().save(tmp_path)
    (tmp_path / "a.txt").write_bytes(b"some text")
    manifest = _created(tmp_path)
    (tmp_path / "sub").mkdir()
    for name in ("leaf.avhd", "middle.avhd", "base.vhd"):
        (tmp_path / name).rename(tmp_path / "sub" / f"x_{name}")
    (tmp_path / "a.txt").rename(tmp_path / "sub" / "b.txt")
    with vc.scan_folder(tmp_path) as inventory:
        files = {item.shown: item for item in vc.verify_manifest(inventory, manifest).files}
    assert {name: (item.status, item.now, item.aspects) for name, item in files.items()} == {
        "a.txt": (FileStatus.MOVED, "sub/b.txt", ()),
        **{name: (FileStatus.MOVED, f"sub/x_{name}", ()) for name in ("base.vhd", "leaf.avhd", "middle.avhd")},
    }


def test_of_two_files_that_fit_none_is_taken_for_the_moved_one(tmp_path: Path) -> None:
    _tree().save(tmp_path)
    manifest = _created(tmp_path)
    content = (tmp_path / "leaf.avhd").read_bytes()
    (tmp_path / "leaf.avhd").unlink()
    for name in ("one.avhd", "two.avhd"):
        (tmp_path / name).write_bytes(content)
    statuses = {name: item.status for name, item in _verified(tmp_path, manifest).items()}
    assert statuses["leaf.avhd"] is FileStatus.GONE
    assert statuses["one.avhd"] is statuses["two.avhd"] is FileStatus.NEW


def test_letter_case_alone_is_no_other_name(tmp_path: Path) -> None:
    _tree().save(tmp_path)
    manifest = _created(tmp_path)
    (tmp_path / "base.vhd").rename(tmp_path / "BASE.VHD")
    base = _verified(tmp_path, manifest)["base.vhd"]
    assert (base.status, base.now, base.is_change) == (FileStatus.SAME, "BASE.VHD", False)


def test_a_moved_file_that_was_changed_besides_is_found_by_its_identifier(tmp_path: Path) -> None:
    tree = _tree()
    tree.save(tmp_path)
    manifest = _created(tmp_path)
    raw = (tmp_path / "leaf.avhd").read_bytes()
    (tmp_path / "leaf.avhd").unlink()
    (tmp_path / "other.avhd").write_bytes(edit_footer(raw, time_stamp=7))
    leaf = _verified(tmp_path, manifest, ignore_times=True)["leaf.avhd"]
    assert (leaf.status, leaf.now, leaf.aspects) == (FileStatus.MOVED, "other.avhd", (FileAspect.METADATA,))
    assert leaf.view is not None
    assert leaf.view.outcome is ViewOutcome.SAME


def test_the_data_of_a_disk_that_is_gone_is_told_as_lost(tmp_path: Path) -> None:
    _tree().save(tmp_path)
    manifest = _created(tmp_path)
    (tmp_path / "leaf.avhd").unlink()
    view = _verified(tmp_path, manifest)["leaf.avhd"].view
    assert view is not None
    assert (view.outcome, view.shown_by) == (ViewOutcome.LOST, ())


def test_a_disk_that_grew_is_told_with_both_sizes(tmp_path: Path) -> None:
    def save(size: int) -> None:
        tree = ChainBuilder(seed="grown")
        tree.fill(tree.dynamic("base.vhd", size=size, block_size=CHUNK), 0, 512)
        tree.save(tmp_path)

    save(CHUNK + 512)
    manifest = _created(tmp_path)
    save(2 * CHUNK)
    view = _verified(tmp_path, manifest)["base.vhd"].view
    assert view is not None
    assert (view.outcome, view.chunks, view.sizes) == (ViewOutcome.CHANGED, 0, (CHUNK + 512, 2 * CHUNK))


# ---------------------------------------------------------------------------------------------- while it is being made


def test_a_disk_that_changes_while_it_is_hashed_is_a_problem_of_all_above_it(tmp_path: Path) -> None:
    _tree().save(tmp_path)
    touched = iter([tmp_path / "base.vhd"])

    def progress(_done: int, _total: int) -> None:
        for path in touched:
            os.utime(path, ns=(1, 1))

    manifest = _created(tmp_path, progress=progress)
    assert {item.path: item.content for item in manifest.images} == dict.fromkeys(
        ["base.vhd", "leaf.avhd", "middle.avhd"]
    )
    assert [item.path for item in manifest.problems] == ["base.vhd", "leaf.avhd", "middle.avhd"]


def test_another_file_that_changes_while_it_is_hashed_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 100)
    manifest = _created(tmp_path, progress=lambda _done, _total: path.write_bytes(b"y" * 50) and None)
    (entry,) = manifest.files
    assert (entry.sha256, [item.path for item in manifest.problems]) == (None, ["a.txt"])


def test_progress_comes_to_its_end_and_it_can_be_stopped(tmp_path: Path) -> None:
    _tree().save(tmp_path)
    (tmp_path / "a.txt").write_bytes(b"x" * 100)
    told: list[tuple[int, int]] = []
    _created(tmp_path, progress=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (6 * CHUNK + 100, 6 * CHUNK + 100)
    stop = threading.Event()
    with pytest.raises(CancelledError):
        _created(tmp_path, progress=lambda _done, _total: stop.set(), cancel=stop)


def test_a_huge_disk_takes_the_time_of_its_data(tmp_path: Path) -> None:
    tree = ChainBuilder(seed="huge")
    small = bytes(tree.file(tree.fixed("huge.vhd", size=MIB)).content)
    size = 2040 << 30
    with (tmp_path / "huge.vhd").open("wb") as file:
        file.seek(size // 2 + 4096)
        file.write(b"data")
        file.seek(size)
        file.write(edit_footer(small, copy=False, current_size=size, original_size=size)[-512:])
    began = time.monotonic()
    (image,) = _created(tmp_path, chunk_size=4 * MIB).images
    assert image.content is not None
    held = image.content.chunks.digests.any(axis=1)
    assert image.content.chunks.numbers[held].tolist() == [size // 2 // (4 * MIB)]
    assert time.monotonic() - began < 20  # to read it all would take a quarter of an hour at least


def test_a_disk_of_the_manifest_that_could_not_be_read_then_is_unknown_now(tmp_path: Path) -> None:
    _tree().save(tmp_path)
    manifest = _created(tmp_path)
    images = tuple(replace(item, content=None, problem="a fault") for item in manifest.images)
    changes = _verified(tmp_path, replace(manifest, images=images))
    assert set(_views(changes).values()) == {ViewOutcome.UNKNOWN}
    assert not any(item.is_change for item in changes.values())

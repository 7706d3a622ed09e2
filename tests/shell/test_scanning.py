"""Scanning folders: every disk once, whole graphs, nothing passed over and nothing outside."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.shell.tracing import open_descriptors, traced
from vhdchain.errors import CancelledError, ConfigError
from vhdchain.findings import Severity
from vhdchain.graph import Inventory, check_graph
from vhdchain.locate import Outcome, Rule, check_link
from vhdchain.shell.scanning import scan_folder
from vhdchain.structures import PlatformCode
from vhdchain.structures.footer import NULL_ID
from vhdchain.testing import ChainBuilder
from vhdchain.testing.dialects import Locator, NameForm

SIZE = 64 * 1024


@pytest.fixture
def vms(tmp_path: Path) -> Path:
    """A base with a branch of two snapshots, one of them with a child, in three folders."""
    tree = ChainBuilder(windows_folder=r"D:\VMs")
    base = tree.dynamic("base/base.vhd", size=SIZE, block_size=4096)
    tree.snapshot(base, "snap/a.avhd")
    tree.snapshot(tree.snapshot(base, "snap/b.avhd"), "snap/deep/c.AVHD")
    tree.save(tmp_path / "vms")
    return tmp_path / "vms"


def _names(inventory: Inventory, root: Path) -> list[str]:
    return [Path(image.name).relative_to(root).as_posix() for image in inventory.images]


def _codes(inventory: Inventory) -> list[str]:
    """Return the codes of errors, warnings and forks; other notes are facts that healthy links have."""
    links = [
        finding
        for item in inventory.resolutions
        for finding in check_link(inventory.image(item.child), inventory.parent(item.child), item)
    ]
    told = (*links, *check_graph(inventory))
    return sorted(item.code for item in told if item.severity is not Severity.NOTE or item.code == "VHD704")


def test_every_disk_is_found_with_its_parent(vms: Path) -> None:
    with scan_folder(vms) as inventory:
        assert _names(inventory, vms) == ["base/base.vhd", "snap/a.avhd", "snap/b.avhd", "snap/deep/c.AVHD"]
        assert inventory.graph.path_to_base(str(vms / "snap/deep/c.AVHD")) == tuple(
            str(vms / name) for name in ("snap/deep/c.AVHD", "snap/b.avhd", "base/base.vhd")
        )
        assert inventory.graph.forks == (str(vms / "base/base.vhd"),)
        assert [item.found_by for item in inventory.resolutions] == [Rule.W2RU] * 3
        assert _codes(inventory) == ["VHD704"]
        assert (inventory.roots, inventory.scanned) == ((str(vms),), (str(vms),))
        assert (inventory.unreadable, inventory.outside, tuple(inventory.machines)) == ((), (), ())
        child = inventory.image(str(vms / "snap/a.avhd"))
        parent = inventory.parent(child.name)
        assert parent is not None
        assert parent.unique_id == child.parent_unique_id


def test_names_are_shown_as_the_caller_wrote_the_folder(vms: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(vms.parent)
    with scan_folder("vms") as inventory:
        assert [image.name for image in inventory.images] == [
            "vms/base/base.vhd",
            "vms/snap/a.avhd",
            "vms/snap/b.avhd",
            "vms/snap/deep/c.AVHD",
        ]
        assert set(inventory.graph.parents.values()) == {"vms/base/base.vhd", "vms/snap/b.avhd"}
    monkeypatch.chdir(vms)
    with scan_folder(".") as inventory:
        assert inventory.images[0].name == "./base/base.vhd"


def test_what_was_read_is_recorded(vms: Path) -> None:
    path = vms / "base/base.vhd"
    os.utime(path, ns=(0, 1_234_567_890_123_456_789))
    with scan_folder(vms) as inventory:
        first = inventory.inputs[0]
        assert (first.path, first.size) == (str(path), path.stat().st_size)
        assert first.mtime_ns == 1_234_567_890_123_456_789
        assert [item.path for item in inventory.inputs] == [image.name for image in inventory.images]


def test_a_file_with_several_names_is_one_image(vms: Path) -> None:
    os.link(vms / "base/base.vhd", vms / "base/second.vhd")
    (vms / "a-link.vhd").symlink_to("base/base.vhd")
    with scan_folder(vms) as inventory:
        assert len(inventory.images) == 4
        assert inventory.inputs[0].path == str(vms / "base/base.vhd")
        assert inventory.inputs[0].aliases == (str(vms / "a-link.vhd"), str(vms / "base/second.vhd"))
        assert _codes(inventory) == ["VHD704"]


def test_a_parent_goes_by_one_name_whichever_led_to_it(vms: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.link(vms / "base/base.vhd", vms / "base/a-first.vhd")
    monkeypatch.chdir(vms)
    with scan_folder(".", within=[vms]) as inventory:
        (parent,) = {inventory.graph.parents["./snap/a.avhd"], inventory.graph.parents["./snap/b.avhd"]}
        assert parent == "./base/a-first.vhd"
        assert set(inventory.graph.parents.values()) <= set(inventory.graph.nodes)
        assert inventory.parent("./snap/a.avhd") is inventory.image(parent)
        resolution = inventory.resolution("./snap/a.avhd")
        assert resolution is not None
        assert [item.candidate for item in resolution.leading] == [parent] * len(resolution.leading)


def test_a_folder_that_is_named_twice_is_scanned_once(vms: Path) -> None:
    with scan_folder(vms, vms / "base", vms / "base/base.vhd") as inventory:
        assert len(inventory.images) == 4


def test_a_parent_outside_of_the_folder_is_told(vms: Path) -> None:
    with traced() as trace, scan_folder(vms / "snap") as inventory:
        assert _names(inventory, vms) == ["snap/a.avhd", "snap/b.avhd", "snap/deep/c.AVHD"]
        assert len(inventory.outside) == 2
        assert inventory.graph.orphans == (str(vms / "snap/a.avhd"), str(vms / "snap/b.avhd"))
        assert _codes(inventory) == ["VHD003", "VHD003", "VHD714"]
    assert not [path for path in trace.paths if "base" in path]


def test_a_parent_inside_the_roots_joins_the_inventory_with_its_own_parents(vms: Path) -> None:
    with scan_folder(vms / "snap/deep", within=vms) as inventory:
        assert _names(inventory, vms) == ["base/base.vhd", "snap/b.avhd", "snap/deep/c.AVHD"]
        assert inventory.graph.bases == (str(vms / "base/base.vhd"),)
        assert inventory.roots == (str(vms),)
        assert _codes(inventory) == []


def test_the_index_reaches_as_far_as_the_roots(vms: Path) -> None:
    (vms / "base/base.vhd").rename(vms / "base/renamed.vhd")
    with scan_folder(vms / "snap", within=vms) as inventory:
        assert {item.found_by for item in inventory.resolutions} == {Rule.UUID_INDEX, Rule.W2RU}
        assert str(vms / "base/renamed.vhd") in inventory.graph.bases
    with scan_folder(vms) as inventory:
        assert inventory.graph.orphans == ()


def test_copies_make_the_index_ambiguous(vms: Path) -> None:
    shutil.move(vms / "base/base.vhd", vms / "one.vhd")
    shutil.copy(vms / "one.vhd", vms / "two.vhd")
    with scan_folder(vms) as inventory:
        assert inventory.resolutions[0].candidates(Outcome.AMBIGUOUS) == (str(vms / "one.vhd"), str(vms / "two.vhd"))
        assert _codes(inventory) == ["VHD605", "VHD605", "VHD702"]


def test_a_path_map_leads_to_parents(tmp_path: Path) -> None:
    tree = ChainBuilder(windows_folder=r"D:\VMs")
    base = tree.dynamic("base.vhd", size=SIZE, block_size=4096)
    tree.snapshot(base, "leaf.avhd", locators=(Locator(code=PlatformCode.W2KU),), name_form=NameForm.EMPTY)
    tree.save(tmp_path)
    (tmp_path / "there").mkdir()
    (tmp_path / "base.vhd").rename(tmp_path / "there" / "base.vhd")
    (tmp_path / "here").mkdir()
    (tmp_path / "leaf.avhd").rename(tmp_path / "here" / "leaf.avhd")
    with scan_folder(tmp_path / "here", path_map={r"D:\VMs": tmp_path / "there"}) as inventory:
        assert _names(inventory, tmp_path) == ["here/leaf.avhd", "there/base.vhd"]
        assert inventory.resolutions[0].found_by is Rule.W2KU


def test_only_names_of_disks_are_taken_unless_a_file_is_named(vms: Path) -> None:
    shutil.copy(vms / "base/base.vhd", vms / "base/disk.bin")
    (vms / "notes.txt").write_bytes(b"")
    (vms / "undo.VUD").write_bytes(b"")
    with scan_folder(vms) as inventory:
        assert "undo.VUD" in _names(inventory, vms)
        assert len(inventory.images) == 5
    with scan_folder(vms / "base/disk.bin") as inventory:
        assert _names(inventory, vms) == ["base/disk.bin"]
        assert inventory.roots == (str(vms / "base"),)


def test_junk_is_an_image_whose_findings_are_for_the_checks(vms: Path) -> None:
    (vms / "junk.vhd").write_bytes(b"junk" * 1000)
    (vms / "empty.vhd").write_bytes(b"")
    with scan_folder(vms) as inventory:
        assert inventory.image(str(vms / "junk.vhd")).footer is None
        assert inventory.image(str(vms / "empty.vhd")).file_size == 0


def test_a_raw_parent_with_the_name_of_a_disk_is_a_raw_disk(tmp_path: Path) -> None:
    tree = ChainBuilder()
    tree.snapshot(tree.raw("base.vhd", size=SIZE), "leaf.vhd", block_size=4096)
    tree.raw("other.img", size=SIZE)
    tree.save(tmp_path)
    with scan_folder(tmp_path) as inventory:
        assert [(image.raw, Path(image.name).name) for image in inventory.images] == [
            (True, "base.vhd"),
            (False, "leaf.vhd"),
        ]
        assert inventory.resolutions[0].wanted == NULL_ID
        assert _codes(inventory) == []


def test_a_file_that_might_have_been_a_raw_parent_stays_readable(tmp_path: Path) -> None:
    tree = ChainBuilder()
    base = tree.dynamic("base.vhd", size=SIZE, block_size=4096, unique_id=NULL_ID)
    places = [Locator(code=PlatformCode.W2RU, text=text) for text in (r".\base.vhd", r".\junk.vhd")]
    tree.snapshot(base, "leaf.avhd", locators=places, name_form=NameForm.EMPTY)
    tree.save(tmp_path)
    (tmp_path / "junk.vhd").write_bytes(b"junk" * 512)
    with scan_folder(tmp_path) as inventory:
        assert inventory.resolutions[0].parent == str(tmp_path / "base.vhd")
        assert inventory.image(str(tmp_path / "junk.vhd")).source.read_at(0, 4) == b"junk"


def test_links_out_of_the_folder_are_told_and_not_followed(vms: Path) -> None:
    secret = vms.parent / "secret"
    secret.mkdir()
    shutil.copy(vms / "base/base.vhd", secret / "x.vhd")
    (vms / "out.vhd").symlink_to(secret / "x.vhd")
    (vms / "broken.vhd").symlink_to("nowhere.vhd")
    (vms / "aside").symlink_to(secret)
    (vms / "loop").symlink_to(vms)
    with traced() as trace, scan_folder(vms) as inventory:
        assert len(inventory.images) == 4
        assert [item.path for item in inventory.unreadable] == [str(vms / "broken.vhd"), str(vms / "out.vhd")]
        assert all(item.reason for item in inventory.unreadable)
    assert not [path for path in trace.paths if {"secret", "aside", "loop"} & set(Path(path).parts)]


def test_what_is_no_regular_file_is_passed_by_unless_it_is_named(vms: Path) -> None:
    os.mkfifo(vms / "fifo.vhd")
    with traced() as trace, scan_folder(vms) as inventory:
        assert len(inventory.images) == 4
    assert not [path for path in trace.paths if "fifo" in path]
    with scan_folder(vms / "fifo.vhd") as inventory:
        assert (inventory.images, [item.path for item in inventory.unreadable]) == ((), [str(vms / "fifo.vhd")])


def test_a_link_inside_to_a_file_without_the_name_of_a_disk_is_that_file(vms: Path) -> None:
    (vms / "base/base.vhd").rename(vms / "base/base.bin")
    (vms / "base/base.vhd").symlink_to("base.bin")
    with scan_folder(vms) as inventory:
        assert _names(inventory, vms)[0] == "base/base.bin"
        assert inventory.graph.bases == (str(vms / "base/base.bin"),)


def test_cycles_are_told_by_the_graph(tmp_path: Path) -> None:
    tree = ChainBuilder()
    base = tree.dynamic("base.vhd", size=SIZE, block_size=4096)
    one = tree.snapshot(base, "one.avhd", locators=(Locator(code=PlatformCode.W2RU, text=r".\two.avhd"),))
    two = tree.snapshot(base, "two.avhd", locators=(Locator(code=PlatformCode.W2RU, text=r".\one.avhd"),))
    own = tree.snapshot(base, "own.avhd", locators=(Locator(code=PlatformCode.W2RU, text=r".\own.avhd"),))
    for image, above in ((one, two), (two, one), (own, own)):
        tree.edit(image, parent_unique_id=above.unique_id, created=base.created)
    tree.save(tmp_path)
    with scan_folder(tmp_path) as inventory:
        assert inventory.graph.cycles == ((str(tmp_path / "one.avhd"), str(tmp_path / "two.avhd")),)
        assert _codes(inventory) == ["VHD617", "VHD701"]


def test_a_scan_is_the_same_every_time(vms: Path) -> None:
    with scan_folder(vms) as one, scan_folder(vms) as other:
        assert one.resolutions == other.resolutions
        assert one.inputs == other.inputs


def test_everything_is_opened_for_reading_alone(vms: Path) -> None:
    with traced() as trace, scan_folder(vms):
        pass
    assert trace.writing == []
    assert str(vms / "base/base.vhd") in trace.paths


def test_each_file_is_opened_once(vms: Path) -> None:
    with traced() as trace, scan_folder(vms):
        pass
    disks = [path for path in trace.paths if path.lower().endswith("vhd")]
    assert len(disks) == len(set(disks)) == 4


def test_progress_ends_where_everything_is_done(vms: Path) -> None:
    calls: list[tuple[int, int]] = []
    with scan_folder(vms, progress=lambda done, total: calls.append((done, total))):
        pass
    assert calls == sorted(calls)
    assert calls[-1] == (8, 8)


def test_a_cancelled_scan_closes_everything(vms: Path) -> None:
    before = open_descriptors()
    countdown = iter([False] * 6 + [True])
    with pytest.raises(CancelledError):
        scan_folder(vms, cancel=lambda: next(countdown))
    assert open_descriptors() == before


def test_a_path_that_does_not_exist_is_the_systems_error(vms: Path) -> None:
    with pytest.raises(FileNotFoundError):
        scan_folder(vms, vms / "nowhere")


def test_nothing_to_scan_is_refused() -> None:
    with pytest.raises(ConfigError):
        scan_folder()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_told(vms: Path) -> None:
    (vms / "base/base.vhd").chmod(0)
    (vms / "snap/deep").chmod(0)
    try:
        with scan_folder(vms) as inventory:
            assert [item.path for item in inventory.unreadable] == [
                str(vms / "base/base.vhd"),
                str(vms / "snap/deep"),
            ]
            assert _codes(inventory).count("VHD628") == 2
    finally:
        (vms / "snap/deep").chmod(0o700)


@pytest.mark.corpus
def test_the_collection_of_real_disks_is_a_whole_graph(corpus: Path) -> None:
    with scan_folder(corpus) as inventory:
        assert (inventory.graph.orphans, inventory.graph.cycles, inventory.unreadable) == ((), (), ())
        assert {Path(child).name: Path(parent).name for child, parent in inventory.graph.parents.items()} == {
            "fat-differential.vhd": "fat-parent.vhd",
            "win8-child.vhd": "win8.vhd",
        }
        assert _codes(inventory) == []

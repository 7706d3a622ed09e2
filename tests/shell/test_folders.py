"""Walking folders: ordered, without recursion, bounded, and never through a link."""

from __future__ import annotations

import errno
import inspect
import sys
from typing import TYPE_CHECKING

import pytest

from vhdchain.errors import CancelledError
from vhdchain.shell.folders import Walk, is_image_name, walk_folder
from vhdchain.shell.gate import root_of
from vhdchain.shell.index import IdentifierIndex
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from pathlib import Path


def _walk(folder: Path, **options: int) -> Walk:
    return walk_folder(str(folder), shown="top", wanted=is_image_name, max_entries=options.get("max_entries"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.vhd", True), ("A.VHD", True), ("a.avhd", True), ("a.vud", True), ("a.vhdx", False), (".vhd", False)],
)
def test_disks_are_told_by_the_end_of_their_names(name: str, expected: bool) -> None:
    assert is_image_name(name) is expected


def test_files_come_in_the_order_of_their_names_folder_by_folder(tmp_path: Path) -> None:
    for name in ("b.vhd", "a/z.vhd", "a/deep/x.vhd", "c/y.vhd", "a.vhd", "notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "link.vhd").symlink_to("a.vhd")
    walk = _walk(tmp_path)
    assert [(item.shown, item.is_link) for item in walk.files] == [
        ("top/a.vhd", False),
        ("top/b.vhd", False),
        ("top/link.vhd", True),
        ("top/a/z.vhd", False),
        ("top/a/deep/x.vhd", False),
        ("top/c/y.vhd", False),
    ]
    assert [item.path for item in walk.files[:1]] == [str(tmp_path / "a.vhd")]
    assert (walk.complete, walk.unreadable) == (True, [])


def test_links_to_folders_are_not_entered(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "root").symlink_to("/")
    assert _walk(tmp_path).files == []


def test_depth_needs_no_recursion(tmp_path: Path) -> None:
    deep = tmp_path / "/".join("d" * 300)
    deep.mkdir(parents=True)
    (deep / "x.vhd").write_bytes(b"")
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 100)
    try:
        found = [item.shown for item in _walk(tmp_path).files]
    finally:
        sys.setrecursionlimit(before)
    assert found == ["top" + "/d" * 300 + "/x.vhd"]


def test_a_walk_ends_where_it_has_met_enough(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "x.vhd").write_bytes(b"")
    assert _walk(tmp_path).complete
    walk = _walk(tmp_path, max_entries=5)
    assert (walk.complete, [item.shown for item in walk.files]) == (False, ["top/0/x.vhd"])


def test_a_walk_can_be_cancelled(tmp_path: Path) -> None:
    with pytest.raises(CancelledError):
        walk_folder(str(tmp_path), shown="", wanted=is_image_name, cancel=lambda: True)


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    ((shown, error),) = _walk(tmp_path / "nowhere").unreadable
    assert (shown, error.errno) == ("top", errno.ENOENT)


def test_files_left_over_from_work_on_disks_are_told_by_their_names(tmp_path: Path) -> None:
    for name in (
        ".a.vhd.merge.json",
        "a.vhd.tmp",
        "b.avhd~",
        "c.VHD.part",
        "notes.tmp",
        "state.merge.json",
        "a.vhd.txt",
    ):
        (tmp_path / name).write_bytes(b"")
    walk = _walk(tmp_path)
    assert walk.files == []
    assert walk.leftovers == ["top/.a.vhd.merge.json", "top/a.vhd.tmp", "top/b.avhd~", "top/c.VHD.part"]


# --------------------------------------------------------------------------------------------------------- identifiers


def test_an_index_that_is_cut_off_says_so(tmp_path: Path) -> None:
    tree = ChainBuilder()
    images = [tree.dynamic(f"{number}/{number}.vhd", size=1 << 20) for number in range(3)]
    tree.save(tmp_path)
    whole = IdentifierIndex([root_of(tmp_path)])
    assert [len(whole.lookup(image.unique_id).candidates) for image in images] == [1, 1, 1]
    assert whole.lookup(images[0].unique_id).note == ""
    roots = [root_of(tmp_path)]
    for cut in (IdentifierIndex(roots, max_files=1), IdentifierIndex(roots, max_entries=4)):
        assert [len(cut.lookup(image.unique_id).candidates) for image in images] == [1, 0, 0]
        assert cut.lookup(images[1].unique_id).note


def test_an_index_without_the_files_that_could_not_be_read_says_so(tmp_path: Path) -> None:
    tree = ChainBuilder()
    image = tree.dynamic("disk.vhd", size=1 << 20)
    tree.save(tmp_path)
    (tmp_path / "below").mkdir()
    roots = [root_of(tmp_path), root_of(tmp_path / "below")]
    (tmp_path / "below").rmdir()
    answer = IdentifierIndex(roots).lookup(image.unique_id)
    assert len(answer.candidates) == 1
    assert answer.note

"""What the scan learns of a file beside its bytes: rights, changes while it ran, holes, and who refused what."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from vhdchain.graph import InputFile, Inventory, MetadataHole
from vhdchain.image import scan_image
from vhdchain.shell.facts import metadata_holes, unreadable
from vhdchain.shell.files import open_source
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing import ChainBuilder
from vhdchain.testing.dialects import BLKTAP, DIALECTS, Dialect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAGE = 4096
MIB = 1 << 20


def _scan(folder: Path, during: Callable[[], object]) -> Inventory:
    """Return the inventory of a scan during which, when all was read, ``during`` is called."""

    def at_the_end(done: int, total: int) -> None:
        if done == total:
            during()

    return scan_folder(folder, progress=at_the_end)


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """A dynamic disk alone in a folder, modified long ago."""
    tree = ChainBuilder()
    tree.dynamic("disk.vhd", size=MIB, block_size=PAGE)
    return tree.save(tmp_path)["disk.vhd"]


def _input(inventory: Inventory) -> InputFile:
    (found,) = inventory.inputs
    inventory.close()
    return found


@pytest.mark.parametrize(("mode", "writable"), [(0o444, False), (0o644, True), (0o404, False), (0o420, True)])
def test_a_file_is_writable_where_its_mode_lets_anybody_write(disk: Path, mode: int, writable: bool) -> None:
    disk.chmod(mode)
    assert _input(scan_folder(disk.parent)).writable is writable


def _grown(disk: Path) -> None:
    with disk.open("ab") as file:
        file.write(b"more")


def _replaced(disk: Path) -> None:
    disk.with_name("new").write_bytes(disk.read_bytes())
    disk.with_name("new").replace(disk)


CHANGES: dict[str, tuple[Callable[[Path], object], str | None]] = {
    "nothing": (lambda disk: disk.read_bytes(), None),
    "mode": (lambda disk: disk.chmod(0o400), None),
    "written": (lambda disk: os.utime(disk, ns=(0, 1)), "it was written to"),
    "grown": (_grown, "its length went from 3072 to 3076 bytes"),
    "cut": (lambda disk: os.truncate(disk, 512), "its length went from 3072 to 512 bytes"),
    "replaced": (_replaced, "another file has taken its place"),
    "gone": (lambda disk: disk.unlink(), "it is gone"),
}


@pytest.mark.parametrize(("act", "told"), CHANGES.values(), ids=CHANGES)
def test_what_changes_while_the_scan_runs_is_recorded(
    disk: Path, act: Callable[[Path], object], told: str | None
) -> None:
    assert _input(_scan(disk.parent, partial(act, disk))).changed == told


# --------------------------------------------------------------------------------------------------------------- holes


def _sparse(path: Path) -> Path:
    """Return a dynamic disk whose file has a hole of a page in each of BAT, header area and end."""
    tree = ChainBuilder()
    image = tree.dynamic("disk.vhd", size=64 * MIB, block_size=PAGE)
    for block in (0, 100):
        tree.block(image, block)
    return tree.save(path)["disk.vhd"]


def _punch(path: Path, start: int, length: int) -> None:
    """Make ``[start, start + length)`` a hole: the file is written anew without it."""
    raw = path.read_bytes()
    path.unlink()
    with path.open("wb") as file:
        file.write(raw[:start])
        file.seek(start + length)
        file.write(raw[start + length :])
        file.truncate(len(raw))


def _holes(path: Path) -> tuple[MetadataHole, ...]:
    with scan_image(open_source(path)) as image:
        return metadata_holes(image)


def test_a_page_of_the_bat_that_was_never_written_is_a_hole(tmp_path: Path) -> None:
    path = _sparse(tmp_path)
    assert _holes(path) == ()
    _punch(path, 2 * PAGE, 3 * PAGE)
    assert _holes(path) == (MetadataHole(structure="BAT", offset=2 * PAGE, length=3 * PAGE),)


def test_only_entries_of_the_disk_count(tmp_path: Path) -> None:
    tree = ChainBuilder()
    layout = replace(BLKTAP.layout, spare_entries=16384, batmap=False)
    tree.dynamic("disk.vhd", size=MIB, block_size=PAGE, layout=layout)
    path = tree.save(tmp_path)["disk.vhd"]
    _punch(path, 4 * PAGE, 4 * PAGE)
    assert _holes(path) == ()


def test_a_footer_that_was_never_written_is_a_hole(tmp_path: Path) -> None:
    path = _sparse(tmp_path)
    size = path.stat().st_size
    os.truncate(path, size - 512)
    os.truncate(path, size + 4 * PAGE)
    assert _holes(path) == (MetadataHole(structure="footer", offset=size + 4 * PAGE - 512, length=512),)


def test_a_first_page_that_was_never_written_is_a_hole_of_two_structures(tmp_path: Path) -> None:
    path = _sparse(tmp_path)
    _punch(path, 0, PAGE)
    structures = [(hole.structure, hole.offset, hole.length) for hole in _holes(path)]
    assert structures == [("footer copy", 0, 512), ("dynamic header", 512, 1024)]


def test_zeros_that_were_written_are_no_hole(tmp_path: Path) -> None:
    path = _sparse(tmp_path)
    os.truncate(path, path.stat().st_size + 64 * PAGE)
    with path.open("r+b") as file:
        file.seek(0)
        file.write(bytes(PAGE))
    assert [hole.structure for hole in _holes(path)] == ["footer"]


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_healthy_files_that_are_saved_sparse_have_no_holes_that_count(tmp_path: Path, dialect: Dialect) -> None:
    tree = ChainBuilder(dialect=dialect)
    base = tree.dynamic("base.vhd", size=256 * MIB)
    tree.fixed("fixed.vhd", size=8 * MIB)
    for block in (0, 90):
        tree.block(base, block)
    leaf = tree.snapshot(base, "leaf.avhd", layout=replace(base.layout, gap=2 * MIB))
    tree.block(leaf, 3)
    paths = tree.save(tmp_path)
    assert any(path.stat().st_blocks * 512 < path.stat().st_size for path in paths.values())
    with scan_folder(tmp_path) as inventory:
        assert [item.holes for item in inventory.inputs] == [(), (), ()]


def test_a_closed_source_is_not_asked_for_holes_without_need(disk: Path) -> None:
    source = open_source(disk)
    source.close()
    assert source.hole_in(0, PAGE) is None  # every byte is allocated


# ------------------------------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("number", "refused"),
    [
        (errno.EACCES, True),
        (errno.EPERM, True),
        (errno.EBUSY, True),
        (errno.EAGAIN, True),
        (errno.EIO, True),
        (errno.ETXTBSY, True),
        (errno.ENOENT, False),
        (errno.ELOOP, False),
        (errno.ENOTDIR, False),
    ],
)
def test_who_refused_is_told_by_the_systems_number(number: int, refused: bool) -> None:
    told = unreadable("f/x.vhd", OSError(number, os.strerror(number)))
    assert (told.path, told.reason, told.refused) == ("f/x.vhd", os.strerror(number), refused)


def test_what_this_package_refuses_is_no_refusal_of_the_system() -> None:
    told = unreadable("fifo.vhd", ValueError("is a FIFO"))
    assert (told.reason, told.refused) == ("is a FIFO", False)

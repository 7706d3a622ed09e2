"""Is a merge that needs more than there is told where it belongs, and nothing else?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vhdchain.audit import audit
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing import ChainBuilder, HostLab, LabDisk

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.findings import Finding

BLOCK = 4096 + 512  # with its bitmap


def _told(folder: Path, free: int | None) -> list[Finding]:
    with scan_folder(folder) as inventory:
        return [item for item in audit(inventory, free_space=free).findings if item.code == "VHD711"]


def _host(folder: Path, *, merge: bool) -> HostLab:
    """Save a host with one machine: three blocks were written after its first snapshot, one after its second."""
    lab = HostLab(seed=3)
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    first = lab.take(srv, "first")
    for block in range(3):
        lab.write(srv, 0, (20 + block) * 4096, b"after the first")
    if merge:
        lab.delete(srv, first, merge=False)
    else:
        lab.take(srv, "second")
        lab.write(srv, 0, 25 * 4096, b"after the second")
    lab.save(folder)
    return lab


def test_the_snapshot_that_needs_most_is_told(tmp_path: Path) -> None:
    lab = _host(tmp_path, merge=False)
    srv = lab.machines[0]
    assert _told(tmp_path, 3 * BLOCK) == []
    (item,) = _told(tmp_path, 3 * BLOCK - 1)
    assert item.location.path == str(tmp_path / lab.configuration_path(srv.snapshot("first")))
    assert (item.expected, item.found) == (3 * BLOCK, 3 * BLOCK - 1)
    assert item.related == (str(tmp_path / lab.disk_path(srv.snapshot("first"))),)


def test_a_merge_that_is_owed_is_told_at_its_disk(tmp_path: Path) -> None:
    lab = _host(tmp_path, merge=True)
    base, leaf = (str(tmp_path / lab.disk_path(image)) for image in lab.machines[0].state.images[0].stack)
    assert _told(tmp_path, 3 * BLOCK) == []
    (item,) = _told(tmp_path, 0)
    assert (item.location.path, item.related) == (base, (leaf,))
    assert (item.expected, item.found) == (3 * BLOCK, 0)


def test_without_machines_the_largest_merge_is_told(tmp_path: Path) -> None:
    tree = ChainBuilder(seed=1)
    base = tree.dynamic("base.vhd", size=65536, block_size=4096)
    middle = tree.snapshot(base, "middle.avhd")
    tree.write(middle, 0, b"one")
    leaf = tree.snapshot(middle, "leaf.avhd")
    tree.write(leaf, 0, bytes(3 * 4096))
    tree.save(tmp_path)
    (item,) = _told(tmp_path, BLOCK)
    assert item.location.path == str(tmp_path / "middle.avhd")
    assert item.expected == 2 * BLOCK
    assert _told(tmp_path, 2 * BLOCK) == []


@pytest.mark.parametrize("free", [None, 1 << 40])
def test_nothing_is_told_where_there_is_room_or_nobody_knows(free: int | None, tmp_path: Path) -> None:
    _host(tmp_path, merge=False)
    assert _told(tmp_path, free) == []


def test_the_record_has_what_is_free(tmp_path: Path) -> None:
    _host(tmp_path, merge=False)
    with scan_folder(tmp_path) as inventory:
        assert audit(inventory, free_space=7).record.free_space == 7
        assert audit(inventory).record.free_space is None
        assert not any(item.code == "VHD711" for item in audit(inventory, free_space=0, ignore=["VHD711"]).findings)

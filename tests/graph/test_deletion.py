"""What becomes of the files of a snapshot that is deleted, and why do some stay?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.graph import Deletion, Deletions, Fate
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing import HostLab, LabDisk

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.testing.lab import LabMachine, LabSnapshot


def _lab() -> tuple[HostLab, LabMachine]:
    lab = HostLab(seed=11)
    return lab, lab.machine("srv", disks=[LabDisk("srv.vhd")])


def _asked(lab: HostLab, folder: Path, snapshot: str) -> Deletion:
    """Return the answer, with paths below the folder."""
    lab.save(folder)
    with scan_folder(folder) as inventory:
        machine = inventory.machines["srv"]
        return Deletions(inventory).of(machine, machine.snapshot(snapshot))


def _path(folder: Path, lab: HostLab, owner: LabMachine | LabSnapshot) -> str:
    return str(folder / lab.disk_path(owner))


def test_an_only_child_is_merged(tmp_path: Path) -> None:
    lab, srv = _lab()
    first = lab.take(srv, "first")
    found = _asked(lab, tmp_path, "first")
    assert found.merges == ((_path(tmp_path, lab, first), _path(tmp_path, lab, srv)),)
    assert [disk.fate for disk in found.disks] == [Fate.MERGED]
    assert found.deleted == ()


def test_a_leaf_goes_and_a_base_never(tmp_path: Path) -> None:
    lab, srv = _lab()
    first = lab.take(srv, "first")
    second = lab.take(srv, "second")
    lab.apply(srv, first)  # the file that the second one keeps is a leaf now
    found = _asked(lab, tmp_path, "second")
    assert found.deleted == (_path(tmp_path, lab, second),)
    assert [disk.fate for disk in found.disks] == [Fate.DELETED]
    assert found.merges == ()


def test_a_file_with_two_children_stays(tmp_path: Path) -> None:
    lab, srv = _lab()
    first = lab.take(srv, "first")
    lab.take(srv, "second")
    lab.apply(srv, first)
    found = _asked(lab, tmp_path, "first")
    (disk,) = found.disks
    assert (disk.fate, disk.path) == (Fate.STAYS, _path(tmp_path, lab, first))
    assert disk.reason.startswith("2 disks")
    assert (found.deleted, found.merges) == ((), ())


def test_a_file_that_a_machine_runs_on_stays(tmp_path: Path) -> None:
    lab, srv = _lab()
    first = lab.take(srv, "first")
    other = lab.machine("other")
    lab.attach(other, first.state.images[0])
    (disk,) = _asked(lab, tmp_path, "first").disks
    assert (disk.fate, disk.reason) == (Fate.STAYS, "other needs it, too")


def test_what_a_deletion_left_is_merged_with_what_the_next_one_frees(tmp_path: Path) -> None:
    lab, srv = _lab()
    first, second = lab.take(srv, "first"), lab.take(srv, "second")
    paths = [_path(tmp_path, lab, owner) for owner in (first, second, srv)]
    lab.delete(srv, first, merge=False)
    assert _asked(lab, tmp_path, "second").merges == (tuple(paths),)
    with scan_folder(tmp_path) as inventory:
        assert Deletions(inventory).owed().merges == ((paths[0], paths[1]),)


def test_a_leaf_that_goes_lets_what_an_earlier_deletion_left_be_merged(tmp_path: Path) -> None:
    lab, srv = _lab()
    first = lab.take(srv, "first")
    second = lab.take(srv, "second")
    lab.apply(srv, first)
    base, leaf, present = (_path(tmp_path, lab, owner) for owner in (first, second, srv))
    lab.delete(srv, first, merge=True)  # two disks build on it
    found = _asked(lab, tmp_path, "second")
    assert found.deleted == (leaf,)
    assert found.merges == ((base, present),)


def test_nothing_is_deleted_while_a_configuration_cannot_be_read(tmp_path: Path) -> None:
    lab, srv = _lab()
    lab.take(srv, "first")
    other = lab.machine("other")
    lab.save(tmp_path)
    broken = tmp_path / lab.configuration_path(other)
    broken.chmod(0o600)
    broken.write_bytes(b"<configuration>")
    with scan_folder(tmp_path) as inventory:
        machine = inventory.machines["srv"]
        (disk,) = Deletions(inventory).of(machine, machine.snapshot("first")).disks
    assert (disk.fate, disk.reason) == (Fate.STAYS, "a configuration here cannot be read")

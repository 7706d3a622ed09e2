"""Do the files of a lab show what its history says, whatever happened?

The record of what must be seen is kept here, by plain copies of byte arrays. What is seen is read from the files alone:
disks as configurations name them, parents as locators name them, content by the naive reader.
"""

from __future__ import annotations

import re
import struct
from random import Random
from typing import TYPE_CHECKING

import pytest

from vhdchain.hyperv.records import PowerState
from vhdchain.testing import HostLab, LabDisk, Partitions, naive_read
from vhdchain.testing.lab import LabAction, LabStep, draw_step, run_step

if TYPE_CHECKING:
    from vhdchain.testing.lab import LabMachine, LabSnapshot

SIZE = 32 * 1024
DISKS = ("srv.vhd", "data.vhd", "logs.vhd")
_DISK = re.compile(r'<pathname type="string">([^<]+)</pathname>')
_W2KU = 0x57326B75


def _lab(disks: int, version: str = "2008 R2", seed: int = 1) -> tuple[HostLab, LabMachine]:
    lab = HostLab(seed=seed, version=version)
    controllers = ("IDE", "SCSI", "SCSI")
    wanted = [LabDisk(name, controller=controllers[n], size=SIZE) for n, name in enumerate(DISKS[:disks])]
    return lab, lab.machine("srv", disks=wanted)


def _parent(content: bytes) -> str | None:
    """Return the Windows path of the parent that the absolute locator of a file names."""
    footer = content[-512:]
    if footer[60:64] != struct.pack(">I", 4):
        return None
    for at in range(1088, 1088 + 8 * 24, 24):
        code, _, length, _, offset = struct.unpack_from(">IIIIQ", content, at)
        if code == _W2KU:
            return content[offset : offset + length].decode("utf-16-le")
    raise AssertionError("no absolute locator")


def _named(files: dict[str, bytes], configuration: str) -> dict[str, str]:
    """Return the Windows paths of the disks that a configuration names, by the name of the machine's own disk."""
    paths = _DISK.findall(files[configuration].decode("utf-16"))
    return {re.split(r"_|\.", path.rpartition("\\")[2])[0] + ".vhd": path for path in paths}


def _shown(files: dict[str, bytes], path: str) -> bytes:
    """Return what a guest sees of the disk with this Windows path."""
    chain: list[bytes] = []
    step: str | None = path
    while step is not None:
        chain.insert(0, files[step[3:].replace("\\", "/")])
        step = _parent(chain[0])
    return naive_read(chain)


class _Record:
    """What each snapshot and the present must show, and which snapshot each was made from."""

    def __init__(self, disks: dict[str, bytes]) -> None:
        self.now = {name: bytearray(content) for name, content in disks.items()}
        self.kept: dict[str, dict[str, bytearray]] = {}
        self.parents: dict[str, str | None] = {"": None}

    def follow(self, step: LabStep, chosen: str, taken: str) -> None:
        if step.action is LabAction.WRITE:
            disk = self.now[DISKS[step.number % len(self.now)]]
            disk[step.offset : step.offset + len(step.data)] = step.data
        elif step.action is LabAction.TAKE:
            self.kept[taken] = {name: bytearray(content) for name, content in self.now.items()}
            self.parents[taken], self.parents[""] = self.parents[""], taken
        elif step.action is LabAction.APPLY:
            self.now = {name: bytearray(content) for name, content in self.kept[chosen].items()}
            self.parents[""] = chosen
        elif step.action in (LabAction.DELETE, LabAction.DELETE_LATER):
            del self.kept[chosen]
            above = self.parents.pop(chosen)
            self.parents = {state: above if parent == chosen else parent for state, parent in self.parents.items()}


def _play(lab: HostLab, machine: LabMachine, random: Random, steps: int) -> None:
    files = lab.files()
    start = {name: _shown(files, path) for name, path in _named(files, lab.configuration_path(machine)).items()}
    record = _Record(start)
    for _ in range(steps):
        step = draw_step(random, size=SIZE)
        snapshots = [snapshot.id for snapshot in machine.snapshots]
        chosen = snapshots[step.number % len(snapshots)] if snapshots else ""
        if run_step(lab, machine, step):
            taken = machine.snapshots[-1].id if machine.snapshots else ""
            record.follow(step, chosen, taken)
        assert dict(machine.expected_tree()) == record.parents
    _compare(lab, machine, record)
    lab.turn_off(machine)
    lab.finish_merges(machine)
    _compare(lab, machine, record)
    _nothing_is_left_over(lab, machine)
    _times_fit(lab)


def _compare(lab: HostLab, machine: LabMachine, record: _Record) -> None:
    files = lab.files()
    for owner in machine.owners:
        wanted = record.now if owner is machine else record.kept[owner.id]
        named = _named(files, lab.configuration_path(owner))
        assert named.keys() == wanted.keys()
        assert {name: _shown(files, path) for name, path in named.items()} == wanted


def _nothing_is_left_over(lab: HostLab, machine: LabMachine) -> None:
    files = lab.files()
    named = {path for owner in machine.owners for path in _named(files, lab.configuration_path(owner)).values()}
    disks = {"C:\\" + name.replace("/", "\\"): content for name, content in files.items() if name.endswith("vhd")}
    parents = [_parent(content) for content in disks.values()]
    unnamed = {path: parents.count(path) for path in disks if path not in named}
    assert all(children >= 2 for path, children in unnamed.items() if path.endswith(".avhd"))
    assert machine.merge_pending == any(children < 2 for children in unnamed.values())


def _times_fit(lab: HostLab) -> None:
    """Children know when their parents were modified; hosts of 2012 and later do not record it."""
    files, modified = lab.files(), lab.modified()
    for content in files.values():
        if content[-512:].startswith(b"conectix") and (parent := _parent(content)) is not None:
            (stamp,) = struct.unpack_from(">I", content, 512 + 56)
            path = parent[3:].replace("\\", "/")
            assert stamp == (0 if lab.version.name == "2012 R2" else modified[path])


@pytest.mark.parametrize("version", ["2008", "2008 R2", "2012 R2"])
@pytest.mark.parametrize("disks", [1, 2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_every_state_shows_what_its_guest_wrote(seed: int, disks: int, version: str) -> None:
    lab, machine = _lab(disks, version)
    _play(lab, machine, Random(f"history {seed}"), 40)


# ------------------------------------------------------------------------------------------------------- single rules


def _disk_names(lab: HostLab) -> list[str]:
    return [name.rpartition("/")[2] for name in lab.files() if name.endswith("vhd")]


def test_taking_freezes_the_file_and_goes_on_in_a_new_one() -> None:
    lab, srv = _lab(1)
    before = lab.files()[lab.disk_path(srv)]
    snapshot = lab.take(srv)
    lab.write(srv, 0, 4096, b"later")
    assert lab.disk_path(snapshot).endswith("/srv.vhd")
    assert lab.files()[lab.disk_path(snapshot)] == before
    assert re.fullmatch(r"srv_[0-9A-F-]{36}\.avhd", lab.disk_path(srv).rpartition("/")[2])


def test_names_of_snapshot_files_do_not_stack() -> None:
    lab, srv = _lab(1)
    lab.take(srv)
    lab.take(srv)
    assert {name.partition("_")[0] for name in _disk_names(lab)} == {"srv.vhd", "srv"}
    assert {name.count("_") for name in _disk_names(lab)} == {0, 1}


@pytest.mark.parametrize(("version", "place"), [("2008", "Snapshots"), ("2008 R2", "Virtual Hard Disks")])
def test_each_version_has_its_place_for_snapshot_files(version: str, place: str) -> None:
    lab, srv = _lab(1, version)
    lab.take(srv)
    assert place in lab.disk_path(srv).split("/")


def test_applying_discards_the_present_and_nothing_else() -> None:
    lab, srv = _lab(1)
    first = lab.take(srv)
    second = lab.take(srv)
    discarded = lab.disk_path(srv)
    kept = [lab.disk_path(first), lab.disk_path(second)]
    lab.apply(srv, first)
    assert discarded not in lab.files()
    assert set(kept) < set(lab.files())
    assert srv.expected_tree() == {first.id: None, second.id: first.id, "": first.id}


def test_deleting_merges_a_file_with_one_child_and_leaves_one_with_two() -> None:
    lab, srv = _lab(1)
    first = lab.take(srv)
    lab.take(srv)
    lab.apply(srv, first)
    assert len(_disk_names(lab)) == 3
    lab.delete(srv, first)
    assert (len(_disk_names(lab)), srv.merge_pending) == (3, False)
    lab.delete(srv, srv.snapshots[0])
    assert (_disk_names(lab), srv.merge_pending) == (["srv.vhd"], False)
    assert lab.disk_path(srv).endswith("/srv.vhd")


@pytest.mark.parametrize("power", ["running", "saved"])
def test_merges_wait_while_the_machine_is_not_off(power: str) -> None:
    lab, srv = _lab(1)
    first = lab.take(srv)
    lab.bring(srv, power)
    lab.delete(srv, first)
    assert lab.configuration_path(first) not in lab.files()
    assert lab.configuration(srv).bool_at("global_settings/disk_merge_pending") is True
    assert len(_disk_names(lab)) == 2
    lab.turn_off(srv)
    lab.finish_merges(srv)
    assert lab.configuration(srv).bool_at("global_settings/disk_merge_pending") is False
    assert _disk_names(lab) == ["srv.vhd"]


def test_a_merge_is_left_for_later_on_request() -> None:
    lab, srv = _lab(1)
    first = lab.take(srv)
    lab.delete(srv, first, merge=False)
    assert (len(_disk_names(lab)), srv.merge_pending) == (2, True)


def test_a_merge_of_another_machine_is_none_of_its_business() -> None:
    lab, srv = _lab(1)
    first = lab.take(srv)
    lab.apply(srv, first)
    other = lab.machine("other")
    lab.attach_shared(other, first.state.images[0], LabDisk("other.vhd"))
    discarded = lab.detach(srv, 0)
    assert discarded is not None
    lab.images.remove(discarded)
    lab.delete(srv, first)
    assert _disk_names(lab) == ["srv.vhd", "other.vhd"]


def test_a_merge_is_the_last_write_to_the_file_that_takes_it_up() -> None:
    lab, srv = _lab(1)
    first = lab.take(srv)
    lab.write(srv, 0, 4096, b"later")
    written = lab.modified()[lab.disk_path(srv)]
    lab.delete(srv, first)
    assert lab.modified()[lab.disk_path(srv)] > written


def test_applying_takes_files_of_deleted_snapshots_along_that_nothing_needs_any_more() -> None:
    lab, srv = _lab(1)
    first = lab.take(srv)
    second = lab.take(srv)
    left = lab.disk_path(second)
    lab.delete(srv, second, merge=False)
    assert (left in lab.files(), srv.merge_pending) == (True, True)
    lab.apply(srv, first)
    assert (left in lab.files(), srv.merge_pending) == (False, False)
    assert len(_disk_names(lab)) == 2


def test_a_name_that_was_given_up_can_be_taken_again() -> None:
    lab, srv = _lab(1)
    lab.files()
    image = lab.detach(srv, 0)
    assert image is not None
    lab.images.remove(image)
    lab.attach(srv, LabDisk("srv.vhd", size=2 * SIZE, partitions=Partitions.NONE))
    assert len(_shown(lab.files(), r"C:\Users\Public\Documents\Hyper-V\Virtual Hard Disks\srv.vhd")) == 2 * SIZE


def test_deleting_a_subtree_takes_all_that_was_made_from_it() -> None:
    lab, srv = _lab(1)
    first = lab.take(srv)
    second = lab.take(srv)
    lab.take(srv)
    lab.apply(srv, second)
    lab.take(srv)
    lab.apply(srv, first)
    lab.delete_subtree(srv, second)
    assert srv.expected_tree() == {first.id: None, "": first.id}
    assert len(_disk_names(lab)) == 2


@pytest.mark.parametrize(
    ("power", "has_state", "after"),
    [("off", False, PowerState.OFF), ("running", True, PowerState.SAVED), ("saved", True, PowerState.SAVED)],
)
def test_a_snapshot_keeps_the_state_and_gives_it_back(power: str, has_state: bool, after: PowerState) -> None:
    lab, srv = _lab(1)
    snapshot = lab.take(srv, power=power)
    assert srv.power is PowerState.OFF
    states = lab.state_paths(snapshot)
    assert {path in lab.files() for path in states} == {has_state}
    lab.apply(srv, snapshot)
    assert srv.power is after
    if has_state:
        files = lab.files()
        assert [files[path] for path in lab.state_paths(srv)] == [files[path] for path in states]
        assert lab.configuration(srv).text_at("savedstate/type") == "Normal"
        assert lab.configuration(snapshot).text_at("savedstate/type") == "Snapshot"


def test_the_default_name_has_the_machine_and_the_time() -> None:
    lab, srv = _lab(1)
    assert re.fullmatch(r"srv - \(5/2/2011 - 8:\d\d:00 AM\)", lab.take(srv).name)


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_names_that_a_host_refuses_are_refused(name: str) -> None:
    lab, srv = _lab(1)
    with pytest.raises(ValueError, match="name of a snapshot"):
        lab.take(srv, name)


def test_no_snapshot_is_taken_while_a_disk_of_the_host_is_attached() -> None:
    lab, srv = _lab(1)
    lab.pass_through(srv)
    with pytest.raises(ValueError, match="disk of the host"):
        lab.take(srv)


def test_a_snapshot_of_another_machine_is_refused() -> None:
    lab, srv = _lab(1)
    snapshot: LabSnapshot = lab.take(lab.machine("web"))
    with pytest.raises(ValueError, match="no snapshot"):
        lab.apply(srv, snapshot)
    with pytest.raises(ValueError, match="no snapshot"):
        lab.delete(srv, snapshot)

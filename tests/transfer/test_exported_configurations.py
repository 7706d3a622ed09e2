"""Without snapshots a configuration differs in the keys that speak of them, and in no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest

import vhdchain as vc
from tests.transfer.labs import export, scanned
from vhdchain.hyperv import parse_document
from vhdchain.testing.lab import HostLab, LabDisk
from vhdchain.transfer.exported_configurations import beside_stored, own_configuration, state_path
from vhdchain.transfer.selection import select

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.hyperv import Key, Machine, MachineState

Values: TypeAlias = "tuple[object, ...] | None"
NEW = "11111111-2222-3333-4444-555555555555"
IDE = "_83f8638b-8dca-4152-9eda-2ca8b33039b4_"


def _host(*, root: str = r"C:\VMs") -> HostLab:
    lab = HostLab(seed="configurations", root=root, disks=r"C:\VMs")
    machine = lab.machine("srv", disks=[LabDisk("srv.vhd")], notes="keep & <me>")
    lab.take(machine, "first", power="running")
    lab.take(machine, "second", power="off")
    return lab


def _read(state: MachineState) -> bytes:
    with open(state.path, "rb") as file:  # noqa: PTH123  # the path as it was scanned
        return file.read()


def _tree(content: bytes) -> dict[str, tuple[object, ...]]:
    keys: dict[str, tuple[object, ...]] = {}
    root: Key = parse_document(content, name="x").root
    for path, key in root.walk():
        if not key.children:
            keys[path] = (*keys.get(path, ()), key.value)
    return keys


def _changes(machine: Machine, source: MachineState, snapshots: str) -> dict[str, tuple[Values, Values]]:
    content = own_configuration(select(machine, snapshots, lambda: NEW), _read)
    assert content is not None
    before, after = _tree(_read(source)), _tree(content)
    paths = [path for path in {**before, **after} if before.get(path) != after.get(path)]
    return {path: (before.get(path), after.get(path)) for path in paths}


def test_without_snapshots_nothing_changes_but_what_speaks_of_them(tmp_path: Path) -> None:
    with scanned(_host(), tmp_path) as inventory:
        srv = inventory.machines["srv"]
        assert srv.now is not None
        changes = _changes(srv, srv.now, "none")
        first, second = (item.id for item in srv.snapshots)
    assert changes.pop("global_settings/snapshots/list/size") == ((2,), (0,))
    assert {after for _, after in changes.values()} == {None}
    gone = {value for before, _ in changes.values() for value in before or ()}
    assert gone <= {first, second}
    assert second in gone  # the one that the present was made from


def test_a_snapshot_becomes_a_machine_of_another_id_and_the_rest_is_its_own(tmp_path: Path) -> None:
    with scanned(_host(), tmp_path) as inventory:
        srv = inventory.machines["srv"]
        first = srv.snapshots[0]
        changes = _changes(srv, first, first.id)
        assert srv.now is not None
        machine = _tree(_read(srv.now))
    here = rf"C:\VMs\Virtual Machines\{NEW}\{NEW}"
    expected: dict[str, object] = {
        "properties/global_id": (NEW,),
        "settings/global/logical_id": (NEW,),
        "properties/type_id": ("Virtual Machines",),
        "savedstate/memlocation": (f"{here}.bin",),
        "savedstate/vsvlocation": (f"{here}.vsv",),
        "savedstate/type": ("Normal",),
    }
    assert {path: changes[path][1] for path in expected} == expected
    for path, (_, after) in changes.items():
        # What makes the machine itself is the machine's: how the host treats it, when it was made.
        if path.startswith("global_settings/") and not path.endswith("/list/size"):
            assert after in (None, machine[path]), path
    assert f"{IDE}/controller0/drive0/pathname" not in changes


def test_a_machine_without_snapshots_is_copied_as_it_is(tmp_path: Path) -> None:
    lab = HostLab(seed="plain")
    lab.machine("srv", disks=[LabDisk("srv.vhd")])
    with scanned(lab, tmp_path / "host") as inventory:
        assert own_configuration(select(inventory.machines["srv"], "none", lambda: NEW), _read) is None
        made = export(inventory, "srv", tmp_path / "export", snapshots="none")
        now = inventory.machines["srv"].now
        assert now is not None
        assert (made.folder / made.record.configuration.path).read_bytes() == _read(now)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_configuration_stays_in_the_encoding_that_its_copy_has(encoding: str, tmp_path: Path) -> None:
    lab = _host()
    with scanned(lab, tmp_path / "host") as inventory:
        now = inventory.machines["srv"].now
        assert now is not None
        content = _read(now).decode("utf-16").encode(encoding)
    path = tmp_path / "host" / lab.configuration_path(lab.machines[0])
    path.chmod(0o644)
    path.write_bytes(content)
    with vc.scan_folder(tmp_path / "host") as inventory:
        made = export(inventory, "srv", tmp_path / "export", snapshots="none")
    written = (made.folder / made.record.configuration.path).read_bytes()
    assert "keep &amp; &lt;me" in written.decode(encoding)
    assert written.startswith(content[:3])


@pytest.mark.parametrize(
    ("data_root", "stored", "expected"),
    [
        (r"D:\X", r"C:\VMs\Snapshots\S\S.bin", rf"D:\X\Virtual Machines\{NEW}\{NEW}.bin"),
        ("", r"C:\VMs\Snapshots\S\S.vsv", rf"C:\VMs\Virtual Machines\{NEW}\{NEW}.vsv"),
        (" ", r"C:\VMs\SNAPSHOTS\S\S.vsv", rf"C:\VMs\Virtual Machines\{NEW}\{NEW}.vsv"),
        ("", r"C:\odd\S.bin", rf"C:\odd\{NEW}.bin"),
        ("", "S.bin", f"{NEW}.bin"),
        (r"D:\X", "", ""),
    ],
)
def test_where_a_host_would_have_the_state_of_a_snapshot_as_a_machine(
    data_root: str, stored: str, expected: str, tmp_path: Path
) -> None:
    lab = _host()
    lab.edit(lab.machines[0], "global_settings/data_root", data_root)
    with scanned(lab, tmp_path) as inventory:
        selection = select(inventory.machines["srv"], "first", lambda: NEW)
    assert state_path(stored, selection) == expected


def test_a_new_disk_is_called_beside_the_old_one() -> None:
    assert beside_stored(r"C:\a\b_1.avhd", "b.vhd") == r"C:\a\b.vhd"
    assert beside_stored(r"\\server\share\b.avhd", "b.vhd") == r"\\server\share\b.vhd"
    assert beside_stored("b.avhd", "b.vhd") == "b.vhd"

"""Where an export is made: below the folder that is meant, in nobody's place, and not while something is half done."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.transfer.labs import export, scanned, seen
from vhdchain.shell.executor.journal import journal_path
from vhdchain.testing.faults import QuickLayer
from vhdchain.testing.lab import HostLab, LabDisk
from vhdchain.transfer import RECORD_NAME

if TYPE_CHECKING:
    from pathlib import Path

ROOT = r"C:\VMs"


def _host(name: str = "srv", *, seed: str = "export") -> HostLab:
    lab = HostLab(seed=seed, root=ROOT, disks=ROOT)
    machine = lab.machine(name, disks=[LabDisk("srv.vhd")])
    lab.take(machine, "first", power="running")
    return lab


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --------------------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("../../etc/passwd", "_._.._etc_passwd"),
        ("CON", "_CON"),
        ("a/b", "a_b"),
        ("x" * 300, "x" * 100),
        ("\u4e16" * 300, "\u4e16" * 66),
        ("srv\tx", "srv_x"),
        ("..", "__"),
        (RECORD_NAME, RECORD_NAME),
        ("", None),
    ],
)
def test_a_hostile_name_leads_nowhere_else(name: str, folder: str | None, tmp_path: Path) -> None:
    lab = _host()
    (machine,) = lab.machines
    lab.edit(machine, "properties/name", name)
    with scanned(lab, tmp_path / "host") as inventory:
        before = _names(tmp_path)
        made = export(inventory, machine.id, tmp_path / "export")
        assert made.folder == tmp_path / "export" / (folder or machine.id)
        assert _names(tmp_path) == sorted([*before, "export"])
    with vc.scan_folder(made.folder) as exported:
        assert exported.machines[machine.id].name == (name or machine.id)


def test_two_machines_of_one_name_do_not_share_a_folder(tmp_path: Path) -> None:
    lab = HostLab(seed="two", root=ROOT, disks=ROOT)
    machines = [lab.machine(name, disks=[LabDisk(f"{number}.vhd")]) for number, name in enumerate(("a/b", "a:b"))]
    with scanned(lab, tmp_path / "host") as inventory:
        export(inventory, machines[0].id, tmp_path / "export")
        with pytest.raises(FileExistsError) as caught:
            vc.plan_export(inventory, inventory.machines[machines[1].id], tmp_path / "export")
    assert caught.value.filename == str(tmp_path / "export" / "a_b")


# -------------------------------------------------------------------------------------------------------------- places


def test_folders_that_are_missing_are_made(tmp_path: Path) -> None:
    with scanned(_host(), tmp_path / "host") as inventory:
        made = export(inventory, "srv", tmp_path / "backups" / "2026" / "november")
    assert made.folder == tmp_path / "backups" / "2026" / "november" / "srv"
    assert _names(tmp_path) == ["backups", "host"]


def test_relative_destinations_are_those_of_the_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with scanned(_host(), tmp_path / "host") as inventory:
        monkeypatch.chdir(tmp_path)
        for destination, folder in (("export", "export/srv"), (".", "./srv")):
            plan = vc.plan_export(inventory, inventory.machines["srv"], destination)
            vc.execute(plan, layer=QuickLayer())
            assert plan.summary == f"export srv to {folder}"
            assert (tmp_path / folder / RECORD_NAME).is_file()
    assert _names(tmp_path) == ["export", "host", "srv"]


@pytest.mark.parametrize("place", ["", "exports", "VMs", "VMs/Virtual Machines", "VMs/Snapshots/below", "VMs/new/deep"])
def test_an_export_is_not_made_where_the_next_scan_would_find_the_machine_twice(place: str, tmp_path: Path) -> None:
    with scanned(_host(), tmp_path / "host") as inventory:
        with pytest.raises(vc.ConfigError, match=r"the next scan would find the machine twice") as caught:
            vc.plan_export(inventory, inventory.machines["srv"], tmp_path / "host" / place)
        assert str(caught.value).startswith(str(tmp_path / "host" / place))


def test_a_link_that_leads_into_what_was_scanned_is_seen(tmp_path: Path) -> None:
    with scanned(_host(), tmp_path / "host") as inventory:
        (tmp_path / "elsewhere").symlink_to(tmp_path / "host" / "VMs")
        with pytest.raises(vc.ConfigError, match=r"the next scan would find the machine twice"):
            vc.plan_export(inventory, inventory.machines["srv"], tmp_path / "elsewhere" / "x")


@pytest.mark.parametrize("what", ["file", "folder", "link", "dangling"])
def test_what_has_the_name_already_is_not_replaced(what: str, tmp_path: Path) -> None:
    folder = tmp_path / "export" / "srv"
    folder.parent.mkdir()
    if what == "file":
        folder.write_bytes(b"x")
    elif what == "folder":
        (folder / "x").mkdir(parents=True)
    else:
        (tmp_path / "empty").mkdir()
        folder.symlink_to(tmp_path / ("empty" if what == "link" else "gone"))
    with scanned(_host(), tmp_path / "host") as inventory:
        before = seen(tmp_path)
        with pytest.raises(FileExistsError) as caught:
            vc.plan_export(inventory, inventory.machines["srv"], folder.parent)
    assert (caught.value.errno, caught.value.filename) == (errno.EEXIST, str(folder))
    assert seen(tmp_path) == before


def test_an_empty_folder_of_the_name_will_do(tmp_path: Path) -> None:
    (tmp_path / "export" / "srv").mkdir(parents=True)
    with scanned(_host(), tmp_path / "host") as inventory:
        export(inventory, "srv", tmp_path / "export")


def test_a_destination_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with scanned(_host(), tmp_path / "host") as inventory:
        for below in (tmp_path / "file", tmp_path / "file" / "below"):
            with pytest.raises(NotADirectoryError) as caught:
                vc.plan_export(inventory, inventory.machines["srv"], below)
            assert caught.value.filename == str(tmp_path / "file")


# ----------------------------------------------------------------------------------------------------------- unfinished


def test_a_change_of_the_source_that_is_half_done_is_in_the_way(tmp_path: Path) -> None:
    lab = _host()
    lab.add(rf"{ROOT}\srv.vhd.vhdchain-journal", b"whatever it says")
    with scanned(lab, tmp_path / "host") as inventory, pytest.raises(vc.PlanRefusedError) as caught:
        vc.plan_export(inventory, inventory.machines["srv"], tmp_path / "export")
    journal = tmp_path / "host" / "VMs" / "srv.vhd.vhdchain-journal"
    assert str(caught.value).startswith(f"{journal}: an earlier plan was interrupted")


@pytest.mark.parametrize("there", [True, False])
def test_an_export_that_was_stopped_is_told_and_gone_on_with(there: bool, tmp_path: Path) -> None:
    with scanned(_host(), tmp_path / "host") as inventory:
        machine = inventory.machines["srv"]
        if there:
            (tmp_path / "export").mkdir()
        plan = vc.plan_export(inventory, machine, tmp_path / "export", reread=True)
        left = iter(range(12))
        with pytest.raises(vc.CancelledError):
            vc.execute(plan, layer=QuickLayer(), cancel=lambda: next(left, None) is None)
        folder = tmp_path / "export" / "srv"
        assert not (folder / RECORD_NAME).exists()
        assert not list((folder / "Virtual Machines").glob("*.xml"))
        with pytest.raises(vc.PlanRefusedError, match=r"an earlier plan was interrupted"):
            vc.plan_export(inventory, machine, tmp_path / "export")
    vc.resume(journal_path(str(folder if there else folder.parent)), within=[tmp_path], layer=QuickLayer())
    made = {name for name in seen(folder) if (folder / name).is_file()}
    assert len(made) == plan.facts["files"]
    assert sum((folder / name).stat().st_size for name in made) == plan.facts["bytes"]
    assert _names(tmp_path / "export") == ["srv"]


def test_an_export_that_was_stopped_is_taken_back_without_a_trace(tmp_path: Path) -> None:
    with scanned(_host(), tmp_path / "host") as inventory:
        plan = vc.plan_export(inventory, inventory.machines["srv"], tmp_path / "export")
        before = seen(tmp_path)
        left = iter(range(12))
        with pytest.raises(vc.CancelledError):
            vc.execute(plan, layer=QuickLayer(), cancel=lambda: next(left, None) is None)
    assert seen(tmp_path) != before
    vc.undo(journal_path(str(tmp_path / "export")), within=[tmp_path], layer=QuickLayer())
    assert seen(tmp_path) == before


def test_a_source_that_changed_since_the_scan_is_not_copied(tmp_path: Path) -> None:
    lab = _host()
    with scanned(lab, tmp_path / "host") as inventory:
        plan = vc.plan_export(inventory, inventory.machines["srv"], tmp_path / "export")
        path = tmp_path / "host" / lab.disk_path(lab.machines[0].snapshots[0])
        path.chmod(0o644)
        path.write_bytes(path.read_bytes() + bytes(512))
        with pytest.raises(vc.PlanRefusedError, match=r"its size changed"):
            vc.execute(plan, layer=QuickLayer())
        assert not (tmp_path / "export").exists()


def test_a_configuration_that_changed_since_the_scan_is_not_written_anew(tmp_path: Path) -> None:
    lab = _host()
    with scanned(lab, tmp_path / "host") as inventory:
        path = tmp_path / "host" / lab.configuration_path(lab.machines[0])
        path.chmod(0o644)
        path.write_bytes(path.read_bytes().replace("srv".encode("utf-16-le"), "svr".encode("utf-16-le")))
        with pytest.raises(vc.ConfigError) as caught:
            vc.plan_export(inventory, inventory.machines["srv"], tmp_path / "export", snapshots="none")
    assert str(caught.value) == f"{path}: changed since it was scanned; scan the folder again"


# ------------------------------------------------------------------------------------------------------------- promises


def test_room_is_asked_for_by_what_is_data_where_the_target_keeps_holes(tmp_path: Path) -> None:
    lab = HostLab(seed="holes", root=ROOT, disks=ROOT)
    lab.machine("srv", disks=[LabDisk("srv.vhd", fixed=True, size=64 << 20)])
    with scanned(lab, tmp_path / "host") as inventory:
        machine = inventory.machines["srv"]
        plans = [vc.plan_export(inventory, machine, tmp_path / "export", holes=holes) for holes in (True, False)]
    assert plans[0].facts == plans[1].facts
    assert int(plans[0].facts["bytes"]) > 64 << 20
    assert int(plans[0].facts["bytes_allocated"]) < 1 << 20
    assert plans[0].needs[0].lasting < 1 << 20
    assert plans[1].needs[0].lasting > 64 << 20


def test_a_target_without_room_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with scanned(_host(), tmp_path / "host") as inventory:
        plan = vc.plan_export(inventory, inventory.machines["srv"], tmp_path / "export")
    (need,) = plan.needs
    assert need.folder == str(tmp_path / "export")
    assert int(plan.facts["bytes"]) < need.lasting < need.peak


def test_a_digest_is_made_by_the_name_that_was_asked_for(tmp_path: Path) -> None:
    with scanned(_host(), tmp_path / "host") as inventory:
        made = export(inventory, "srv", tmp_path / "export", digest="md5", reread=True)
    assert {len(item.digest) for item in made.record.files} == {32}

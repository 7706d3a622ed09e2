"""A machine that is on, incomplete or damaged is not exported, and what is wrong is told with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import vhdchain as vc
from tests.transfer.labs import export, scanned, seen
from vhdchain.snapshots import HYPER_V_2008, HYPER_V_2008_R2, HYPER_V_2012, Policy, Power
from vhdchain.testing.folder import write_folder
from vhdchain.testing.lab import HostLab, LabDisk

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.testing.lab import LabMachine, LabSnapshot

IDE = "_83f8638b-8dca-4152-9eda-2ca8b33039b4_"


def _host(*, saved: bool = False) -> tuple[HostLab, LabMachine, LabSnapshot]:
    """Return a host whose machine has two disks and a snapshot that was taken running."""
    lab = HostLab(seed="export")
    machine = lab.machine("srv", disks=[LabDisk("srv.vhd"), LabDisk("data.vhd")])
    lab.fill(machine, 0, 8192, 1024)
    snapshot = lab.take(machine, "first", power="running")
    lab.fill(machine, 1, 8192, 1024)
    if saved:
        lab.save_state(machine)
    return lab, machine, snapshot


def _refused(folder: Path, files: dict[str, Any], **options: Any) -> vc.PlanRefusedError:  # passed on
    host = folder / "host"
    host.mkdir()
    write_folder(files, host)
    before = seen(folder)
    with vc.scan_folder(host) as inventory, pytest.raises(vc.PlanRefusedError) as caught:
        vc.plan_export(inventory, inventory.machines["srv"], folder / "export", **options)
    assert seen(folder) == before
    assert "\n" not in str(caught.value)
    return caught.value


# ------------------------------------------------------------------------------------------------------------- power


@pytest.mark.parametrize(
    ("policy", "power", "allowed"),
    [
        (HYPER_V_2008, Power.OFF, True),
        (HYPER_V_2008, Power.SAVED, False),
        (HYPER_V_2008, Power.RUNNING, False),
        (HYPER_V_2008, Power.PAUSED, False),
        (HYPER_V_2008_R2, Power.OFF, True),
        (HYPER_V_2008_R2, Power.SAVED, True),
        (HYPER_V_2008_R2, Power.RUNNING, False),
        (HYPER_V_2008_R2, Power.PAUSED, False),
        # These hosts export a machine while it runs; its files alone cannot be.
        (HYPER_V_2012, Power.SAVED, True),
        (HYPER_V_2012, Power.RUNNING, False),
        (HYPER_V_2012, Power.PAUSED, False),
    ],
)
def test_which_machine_is_exported_is_the_policys_word(
    policy: Policy, power: Power, allowed: bool, tmp_path: Path
) -> None:
    lab, _, _ = _host()
    if not allowed:
        error = _refused(tmp_path, lab.contents(), policy=policy, power=power)
        assert [(item.code, item.found) for item in error.findings] == [("VHD931", str(power))]
        return
    with scanned(lab, tmp_path / "host") as inventory:
        export(inventory, "srv", tmp_path / "export", policy=policy, power=power)


def test_a_machine_that_was_running_when_it_was_copied_is_not_exported(tmp_path: Path) -> None:
    lab, machine, _ = _host()
    lab.start(machine)
    error = _refused(tmp_path, lab.contents())
    assert [item.code for item in error.findings] == ["VHD931"]
    assert error.findings[0].expected == "off"
    assert "it was turned on after it was last turned off" in str(error)
    assert "shut it down" in str(error)


def test_a_guess_that_is_wrong_can_be_set_right(tmp_path: Path) -> None:
    lab, machine, _ = _host()
    lab.start(machine)
    with scanned(lab, tmp_path / "host") as inventory:
        export(inventory, "srv", tmp_path / "export", power=Power.OFF)


# ------------------------------------------------------------------------------------------------------ what is missing


def _own_files(*, saved: bool) -> list[str]:
    lab, _, _ = _host(saved=saved)
    return sorted(name for name in lab.files() if not name.endswith("InitialStore.xml"))


@pytest.mark.parametrize("name", _own_files(saved=True))
def test_whichever_file_is_missing_the_machine_is_not_exported(name: str, tmp_path: Path) -> None:
    lab, machine, _ = _host(saved=True)
    files = {path: content for path, content in lab.contents().items() if path != name}
    host = tmp_path / "host"
    host.mkdir()
    write_folder(files, host)
    base = name.rpartition("/")[2]
    with vc.scan_folder(host) as inventory:
        (twin,) = inventory.machines  # without its configuration it has no name
        allowed = base.endswith("d")
        with pytest.raises(vc.PlanRefusedError) as caught:
            vc.plan_export(inventory, twin, tmp_path / "export", policy=HYPER_V_2008_R2, allow_damaged=allowed)
    assert {item.code for item in caught.value.findings} == {"VHD932"}
    if base == f"{machine.id}.xml":
        assert "its own configuration is not here" in str(caught.value)
    elif base.endswith(".xml"):
        assert "says that it has 1 snapshots, and 0 are here" in str(caught.value)
    else:
        assert base in " ".join(str(item) for item in caught.value.findings)
    assert not (tmp_path / "export").exists()


def test_everything_that_is_missing_is_told_at_once(tmp_path: Path) -> None:
    lab, _, _ = _host()
    gone = (".bin", ".vsv", "srv.vhd", "data.vhd")
    error = _refused(tmp_path, {path: content for path, content in lab.contents().items() if not path.endswith(gone)})
    # The bases are named by the snapshot and by the disks above them.
    assert sorted((item.code, str(item.location.field)) for item in error.findings) == [
        ("VHD932", "None"),
        ("VHD932", "None"),
        ("VHD932", f"{IDE}/controller0/drive0/pathname"),
        ("VHD932", f"{IDE}/controller0/drive1/pathname"),
        ("VHD932", "savedstate/memlocation"),
        ("VHD932", "savedstate/vsvlocation"),
    ]
    assert str(error).endswith("; and 5 more")


def test_what_a_missing_snapshot_needs_does_not_keep_the_present_back(tmp_path: Path) -> None:
    lab, _, snapshot = _host()
    gone = (f"{snapshot.id}.bin", f"{snapshot.id}.xml")
    files = {path: content for path, content in lab.contents().items() if not path.endswith(gone)}
    host = tmp_path / "host"
    host.mkdir()
    write_folder(files, host)
    with vc.scan_folder(host) as inventory:
        made = export(inventory, "srv", tmp_path / "none", snapshots="none")
        assert made.record.snapshots == "none"
        with pytest.raises(vc.PlanRefusedError, match="says that it has 1 snapshots, and 0 are here"):
            vc.plan_export(inventory, inventory.machines["srv"], tmp_path / "all")
        # The list of a host may be wrong; then somebody has to say so.
        assert export(inventory, "srv", tmp_path / "all", allow_damaged=True).record.snapshots == "all"


def test_a_disk_that_may_be_several_files_is_not_guessed(tmp_path: Path) -> None:
    lab = HostLab(seed="several")
    lab.machine("srv", disks=[LabDisk("srv.vhd")])
    (disk,) = (name for name in lab.files() if name.endswith("srv.vhd"))
    files = {name: content for name, content in lab.contents().items() if name != disk}
    files |= {f"copies/{number}/srv.vhd": lab.files()[disk] for number in (1, 2)}
    error = _refused(tmp_path, files)
    assert [item.code for item in error.findings] == ["VHD932"]
    assert "may be any of 2 files here; say which with --map" in str(error)
    assert len(error.findings[0].related) == 2


# ------------------------------------------------------------------------------------------------------ what is damaged


def _with_damaged(files: dict[str, Any], name: str) -> tuple[str, dict[str, Any]]:
    """Damage the checksum of the dynamic header of a disk."""
    (path,) = (item for item in files if item.endswith(name))
    content = bytearray(files[path])
    content[512 + 36] ^= 0xFF
    return path, {**files, path: bytes(content)}


def test_a_damaged_disk_keeps_the_machine_back_and_is_copied_as_it_is_on_demand(tmp_path: Path) -> None:
    lab, _, _ = _host()
    path, files = _with_damaged(lab.contents(), "data.vhd")
    error = _refused(tmp_path, files)
    damaged = [item for item in error.findings if item.location.path.endswith("data.vhd")]
    assert {item.code for item in error.findings} == {"VHD932"}
    assert [item.found for item in damaged] == ["VHD202"]
    assert "--damaged exports it as it is" in str(damaged[0])
    with vc.scan_folder(tmp_path / "host") as inventory:
        made = export(inventory, "srv", tmp_path / "export", allow_damaged=True)
    assert (made.folder / "Virtual Hard Disks" / "data.vhd").read_bytes() == files[path]
    assert [item for item in made.plan.findings if item.severity == "error"] == list(error.findings)


def test_an_audit_that_was_made_is_believed(tmp_path: Path) -> None:
    lab, _, _ = _host()
    _, files = _with_damaged(lab.contents(), "data.vhd")
    host = tmp_path / "host"
    host.mkdir()
    write_folder(files, host)
    with vc.scan_folder(host) as inventory:
        srv, audited = inventory.machines["srv"], vc.audit(inventory)
        with pytest.raises(vc.PlanRefusedError) as caught:
            vc.plan_export(inventory, srv, tmp_path / "export", audited=audited)
        assert {item.code for item in caught.value.findings} == {"VHD932"}
        partly = vc.audit(inventory, select=["VHD7"])
        assert vc.plan_export(inventory, srv, tmp_path / "export", audited=partly).action == "export"


def test_a_damaged_disk_is_never_written_anew(tmp_path: Path) -> None:
    lab, _, _ = _host()
    _, files = _with_damaged(lab.contents(), "data.vhd")
    error = _refused(tmp_path, files, snapshots="none", compact=True, allow_damaged=True)
    assert str(error).startswith("compact: ")
    assert "VHD202" in {item.code for item in error.findings}


def test_damage_of_another_machine_is_no_matter(tmp_path: Path) -> None:
    lab, _, _ = _host()
    lab.machine("web", disks=[LabDisk("web.vhd")])
    _, files = _with_damaged(lab.contents(), "web.vhd")
    host = tmp_path / "host"
    host.mkdir()
    write_folder(files, host)
    with vc.scan_folder(host) as inventory:
        export(inventory, "srv", tmp_path / "export")
        with pytest.raises(vc.PlanRefusedError):
            vc.plan_export(inventory, inventory.machines["web"], tmp_path / "export")


def test_damage_of_what_stays_behind_is_no_matter(tmp_path: Path) -> None:
    lab, machine, snapshot = _host()
    lab.apply(machine, snapshot)
    lab.turn_off(machine)
    _, files = _with_damaged(lab.contents(), lab.disk_path(machine, 0))
    host = tmp_path / "host"
    host.mkdir()
    write_folder(files, host)
    with vc.scan_folder(host) as inventory:
        export(inventory, "srv", tmp_path / "export", snapshots="first")
        with pytest.raises(vc.PlanRefusedError):
            vc.plan_export(inventory, inventory.machines["srv"], tmp_path / "all")


# ---------------------------------------------------------------------------------------------------- what is asked for


def test_a_snapshot_that_is_not_there_or_not_the_only_one_is_told(tmp_path: Path) -> None:
    lab, machine, first = _host()
    second = lab.take(machine, "first")
    with scanned(lab, tmp_path / "host") as inventory:
        srv = inventory.machines["srv"]
        with pytest.raises(vc.ConfigError) as caught:
            vc.plan_export(inventory, srv, tmp_path / "export", snapshots="first")
        assert str(caught.value) == (
            f"2 snapshots of srv are called 'first': take one by its id, {first.id}, {second.id}"
        )
        with pytest.raises(vc.ConfigError) as caught:
            vc.plan_export(inventory, srv, tmp_path / "export", snapshots="second\n")
        assert str(caught.value) == "srv has no snapshot 'second\\n': it has 'first', 'first'; or say all, or none"
        made = export(inventory, "srv", tmp_path / "export", snapshots=f"{{{second.id.lower()}}}")
        assert made.record.snapshots == second.id


def test_a_snapshot_that_is_called_none_is_taken_by_its_id(tmp_path: Path) -> None:
    lab, machine, _ = _host()
    snapshot = lab.take(machine, "none")
    with scanned(lab, tmp_path / "host") as inventory:
        assert export(inventory, "srv", tmp_path / "1", snapshots="none").record.machine_id == machine.id
        assert export(inventory, "srv", tmp_path / "2", snapshots=snapshot.id).record.machine_name == "none"


def test_one_file_for_each_disk_cannot_hold_snapshots(tmp_path: Path) -> None:
    lab, _, _ = _host()
    lab.machine("web", disks=[LabDisk("web.vhd")])
    with scanned(lab, tmp_path / "host") as inventory:
        with pytest.raises(vc.ConfigError, match=r"^compact: snapshots live in the chains"):
            vc.plan_export(inventory, inventory.machines["srv"], tmp_path / "export", compact=True)
        assert export(inventory, "web", tmp_path / "export", compact=True).record.compact


@pytest.mark.parametrize("name", ["shake_256", "md17", ""])
def test_a_digest_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    lab, _, _ = _host()
    with scanned(lab, tmp_path / "host") as inventory, pytest.raises(vc.ConfigError, match=r"^hash: "):
        vc.plan_export(inventory, inventory.machines["srv"], tmp_path / "export", digest=name)

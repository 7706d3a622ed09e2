"""The list of files is exactly what a host's machines need: nothing lacks or is too much, and what is gone is named."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.audit.backup.labs import ROOT, checked, running_lab, save_files
from vhdchain.audit.backup import Answer, BackupReport, Part, Presence, RequiredFile, Verdict, backup_check
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.lab import HEALTHY_LABS, HostLab, LabDisk, host_lab
from vhdchain.testing.lab.configurations import configuration_file, state_folder

if TYPE_CHECKING:
    from pathlib import Path


def _wanted(lab: HostLab) -> dict[str, str]:
    """Return what the host calls every file that a backup of ``lab`` needs, by its path below the saved folder."""
    places, stored = lab.places(), []
    for machine in lab.machines:
        for owner in machine.owners:
            stored.append(configuration_file(owner))
            if owner.state.saved is not None:
                stored += [f"{state_folder(owner)}\\{owner.id}.{suffix}" for suffix in ("bin", "vsv")]
            for image in owner.state.images:
                stored += [below.name.replace("/", "\\") for below in image.stack]
    return {places.local(path): path for path in stored}


def _local(report: BackupReport, folder: Path) -> dict[str, RequiredFile]:
    prefix = f"{folder}/"
    return {file.path.removeprefix(prefix): file for file in report.files if file.path is not None}


@pytest.mark.parametrize("name", [name for name in HEALTHY_LABS if name != "export, 2008 R2"])
def test_the_list_of_a_healthy_host_is_what_its_history_needs(name: str, tmp_path: Path) -> None:
    lab = HEALTHY_LABS[name]()
    report = checked(lab, tmp_path)
    found = _local(report, tmp_path)
    store = {path for path, file in found.items() if file.part is Part.STORE}
    contents = lab.files()
    assert set(found) - store == set(_wanted(lab))
    assert {path: file.size for path, file in found.items()} == {path: len(contents[path]) for path in found}
    missing = [file.part for file in report.files if file.presence is not Presence.PRESENT]
    assert missing == ([Part.STORE] if name.startswith("export") else [])
    assert not any(file.detail for file in report.files if file.presence is Presence.PRESENT)
    assert {machine.complete for machine in report.machines} <= {Answer.YES}


def test_every_file_is_called_as_the_host_calls_it(tmp_path: Path) -> None:
    lab = host_lab()
    found = _local(checked(lab, tmp_path), tmp_path)
    stored = {path: file.stored for path, file in found.items()}
    assert stored == {**_wanted(lab), lab.places().local(f"{ROOT}\\InitialStore.xml"): f"{ROOT}\\InitialStore.xml"}
    assert {file.volume for file in found.values()} == {"C:"}
    inferred = {file.part for file in found.values() if file.inferred}
    assert inferred == {Part.STORE, Part.CONFIGURATION}


def test_files_are_grouped_by_volume_with_their_sizes(tmp_path: Path) -> None:
    lab = HostLab(seed="volumes", root=r"D:\VMs", disks=r"E:\VHDs")
    folder = r"C:\ClusterStorage\Volume2\x"
    lab.machine("srv", root=r"D:\own", disks=[LabDisk("srv.vhd"), LabDisk("x.vhd", folder=folder)])
    lab.machine("web", root=r"D:\own", disks=[LabDisk("web.vhd", folder=r"C:\clusterstorage\VOLUME2\y")])
    report = checked(lab, tmp_path)
    sizes = {volume.volume: (len(volume.files), volume.size) for volume in report.volumes}
    expected: dict[str | None, tuple[int, int]] = {}
    for path, content in lab.files().items():
        volume = r"C:\ClusterStorage\Volume2" if "olume2" in path.lower() else path[0] + ":"
        count, size = expected.get(volume, (0, 0))
        expected[volume] = count + 1, size + len(content)
    assert sizes == expected


def test_files_whose_place_on_the_host_nothing_tells_are_grouped_apart(tmp_path: Path) -> None:
    lab = HostLab(seed="volumes", root=r"D:\VMs", disks=r"E:\VHDs")
    lab.machine("srv", disks=[LabDisk("srv.vhd")])
    lab.copied_to = {"D:\\VMs": "host", "E:\\VHDs": "disks"}
    report = checked(lab, tmp_path)
    parts = {volume.volume: {file.part for file in volume.files} for volume in report.volumes}
    assert parts == {"E:": {Part.DISK}, None: {Part.STORE, Part.CONFIGURATION}}
    assert report.volumes[-1].volume is None


def _one_gone() -> list[str]:
    return sorted(_wanted(host_lab()))


@pytest.mark.parametrize("gone", _one_gone())
def test_each_missing_file_is_told_by_the_name_that_is_stored_for_it(gone: str, tmp_path: Path) -> None:
    lab = host_lab()
    save_files({path: content for path, content in lab.files().items() if path != gone}, tmp_path)
    with scan_folder(tmp_path) as inventory:
        report = backup_check(inventory)
    stored = _wanted(lab)[gone]
    missing = [file for file in report.files if file.presence is not Presence.PRESENT]
    machine = next(item for item in report.machines if item.name != "web" or "web.vhd" in gone)
    if gone.endswith(".xml") and "Snapshots" in gone:
        # Nothing names the file: its number alone is known.
        assert missing == []
        assert (machine.complete, machine.verdict) == (Answer.UNKNOWN, Verdict.UNKNOWN)
        assert "its configuration counts 3 snapshots, of which 2 are here" in machine.reasons
        return
    if gone == lab.configuration_path(lab.machines[1]):
        # A machine without snapshots and configuration is none.
        assert [item.name for item in report.machines] == ["srv"]
        return
    assert [file.presence for file in missing] == [Presence.MISSING]
    if gone == lab.configuration_path(lab.machines[0]):
        assert (missing[0].part, missing[0].id) == (Part.CONFIGURATION, lab.machines[0].id)
        assert lab.machines[0].id in missing[0].detail
    else:
        assert missing[0].stored == stored
    affected = next(item for item in report.machines if item.path in missing[0].machines)
    assert (affected.complete, affected.verdict) == (Answer.NO, Verdict.NOT_POSSIBLE)
    assert affected.reasons[0] == "a file of it is missing"
    assert report.complete is Answer.NO
    assert report.exit_code({"VHD831"}) == 1


def test_a_missing_base_that_no_configuration_names_is_told_by_its_childs_locator(tmp_path: Path) -> None:
    lab = running_lab()
    machine = lab.machines[0]
    first = lab.take(machine, "first")
    base, other = first.state.images
    lab.delete(machine, first)
    assert base in machine.state.images[0].stack
    lab.save(tmp_path)
    (tmp_path / lab.disk_path(base)).unlink()
    with scan_folder(tmp_path) as inventory:
        report = backup_check(inventory)
    (missing,) = [file for file in report.files if file.presence is Presence.MISSING]
    assert (missing.stored, missing.unique_id) == (base.name.replace("/", "\\"), base.unique_id)
    assert missing.volume == "C:"
    assert base.unique_id.hex() in missing.detail
    assert other.name not in missing.detail


def test_a_shared_base_stands_on_the_list_once_for_all_of_its_machines(tmp_path: Path) -> None:
    lab = HostLab(seed="shared")
    base = lab.disk(LabDisk("library.vhd"))
    for name in ("a", "b", "c"):
        lab.attach_shared(lab.machine(name), base, LabDisk(f"{name}.vhd"))
    report = checked(lab, tmp_path)
    (file,) = [item for item in report.files if item.path is not None and item.path.endswith("library.vhd")]
    assert list(file.machines) == [machine.path for machine in report.machines]
    assert [file in machine.files for machine in report.machines] == [True] * 3
    assert sum(volume.size for volume in report.volumes) == sum(len(content) for content in lab.files().values())


def test_a_parent_outside_of_what_may_be_opened_is_not_called_missing(tmp_path: Path) -> None:
    lab = HostLab(seed="outside", root=r"D:\VMs", disks=r"E:\VHDs")
    machine = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    lab.save(tmp_path)
    with scan_folder(tmp_path / "D") as inventory:
        (file,) = [item for item in backup_check(inventory).files if item.part is Part.DISK]
    assert (file.stored, file.presence) == (machine.state.images[0].name.replace("/", "\\"), Presence.MISSING)
    base = lab.disk(LabDisk("library.vhd", folder=r"E:\library"))
    lab.attach_shared(machine, base, LabDisk("child.vhd", folder=r"D:\VMs"))
    lab.save(tmp_path / "2")
    with scan_folder(tmp_path / "2" / "D") as inventory:
        files = backup_check(inventory).files
    (parent,) = [item for item in files if item.stored is not None and item.stored.endswith("library.vhd")]
    assert parent.presence is not Presence.PRESENT
    assert parent.volume == "E:"


def test_files_that_fit_one_path_equally_well_are_not_chosen_among(tmp_path: Path) -> None:
    lab = running_lab()
    lab.save(tmp_path)
    disk = tmp_path / lab.disk_path(lab.machines[0])
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        shutil.copy2(disk, tmp_path / folder / disk.name)
    disk.unlink()
    with scan_folder(tmp_path) as inventory:
        report = backup_check(inventory)
    (file,) = [item for item in report.files if item.presence is not Presence.PRESENT]
    assert file.presence is Presence.UNKNOWN
    (machine,) = report.machines
    assert (machine.complete, machine.verdict) == (Answer.UNKNOWN, Verdict.UNKNOWN)
    assert "it is not known whether one file is here" in machine.reasons
    assert report.exit_code() == 0


def test_a_file_that_was_found_by_its_name_alone_may_be_another_one(tmp_path: Path) -> None:
    lab = running_lab()
    lab.save_state(lab.machines[0])
    lab.save(tmp_path)
    disk = tmp_path / lab.disk_path(lab.machines[0])
    (tmp_path / "elsewhere").mkdir()
    moved = shutil.move(disk, tmp_path / "elsewhere" / disk.name)
    with scan_folder(tmp_path) as inventory:
        report = backup_check(inventory)
    (file,) = [item for item in report.files if item.detail]
    assert (file.path, file.presence) == (str(moved), Presence.PRESENT)
    assert file.detail.startswith("srv.vhd is not where its path says")
    (machine,) = report.machines
    assert (machine.complete, machine.verdict, machine.reasons) == (Answer.UNKNOWN, Verdict.UNKNOWN, (file.detail,))


def test_a_disk_that_is_none_is_here_and_its_chain_is_not_known(tmp_path: Path) -> None:
    lab = running_lab()
    lab.save(tmp_path)
    disk = tmp_path / lab.disk_path(lab.machines[0])
    disk.chmod(0o644)
    disk.write_bytes(b"no disk" * 100)
    with scan_folder(tmp_path) as inventory:
        report = backup_check(inventory)
    (file,) = [item for item in report.files if item.path == str(disk)]
    assert (file.presence, file.size, file.unique_id) == (Presence.PRESENT, 700, None)
    assert file.detail == "it is no VHD, so that what it builds on is not known"
    assert report.machines[0].complete is Answer.UNKNOWN


def test_a_host_without_its_store_is_not_complete(tmp_path: Path) -> None:
    lab = running_lab()
    lab.store = False
    report = checked(lab, tmp_path)
    assert [file.part for file in report.files if file.presence is Presence.MISSING] == [Part.STORE]
    assert (report.complete, report.machines[0].complete, report.exit_code()) == (Answer.NO, Answer.YES, 1)


def test_a_folder_without_machines_needs_nothing(tmp_path: Path) -> None:
    with scan_folder(tmp_path) as inventory:
        report = backup_check(inventory)
    assert (report.machines, report.files) == ((), ())


@pytest.mark.parametrize("edit", ["", "settings/global/logical_id"])
def test_several_machines_without_their_configurations_each_lack_one(edit: str, tmp_path: Path) -> None:
    lab = HostLab(seed="gone")
    for name in ("a", "b"):
        snapshot = lab.take(lab.machine(name, disks=[LabDisk(f"{name}.vhd")]), "first")
        if edit:
            lab.without(snapshot, edit)
    lab.save(tmp_path)
    for machine in lab.machines:
        (tmp_path / lab.configuration_path(machine)).unlink()
    with scan_folder(tmp_path) as inventory:
        report = backup_check(inventory)
    missing = [file for file in report.files if file.presence is Presence.MISSING]
    assert len(missing) == len(report.machines) == (1 if edit else 2)

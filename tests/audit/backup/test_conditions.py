"""A host that violates one condition of a backup is said to violate that one alone, and no more is said to hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.audit.backup.labs import checked, running_lab
from vhdchain.audit.backup import Answer, ConditionName, MachineBackup, Method, Verdict, backup_check
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.lab import HostLab, LabDisk, Partitions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Name = ConditionName
NEVER_KNOWN = {Name.SERVICE_IN_GUEST: Answer.UNKNOWN, Name.FILE_SYSTEMS: Answer.UNKNOWN}
HEALTHY = {**dict.fromkeys(Name, Answer.YES), Name.GUEST_SYSTEM: Answer.UNKNOWN, **NEVER_KNOWN}


def _two_snapshots() -> HostLab:
    lab = running_lab()
    for name in ("first", "second"):
        lab.take(lab.machines[0], name)
    return lab


def _changed(change: Callable[[HostLab], object]) -> Callable[[], HostLab]:
    def lab() -> HostLab:
        made = running_lab()
        change(made)
        return made

    return lab


VIOLATIONS: dict[str, tuple[Name, Callable[[], HostLab]]] = {
    "no VSS component": (Name.BACKUP_SERVICE, lambda: running_lab(vss=None)),
    "VSS component disabled": (Name.BACKUP_SERVICE, lambda: running_lab(vss=False)),
    "snapshots on another volume": (Name.ONE_VOLUME, lambda: running_lab(snapshot_root=r"D:\Snapshots")),
    "disks on another volume": (Name.ONE_VOLUME, lambda: running_lab(disks_folder=r"E:\VHDs")),
    "a disk on a cluster's volume": (
        Name.ONE_VOLUME,
        _changed(
            lambda lab: lab.attach(
                lab.machines[0], LabDisk("csv.vhd", controller="SCSI", folder=r"C:\ClusterStorage\Volume1")
            )
        ),
    ),
    "a dynamic disk by its MBR": (Name.BASIC_DISKS, _changed(lambda lab: lab.dynamic_guest_disk(lab.machines[0], 1))),
    "a dynamic disk by its GPT": (
        Name.BASIC_DISKS,
        _changed(lambda lab: lab.partition(lab.machines[0].state.images[0], Partitions.GPT_DYNAMIC)),
    ),
    "two snapshots": (Name.FEW_SNAPSHOTS, _two_snapshots),
}


def _only(lab: HostLab, folder: Path, system: str | None = None) -> MachineBackup:
    (machine,) = checked(lab, folder, guests=None if system is None else {"srv": system}).machines
    return machine


def _answers(machine: MachineBackup) -> dict[Name, Answer]:
    return {condition.name: condition.answer for condition in machine.conditions}


def test_a_running_machine_on_which_all_holds_that_files_show_is_not_called_ready(tmp_path: Path) -> None:
    machine = _only(running_lab(), tmp_path)
    assert _answers(machine) == HEALTHY
    assert [condition.name for condition in machine.conditions if condition.guess] == [Name.RUNNING]
    assert (machine.prediction.method, machine.prediction.interrupts) == (Method.UNKNOWN, Answer.UNKNOWN)
    assert (machine.component, machine.complete, machine.verdict) == (None, Answer.YES, Verdict.UNKNOWN)
    assert machine.reasons == machine.prediction.reasons
    assert len(machine.reasons) == 3


@pytest.mark.parametrize(("name", "lab"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_exactly_the_violated_condition_is_told(name: Name, lab: Callable[[], HostLab], tmp_path: Path) -> None:
    machine = _only(lab(), tmp_path)
    assert _answers(machine) == {**HEALTHY, name: Answer.NO}
    (violated,) = machine.violated
    if name is Name.FEW_SNAPSHOTS:
        assert machine.verdict is Verdict.UNKNOWN
        return
    assert machine.prediction.reasons == machine.reasons == violated.evidence[:1]
    assert (machine.prediction.method, machine.prediction.interrupts) == (Method.SAVED_STATE, Answer.YES)
    assert (machine.component, machine.verdict) == (r"Backup Using Saved State\srv", Verdict.NOT_POSSIBLE)


def test_a_disk_of_the_host_is_neither_in_a_file_nor_looked_at(tmp_path: Path) -> None:
    lab = running_lab()
    lab.pass_through(lab.machines[0])
    machine = _only(lab, tmp_path)
    assert _answers(machine) == {**HEALTHY, Name.DISKS_IN_FILES: Answer.NO, Name.BASIC_DISKS: Answer.UNKNOWN}
    assert machine.verdict is Verdict.NOT_POSSIBLE
    assert len(machine.reasons) == 1
    assert machine.reasons[0].startswith("SCSI 0:1: type 'HDD'")


@pytest.mark.parametrize(
    ("system", "answer"),
    [("Windows 2000 Server", Answer.NO), ("Windows Server 2008 R2", Answer.YES), ("Plan 9", Answer.UNKNOWN)],
)
def test_what_is_told_of_the_guest_counts_for_the_machine_that_is_named(
    system: str, answer: Answer, tmp_path: Path
) -> None:
    machine = _only(running_lab(), tmp_path, system)
    assert _answers(machine) == {**HEALTHY, Name.GUEST_SYSTEM: answer}
    assert (machine.prediction.method is Method.SAVED_STATE) == (answer is Answer.NO)
    assert (machine.verdict is Verdict.NOT_POSSIBLE) == (answer is Answer.NO)


def test_a_machine_that_is_off_needs_no_interruption_but_that_it_is_off_is_a_guess(tmp_path: Path) -> None:
    lab = running_lab()
    lab.turn_off(lab.machines[0])
    machine = _only(lab, tmp_path)
    assert _answers(machine) == {**HEALTHY, Name.RUNNING: Answer.NO}
    assert machine.violated == ()
    assert (machine.prediction.method, machine.prediction.interrupts) == (Method.SAVED_STATE, Answer.NO)
    assert machine.verdict is Verdict.UNKNOWN
    assert len(machine.reasons) == 1
    assert machine.reasons[0].startswith("no file says whether it is running (probably off: ")


def test_what_would_cut_users_off_is_told_of_a_machine_that_is_probably_off(tmp_path: Path) -> None:
    lab = running_lab(vss=None)
    lab.turn_off(lab.machines[0])
    machine = _only(lab, tmp_path)
    assert machine.prediction.interrupts is Answer.NO
    assert machine.reasons[1:] == ("if it is running: the manifest has no VSS component",)


def test_a_saved_machine_with_all_of_its_files_is_ready(tmp_path: Path) -> None:
    lab = running_lab(vss=None)
    lab.save_state(lab.machines[0])
    machine = _only(lab, tmp_path)
    assert _answers(machine)[Name.RUNNING] is Answer.NO
    assert not any(condition.guess for condition in machine.conditions)
    assert (machine.verdict, machine.reasons, machine.complete) == (Verdict.READY, (), Answer.YES)
    assert machine.component == r"Backup Using Saved State\srv"


def test_a_saved_state_that_was_being_written_proves_nothing(tmp_path: Path) -> None:
    lab = running_lab()
    lab.save_state(lab.machines[0])
    lab.edit(lab.machines[0], "savedstate/in_progress", value=True)
    machine = _only(lab, tmp_path)
    assert [condition.name for condition in machine.conditions if condition.guess] == [Name.RUNNING]
    assert machine.verdict is Verdict.UNKNOWN


def test_nothing_is_known_of_power_without_times(tmp_path: Path) -> None:
    lab = running_lab(vss=None)
    for key in ("last_powered_on_time", "last_powered_off_time"):
        lab.without(lab.machines[0], f"properties/{key}")
    machine = _only(lab, tmp_path)
    assert _answers(machine) == {**HEALTHY, Name.RUNNING: Answer.UNKNOWN, Name.BACKUP_SERVICE: Answer.NO}
    assert (machine.prediction.method, machine.prediction.interrupts) == (Method.SAVED_STATE, Answer.UNKNOWN)
    assert machine.verdict is Verdict.UNKNOWN


def test_without_a_manifest_nothing_is_said_of_the_service(tmp_path: Path) -> None:
    lab = running_lab()
    lab.without(lab.machines[0], "manifest")
    assert _answers(_only(lab, tmp_path))[Name.BACKUP_SERVICE] is Answer.UNKNOWN


def test_a_folder_for_snapshots_that_is_not_named_is_unknown_unless_a_saved_state_tells(tmp_path: Path) -> None:
    lab = running_lab()
    lab.without(lab.machines[0], "global_settings/snapshots/data_root")
    assert _answers(_only(lab, tmp_path / "a")) == {**HEALTHY, Name.ONE_VOLUME: Answer.UNKNOWN}
    snapshot = lab.take(lab.machines[0], "running")
    lab.without(snapshot, "global_settings/snapshots/data_root")
    assert _answers(_only(lab, tmp_path / "b")) == HEALTHY


def test_disks_on_two_volumes_cannot_both_be_with_the_snapshots(tmp_path: Path) -> None:
    lab = running_lab()
    lab.attach(lab.machines[0], LabDisk("far.vhd", controller="SCSI", folder=r"E:\far"))
    lab.without(lab.machines[0], "global_settings/snapshots/data_root")
    condition = next(item for item in _only(lab, tmp_path).conditions if item.name is Name.ONE_VOLUME)
    assert (condition.answer, condition.evidence) == (Answer.NO, ("its disks are on several volumes: C:, E:",))


def test_a_base_on_another_volume_counts_though_the_configuration_does_not_name_it(tmp_path: Path) -> None:
    lab = HostLab(seed="2008", version="2008")
    machine = lab.machine("srv", disks=[LabDisk("srv.vhd", folder=r"E:\VHDs")])
    lab.take(machine, "first")
    (disk,) = machine.state.images
    assert disk.name.startswith("C:/")
    condition = next(item for item in _only(lab, tmp_path).conditions if item.name is Name.ONE_VOLUME)
    assert condition.answer is Answer.NO


@pytest.mark.parametrize("partitions", [Partitions.NONE, Partitions.BASIC, Partitions.GPT_BASIC])
def test_a_disk_without_a_partition_table_is_neither_basic_nor_dynamic(partitions: Partitions, tmp_path: Path) -> None:
    lab = running_lab()
    lab.attach(lab.machines[0], LabDisk("new.vhd", controller="SCSI", partitions=partitions))
    wanted = Answer.UNKNOWN if partitions is Partitions.NONE else Answer.YES
    assert _answers(_only(lab, tmp_path)) == {**HEALTHY, Name.BASIC_DISKS: wanted}


def test_a_disk_whose_chain_is_broken_is_unknown_and_the_reason_is_told(tmp_path: Path) -> None:
    lab = running_lab()
    lab.take(lab.machines[0], "first")
    lab.save(tmp_path)
    (tmp_path / lab.disk_path(lab.machines[0].snapshots[0])).unlink()
    with scan_folder(tmp_path) as inventory:
        (machine,) = backup_check(inventory).machines
    condition = next(item for item in machine.conditions if item.name is Name.BASIC_DISKS)
    assert condition.answer is Answer.UNKNOWN
    assert len(condition.evidence) == 1
    assert condition.evidence[0].startswith("IDE 0:0: sector 0 could not be read")
    assert [(disk.place, disk.guest.kind.value) for disk in machine.disks] == [
        ("IDE 0:0", "unknown"),
        ("SCSI 0:0", "basic"),
    ]


def test_a_machine_without_disks_has_none_that_is_dynamic_or_elsewhere(tmp_path: Path) -> None:
    lab = HostLab(seed="diskless")
    lab.start(lab.machine("srv"))
    assert _answers(_only(lab, tmp_path)) == HEALTHY


def test_of_a_machine_whose_configuration_is_gone_nothing_is_known(tmp_path: Path) -> None:
    lab = running_lab()
    lab.take(lab.machines[0], "first")
    lab.save(tmp_path)
    (tmp_path / lab.configuration_path(lab.machines[0])).unlink()
    with scan_folder(tmp_path) as inventory:
        (machine,) = backup_check(inventory).machines
    assert set(_answers(machine).values()) == {Answer.UNKNOWN}
    assert (machine.complete, machine.verdict) == (Answer.NO, Verdict.NOT_POSSIBLE)

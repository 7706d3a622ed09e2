"""What the configurations of one machine say: snapshots, saved states, devices, power."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.hyperv.machines import (
    MACHINES,
    OFF,
    RUNNING,
    SNAPSHOTS,
    SRV,
    configuration,
    drive,
    found,
    machine,
    saved,
    snapshot,
    snapshot_id,
    state,
)
from vhdchain.findings import Location, Severity
from vhdchain.hyperv import (
    MAX_SNAPSHOTS,
    ControllerKind,
    PathOutcome,
    PowerState,
    Service,
    check_domain_controller,
    check_machine,
    snapshot_count,
)

if TYPE_CHECKING:
    from vhdchain.findings import Finding
    from vhdchain.hyperv import Machine

NOW = f"{MACHINES}/{SRV}.xml"
VSS = "_5ced1297-4598-4915-a5fc-ad21bb4d02a4_"


def _codes(item: Machine) -> list[str]:
    return [found.code for found in check_machine(item)]


def _only(item: Machine, code: str) -> Finding:
    (told,) = [found for found in check_machine(item) if found.code == code]
    return told


def test_a_healthy_machine_shows_nothing() -> None:
    assert _codes(machine(configuration())) == []
    assert _codes(machine(configuration(), snapshot(1))) == []
    assert _codes(machine(configuration(saved_state=saved()), snapshot(1, saved_state=saved()))) == []


# ------------------------------------------------------------------------------------------------------------ snapshots


@pytest.mark.parametrize(
    ("count", "codes"),
    [
        (0, []),
        (1, []),
        (2, ["VHD831"]),
        (44, ["VHD831"]),
        (45, ["VHD814", "VHD831"]),
        (50, ["VHD814", "VHD831"]),
        (51, ["VHD813", "VHD831"]),
    ],
)
def test_the_number_of_snapshots(count: int, codes: list[str]) -> None:
    item = machine(configuration(), *(snapshot(number) for number in range(count)))
    assert MAX_SNAPSHOTS == 50
    assert _codes(item) == codes
    for told in check_machine(item):
        assert told.location == Location(path=NOW, structure="configuration", field="global_settings/snapshots")
        assert told.found == count
        assert told.expected == (None if told.code == "VHD831" else 50)
        assert told.severity is (Severity.NOTE if told.code == "VHD831" else Severity.WARNING)


def test_a_snapshot_that_two_files_describe_is_counted_once() -> None:
    copies = [snapshot(number, path=f"{folder}/{number}.xml") for folder in ("a", "b") for number in range(30)]
    item = machine(configuration(), *copies)
    assert snapshot_count(item) == 30
    assert _codes(item) == ["VHD831"]
    assert snapshot_count(machine(None, snapshot(1, id=""), snapshot(2, id=""))) == 2


def test_snapshots_without_their_machine_are_counted_as_well() -> None:
    (item,) = check_machine(machine(None, snapshot(1), snapshot(2)))
    assert (item.code, item.location.path) == ("VHD831", f"{SNAPSHOTS}/{snapshot_id(1)}.xml")


# --------------------------------------------------------------------------------------------------------- saved states


@pytest.mark.parametrize("outcome", [PathOutcome.MISSING, PathOutcome.REFUSED])
def test_a_saved_state_of_which_no_file_is_here(outcome: PathOutcome) -> None:
    item = _only(machine(state(configuration(saved_state=saved()), here=outcome)), "VHD822")
    assert item.severity is Severity.ERROR
    assert item.location == Location(path=NOW, structure="configuration", field="savedstate/memlocation")
    assert item.expected == r"C:\VMs\x.bin"
    assert [text.partition(": ")[0] for text in item.details] == [r"C:\VMs\x.bin", r"C:\VMs\x.vsv"]


def test_a_saved_state_of_which_one_file_is_missing() -> None:
    gone = found(r"C:\VMs\x.vsv", PathOutcome.MISSING)
    item = _only(machine(state(configuration(saved_state=saved()), devices=gone)), "VHD822")
    assert (item.location.field, item.expected) == ("savedstate/vsvlocation", r"C:\VMs\x.vsv")
    assert len(item.details) == 1


def test_a_saved_state_of_a_snapshot_is_told_once_for_both_files() -> None:
    kept = state(snapshot(1, saved_state=saved(type="Snapshot")), here=False)
    item = machine(configuration(), kept)
    assert _codes(item) == ["VHD807"]
    told = _only(item, "VHD807")
    assert told.severity is Severity.WARNING
    assert told.location.path == f"{SNAPSHOTS}/{snapshot_id(1)}.xml"
    assert len(told.details) == 2


def test_every_snapshot_is_told_by_itself() -> None:
    kept = [state(snapshot(number, saved_state=saved()), here=False) for number in (1, 2)]
    item = machine(configuration(), *kept)
    assert [told.location.path for told in check_machine(item) if told.code == "VHD807"] == [each.path for each in kept]


def test_files_that_may_be_several_are_not_missing() -> None:
    twice = state(configuration(saved_state=saved()), here=PathOutcome.AMBIGUOUS)
    assert _codes(machine(twice, state(snapshot(1, saved_state=saved()), here=PathOutcome.AMBIGUOUS))) == []


def test_a_state_that_was_still_being_written_is_told_to_be() -> None:
    item = _only(machine(state(configuration(saved_state=saved(in_progress=True)), here=False)), "VHD822")
    assert len(item.details) == 3


# -------------------------------------------------------------------------------------------------------------- devices


def test_a_disk_of_the_host_is_told_once_whatever_number_of_snapshots_has_it() -> None:
    kinds = ("VHD", "ISO", "VFD", "NONE", "")
    plain = [drive(kind=kind, slot=number) for number, kind in enumerate(kinds)]
    scsi = drive(
        controller=ControllerKind.SCSI,
        section="a" * 8,
        slot=7,
        kind="HDD",
        path=r"\\.\PHYSICALDRIVE1",
        field="_x_/controller0/drive7/pathname",
    )
    item = machine(configuration(drives=(*plain, scsi)), snapshot(1, drives=(scsi,)))
    (told,) = check_machine(item)
    assert (told.code, told.severity, told.found) == ("VHD821", Severity.WARNING, "HDD")
    assert told.location == Location(path=NOW, structure="configuration", field="_x_/controller0/drive7/type")
    assert told.related == (f"{SNAPSHOTS}/{snapshot_id(1)}.xml",)
    assert told.details == (r"its path: \\.\PHYSICALDRIVE1",)


def test_every_slot_with_a_disk_of_the_host_is_told() -> None:
    drives = (drive(kind="HDD", slot=0, path=""), drive(kind="HDD", slot=1), drive(kind="VLU", number=1))
    told = list(check_machine(machine(configuration(drives=drives))))
    assert [(item.code, item.found, len(item.details)) for item in told] == [
        ("VHD821", "HDD", 0),
        ("VHD821", "HDD", 1),
        ("VHD821", "VLU", 1),
    ]


def test_another_type_in_the_same_slot_is_told_as_well() -> None:
    item = machine(configuration(drives=(drive(kind="HDD"),)), snapshot(1, drives=(drive(kind="VLU"),)))
    assert [told.found for told in check_machine(item)] == ["HDD", "VLU"]
    item = machine(configuration(drives=(drive(kind="HDD"),)), snapshot(1, drives=(drive(kind="hdd"),)))
    assert [told.found for told in check_machine(item)] == ["HDD"]


def test_scsi_controllers_are_counted_as_the_manifest_has_them() -> None:
    scsi = drive(controller=ControllerKind.SCSI, section="b", slot=3, kind="HDD")
    for controllers, place in ((("a", "b"), "SCSI 1:3"), (("b",), "SCSI 0:3"), ((), "SCSI 0:3")):
        (item,) = check_machine(machine(configuration(drives=(scsi,), scsi_controllers=controllers)))
        assert f" {place} " in item.message


@pytest.mark.parametrize(
    ("services", "field", "value"),
    [({}, "manifest", "absent"), ({Service.VSS: False, Service.TIME: True}, f"{VSS}/Enabled", "disabled")],
)
def test_the_backup_service(services: dict[Service, bool], field: str, value: str) -> None:
    (item,) = check_machine(machine(configuration(services=services)))
    assert (item.code, item.severity) == ("VHD830", Severity.WARNING)
    assert (item.location.field, item.expected, item.found) == (field, "enabled", value)


def test_nothing_is_said_of_services_without_a_manifest_nor_of_a_snapshots() -> None:
    assert _codes(machine(configuration(services={}, has_manifest=False))) == []
    assert _codes(machine(configuration(), snapshot(1, services={}))) == []
    assert _codes(machine(configuration(services={Service.VSS: True}))) == []


# ---------------------------------------------------------------------------------------------------------- the present


def test_a_machine_that_was_running_is_told_with_the_reason_of_the_guess() -> None:
    (item,) = check_machine(machine(configuration(power=RUNNING, powered_on=130288154388787047)))
    assert (item.code, item.severity, item.found) == ("VHD824", Severity.WARNING, 130288154388787047)
    assert item.location.field == "properties/last_powered_on_time"
    assert RUNNING.reason in item.message


@pytest.mark.parametrize("power", [PowerState.OFF, PowerState.SAVED, PowerState.UNKNOWN])
def test_no_other_guess_is_told(power: PowerState) -> None:
    assert _codes(machine(configuration(power=replace(OFF, state=power)))) == []
    assert _codes(machine(configuration(), snapshot(1, power=RUNNING))) == []


@pytest.mark.parametrize(("pending", "codes"), [(True, ["VHD827"]), (False, []), (None, [])])
def test_a_merge_that_is_pending(pending: bool | None, codes: list[str]) -> None:
    item = machine(configuration(merge_pending=pending), snapshot(1, merge_pending=True))
    assert _codes(item) == codes
    for told in check_machine(item):
        assert told.severity is Severity.WARNING
        assert told.location == Location(
            path=NOW, structure="configuration", field="global_settings/disk_merge_pending"
        )


# --------------------------------------------------------------------------------------------------- domain controllers


def test_a_domain_controller_with_snapshots_and_without_a_generation_id() -> None:
    (item,) = check_domain_controller(machine(configuration(), snapshot(1), snapshot(2)))
    assert (item.code, item.severity) == ("VHD828", Severity.WARNING)
    assert item.location.path == NOW
    assert item.related == tuple(f"{SNAPSHOTS}/{snapshot_id(number)}.xml" for number in (1, 2))


def test_a_domain_controller_that_cannot_be_taken_back_unnoticed() -> None:
    assert list(check_domain_controller(machine(configuration()))) == []
    assert list(check_domain_controller(machine(configuration(generation_id="fd66d691"), snapshot(1)))) == []


def test_a_domain_controller_of_which_only_snapshots_are_here() -> None:
    (item,) = check_domain_controller(machine(None, snapshot(1)))
    assert item.location.path == f"{SNAPSHOTS}/{snapshot_id(1)}.xml"

"""The table of rules: every operation in every state of power, what else refuses one, and what requests look like."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.snapshots.models import ShortNames, after, done, machine
from vhdchain.errors import ConfigError, PlanRefusedError, SnapshotLimitError
from vhdchain.snapshots import (
    HYPER_V_2008_R2,
    WAYS,
    XENSERVER,
    Becomes,
    DiskFile,
    Operation,
    Power,
    Refused,
    Request,
    State,
    parse_request,
    parts_of,
    run_request,
)

IN_PLACE = replace(HYPER_V_2008_R2, copy_on_apply=False)
REQUESTS = {
    Operation.TAKE: "take:x",
    Operation.APPLY: "apply:first",
    Operation.DELETE: "delete:first",
    Operation.DELETE_SUBTREE: "delete-subtree:first",
    Operation.ADD_DISK: "add-disk:IDE 1:1=other.vhd",
    Operation.REMOVE_DISK: "remove-disk:IDE 0:0",
    Operation.RENAME: "rename:first=x",
}


def with_power(power: Power) -> State:
    state = after(machine(), "take:first")
    return replace(state, power=power, state_files=("M/M.bin",) if power is Power.SAVED else ())


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("power", Power)
def test_every_operation_does_what_the_table_says(operation: Operation, power: Power) -> None:
    state, way = with_power(power), WAYS[operation][power]
    request = REQUESTS.get(operation, str(operation))
    if isinstance(way, Refused):
        with pytest.raises(PlanRefusedError) as caught:
            done(state, request)
        assert way.why in str(caught.value)
        return
    (result,) = done(state, request)
    wanted = way if isinstance(way, Power) else {Becomes.SAME: power, Becomes.AS_TAKEN: Power.OFF}[way]
    assert result.state.power is wanted
    assert result.before == state


def test_a_refused_operation_has_all_its_reasons() -> None:
    state = machine(power=Power.PAUSED, pass_through=("SCSI 0:0",))
    with pytest.raises(PlanRefusedError) as caught:
        done(state, f"take:{'x' * 101}")

    assert [item.code for item in caught.value.findings] == ["VHD922", "VHD923", "VHD924"]


def test_xenserver_limits_the_depth_of_a_chain_and_not_the_number_of_snapshots() -> None:
    state = after(machine(), *(f"take:{number}" for number in range(29)), policy=XENSERVER)
    with pytest.raises(SnapshotLimitError) as caught:
        after(state, "take:x", policy=XENSERVER)
    assert [item.code for item in caught.value.findings] == ["VHD921"]

    wide = machine()
    for number in range(60):
        requests = [f"take:{number}", "apply:0"]
        names = ShortNames()
        names._numbers = iter(range(1000 * number, 1000 * number + 900))  # type: ignore[assignment]  # names that are new
        for request in requests:
            wide = run_request(wide, parse_request(request), names, XENSERVER).state
    assert len(wide.snapshots) == 60


def test_a_limit_of_ones_own_is_kept() -> None:
    policy = replace(HYPER_V_2008_R2, limit=2)
    with pytest.raises(SnapshotLimitError):
        after(machine(), "take:a", "take:b", "take:c", policy=policy)


def test_a_disk_on_which_others_build_is_not_attached() -> None:
    state = after(machine("srv.vhd", "data.vhd"), "take:first", "remove-disk:IDE 0:1")
    for path in ("srv.vhd", "data.vhd", state.paths[0]):
        with pytest.raises(PlanRefusedError) as caught:
            done(state, f"add-disk:IDE 1:0={path}")
        assert [item.code for item in caught.value.findings] == ["VHD926"], path


def test_a_disk_of_another_machine_is_not_attached() -> None:
    with pytest.raises(PlanRefusedError) as caught:
        done(machine(needed=frozenset({"other.vhd"})), "add-disk:IDE 1:0=other.vhd")
    assert [item.code for item in caught.value.findings] == ["VHD926"]


def test_files_that_others_need_are_neither_deleted_nor_merged() -> None:
    taken = after(machine(), "take:first", "take:second")
    frozen, leaf = taken.find("second").paths[0], taken.paths[0]

    kept = after(replace(taken, needed=frozenset({frozen})), "delete:second")
    assert {frozen, leaf} <= kept.disks.keys()
    doubted = after(replace(taken, doubt="a configuration cannot be read"), "delete-subtree:first")
    assert {frozen, leaf, "srv.vhd"} <= doubted.disks.keys()


def test_another_machines_disk_above_a_freed_file_keeps_it_from_being_merged() -> None:
    taken = after(machine(), "take:first", "take:second")
    frozen = taken.find("second").paths[0]
    other = DiskFile(path="other.vhd", parent=frozen, content=("other.vhd",))
    state = after(replace(taken, disks={**taken.disks, other.path: other}), "delete:second")

    assert state.freed == (frozen,)


@pytest.mark.parametrize("asked", ["apply:first", "revert"])
def test_nothing_is_applied_in_place_below_a_disk_of_another_machine(asked: str) -> None:
    taken = after(machine(), "take:first")
    other = DiskFile(path="other.avhd", parent="srv.vhd", content=("other.avhd",))
    state = replace(taken, disks={**taken.disks, other.path: other})
    for each in (state, replace(taken, doubt="a configuration cannot be read")):
        assert after(each, asked).parent == taken.snapshots[0].id
        with pytest.raises(PlanRefusedError) as caught:
            after(each, asked, policy=IN_PLACE)
        assert [item.code for item in caught.value.findings] == ["VHD926"]


def test_starting_a_machine_that_was_brought_back_in_place_voids_the_snapshot() -> None:
    taken = after(machine(), "take:first", "take:second")
    applied = after(taken, "apply:second", policy=IN_PLACE)
    assert [item.name for item in applied.shared_with_now()] == ["second"]

    (result,) = done(applied, "start", policy=IN_PLACE)
    assert [loss.name for loss in result.losses] == ["second"]
    assert [item.name for item in result.state.snapshots] == ["first"]


def test_a_snapshot_that_is_taken_first_is_an_operation_of_its_own() -> None:
    state = after(machine(), "take:first", "take:second")
    request = replace(parse_request("revert"), take_first=True, name="kept")

    assert parts_of(state, request) == (
        Request(operation=Operation.TAKE, name="kept"),
        Request(operation=Operation.APPLY, snapshot=state.parent or ""),
    )
    with pytest.raises(ConfigError):
        run_request(state, request, ShortNames(), HYPER_V_2008_R2)
    assert parts_of(machine(), request) == (replace(request, take_first=False),)
    assert parts_of(state, parse_request("take:x")) == (parse_request("take:x"),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        "apply",
        "apply:",
        "revert:x",
        "rename:x",
        "rename:=y",
        "add-disk:IDE 0:1",
        "add-disk:IDE 0:1=",
        "delete",
    ],
)
def test_what_is_no_request_is_refused_in_a_line(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_request(text)
    assert "\n" not in str(caught.value)


def test_snapshots_are_found_by_id_and_by_a_name_that_only_one_has() -> None:
    state = after(machine(), "take:same", "take:same", "take:other")

    assert state.find("other") == state.find(state.snapshots[2].id.lower())
    for name in ("same", "none"):
        with pytest.raises(KeyError):
            state.find(name)

"""What is documented of snapshots on Hyper-V 2008 and 2008 R2, example by example.

The sources are Microsoft's documentation of the two hosts, for deletion and merging what its staff wrote in 2009. Only
what they say is tested here; what was chosen where they say nothing stands in docs/semantics.md, and what an article of
2011 says in docs/three-snapshots.md.
"""

from __future__ import annotations

import pytest

from tests.snapshots.models import after, chain, done, machine, tree
from vhdchain.errors import PlanRefusedError, SnapshotLimitError
from vhdchain.snapshots import HYPER_V_2012, ActionKind, LossKind, Power, State


def kinds(state: State, *requests: str) -> list[ActionKind]:
    return [action.kind for action in done(state, *requests)[-1].actions]


# --------------------------------------------------------------------------------------------------------- taking


def test_every_disk_gets_a_differencing_disk_and_the_snapshot_keeps_the_frozen_one() -> None:
    state = after(machine("srv.vhd", "data.vhd"), "take:first")

    assert state.find("first").paths == ("srv.vhd", "data.vhd")
    assert [chain(state, path)[1:] for path in state.paths] == [["srv.vhd"], ["data.vhd"]]


@pytest.mark.parametrize("power", [Power.OFF, Power.RUNNING, Power.SAVED])
def test_a_snapshot_can_be_taken_while_the_machine_is_off_or_running_or_saved(power: Power) -> None:
    state = after(machine(power=power), "take:first")

    assert state.power is power
    assert bool(state.find("first").state_files) == (power is not Power.OFF)


def test_none_can_be_taken_while_it_is_paused() -> None:
    with pytest.raises(PlanRefusedError) as caught:
        after(machine(power=Power.PAUSED), "take:first")
    assert [item.code for item in caught.value.findings] == ["VHD922"]


def test_none_can_be_taken_of_a_machine_with_a_pass_through_disk() -> None:
    with pytest.raises(PlanRefusedError) as caught:
        after(machine(pass_through=("SCSI 0:1",)), "take:first")
    assert [item.code for item in caught.value.findings] == ["VHD923"]


def test_a_machine_has_at_most_fifty_snapshots() -> None:
    full = after(machine(), *(f"take:{number}" for number in range(50)))
    assert len(full.snapshots) == 50

    with pytest.raises(SnapshotLimitError) as caught:
        after(full, "take:one more")
    assert [item.code for item in caught.value.findings] == ["VHD921"]
    assert len(after(full, "delete:0", "take:one more").snapshots) == 50


@pytest.mark.parametrize(("name", "fits"), [("x" * 100, True), ("x" * 101, False), (" ", False)])
def test_a_name_has_at_most_a_hundred_characters_and_is_not_blank(name: str, *, fits: bool) -> None:
    if fits:
        assert after(machine(), f"take:{name}").snapshots[0].name == name
        return
    with pytest.raises(PlanRefusedError) as caught:
        after(machine(), f"take:{name}")
    assert [item.code for item in caught.value.findings] == ["VHD924"]


# -------------------------------------------------------------------------------------------- applying, reverting


def test_applying_leads_to_a_new_disk_below_the_machine_and_leaves_the_snapshot_alone() -> None:
    taken = after(machine(), "take:first", "take:second")
    state = after(taken, "apply:first")

    (leaf,) = state.paths
    assert chain(state, leaf)[1:] == ["srv.vhd"]
    assert state.snapshots == taken.snapshots
    assert tree(state) == {"first": None, "second": "first", "now": "first"}


def test_the_present_is_discarded_and_told() -> None:
    taken = after(machine(), "take:first")
    (result,) = done(taken, "apply:first")

    assert [(loss.what, loss.path) for loss in result.losses] == [(LossKind.DISK, taken.paths[0])]


@pytest.mark.parametrize(
    ("power", "ends"), [(Power.OFF, Power.OFF), (Power.RUNNING, Power.SAVED), (Power.SAVED, Power.SAVED)]
)
def test_the_machine_ends_as_the_snapshot_was_taken(power: Power, ends: Power) -> None:
    assert after(machine(power=power), "take:first", "apply:first").power is ends


def test_reverting_goes_back_to_what_was_taken_or_applied_last() -> None:
    state = machine()

    assert done(state, "take:first", "take:second", "revert")[-1].operation == "revert second"
    assert done(state, "take:first", "take:second", "apply:first", "revert")[-1].operation == "revert first"


def test_a_snapshot_that_is_taken_after_applying_begins_a_branch() -> None:
    state = after(machine(), "take:first", "take:second", "apply:first", "take:branch")

    assert tree(state) == {"first": None, "second": "first", "branch": "first", "now": "branch"}


# ------------------------------------------------------------------------------------------------------- deleting


def test_what_was_made_from_a_deleted_snapshot_gets_its_parent() -> None:
    state = after(machine(), "take:first", "take:second", "take:third", "delete:second")

    assert tree(state) == {"first": None, "third": "first", "now": "third"}


def test_a_file_on_which_nothing_builds_goes_at_once_even_while_the_machine_runs() -> None:
    running = after(machine(), "take:first", "take:second", "apply:first", "start")
    (result,) = done(running, "delete:second")

    assert [item.kind for item in result.actions].count(ActionKind.DELETE_DISK) == 1
    assert len(result.state.disks) == len(running.disks) - 1


def test_a_file_with_one_dependant_is_merged_while_the_machine_is_off() -> None:
    state = after(machine(), "take:first", "take:second")
    frozen, leaf = state.find("second").paths[0], state.paths[0]
    merged = after(state, "delete:second")

    assert merged.paths == (frozen,)
    assert leaf not in merged.disks
    assert merged.freed == ()


@pytest.mark.parametrize("power", [Power.RUNNING, Power.SAVED])
def test_the_merge_waits_while_it_is_not_off_and_is_made_then(power: Power) -> None:
    state = after(machine(power=power), "take:first", "take:second", "delete:second")
    assert len(state.freed) == 1

    (result,) = done(state, "stop")
    assert ActionKind.MERGE in [item.kind for item in result.actions]
    assert result.state.freed == ()


def test_starting_the_machine_cancels_the_merge() -> None:
    waiting = after(machine(power=Power.SAVED), "take:first", "take:second", "delete:second")

    assert ActionKind.CANCEL_MERGE in kinds(waiting, "start")
    assert after(waiting, "start").freed == waiting.freed


def test_a_file_with_several_dependants_stays_until_a_later_deletion_leaves_one() -> None:
    state = after(machine(), "take:first", "take:second", "apply:first", "take:branch", "delete:first")
    assert state.freed == ("srv.vhd",)
    assert set(kinds(after(machine(), "take:first", "take:second", "apply:first"), "delete:first")).isdisjoint(
        {ActionKind.MERGE, ActionKind.DELETE_DISK}
    )

    settled = after(state, "delete:second")
    assert settled.freed == ()
    assert settled.find("branch").paths == ("srv.vhd",)


def test_a_base_is_never_deleted() -> None:
    state = after(machine(), "take:first", "take:second", "delete-subtree:first")

    assert list(state.disks) == ["srv.vhd"]
    assert (state.paths, state.snapshots, state.parent) == (("srv.vhd",), (), None)


def test_later_hosts_merge_while_the_machine_runs() -> None:
    state = after(machine(power=Power.RUNNING), "take:first", "take:second", "delete:second", policy=HYPER_V_2012)

    assert (state.freed, len(state.disks)) == ((), 2)


# --------------------------------------------------------------------------------------------- domain controllers


@pytest.mark.parametrize(
    ("request_", "warned"), [("apply:first", True), ("revert", True), ("take:x", False), ("delete:first", False)]
)
def test_only_going_back_is_warned_of_for_a_domain_controller(request_: str, *, warned: bool) -> None:
    for controller in (True, False):
        (result,) = done(after(machine(domain_controller=controller), "take:first"), request_)
        assert [notice.code for notice in result.notices] == (["VHD928"] if warned and controller else [])

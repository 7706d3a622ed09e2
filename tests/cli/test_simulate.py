"""``vhdchain simulate`` says what operations on snapshots would do, and does them when it is told to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.cli.program import ROOT, run
from tests.report.validation import strict, validate
from vhdchain.report.documents.simulation_schema import SIMULATION_SCHEMA
from vhdchain.report.lines import plain_text
from vhdchain.report.text.simulation import simulation_lines
from vhdchain.testing.faults.operations import snapshot
from vhdchain.testing.faults.quick import QuickLayer
from vhdchain.testing.snapshot_world import MACHINE, SnapshotWorld

if TYPE_CHECKING:
    from pathlib import Path

HOST = ROOT / "fixtures" / "host"


@pytest.fixture
def world(tmp_path: Path) -> SnapshotWorld:
    made = SnapshotWorld(tmp_path / "host")
    for name in ("first", "second"):
        assert made.do(f"take:{name}") is not None
        made.write("IDE 0:0", 3, 4)
    return made


def names(world: SnapshotWorld) -> list[str]:
    return sorted(item.name for item in world.state().snapshots)


def test_nothing_is_changed_unless_it_is_asked_for(world: SnapshotWorld) -> None:
    before = snapshot(str(world.folder))
    ran = run("simulate", world.folder, "delete:second", "apply:first")

    assert (ran.code, ran.err) == (0, "")
    assert snapshot(str(world.folder)) == before


def test_states_stand_side_by_side_and_steps_below(world: SnapshotWorld) -> None:
    lines = run("simulate", world.folder, "delete:second").out.splitlines()

    assert lines[:4] == [
        "srv as it is                afterwards",
        "  ○ first                     ○ first",
        "  ○ second                    ● now  off",
        "  ● now  off",
    ]
    assert "  deletes     the configuration of snapshot second" in lines
    assert any(line.startswith("  merges      ") for line in lines)


def test_the_document_fits_its_schema_and_says_whether_it_was_done(world: SnapshotWorld) -> None:
    simulated = run("simulate", world.folder, "delete:second", "take:", "--json")
    validate(simulated.document, strict(SIMULATION_SCHEMA))
    assert (simulated.code, simulated.document["executed"]) == (0, False)

    done = run("simulate", world.folder, "delete:second", "--json", "--execute", "--yes")
    validate(done.document, strict(SIMULATION_SCHEMA))
    assert (done.code, done.document["executed"]) == (0, True)
    assert names(world) == ["first"]


def test_a_refusal_is_told_after_what_is_possible_and_nothing_is_done(world: SnapshotWorld) -> None:
    ran = run("simulate", world.folder, "take:third", "take: ", "--json", "--execute", "--yes")

    validate(ran.document, strict(SIMULATION_SCHEMA))
    assert ran.code == 1
    assert [item["code"] for item in ran.document["refused"]] == ["VHD924"]
    assert len(ran.document["operations"]) == 1
    assert names(world) == ["first", "second"]


def test_what_only_the_host_can_do_is_refused_before_anything_is_done(world: SnapshotWorld) -> None:
    ran = run("simulate", world.folder, "take:third", "start", "--execute", "--yes")

    assert ran.code == 1
    assert ran.error.endswith("srv is started by its host, not by a change of its files; nothing was done")
    assert names(world) == ["first", "second"]


def test_it_asks_before_it_does_anything(world: SnapshotWorld) -> None:
    ran = run("simulate", world.folder, "delete:second", "--execute")

    assert ran.code == 2
    assert "--yes" in ran.error
    assert names(world) == ["first", "second"]


def test_a_snapshot_taken_first_keeps_the_present(world: SnapshotWorld) -> None:
    ran = run("simulate", world.folder, "revert", "--take-first", "--execute", "--yes", "--json")

    assert [item["operation"].split()[0] for item in ran.document["operations"]] == ["take", "apply"]
    assert [loss for loss in ran.document["losses"] if loss["what"] == "sectors"] == []
    state = world.state()
    assert len(state.snapshots) == 3
    assert state.parent == state.find("second").id


def test_power_that_is_said_counts_for_the_beginning_only(tmp_path: Path) -> None:
    world = SnapshotWorld(tmp_path, saved=True)
    for name in ("first", "second"):
        assert world.do(f"take:{name}") is not None
    ran = run("simulate", tmp_path, "stop", "delete:second", "--power", "saved", "--execute", "--yes", "--json")

    assert (ran.code, ran.document["after"]["merges_owed"]) == (0, [])
    assert len(world.state().disks) == 2


def test_later_snapshots_are_lost_in_place(world: SnapshotWorld) -> None:
    ran = run("simulate", world.folder, "apply:first", "--in-place", "--json")

    assert [loss["name"] for loss in ran.document["losses"] if loss["what"] == "snapshot"] == ["second"]


def test_what_was_interrupted_is_told_by_the_next_call_and_can_be_finished(world: SnapshotWorld) -> None:
    _, plan = world.plan("delete:second")
    left = iter(range(2))
    with pytest.raises(vc.CancelledError):
        vc.execute(plan, cancel=lambda: next(left, None) is None, layer=QuickLayer())
    ran = run("simulate", world.folder, "take:third", "--execute", "--yes")
    assert ran.code == 1
    how = ran.error.partition("'vhdchain ")[2].partition("'")[0].split()

    assert run(*how).code == 0
    assert names(world) == ["first"]
    assert run("simulate", world.folder, "take:third", "--execute", "--yes").code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("take:x",), "2 machines are here"),
        (("apply:nothing", "--machine", "srv"), "no snapshot called 'nothing'"),
        (("fly", "--machine", "srv"), "'fly' is no operation"),
        (("take:x", "--machine", "srv", "--yes"), "--yes goes with --execute"),
        (("take:x", "--machine", "nobody"), "no machine is called 'nobody'"),
    ],
)
def test_what_cannot_be_understood_is_told_in_one_line(arguments: tuple[str, ...], told: str) -> None:
    ran = run("simulate", HOST, *arguments)

    assert ran.code == 2
    assert told in ran.error


def test_prose_fits_into_80_columns(world: SnapshotWorld) -> None:
    with vc.scan_folder(world.folder) as inventory:
        simulation = vc.simulate(inventory, inventory.machines[MACHINE], ["take:x", "apply:first", "delete:second"])
    lines = plain_text(simulation_lines(simulation, width=80)).splitlines()

    assert [line for line in lines if len(line) > 80] == []

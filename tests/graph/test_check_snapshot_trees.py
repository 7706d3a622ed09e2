"""Snapshot trees that the disks do not show, and ids that say something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.graph.machine_records import disk, guid, machine, scanned, state
from vhdchain.findings import Finding, Severity
from vhdchain.graph.check_snapshot_trees import check_snapshot_trees
from vhdchain.hyperv import PathOutcome
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from vhdchain.hyperv import Machine, MachineState

SIZE = 1 << 16


@pytest.fixture
def tree() -> ChainBuilder:
    """Two bases with three layers above each: ``a0`` to ``a3`` and ``b0`` to ``b3``."""
    built = ChainBuilder()
    for letter in "ab":
        image = built.dynamic(f"{letter}0.vhd", size=SIZE)
        for number in range(1, 4):
            image = built.snapshot(image, f"{letter}{number}.avhd")
    return built


def _told(tree: ChainBuilder, *machines: Machine, **options: Any) -> list[Finding]:
    return list(check_snapshot_trees(scanned(tree, *machines, **options)))


def _chain(**mentioned: str) -> tuple[MachineState, MachineState, MachineState]:
    """Return a present, a second and a first snapshot; ``now="first"``: whose configuration mentions which."""

    def ids(name: str) -> dict[str, str]:
        return {guid(item): f"properties/{item}" for item in mentioned.get(name, "").split()}

    return (
        state("now", "a2.avhd", mentioned_ids=ids("now")),
        state("second", "a1.avhd", mentioned_ids=ids("second")),
        state("first", "a0.vhd", mentioned_ids=ids("first")),
    )


# -------------------------------------------------------------------------------------------------------------- unknown


def test_a_known_tree_and_a_machine_without_snapshots_are_quiet(tree: ChainBuilder) -> None:
    assert _told(tree, machine(*_chain()), machine(state("bare")), machine(state("web", disk(None)))) == []


def test_disks_that_disagree_leave_the_tree_unknown(tree: ChainBuilder) -> None:
    now = state("now", "a2.avhd", "b2.avhd")
    srv = machine(now, state("first", "a0.vhd", "b1.avhd"), state("second", "a1.avhd", "b0.vhd"))
    (item,) = _told(tree, srv)
    assert (item.code, item.severity, item.location.path) == ("VHD825", Severity.WARNING, "now.xml")
    assert "now.xml" in item.related
    assert len(item.details) == len(item.related) == len(scanned(tree, srv).machines["now"].tree.unknown)


def test_a_machine_without_disks_in_files_has_no_tree(tree: ChainBuilder) -> None:
    (item,) = _told(tree, machine(state("srv"), state("first"), state("second")))
    assert item.related == ("first.xml", "second.xml", "srv.xml")
    assert item.details == (
        "snapshot first of srv: it has no disk in a file",
        "snapshot second of srv: it has no disk in a file",
        "the present state of srv: it has no disk in a file",
    )


def test_what_a_missing_disk_or_snapshot_without_disks_explains_is_told_there_alone(tree: ChainBuilder) -> None:
    gone = disk(None, stored=r"D:\gone.vhd")
    either = disk(None, stored=r"D:\x.vhd", outcome=PathOutcome.AMBIGUOUS, candidates=("x", "y"))
    assert _told(tree, machine(state("srv", gone), state("empty"), state("lost", gone), state("open", either))) == []
    # A present without disks is told nowhere else.
    (item,) = _told(tree, machine(state("srv"), state("first", "a0.vhd")))
    assert item.details == ("the present state of srv: it has no disk in a file",)


def test_a_disk_that_is_away_is_told_as_that(tree: ChainBuilder) -> None:
    gone = disk(None, stored=r"D:\gone.vhd", slot=1)
    now = state("now", "a1.avhd", gone)
    inventory = scanned(tree, machine(now, state("first", "a0.vhd", gone)))
    assert inventory.machines["now"].tree.unknown != {}
    assert list(check_snapshot_trees(inventory)) == []


def test_a_missing_parent_leaves_the_tree_unknown(tree: ChainBuilder) -> None:
    links: dict[str, str | None] = {image.name: image.parent.name for image in tree.images if image.parent is not None}
    (item,) = _told(tree, machine(*_chain()), links={**links, "a1.avhd": None})
    assert (item.code, item.related) == ("VHD825", ("second.xml",))


# ------------------------------------------------------------------------------------------------------------------ ids


@pytest.mark.parametrize(
    "mentioned",
    [
        {},
        {"now": "second", "second": "first"},
        {"now": "second first"},
        {"now": "first second"},
        {"now": "elsewhere", "second": "now"},
        {"first": "elsewhere", "second": "second"},
    ],
)
def test_ids_that_agree_or_say_nothing_certain_are_quiet(tree: ChainBuilder, mentioned: dict[str, str]) -> None:
    assert _told(tree, machine(*_chain(**mentioned))) == []


def test_an_id_of_another_snapshot_contradicts_the_disks(tree: ChainBuilder) -> None:
    (item,) = _told(tree, machine(*_chain(now="first", second="first")))
    assert (item.code, item.severity, item.location.path) == ("VHD826", Severity.WARNING, "now.xml")
    assert (item.location.structure, item.location.field) == ("configuration", "properties/first")
    assert (item.expected, item.found) == (guid("second"), guid("first"))
    assert item.related == ("second.xml", "first.xml")


def test_a_first_snapshot_that_mentions_one_is_contradicted(tree: ChainBuilder) -> None:
    (item,) = _told(tree, machine(*_chain(first="second")))
    assert (item.location.path, item.expected, item.found) == ("first.xml", None, guid("second"))
    assert item.related == ("second.xml",)


def test_a_snapshot_that_held_no_disk_of_a_state_is_no_contradiction(tree: ChainBuilder) -> None:
    ids = {guid("first"): "properties/x"}
    assert _told(tree, machine(state("now", "b1.avhd", mentioned_ids=ids), state("first", "a0.vhd"))) == []
    assert _told(tree, machine(state("now", "a0.vhd", mentioned_ids=ids), state("first", "a0.vhd"))) == []
    beside = state("now", "b1.avhd", "a0.vhd", mentioned_ids=ids)
    assert [item.code for item in _told(tree, machine(beside, state("first", "a1.avhd")))] == ["VHD826"]


def test_ids_do_not_contradict_what_is_not_known(tree: ChainBuilder) -> None:
    now, second, _ = _chain(second="first", now="first")
    links: dict[str, str | None] = {image.name: image.parent.name for image in tree.images if image.parent is not None}
    found = _told(tree, machine(now, second), links={**links, "a1.avhd": None, "a2.avhd": None})
    assert [item.code for item in found] == ["VHD825"]

"""Disks that no configuration names, and bases that machines share."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.graph.inventories import inventory_of
from tests.graph.machine_records import disk, machine, scanned, state
from vhdchain.findings import Severity
from vhdchain.graph import Unreadable
from vhdchain.graph.check_chains import check_chains
from vhdchain.graph.check_machine_families import check_machine_families
from vhdchain.hyperv import FileRole, HostFile, PathOutcome
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from vhdchain.hyperv import Machine

SIZE = 1 << 16
LOST = "0B9C1A67-0E5A-4F8F-8D3C-5B6A5A0F0A01"


@pytest.fixture
def tree() -> ChainBuilder:
    """A base of three layers above it, and a branch of two from its first child."""
    built = ChainBuilder()
    base = built.dynamic("base.vhd", size=SIZE)
    first = built.snapshot(base, "first.avhd")
    built.snapshot(built.snapshot(first, "second.avhd"), "now.avhd")
    built.snapshot(built.snapshot(first, "left.avhd"), "leaf.avhd")
    return built


SRV = (state("srv", "now.avhd"), state("one", "base.vhd"))


def _told(tree: ChainBuilder, *machines: Machine, **options: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    found = check_machine_families(scanned(tree, *machines, **options))
    return [(item.code, item.location.path, item.related) for item in found]


def _file(path: str, role: FileRole) -> HostFile:
    return HostFile(path=path, role=role, size=0, mtime_ns=0)


# -------------------------------------------------------------------------------------------------------- unused leaves


def test_all_disks_below_those_that_are_named_are_needed(tree: ChainBuilder) -> None:
    assert _told(tree, machine(*SRV, state("two", "leaf.avhd"))) == []


def test_a_leaf_beside_a_machines_disks_is_told_with_what_only_it_needs(tree: ChainBuilder) -> None:
    (item,) = check_machine_families(scanned(tree, machine(*SRV)))
    assert (item.code, item.severity, item.location.path) == ("VHD710", Severity.WARNING, "leaf.avhd")
    assert item.related == ("left.avhd",)
    assert item.message == (
        "no configuration names this disk, while srv uses others of its family: a revert, or a merge that failed, may "
        "have left it"
    )


def test_a_fork_is_needed_by_both_of_its_leaves(tree: ChainBuilder) -> None:
    tree.snapshot(tree.image("left.avhd"), "twin.avhd")
    assert _told(tree, machine(*SRV)) == [("VHD710", "leaf.avhd", ()), ("VHD710", "twin.avhd", ())]


def test_a_family_that_no_machine_uses_is_another_matter(tree: ChainBuilder) -> None:
    other = tree.dynamic("other.vhd", size=SIZE)
    tree.snapshot(tree.snapshot(other, "middle.avhd"), "top.avhd")
    used = machine(*SRV, state("two", "leaf.avhd"))
    assert _told(tree, used) == [("VHD706", "top.avhd", ("middle.avhd", "other.vhd"))]
    (item,) = check_machine_families(scanned(tree, used))
    assert item.severity is Severity.WARNING


def test_an_orphan_is_of_the_family_that_misses_the_same_parent() -> None:
    tree = ChainBuilder()
    for base in ("one", "two"):
        below = tree.dynamic(f"{base}.vhd", size=SIZE)
        for leaf in ("a", "b"):
            tree.snapshot(below, f"{base}-{leaf}.avhd")
    links: dict[str, str | None] = {image.name: None for image in tree.images if image.parent is not None}
    inventory = scanned(tree, machine(state("srv", "one-a.avhd")), links=links)
    found = [(item.code, item.location.path) for item in check_machine_families(inventory)]
    # The bases are there, and no child was led to them.
    assert [item for item in found if item[1].endswith(".avhd")] == [
        ("VHD710", "one-b.avhd"),
        ("VHD706", "two-a.avhd"),
        ("VHD706", "two-b.avhd"),
    ]


def test_members_of_a_cycle_do_not_hang_the_check(tree: ChainBuilder) -> None:
    links: dict[str, str | None] = {image.name: image.parent.name for image in tree.images if image.parent is not None}
    cycle = {**links, "first.avhd": "left.avhd"}
    assert _told(tree, machine(state("srv", "now.avhd")), links=cycle) == [
        ("VHD803", "base.vhd", ()),
        ("VHD706", "leaf.avhd", ()),
    ]


def test_a_disk_on_its_own_that_nothing_names_is_a_warning(tree: ChainBuilder) -> None:
    tree.fixed("lone.vhd", size=SIZE)
    used = machine(*SRV, state("two", "leaf.avhd"))
    inventory = scanned(tree, used)
    (item,) = check_machine_families(inventory)
    assert (item.code, item.severity, item.location.path) == ("VHD803", Severity.WARNING, "lone.vhd")
    assert [found.code for found in check_chains(inventory)] == []
    # Without machines nobody says what is in use, nor do those that found none of their disks.
    unused = [("VHD707", "lone.vhd")]
    assert [(found.code, found.location.path) for found in check_chains(inventory_of(tree))] == unused
    without = scanned(tree, machine(state("srv", disk(None))))
    assert list(check_machine_families(without)) == []
    assert [(found.code, found.location.path) for found in check_chains(without)] == unused


def test_a_base_that_a_search_met_in_vain_is_named() -> None:
    tree = ChainBuilder()
    tree.snapshot(tree.dynamic("gone.vhd", size=SIZE), "leaf.avhd")
    # The attempt of a child without a parent names gone.vhd.
    assert _told(tree, machine(state("srv", "leaf.avhd")), links={"leaf.avhd": None}) == []


# ------------------------------------------------------------------------------------------------------ what is unknown


@pytest.mark.parametrize(
    ("options", "doubt"),
    [
        ({"host_files": (_file("Snapshots/x.xml", FileRole.CONFIGURATION),)}, "a configuration here cannot be read"),
        ({"host_files": (_file(f"Snapshots/{LOST}.xml", FileRole.LINK),)}, "a configuration here cannot be read"),
        ({"unreadable": (Unreadable(path=f"{LOST}.xml", reason="no"),)}, "a configuration here cannot be read"),
        (
            {"host_files": tuple(_file(f"Snapshots/{name}.xml", FileRole.CONFIGURATION) for name in "ab")},
            "2 configurations cannot be read",
        ),
    ],
)
def test_where_a_configuration_cannot_be_read_it_is_a_note(
    tree: ChainBuilder, options: dict[str, Any], doubt: str
) -> None:
    tree.fixed("lone.vhd", size=SIZE)
    found = list(check_machine_families(scanned(tree, machine(*SRV), **options)))
    assert [(item.code, item.severity) for item in found] == [("VHD710", Severity.NOTE), ("VHD803", Severity.NOTE)]
    assert all(item.message.endswith(f"; {doubt}, which may change that") for item in found)


def test_where_the_present_of_a_machine_is_not_known_it_is_a_note(tree: ChainBuilder) -> None:
    alone = machine(None, state("one", "second.avhd"), state("two", "left.avhd"))
    found = list(check_machine_families(scanned(tree, alone)))
    assert [(item.code, item.severity, item.location.path) for item in found] == [
        ("VHD710", Severity.NOTE, "leaf.avhd"),
        ("VHD710", Severity.NOTE, "now.avhd"),
    ]
    assert found[0].message.endswith("; of a machine only snapshots are here, which may change that")


@pytest.mark.parametrize(("listed", "severity"), [(None, Severity.WARNING), (1, Severity.WARNING), (2, Severity.NOTE)])
def test_where_a_machine_has_more_snapshots_than_are_here_it_is_a_note(
    tree: ChainBuilder, listed: int | None, severity: Severity
) -> None:
    srv = machine(state("srv", "now.avhd", listed_snapshots=listed), state("one", "base.vhd"))
    (item,) = check_machine_families(scanned(tree, srv))
    assert (item.code, item.severity, item.location.path) == ("VHD710", severity, "leaf.avhd")
    assert ("not all snapshots of srv are here" in item.message) == (severity is Severity.NOTE)


def test_snapshots_of_another_machine_raise_no_doubt(tree: ChainBuilder) -> None:
    tree.dynamic("web.vhd", size=SIZE)
    web = machine(state("web", "web.vhd", listed_snapshots=3), name="web")
    (item,) = check_machine_families(scanned(tree, machine(*SRV), web))
    assert (item.code, item.severity) == ("VHD710", Severity.WARNING)


def test_of_two_copies_of_a_machine_one_with_its_snapshots_is_enough(tree: ChainBuilder) -> None:
    copies = (
        machine(state("srv", "now.avhd", listed_snapshots=1), state("one", "base.vhd")),
        machine(state("srv", "now.avhd", listed_snapshots=1, path="copy.xml")),
    )
    (item,) = check_machine_families(scanned(tree, *copies))
    assert (item.code, item.severity) == ("VHD710", Severity.WARNING)


def test_other_files_of_a_host_raise_no_doubt(tree: ChainBuilder) -> None:
    known = state("one", "base.vhd", path=f"elsewhere/{LOST}.xml")
    files = (
        _file(f"Snapshots/{LOST}.xml", FileRole.LINK),
        _file("Snapshots Cache/y.xml", FileRole.CACHED),
        _file("InitialStore.xml", FileRole.STORE),
    )
    found = check_machine_families(scanned(tree, machine(SRV[0], known), host_files=files))
    assert [item.severity for item in found] == [Severity.WARNING]


def test_disks_of_an_export_that_cannot_be_read_are_quiet() -> None:
    tree = ChainBuilder()
    for folder in ("exports/srv/Virtual Hard Disks/", "exports/other/", ""):
        base = tree.dynamic(f"{folder}base.vhd", size=SIZE)
        tree.snapshot(base, f"{folder}leaf.avhd")
        tree.fixed(f"{folder}lone.vhd", size=SIZE)
    files = (_file("exports/srv/Virtual Machines/x.exp", FileRole.EXPORTED),)
    assert _told(tree, machine(state("srv", "leaf.avhd")), host_files=files) == [
        ("VHD706", "exports/other/leaf.avhd", ("exports/other/base.vhd",)),
        ("VHD803", "exports/other/lone.vhd", ()),
        ("VHD803", "lone.vhd", ()),
    ]


def test_files_that_a_path_may_mean_are_quiet(tree: ChainBuilder) -> None:
    options: dict[str, Any] = {"outcome": PathOutcome.AMBIGUOUS, "candidates": ("leaf.avhd", "gone.avhd")}
    srv = machine(state("srv", "now.avhd", disk(None, stored=r"D:\x.avhd", slot=1, **options)))
    assert _told(tree, srv) == []
    tree.snapshot(tree.image("now.avhd"), "sub/X.avhd")
    assert _told(tree, machine(state("srv", "base.vhd", srv.states[0].disks[1]))) == []


# --------------------------------------------------------------------------------------------------------- shared bases


def test_two_machines_above_one_base_are_a_note(tree: ChainBuilder) -> None:
    tree.snapshot(tree.dynamic("apart.vhd", size=SIZE), "apart.avhd")
    one, two = machine(state("one", "now.avhd", "apart.avhd")), machine(state("two", "leaf.avhd"))
    (item,) = check_machine_families(scanned(tree, one, two))
    assert (item.code, item.severity, item.location.path) == ("VHD713", Severity.NOTE, "base.vhd")
    assert item.related == ("now.avhd", "leaf.avhd")
    assert item.message.startswith("2 machines run on disks above this one: one, two; ")


def test_one_machine_a_machine_on_the_base_and_one_file_share_no_base(tree: ChainBuilder) -> None:
    both = machine(state("srv", "now.avhd", "leaf.avhd"))
    assert _told(tree, both) == []
    # That one of them runs on the base is told as that.
    base = machine(state("base", "base.vhd"))
    assert _told(tree, machine(state("srv", "now.avhd"), state("one", "leaf.avhd")), base) == []
    twins = [machine(state(name, "now.avhd"), state("one", "leaf.avhd")) for name in ("one", "two")]
    assert _told(tree, *twins) == []


def test_a_disk_that_its_name_alone_led_to_shares_no_base(tree: ChainBuilder) -> None:
    guessed = disk("leaf.avhd", exact=False)
    both = machine(*SRV), machine(state("web", guessed), name="web")
    assert _told(tree, *both) == []


def test_two_copies_of_one_machine_share_no_base(tree: ChainBuilder) -> None:
    copies = [machine(state("srv", leaf, path=f"{leaf}.xml")) for leaf in ("now.avhd", "leaf.avhd")]
    assert _told(tree, *copies) == []


def test_thousands_of_leaves_take_no_time() -> None:
    tree = ChainBuilder()
    image = tree.dynamic("0.vhd", size=SIZE)
    for number in range(1, 1500):
        image = tree.snapshot(image, f"{number:04}.avhd")
        tree.snapshot(image, f"leaf{number:04}.avhd")
    inventory = scanned(tree, *(machine(state(f"m{n}", f"leaf{n:04}.avhd")) for n in range(1, 1500, 2)))
    begin = time.monotonic()
    found = list(check_machine_families(inventory))
    assert time.monotonic() - begin < 1
    assert sum(item.code == "VHD710" for item in found) == 749

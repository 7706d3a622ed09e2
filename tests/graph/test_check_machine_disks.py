r"""Disks that several states share, disks that others build on, and volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.graph.machine_records import disk, machine, scanned, state
from vhdchain.findings import Finding, Severity
from vhdchain.graph.check_machine_disks import check_machine_disks
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from vhdchain.hyperv import Machine

SIZE = 1 << 16


@pytest.fixture
def tree() -> ChainBuilder:
    """A base with two children, of which the first has a child itself."""
    built = ChainBuilder()
    base = built.dynamic("base.vhd", size=SIZE)
    built.snapshot(built.snapshot(base, "first.avhd"), "leaf.avhd")
    built.snapshot(base, "other.avhd")
    return built


def _told(tree: ChainBuilder, *machines: Machine) -> list[Finding]:
    return list(check_machine_disks(scanned(tree, *machines)))


def test_a_machine_on_a_leaf_with_snapshots_below_is_quiet(tree: ChainBuilder) -> None:
    srv = machine(state("srv", "leaf.avhd"), state("one", "base.vhd"), state("two", "first.avhd"))
    web = machine(state("web", "other.avhd"))
    assert _told(tree, srv, web) == []


def test_a_present_disk_with_children_is_an_error_that_names_who_needs_them(tree: ChainBuilder) -> None:
    srv = machine(state("srv", "base.vhd"), state("one", "first.avhd"))
    web = machine(state("web", "leaf.avhd"))
    (item,) = _told(tree, srv, web)
    assert (item.code, item.severity, item.location.path) == ("VHD709", Severity.ERROR, "base.vhd")
    assert item.related == ("first.avhd", "other.avhd")
    assert item.message == (
        "srv runs on this disk at IDE 0:0, and 2 disks build on it, which snapshot one of srv, web need: starting the "
        "machine writes to it and breaks what is above"
    )


def test_children_that_nobody_uses_break_as_well(tree: ChainBuilder) -> None:
    (item,) = _told(tree, machine(state("srv", "first.avhd")))
    assert (item.code, item.related) == ("VHD709", ("leaf.avhd",))
    assert item.message == (
        "srv runs on this disk at IDE 0:0, and a disk builds on it: starting the machine writes to it and breaks what "
        "is above"
    )


def test_a_present_disk_that_only_its_name_led_to_is_a_warning(tree: ChainBuilder) -> None:
    (item,) = _told(tree, machine(state("srv", disk("first.avhd", exact=False))))
    assert (item.code, item.severity) == ("VHD709", Severity.WARNING)


def test_one_file_of_two_machines_is_an_error(tree: ChainBuilder) -> None:
    (item,) = _told(tree, machine(state("one", "leaf.avhd")), machine(state("two", "leaf.avhd", "other.avhd")))
    assert (item.code, item.severity, item.location.path) == ("VHD819", Severity.ERROR, "leaf.avhd")
    assert item.related == ("one.xml", "two.xml")
    assert item.message.startswith("2 machines have this very file attached: one, two; ")


def test_one_file_in_two_slots_of_a_machine_is_an_error(tree: ChainBuilder) -> None:
    (item,) = _told(tree, machine(state("srv", "leaf.avhd", "leaf.avhd")))
    assert (item.code, item.severity, item.location.path) == ("VHD819", Severity.ERROR, "leaf.avhd")
    assert item.related == ("srv.xml",)
    assert item.message.startswith("srv has this very file attached at IDE 0:0, IDE 0:1: ")


@pytest.mark.parametrize("key", ["0B9C1A67-0E5A-4F8F-8D3C-5B6A5A0F0A01", ""])
def test_two_copies_of_one_configuration_are_no_two_machines(tree: ChainBuilder, key: str) -> None:
    copies = [machine(state("srv", "leaf.avhd", id=key, path=f"{place}/srv.xml")) for place in ("a", "b")]
    assert _told(tree, *copies) == []


def test_a_file_found_by_its_name_is_another_machines_only_if_both_store_the_same_path(tree: ChainBuilder) -> None:
    sure = machine(state("one", disk("leaf.avhd", stored=r"D:\one\leaf.avhd")))
    elsewhere = machine(state("two", disk("leaf.avhd", stored=r"D:\two\leaf.avhd", exact=False)))
    same = machine(state("three", disk("leaf.avhd", stored=r"d:\ONE\leaf.avhd", exact=False)))
    assert _told(tree, sure, elsewhere) == []
    assert [item.related for item in _told(tree, sure, elsewhere, same)] == [("one.xml", "three.xml")]
    assert _told(tree, elsewhere, same) == []
    again = machine(state("four", disk("leaf.avhd", stored=r"D:\two\leaf.avhd", exact=False)))
    assert [item.related for item in _told(tree, elsewhere, same, again)] == [("two.xml", "four.xml")]


def test_two_snapshots_with_one_file_are_a_warning(tree: ChainBuilder) -> None:
    srv = machine(state("srv", "leaf.avhd"), state("one", "base.vhd"), state("two", "base.vhd"))
    (item,) = _told(tree, srv)
    assert (item.code, item.severity, item.location.path) == ("VHD812", Severity.WARNING, "base.vhd")
    assert item.related == ("one.xml", "two.xml")
    assert item.message == "2 snapshots of srv name this file: one, two; each freezes one of its own"


def test_a_present_that_writes_to_a_snapshots_file_is_a_warning(tree: ChainBuilder) -> None:
    (item,) = _told(tree, machine(state("srv", "leaf.avhd"), state("one", "leaf.avhd")))
    assert (item.code, item.severity, item.location.path) == ("VHD812", Severity.WARNING, "leaf.avhd")
    assert item.related == ("srv.xml", "one.xml")


def test_a_present_on_a_frozen_file_with_children_is_told_once(tree: ChainBuilder) -> None:
    assert [item.code for item in _told(tree, machine(state("srv", "base.vhd"), state("one", "base.vhd")))] == [
        "VHD709"
    ]


def test_two_files_of_one_snapshot_are_one_snapshot(tree: ChainBuilder) -> None:
    copies = [state("one", "base.vhd", path=f"{place}/one.xml") for place in ("a", "b")]
    assert _told(tree, machine(state("srv", "leaf.avhd"), *copies)) == []


def test_snapshots_of_two_machines_may_share_a_file(tree: ChainBuilder) -> None:
    one = machine(state("one", "leaf.avhd"), state("first", "base.vhd"))
    two = machine(state("two", "other.avhd"), state("second", "base.vhd"))
    assert _told(tree, one, two) == []


# -------------------------------------------------------------------------------------------------------------- volumes


def _on(root: str, *stored: str) -> list[Finding]:
    disks = [disk(None, stored=text, slot=at) for at, text in enumerate(stored)]
    return _told(ChainBuilder(), machine(state("srv", *disks, snapshot_root=root)))


@pytest.mark.parametrize(
    ("root", "stored"),
    [
        (r"D:\VMs", r"d:\disks\srv.vhd"),
        (r"C:\ClusterStorage\Volume1\srv", r"C:\ClusterStorage\VOLUME1\srv\srv.vhd"),
        (r"\\nas\vms", r"\\NAS\vms\srv.vhd"),
        ("", r"D:\srv.vhd"),
        ("VMs", r"D:\srv.vhd"),
        (r"D:\VMs", "srv.vhd"),
    ],
)
def test_one_volume_or_an_unknown_one_is_quiet(root: str, stored: str) -> None:
    assert _on(root, stored) == []


@pytest.mark.parametrize(
    ("root", "stored", "volumes"),
    [
        (r"C:\ProgramData\Microsoft\Windows\Hyper-V", r"D:\srv.vhd", ("D:", "C:")),
        (r"C:\VMs", r"C:\ClusterStorage\Volume1\srv.vhd", (r"C:\ClusterStorage\Volume1", "C:")),
        (
            r"C:\ClusterStorage\Volume1\srv",
            r"C:\ClusterStorage\Volume10\srv.vhd",
            (r"C:\ClusterStorage\Volume10", r"C:\ClusterStorage\Volume1"),
        ),
    ],
)
def test_another_volume_is_a_warning(root: str, stored: str, volumes: tuple[str, str]) -> None:
    (item,) = _on(root, stored)
    assert (item.code, item.severity, item.location.path) == ("VHD829", Severity.WARNING, "srv.xml")
    assert item.location.field == "global_settings/snapshots/data_root"
    assert (item.expected, item.found) == volumes
    assert item.details == (f"IDE 0:0: {stored}",)


def test_volumes_are_told_once_for_a_machine() -> None:
    (item,) = _on(r"C:\VMs", r"D:\a.vhd", r"C:\b.vhd", r"E:\c.vhd")
    assert item.details == (r"IDE 0:0: D:\a.vhd", r"IDE 0:2: E:\c.vhd")
    assert item.message == (
        "srv keeps its snapshots on C:, but 2 disks on D:, E:; a backup of the running machine needs them on one volume"
    )

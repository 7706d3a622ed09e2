"""What deleted snapshots left, snapshots without disks, and frozen disks that were modified."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.graph.machine_records import disk, machine, scanned, state
from vhdchain.findings import Finding, Severity
from vhdchain.graph import InputFile
from vhdchain.graph.check_snapshot_disks import check_snapshot_disks
from vhdchain.hyperv import FileRole, HostFile, PowerState
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from vhdchain.hyperv import Machine

SIZE = 1 << 16


@pytest.fixture
def tree() -> ChainBuilder:
    """A base and three layers above it."""
    built = ChainBuilder()
    image = built.dynamic("base.vhd", size=SIZE)
    for name in ("first.avhd", "second.avhd", "now.avhd"):
        image = built.snapshot(image, name)
    return built


def _told(tree: ChainBuilder, *machines: Machine, **options: Any) -> list[Finding]:
    return list(check_snapshot_disks(scanned(tree, *machines, **options)))


# ---------------------------------------------------------------------------------------------------- deleted snapshots


def test_a_chain_whose_files_are_all_named_is_quiet(tree: ChainBuilder) -> None:
    now = state("srv", "now.avhd", listed_snapshots=3)
    taken = [state(str(number), path) for number, path in enumerate(["base.vhd", "first.avhd", "second.avhd"])]
    assert _told(tree, machine(now, *taken)) == []


@pytest.mark.parametrize(
    ("power", "guess"),
    [
        (PowerState.RUNNING, "; it was probably running when the files were copied"),
        (PowerState.OFF, "; it was probably off when the files were copied"),
        (PowerState.UNKNOWN, ""),
    ],
)
def test_a_file_below_a_snapshots_that_nothing_names_waits_for_its_merge(
    tree: ChainBuilder, power: PowerState, guess: str
) -> None:
    now = state("srv", "now.avhd", power=power, listed_snapshots=2)
    (item,) = _told(tree, machine(now, state("one", "base.vhd"), state("two", "second.avhd")))
    assert (item.code, item.severity, item.location.path) == ("VHD808", Severity.WARNING, "first.avhd")
    assert item.related == ("second.avhd",)
    assert item.message == (
        "a snapshot of srv that is gone froze this file, and one disk builds on it, which the host merges into it "
        f"while the machine is off{guess}"
    )


def test_the_base_itself_may_be_left_by_a_snapshot(tree: ChainBuilder) -> None:
    srv = machine(state("srv", "now.avhd", listed_snapshots=2), state("one", "first.avhd"), state("two", "second.avhd"))
    assert [(item.code, item.location.path, item.related) for item in _told(tree, srv)] == [
        ("VHD808", "base.vhd", ("first.avhd",))
    ]


def test_with_several_children_it_stays_and_is_a_note(tree: ChainBuilder) -> None:
    tree.snapshot(tree.image("first.avhd"), "branch.avhd")
    now = state("srv", "now.avhd", listed_snapshots=3)
    srv = machine(now, state("one", "base.vhd"), state("two", "second.avhd"), state("three", "branch.avhd"))
    (item,) = _told(tree, srv)
    assert (item.code, item.severity, item.location.path) == ("VHD808", Severity.NOTE, "first.avhd")
    assert item.related == ("branch.avhd", "second.avhd")


def test_differencing_disks_made_by_hand_leave_nothing() -> None:
    tree = ChainBuilder()
    base = tree.dynamic("base.vhd", size=SIZE)
    tree.snapshot(tree.snapshot(base, "middle.vhd"), "now.vhd")
    assert _told(tree, machine(state("srv", "now.vhd", listed_snapshots=0))) == []
    # Its own snapshot froze the disk that was made by hand, and that is named.
    tree.snapshot(tree.image("now.vhd"), "now.avhd")
    assert _told(tree, machine(state("srv", "now.avhd", listed_snapshots=1), state("one", "now.vhd"))) == []


def test_a_snapshot_that_is_not_here_explains_what_nothing_names(tree: ChainBuilder) -> None:
    def missing(count: int | None, **options: Any) -> list[Finding]:
        return _told(
            tree, machine(state("srv", "now.avhd", listed_snapshots=count), state("one", "base.vhd")), **options
        )

    unread = (HostFile(path="Snapshots/x.xml", role=FileRole.CONFIGURATION, size=0, mtime_ns=0),)
    assert missing(3) == missing(2) == []
    assert missing(None, host_files=unread) == []
    assert [item.code for item in missing(1)] == [item.code for item in missing(None)] == ["VHD808", "VHD808"]
    assert [item.code for item in missing(1, host_files=unread)] == ["VHD808", "VHD808"]


def test_what_another_machine_names_was_not_left(tree: ChainBuilder) -> None:
    srv = machine(state("srv", "now.avhd"), state("two", "second.avhd"), state("one", "first.avhd"))
    assert [item.location.path for item in _told(tree, srv)] == ["base.vhd"]
    assert _told(tree, srv, machine(state("web"), state("other", "base.vhd"), name="web")) == []


def test_snapshots_without_their_machine_tell_nothing_of_deleted_ones(tree: ChainBuilder) -> None:
    assert _told(tree, machine(None, state("one", "second.avhd"))) == []


def test_two_copies_of_a_machine_tell_it_once(tree: ChainBuilder) -> None:
    copies = [machine(state("srv", "now.avhd", path=f"{place}/srv.xml")) for place in ("a", "b")]
    found = _told(tree, *copies)
    assert [item.location.path for item in found] == ["base.vhd", "first.avhd", "second.avhd"]
    assert all(item.message.startswith("a snapshot of srv that is gone") for item in found)


# ------------------------------------------------------------------------------------------------------- without disks


def test_a_snapshot_without_disks_of_a_machine_that_has_some_is_a_warning(tree: ChainBuilder) -> None:
    empty = state("empty")
    (item,) = _told(tree, machine(state("srv"), state("one", "base.vhd"), empty))
    assert (item.code, item.severity, item.location.path) == ("VHD810", Severity.WARNING, "empty.xml")
    assert [item.code for item in _told(tree, machine(state("srv", disk(None)), empty))] == ["VHD810"]


def test_a_machine_that_has_no_disks_at_all_has_snapshots_without(tree: ChainBuilder) -> None:
    assert _told(tree, machine(state("srv"), state("one"), state("two"))) == []
    assert _told(tree, machine(None, state("one"))) == []


# --------------------------------------------------------------------------------------------------------------- times

TAKEN = datetime(2015, 3, 1, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _nanoseconds(time: datetime) -> int:
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000


def _timed(
    tree: ChainBuilder, *, xml: datetime, disk_at: datetime, created: int | None = None, **found: Any
) -> list[Finding]:
    ticks = (TAKEN - datetime(1601, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 10
    one = state("one", disk("base.vhd", **found), created=ticks if created is None else created or None)
    return _told(
        tree,
        machine(state("srv", "now.avhd"), one, state("two", "first.avhd"), state("three", "second.avhd")),
        host_files=(
            HostFile(
                path="one.xml",
                role=FileRole.CONFIGURATION,
                size=1,
                mtime_ns=_nanoseconds(xml),
                configuration=one.configuration,
            ),
        ),
        inputs=(InputFile(path="base.vhd", size=1, mtime_ns=_nanoseconds(disk_at)),),
    )


def test_a_disk_that_was_modified_after_it_was_frozen_is_a_warning(tree: ChainBuilder) -> None:
    (item,) = _timed(tree, xml=TAKEN + HOUR / 2, disk_at=TAKEN + 30 * HOUR)
    assert (item.code, item.severity, item.location.path) == ("VHD806", Severity.WARNING, "base.vhd")
    assert (item.expected, item.found) == ("2015-03-01 13:00:00 UTC", "2015-03-02 18:30:00 UTC")
    assert item.related == ("one.xml",)
    assert item.message.startswith("this disk was modified 29 hours after snapshot one of srv froze it")


@pytest.mark.parametrize(
    ("xml", "disk_at", "told"),
    [
        (TAKEN, TAKEN, 0),
        (TAKEN, TAKEN - 100 * HOUR, 0),
        (TAKEN, TAKEN + HOUR, 0),
        (TAKEN, TAKEN + HOUR + timedelta(seconds=1), 1),
        (TAKEN + HOUR, TAKEN + 3 * HOUR, 1),
        (TAKEN - HOUR, TAKEN + 3 * HOUR, 1),
        # A copy whose times are new, or a configuration that was written again, as when it got a new parent.
        (TAKEN + HOUR + timedelta(seconds=1), TAKEN + 1000 * HOUR, 0),
        (TAKEN - HOUR - timedelta(seconds=1), TAKEN + 1000 * HOUR, 0),
        (TAKEN + 900 * HOUR, TAKEN + 1000 * HOUR, 0),
    ],
)
def test_times_that_are_near_or_new_say_nothing(
    tree: ChainBuilder, xml: datetime, disk_at: datetime, told: int
) -> None:
    assert [item.code for item in _timed(tree, xml=xml, disk_at=disk_at)] == ["VHD806"] * told


@pytest.mark.parametrize("created", [0, 1, -5, 1 << 63, 1 << 200])
def test_a_time_that_is_not_known_or_none_says_nothing(tree: ChainBuilder, created: int) -> None:
    assert _timed(tree, xml=TAKEN, disk_at=TAKEN + 99 * HOUR, created=created) == []


def test_a_file_that_only_its_name_led_to_says_nothing(tree: ChainBuilder) -> None:
    assert _timed(tree, xml=TAKEN, disk_at=TAKEN + 99 * HOUR, exact=False) == []

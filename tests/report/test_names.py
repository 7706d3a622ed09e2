"""What are files called where a person reads them, and which moments do stored numbers mean?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.report.machines import kept, machine_of, now
from vhdchain.report.names import MachineNames, folder_and_name, shown_name
from vhdchain.report.times import from_filetime, from_unix_ns, iso


def test_paths_are_shown_below_a_single_folder_and_whole_otherwise() -> None:
    assert shown_name("f/a", ["f"]) == shown_name("f/a", ["f/"]) == "a"
    assert shown_name("/a", ["/"]) == "a"
    assert shown_name("fx/a", ["f"]) == "fx/a"
    assert shown_name("f/a", ["f", "g"]) == "f/a"


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        (r"C:\VMs\a.vhd", (r"C:\VMs", "a.vhd")),
        ("/mnt/vms/a.vhd", ("/mnt/vms", "a.vhd")),
        (r"C:\VMs/a.vhd", (r"C:\VMs", "a.vhd")),
        ("a.vhd", ("", "a.vhd")),
        ("C:\\VMs\\", (r"C:\VMs", "")),
        ("", ("", "")),
    ],
)
def test_a_path_is_a_folder_and_a_name(path: str, parts: tuple[str, str]) -> None:
    assert folder_and_name(path) == parts


def test_a_machine_s_folder_is_the_one_of_most_disks_and_no_two_files_are_called_the_same() -> None:
    machine = machine_of(now("x/c"), kept(1, "a"), kept(2, "x/b"), kept(3, "?x/gone"))
    names = MachineNames(machine, ["f"])
    paths = ("f/x/b", "f/b", "f/x/y/b", "f/y/b")
    assert (names.folder, [names.disk(path) for path in paths]) == ("x", ["b", "./b", "x/y/b", "y/b"])
    at_the_top = MachineNames(machine_of(now("a")), ["f"])
    assert (at_the_top.folder, [at_the_top.disk(path) for path in paths]) == ("", ["x/b", "b", "x/y/b", "y/b"])


def test_the_base_of_the_first_snapshot_decides_where_every_file_has_a_folder_of_its_own() -> None:
    machine = machine_of(now("s/2/c"), kept(1, "disks/a"), kept(2, "s/1/b"))
    assert MachineNames(machine, ["f"]).folder == "disks"


def test_of_the_folders_of_configurations_the_last_name_is_enough() -> None:
    machine = machine_of(
        now("disks/b", path="f/root/machines/m.xml"), kept(1, "disks/a", path="f/root/snapshots/1.xml")
    )
    names = MachineNames(machine, ["f"])
    paths = ("f/root/snapshots/1/x", "f/root/machines/x", "f/root/machines2/x", "f/root/x")
    assert (names.snapshots, [names.disk(path) for path in paths]) == (
        "root/snapshots",
        [".../snapshots/1/x", ".../machines/x", "root/machines2/x", "root/x"],
    )
    assert [names.place(path) for path in ("f/disks/x", "f/x")] == [("", "x"), (".", "x")]


@pytest.mark.parametrize(
    ("filetime", "time"),
    [
        (129487680000000000, datetime(2011, 5, 2, tzinfo=UTC)),
        (129487680000000019, datetime(2011, 5, 2, 0, 0, 0, 1, tzinfo=UTC)),
        (1, datetime(1601, 1, 1, tzinfo=UTC)),
        (0, None),
        (None, None),
        (-(1 << 62), None),
        ((1 << 64) - 1, None),
        (10**4000, None),
    ],
)
def test_filetimes_count_from_1601_and_mean_nothing_outside_of_calendars(
    filetime: int | None, time: datetime | None
) -> None:
    assert from_filetime(filetime) == time


def test_times_of_files_count_from_1970() -> None:
    assert iso(from_unix_ns(1304294400_000001999)) == "2011-05-02T00:00:00.000001+00:00"
    assert iso(from_unix_ns(-1000)) == "1969-12-31T23:59:59.999999+00:00"
    assert iso(from_unix_ns(10**30)) is None

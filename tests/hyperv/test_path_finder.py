"""What the paths of all configurations say together: who gets a file that several could mean."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.hyperv.calls import calls_of
from tests.hyperv.machines import SRV, WEB, configuration, drive, snapshot, snapshot_id
from vhdchain.hyperv import FoundPath, KnownFiles, PathFinder, PathOutcome, PathRule, SavedState, stored_paths
from vhdchain.hyperv.known_files import names_of

if TYPE_CHECKING:
    from vhdchain.hyperv import Configuration
    from vhdchain.hyperv.known_files import Names


def _machine(
    folder: str, *disks: str, identity: str = SRV, root: str = r"D:\VMs\srv", **fields: object
) -> Configuration:
    return configuration(
        path=f"{folder}/Virtual Machines/{identity}.xml",
        id=identity,
        machine_id=identity,
        data_root=root,
        drives=tuple(drive(path=disk, slot=slot) for slot, disk in enumerate(disks)),
        **fields,
    )


def _snapshot(folder: str, *disks: str, number: int = 1, root: str = r"D:\VMs\srv") -> Configuration:
    return snapshot(
        number,
        path=f"{folder}/Snapshots/{snapshot_id(number)}.xml",
        snapshot_root=root,
        drives=tuple(drive(path=disk) for disk in disks),
    )


def _found(finder: PathFinder, item: Configuration) -> list[tuple[str | None, bool]]:
    return [(found.path, found.exact) for found in (finder.find(item, stored) for stored in stored_paths(item))]


def _finder(files: list[str], *configurations: Configuration) -> PathFinder:
    return PathFinder(configurations, known=KnownFiles({file: file for file in files}))


DISK = r"D:\VMs\srv\disk.vhd"


def test_a_namesake_that_is_another_machine_s_disk_is_not_taken_for_one_that_is_missing() -> None:
    srv = _machine("copy/srv", DISK)
    web = _machine("copy/web", r"D:\VMs\web\disk.vhd", identity=WEB, root=r"D:\VMs\web")
    finder = _finder(["copy/srv/disk.vhd"], srv, web)
    assert _found(finder, srv) == [("copy/srv/disk.vhd", True)]
    assert finder.find(web, r"D:\VMs\web\disk.vhd").outcome is PathOutcome.MISSING


def test_a_copy_does_not_take_the_files_of_another_copy() -> None:
    monday, tuesday = _machine("monday/srv", DISK), _machine("tuesday/srv", DISK)
    finder = _finder(["monday/srv/disk.vhd"], monday, tuesday)
    assert _found(finder, monday) == [("monday/srv/disk.vhd", True)]
    assert finder.find(tuesday, DISK).outcome is PathOutcome.MISSING


def test_rearranged_copies_take_their_own_files_and_are_not_certain() -> None:
    monday, tuesday = _machine("monday/cfg", DISK), _machine("tuesday/cfg", DISK)
    finder = _finder(["monday/x/srv/disk.vhd", "tuesday/x/srv/disk.vhd"], monday, tuesday)
    assert _found(finder, monday) == [("monday/x/srv/disk.vhd", False)]
    assert _found(finder, tuesday) == [("tuesday/x/srv/disk.vhd", False)]


def test_one_rearranged_copy_is_certain() -> None:
    srv = _machine("cfg", DISK)
    assert _found(_finder(["disks/srv/disk.vhd"], srv), srv) == [("disks/srv/disk.vhd", True)]


def test_an_export_takes_its_own_files_beside_the_original() -> None:
    original, export = _machine("VMs/srv", DISK), _machine("exports/srv", DISK)
    finder = _finder(["VMs/srv/disk.vhd", "exports/srv/Virtual Hard Disks/disk.vhd"], original, export)
    assert _found(finder, original) == [("VMs/srv/disk.vhd", True)]
    assert _found(finder, export) == [("exports/srv/Virtual Hard Disks/disk.vhd", True)]


def test_what_a_machine_finds_in_its_place_its_snapshots_find_too() -> None:
    srv, kept = _machine("copy/VMs/srv", DISK), _snapshot("copy/elsewhere", DISK, root=r"E:\somewhere")
    finder = _finder(["copy/VMs/srv/disk.vhd"], srv, kept)
    assert _found(finder, kept) == [("copy/VMs/srv/disk.vhd", True)]
    assert finder.find(kept, DISK).rule is PathRule.SAME_PLACE
    assert finder.find(kept, DISK).attempts[-1].detail != ""


def test_another_machine_s_equal_path_says_nothing() -> None:
    """Two hosts have the same paths, and one of them lacks the disk."""
    one = _machine("one/srv", DISK)
    other = _machine("other/cfg", DISK, identity=WEB, root=r"E:\x")
    finder = _finder(["one/srv/disk.vhd"], one, other)
    assert finder.find(other, DISK).outcome is PathOutcome.MISSING


def test_machines_without_ids_are_not_one_machine() -> None:
    one, other = (replace(_machine(f"{name}/srv", DISK), id="", machine_id="") for name in ("one", "other"))
    finder = _finder(["one/srv/disk.vhd"], one, other)
    assert _found(finder, one) == [("one/srv/disk.vhd", True)]
    assert finder.find(other, DISK).outcome is PathOutcome.MISSING


def test_of_two_paths_that_fit_one_file_the_one_that_is_more_like_it_has_it() -> None:
    one = _machine("cfg", r"D:\VMs\srv\disk.vhd")
    other = _machine("cfg", r"D:\VMs\web\disk.vhd", identity=WEB)
    finder = _finder(["disks/srv/disk.vhd"], one, other)
    assert _found(finder, one) == [("disks/srv/disk.vhd", True)]
    lost = finder.find(other, r"D:\VMs\web\disk.vhd")
    assert (lost.outcome, lost.path, lost.rule) == (PathOutcome.MISSING, None, None)
    assert lost.attempts[-1].candidates == ("disks/srv/disk.vhd",)
    assert lost.attempts[-1].detail != ""


def test_a_file_that_two_machines_could_mean_equally_is_neither_s() -> None:
    one = _machine("flat", r"D:\VMs\srv\disk.vhd")
    other = _machine("flat", r"D:\VMs\web\disk.vhd", identity=WEB)
    finder = _finder(["flat/x/disk.vhd"], one, other)
    outcomes = {finder.find(item, next(stored_paths(item))).outcome for item in (one, other)}
    assert outcomes == {PathOutcome.MISSING}


def test_one_configuration_does_not_have_a_file_twice() -> None:
    srv = _machine("flat", r"C:\srv\disk.vhd", r"D:\srv\disk.vhd")
    finder = _finder(["flat/x/srv/disk.vhd"], srv)
    assert _found(finder, srv) == [(None, True), (None, True)]


def test_states_of_one_machine_may_call_a_file_by_two_paths_and_it_is_not_certain() -> None:
    """The drive's letter was changed on the host after the snapshot was taken."""
    srv, kept = _machine("flat", r"D:\VMs\srv\disk.vhd"), _snapshot("flat", r"E:\VMs\srv\disk.vhd")
    finder = _finder(["flat/x/srv/disk.vhd"], srv, kept)
    assert _found(finder, srv) == _found(finder, kept) == [("flat/x/srv/disk.vhd", False)]


def test_a_folder_of_disks_beside_several_machines_is_not_certain() -> None:
    one = _machine("host", r"D:\a\one.vhd")
    other = _machine("host", r"D:\b\two.vhd", identity=WEB)
    files = ["host/Virtual Hard Disks/one.vhd", "host/Virtual Hard Disks/two.vhd"]
    finder = _finder(files, one, other)
    assert [*_found(finder, one), *_found(finder, other)] == [(files[0], False), (files[1], False)]
    assert _found(_finder(files, one), one) == [(files[0], True)]


def test_disks_and_state_files_are_looked_for_each_once() -> None:
    saved = SavedState(memory=r"D:\x.bin", devices=r"D:\x.vsv")
    item = _machine("copy", DISK, DISK, r"D:\other.vhd", saved_state=saved)
    assert list(stored_paths(item)) == [DISK, r"D:\other.vhd", r"D:\x.bin", r"D:\x.vsv"]
    assert list(stored_paths(_machine("copy", saved_state=SavedState(memory=" \n")))) == []


def test_a_path_map_decides_and_settles_the_file() -> None:
    srv = _machine("copy/srv", DISK)
    web = _machine("copy/web", r"D:\VMs\web\disk.vhd", identity=WEB, root=r"D:\VMs\web")
    by_map = FoundPath(stored=DISK, outcome=PathOutcome.FOUND, path="else/disk.vhd", rule=PathRule.MAP)
    finder = PathFinder(
        (srv, web),
        known=KnownFiles({"else/disk.vhd": "else/disk.vhd", "copy/srv/disk.vhd": "copy/srv/disk.vhd"}),
        mapped={DISK: by_map}.get,
    )
    assert finder.find(srv, DISK) is by_map
    assert _found(finder, web) == [("copy/srv/disk.vhd", False)]


def test_places_are_compared_as_they_are_told() -> None:
    """Messages call a configuration by a short name; where it lies is another matter."""
    srv = configuration(path="x.xml", data_root=r"D:\VMs\srv", drives=(drive(path=DISK),))
    known = KnownFiles({"/evidence/srv/disk.vhd": "disk.vhd"})
    place = "/evidence/srv/Virtual Machines/x.xml"
    finder = PathFinder((srv,), known=known, place_of={"x.xml": names_of(place)}.__getitem__)
    assert _found(finder, srv) == [("disk.vhd", True)]


def test_where_the_scan_does_not_know_all_files_likely_places_are_looked_at() -> None:
    asked: list[Names] = []

    def look(place: Names) -> str | None:
        asked.append(place)
        return "taken in" if place == names_of("copy/srv/disk.vhd") else None

    srv = _machine("copy/srv", DISK, r"D:\VMs\srv\here.vhd", r"E:\gone.vhd", "C:\\" + "x" * 70_000)
    finder = PathFinder((srv,), known=KnownFiles({"copy/srv/here.vhd": "here"}), look=look)
    assert [path for path, _ in _found(finder, srv)] == ["taken in", "here", None, None]
    assert names_of("copy/srv/here.vhd") not in asked
    assert names_of("copy/srv/Virtual Machines/gone.vhd") in asked
    assert all(len(place[-1]) < 300 for place in asked)


@pytest.mark.parametrize("where", ["each in its own folder", "thrown together", "all missing", "in equal folders"])
def test_many_machines_with_disks_of_one_name_cost_no_more_than_they_are(where: str) -> None:
    def work(number: int) -> int:
        ids = [snapshot_id(item) for item in range(number)]
        machines = [
            _machine("host", rf"D:\VMs\{item}\disk.vhd", rf"D:\VMs\{item}\data.vhd", identity=identity, root=r"D:\VMs")
            for item, identity in enumerate(ids)
        ]
        files = {
            "each in its own folder": [
                f"host/{item}/{name}.vhd" for item in range(number) for name in ("disk", "data")
            ],
            "thrown together": [f"pile/x{item}/y/disk.vhd" for item in range(number)],
            "all missing": [],
            "in equal folders": [f"pile/x{item}/{item % 3}/disk.vhd" for item in range(number)],
        }[where]
        return calls_of(lambda: _finder(files, *machines))

    small, large = work(50), work(400)
    assert large < 8 * small * 1.5


def test_copies_that_all_claim_one_id_cost_no_more_than_they_are() -> None:
    def work(number: int) -> int:
        copies = [_machine(f"copy{item}/cfg", DISK) for item in range(number)]
        files = [f"copy{item}/disks/srv/disk.vhd" for item in range(number)]
        return calls_of(lambda: _finder(files, *copies))

    small, large = work(50), work(400)
    assert large < 8 * small * 1.5

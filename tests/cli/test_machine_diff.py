"""Does ``vhdchain diff --in`` tell what differs between two states of a machine, disk by disk?"""

from __future__ import annotations

from itertools import permutations
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

import vhdchain
from tests.cli.program import ROOT, run
from tests.report.validation import strict, validate
from vhdchain.hyperv import PowerState
from vhdchain.report.documents.machine_diff_schema import MACHINE_DIFF_SCHEMA
from vhdchain.testing.lab import HostLab, LabDisk, draw_step, run_step

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from vhdchain.testing.lab import LabMachine, LabSnapshot

HOST = ROOT / "fixtures" / "host"
SIZE = 64 << 10
SECTOR = 512


def _document(folder: Path, older: str, newer: str, *options: object, code: int = 0) -> dict[str, Any]:
    ran = run("diff", "--json", "--in", folder, older, newer, *options)
    assert (ran.code, ran.err) == (code, "")
    validate(ran.document, strict(MACHINE_DIFF_SCHEMA))
    return ran.document


def _sectors(ranges: Iterable[dict[str, int]]) -> set[int]:
    return {
        number
        for item in ranges
        for number in range(item["start"] // SECTOR, (item["start"] + item["length"]) // SECTOR)
    }


# ------------------------------------------------------------------------------------------------------------- a host


@pytest.mark.parametrize("options", [(), ("--exact",), ("--block-size", "4K"), ("--gap", "64K")])
@pytest.mark.parametrize("names", [("srv:second", "srv:now"), ("srv:first", "srv:branch"), ("srv", "srv:first")])
def test_every_disk_is_compared_as_two_images_are(names: tuple[str, str], options: tuple[str, ...]) -> None:
    document = _document(HOST, *names, *options)
    assert document["schema"] == "vhdchain.machine-diff"
    assert [disk["slot"] for disk in document["disks"]] == ["IDE 0:0", "SCSI 0:0"]
    for disk in document["disks"]:
        paths = disk["older"]["path"], disk["newer"]["path"]
        alone = run("diff", "--json", *paths, "--within", HOST, *options).document
        for name in ("virtual_size", "common_ancestor", "common_ancestor_id", "ranges", "bytes"):
            assert disk[name] == alone[name], name
        for side in ("older", "newer"):
            assert {name: disk[side][name] for name in alone[side]} == alone[side]
        assert disk["outcome"] == ("changed" if alone["ranges"] else "unchanged")
    totals = document["totals"]
    assert totals["bytes"] == sum(disk["bytes"] for disk in document["disks"])
    assert totals["ranges"] == sum(len(disk["ranges"]) for disk in document["disks"])
    outcomes = [disk["outcome"] for disk in document["disks"]]
    assert {name: totals[name] for name in outcomes} == {name: outcomes.count(name) for name in outcomes}
    assert totals["disks"] == 2


def test_a_document_tells_which_states_were_compared() -> None:
    document = _document(HOST, "srv:second", "srv", "--exact", "--gap", "1K")
    with vhdchain.scan_folder(HOST) as inventory:
        srv = inventory.machines["srv"]
        second = srv.snapshot("second")
        assert srv.now is not None
        assert document["older"] == {
            "machine": "srv",
            "machine_id": srv.id,
            "snapshot": "second",
            "snapshot_id": second.id,
            "configuration": second.path,
        }
        assert (document["newer"]["snapshot"], document["newer"]["configuration"]) == (None, srv.now.path)
    assert (document["exact"], document["block_size"], document["gap"]) == (True, 1, 1024)


def test_nothing_differs_between_a_state_and_itself() -> None:
    document = _document(HOST, "web", "web:now")
    assert [(disk["outcome"], disk["ranges"], disk["bytes"]) for disk in document["disks"]] == [("unchanged", [], 0)]
    assert run("diff", "--in", HOST, "web", "web").out.splitlines()[-3:] == [
        "nothing differs",
        "",
        "1 disk: 1 unchanged; 0 bytes in 0 ranges to be read",
    ]


# ---------------------------------------------------------------------------------------------------------- histories


def _history(seed: int) -> tuple[HostLab, LabMachine]:
    """A machine that loses a disk, gets one, and goes back and forth between its snapshots."""
    lab, random = HostLab(seed=seed), Random(seed)
    machine = lab.machine("srv", disks=[LabDisk(name, size=SIZE, block_size=16384) for name in ("sys.vhd", "old.vhd")])
    lab.fill(machine, 1, 4096, 3000)
    lab.take(machine, "before")
    lab.detach(machine, 1)
    lab.attach(machine, LabDisk("new.vhd", size=SIZE, block_size=16384))
    lab.write(machine, 1, 8192, bytes(1024) + b"not zero")
    lab.take(machine, "after")
    for _ in range(10):
        run_step(lab, machine, draw_step(random, size=SIZE))
    lab.bring(machine, PowerState.OFF)
    lab.take(machine, "last")
    lab.fill(machine, 0, 8192, 2000, label="last")
    lab.detach(machine, 1)
    lab.attach(machine, LabDisk("third.vhd", size=SIZE, block_size=16384))
    return lab, machine


def _contents(lab: HostLab, owner: LabMachine | LabSnapshot, folder: Path) -> dict[str, bytes]:
    """Return what each disk of a state holds, by its path."""
    disks = range(len(owner.state.images))
    return {f"{folder}/{lab.disk_path(owner, at)}": lab.expected(owner, at).read(0, SIZE) for at in disks}


def _unlike(one: bytes, other: bytes) -> set[int]:
    return {at // SECTOR for at in range(0, SIZE, SECTOR) if one[at : at + SECTOR] != other[at : at + SECTOR]}


@pytest.mark.parametrize("seed", range(3))
def test_every_two_states_of_a_history(seed: int, tmp_path: Path) -> None:
    lab, machine = _history(seed)
    lab.save(tmp_path)
    met = set()
    for older, newer in permutations(machine.owners, 2):
        names = [f"{tmp_path}/{lab.configuration_path(owner)}" for owner in (older, newer)]
        exact, quick = (_document(tmp_path, *names, *options) for options in (["--exact"], []))
        before, now = (_contents(lab, owner, tmp_path) for owner in (older, newer))
        assert [disk["newer"]["path"] for disk in exact["disks"] if disk["newer"]] == list(now)
        assert {disk["older"]["path"] for disk in exact["disks"] if disk["older"]} == set(before)
        for disk, rough in zip(exact["disks"], quick["disks"], strict=True):
            met.add(disk["outcome"])
            if disk["newer"] is None:
                assert (disk["outcome"], disk["ranges"], disk["bytes"]) == ("removed", None, None)
                continue
            was = before[disk["older"]["path"]] if disk["older"] else bytes(SIZE)
            unlike = _unlike(was, now[disk["newer"]["path"]])
            assert _sectors(disk["ranges"]) == unlike
            assert _sectors(rough["ranges"]) >= unlike
            assert (disk["outcome"] == "added") == (disk["older"] is None)
    assert {"added", "removed", "changed"} <= met


def _added_disk(folder: Path) -> Path:
    lab = HostLab(seed=5)
    machine = lab.machine("srv", disks=[LabDisk("sys.vhd", size=SIZE, block_size=16384)])
    lab.take(machine, "before")
    lab.attach(machine, LabDisk("new.vhd", size=SIZE, block_size=16384))
    lab.write(machine, 1, 8192, bytes(1024) + b"not zero")
    lab.save(folder)
    return folder


def test_of_an_added_disk_counts_what_it_holds_or_exactly_what_is_not_zero(tmp_path: Path) -> None:
    folder = _added_disk(tmp_path)
    rough, exact = (_document(folder, "srv:before", "srv", *option)["disks"][1] for option in ([], ["--exact"]))
    for disk in (rough, exact):
        assert (disk["outcome"], disk["older"], disk["common_ancestor"]) == ("added", None, None)
    assert {16, 17, 18} <= _sectors(rough["ranges"])
    assert _sectors(rough["ranges"]) - _sectors(exact["ranges"]) >= {16, 17}
    assert 18 in _sectors(exact["ranges"])
    lines = run("diff", "--exact", "--in", folder, "srv:before", "srv").out.splitlines()
    assert "IDE 0:1  added" in lines
    assert any(line.startswith(f"{exact['bytes']:,} bytes") and " are not zero: " in line for line in lines)
    gone = run("diff", "--in", folder, "srv", "srv:before").out.splitlines()
    assert gone[gone.index("IDE 0:1  removed") + 1] == f"older     {rough['newer']['path']}"


def test_a_disk_that_cannot_be_compared_is_told_beside_the_others(tmp_path: Path) -> None:
    folder = _added_disk(tmp_path)
    name = _document(folder, "srv", "srv")["disks"][1]["newer"]["path"]
    (folder / name).unlink()
    document = _document(folder, "srv:before", "srv", code=3)
    first, second = document["disks"]
    assert (first["outcome"], first["problem"]) == ("changed" if first["ranges"] else "unchanged", None)
    assert (second["outcome"], second["ranges"], second["newer"]["path"]) == ("unknown", None, None)
    assert second["newer"]["stored"] in second["problem"]
    assert (document["totals"]["unknown"], document["totals"]["disks"]) == (1, 2)
    ran = run("diff", "--in", folder, "srv:before", "srv")
    assert (ran.code, ran.err) == (3, "")
    assert f"not compared: {second['problem']}" in ran.out.splitlines()


def test_a_folder_that_is_not_there_is_unprocessed(tmp_path: Path) -> None:
    ran = run("diff", "--in", tmp_path / "gone", "srv", "srv")
    assert (ran.code, ran.out) == (3, "")

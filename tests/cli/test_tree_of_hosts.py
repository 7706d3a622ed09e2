"""What `vhdchain tree` shows of a host's folders, from files on a disk to a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.program import run
from tests.cli.test_hostile_names import SGR, on_a_terminal
from vhdchain.testing.lab import HostLab, LabDisk, host_lab

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.testing.lab import LabMachine

HOSTILE = 'srv\u202e\u2028\x9b31m[bold red] :skull: "];x->y;'


@pytest.fixture
def host(tmp_path: Path) -> Path:
    host_lab().save(tmp_path / "host")
    return tmp_path / "host"


def parents_of(folder: Path, machine: LabMachine) -> dict[str, str | None]:
    """Return the parents that the document tells, as `LabMachine.expected_tree` has them."""
    (told,) = [item for item in run("tree", "--json", folder).document["machines"] if item["id"] == machine.id]
    return {item["id"]: item["parent_id"] for item in told["snapshots"]} | {"": told["now"]["parent_id"]}


def test_the_tree_is_that_of_the_history(host: Path) -> None:
    for machine in host_lab().machines:
        assert parents_of(host, machine) == machine.expected_tree()
    ran = run("tree", host)
    assert (ran.code, ran.err) == (0, "")
    states = [each.strip().partition("  ")[0] for each in ran.out.splitlines() if "○" in each or "●" in each]
    assert states == ["○ first", "├─○ second", "○ branch", "● now", "● now"]


def test_a_host_that_was_moved_looks_the_same(host: Path, tmp_path: Path) -> None:
    before = run("tree", host).out.splitlines()
    moved = host.rename(tmp_path / "COPY of it")
    after = run("tree", moved).out.splitlines()
    assert (before[0], after[0]) == (str(host), str(moved))
    assert before[1:] == after[1:]


def test_a_missing_disk_is_marked_and_counts_in_the_exit_code(host: Path) -> None:
    lab = host_lab()
    machine = lab.machines[0]
    lost = host / lab.disk_path(machine, 1)
    lost.unlink()
    ran = run("tree", host)
    assert ran.code == run("audit", host).code == 1
    lines = [each.strip() for each in ran.out.splitlines()]
    place = lines.index(f"SCSI 0:0   {lost.name}  missing")
    assert lines[place + 1].startswith("stored in C:\\")
    assert lines[place + 2].startswith("error VHD801  ")
    assert run("tree", host, "--accept", "VHD801").code == 0


def test_all_disks_are_shown_when_that_is_asked_for(host: Path) -> None:
    shorter, longer = (run("tree", host, *options).out.splitlines() for options in ((), ("--disks",)))
    assert "all disks" in longer
    assert "all disks" not in shorter
    names = {path.name for path in host.rglob("*.*vhd")}
    forest = longer[longer.index("all disks") :]
    assert {name for name in names if sum(name in each for each in forest) != 1} == set()


@pytest.mark.parametrize("options", [("--json",), ("--format", "dot"), ("--format", "mermaid")])
def test_disks_are_an_option_of_text_alone(host: Path, options: tuple[str, ...]) -> None:
    ran = run("tree", host, "--disks", *options)
    assert (ran.code, ran.out) == (2, "")


def test_snapshots_that_lost_their_machine_are_shown(host: Path) -> None:
    lab = host_lab()
    machine = lab.machines[0]
    (host / lab.configuration_path(machine)).unlink()
    lines = run("tree", host).out.splitlines()
    place = lines.index(f"{machine.id}  3 snapshots")
    assert lines[place + 1].strip() == "its configuration is not here: only snapshots of it"
    assert run("tree", "--json", host).document["machines"][-1]["now"] is None


def test_names_of_machines_and_snapshots_are_no_more_than_text(tmp_path: Path) -> None:
    lab = HostLab(seed="hostile")
    machine = lab.machine(HOSTILE, disks=[LabDisk("a.vhd")])
    lab.take(machine, HOSTILE)
    lab.save(tmp_path)
    for options in ((), ("--disks",), ("--format", "dot"), ("--format", "mermaid")):
        assert all(each.isprintable() for each in run("tree", tmp_path, *options).out.splitlines())
        shown = SGR.sub("", on_a_terminal("tree", str(tmp_path), *options)).replace("\r\n", "\n")
        assert all(each.isprintable() for each in shown.split("\n"))
    (told,) = run("tree", "--json", tmp_path).document["machines"]
    assert (told["name"], told["snapshots"][0]["name"]) == (HOSTILE, HOSTILE)


@pytest.mark.parametrize("columns", [80, 120])
def test_a_deep_history_fits_into_the_terminal(columns: int, tmp_path: Path) -> None:
    lab = HostLab(seed="deep", root=r"C:\Hyper-V", disks=r"C:\Hyper-V\disks")
    machine = lab.machine("deep", disks=[LabDisk("deep.vhd"), LabDisk("data.vhd", controller="SCSI")])
    for number in range(51):
        lab.take(machine, f"step {number}")
    lab.save(tmp_path)
    lines = run("tree", tmp_path, columns=columns).out.splitlines()
    assert [each.split()[2] for each in lines if "○ step" in each] == [str(number) for number in range(51)]
    assert max(len(each) for each in lines if str(tmp_path) not in each) <= columns

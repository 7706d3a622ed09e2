"""`vhdchain export`: what is promised and what is written, several machines at once, and every way in which it ends."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.moving import SRV, WEB, contents_of, files_of, machine_of, record_of, saved_host
from tests.cli.program import run
from vhdchain.cli import export
from vhdchain.shell.executor.pending import find_journals
from vhdchain.testing.lab import HostLab, LabDisk
from vhdchain.testing.lab.kinds import HEALTHY_LABS

CONFIGURATIONS = "ProgramData/Microsoft/Windows/Hyper-V/Virtual Machines"
DISKS = "Users/Public/Documents/Hyper-V/Virtual Hard Disks"
TO_DISKS = rf"C:\{DISKS}".replace("/", "\\")


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A host that is only read."""
    return saved_host(tmp_path_factory.mktemp("export") / "host")


# ------------------------------------------------------------------------------------------------------ what is written


def test_the_copy_is_exact_and_as_large_as_was_promised(host: Path, tmp_path: Path) -> None:
    before = files_of(host)
    ran = run("export", "--json", host, tmp_path / "out", "--machine", "srv")
    assert (ran.code, ran.err) == (0, "")
    told = machine_of(ran, "srv")
    copies = files_of(tmp_path / "out" / "srv")
    assert told["written"] == told["bytes"] == sum(size for _, size, _ in copies.values())
    assert told["files"] == len(copies)
    assert (told["executed"], told["resumed"], told["error"]) == (True, False, None)
    by_name = {Path(name).name: entry for name, entry in before.items()}
    for name, entry in copies.items():
        if name != "vhdchain-export.json":
            assert entry == by_name[Path(name).name]
    assert files_of(host) == before


def test_the_digests_are_those_of_the_record(host: Path, tmp_path: Path) -> None:
    told = machine_of(run("export", "--json", host, tmp_path, "--machine", "web", "--hash", "blake2b"), "web")
    assert told["hash"] == "blake2b"
    assert told["digests"] == {item["path"]: item["digest"] for item in record_of(tmp_path / "web")["files"]}


def test_a_dry_run_tells_the_same_and_writes_nothing(host: Path, tmp_path: Path) -> None:
    ran = run("export", "--json", host, tmp_path / "out", "--machine", "srv", "--dry-run")
    foretold = machine_of(ran, "srv")
    assert list(tmp_path.iterdir()) == []
    assert (ran.code, ran.document["dry_run"], ran.document["speed"]) == (0, True, None)
    assert foretold["plan"]["schema"] == "vhdchain.plan"
    assert (foretold["executed"], foretold["written"]) == (False, None)
    done = machine_of(run("export", "--json", host, tmp_path / "out", "--machine", "srv"), "srv")
    for name in ("files", "bytes", "bytes_allocated", "folder"):
        assert done[name] == foretold[name]


def test_the_text_says_what_how_much_and_how_to_get_it_back(host: Path, tmp_path: Path) -> None:
    ran = run("export", host, tmp_path / "out", "--machine", "web", columns=100)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == f"web  {WEB}"
    assert lines[1].startswith("  files     3 files, ")
    assert lines[2] == f"  to        {tmp_path}/out/web"
    assert any(line.startswith("  time      about 1 s at ") for line in lines)
    assert any(line.startswith("  done      3 files, ") and ", as promised in 1 s" in line for line in lines)
    assert any("VHD933" in line for line in lines)
    assert lines[-1] == f"  import    vhdchain import {tmp_path}/out/web --to FOLDER"


def test_quiet_says_nothing(host: Path, tmp_path: Path) -> None:
    ran = run("export", "-q", host, tmp_path / "out", "--machine", "web")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_copies_are_read_back_where_that_is_asked_for(host: Path, tmp_path: Path) -> None:
    plan = machine_of(run("export", "--json", "--dry-run", host, tmp_path, "--machine", "web", "--verify"), "web")[
        "plan"
    ]
    read_back = [step["path"] for step in plan["steps"] if step["action"] == "verify-file"]
    assert len(read_back) == 2
    assert run("export", "-q", host, tmp_path, "--machine", "web", "--verify").code == 0


def test_disks_are_written_anew_with_compact(host: Path, tmp_path: Path) -> None:
    ran = run("export", "--json", host, tmp_path, "--machine", "srv", "--compact", "--snapshots", "none")
    told = machine_of(ran, "srv")
    assert ran.code == 0
    assert told["written"] <= told["bytes"]
    assert sorted(path.name for path in (tmp_path / "srv" / "Virtual Hard Disks").iterdir()) == ["data.vhd", "srv.vhd"]


def test_one_snapshot_is_exported_as_a_machine(host: Path, tmp_path: Path) -> None:
    ran = run("export", "--json", host, tmp_path, "--machine", "srv", "--snapshots", "second")
    folder = Path(machine_of(ran, "srv")["folder"])
    assert ran.code == 0
    assert record_of(folder)["machine"]["id"] != SRV


# ------------------------------------------------------------------------------------------------------- which machines


def test_where_there_are_several_machines_they_must_be_named(host: Path, tmp_path: Path) -> None:
    ran = run("export", host, tmp_path / "out")
    assert (ran.code, ran.out) == (2, "")
    assert "'srv', 'web'" in ran.error
    assert not (tmp_path / "out").exists()


def test_all_of_them_are_exported_by_one_call(host: Path, tmp_path: Path) -> None:
    ran = run("export", "--automate", host, tmp_path / "new" / "out", "--all")
    assert ran.code == 0
    assert [item["name"] for item in ran.document["machines"]] == ["srv", "web"]
    assert all(item["executed"] for item in ran.document["machines"])
    assert sorted(path.name for path in (tmp_path / "new" / "out").iterdir()) == ["srv", "web"]


def test_some_of_them_are_taken_by_name_or_id_each_once(host: Path, tmp_path: Path) -> None:
    ran = run("export", "--json", host, tmp_path, "--machine", "web", "--machine", WEB, "--machine", "srv")
    assert [item["name"] for item in ran.document["machines"]] == ["web", "srv"]


def test_a_configuration_means_its_machine_and_its_host(host: Path, tmp_path: Path) -> None:
    vm = host / CONFIGURATIONS / f"{WEB}.xml"
    ran = run("export", "--json", vm, tmp_path / "out", "--map", f"{TO_DISKS}={host / DISKS}")
    assert ran.code == 0
    assert machine_of(ran, "web")["executed"]


def test_a_configuration_can_be_named_from_its_own_folder(
    host: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(host / CONFIGURATIONS)
    ran = run("export", "--json", f"{WEB}.xml", tmp_path, "--map", f"{TO_DISKS}={host / DISKS}")
    assert machine_of(ran, "web")["executed"]


def test_of_a_snapshot_the_machine_must_be_named(host: Path, tmp_path: Path) -> None:
    (snapshot, *_) = sorted((host / CONFIGURATIONS).parent.glob("Snapshots/*.xml"))
    ran = run("export", snapshot, tmp_path / "out")
    assert (ran.code, ran.out) == (3, "")
    assert ran.error.startswith(f"{snapshot}: ")


def test_two_machines_of_one_name_cannot_have_one_folder(tmp_path: Path) -> None:
    lab = HostLab(seed="twins")
    lab.machine("twin", disks=[LabDisk("one.vhd")])
    lab.machine("twin", disks=[LabDisk("two.vhd")])
    lab.save(tmp_path / "host")
    ran = run("export", "--json", tmp_path / "host", tmp_path / "out", "--all")
    assert ran.code == 1
    assert [item["executed"] for item in ran.document["machines"]] == [True, False]
    assert ran.error.startswith(f"{tmp_path}/out/twin: another machine of this call goes there as well")
    assert find_journals(tmp_path) == []


def test_machines_that_have_no_room_beside_each_other_are_refused_before_they_begin(
    host: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    foretold = run("export", "--json", host, tmp_path / "out", "--all", "--dry-run").document["machines"]
    needed = sum(need["peak"] for item in foretold for need in item["plan"]["needs"])
    # As much as each of them needs, and one byte too little for both; the executor would let each of them pass.
    monkeypatch.setattr(export, "free_room", lambda _folder: needed - 1)
    ran = run("export", "--json", host, tmp_path / "out", "--all")
    assert ran.code == 1
    assert [item["executed"] for item in ran.document["machines"]] == [True, False]
    assert "are left beside the others of this call" in machine_of(ran, "web")["error"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["srv"]


def test_one_that_is_refused_does_not_stop_the_other(host: Path, tmp_path: Path) -> None:
    folder = tmp_path / "host"
    shutil.copytree(host, folder)
    (folder / DISKS / "srv.vhd").unlink()
    ran = run("export", "--json", folder, tmp_path / "out", "--all")
    assert ran.code == 1
    refused, done = machine_of(ran, "srv"), machine_of(ran, "web")
    assert (refused["executed"], done["executed"]) == (False, True)
    assert refused["error"] == ran.error
    assert {item["code"] for item in refused["findings"]} == {"VHD932"}
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["web"]


@pytest.mark.parametrize(("host_version", "code"), [("2008", 1), ("2008 R2", 0)])
def test_a_saved_machine_goes_by_the_rules_of_its_host(host_version: str, code: int, tmp_path: Path) -> None:
    HEALTHY_LABS["one machine, saved"]().save(tmp_path / "host")
    ran = run("export", "--json", "--host", host_version, tmp_path / "host", tmp_path / "out")
    assert ran.code == code
    assert [item["code"] for item in ran.document["machines"][0]["findings"]].count("VHD931") == code


@pytest.mark.parametrize(
    "options",
    [
        ["--all", "--machine", "srv"],
        ["--machine", "nobody"],
        ["--machine", "srv", "--limit-rate", "fast"],
        ["--machine", "srv", "--limit-rate", "0"],
        ["--machine", "srv", "--limit-rate", "-5M"],
        ["--machine", "srv", "--limit-rate", "5X"],
        ["--machine", "srv", "--hash", "crc32"],
        ["--machine", "srv", "--snapshots", "third"],
        ["--machine", "srv", "--compact"],
        ["--machine", "srv", "--power", "asleep"],
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_a_usage_error(options: list[str], host: Path, tmp_path: Path) -> None:
    ran = run("export", host, tmp_path / "out", *options)
    assert (ran.code, ran.out) == (2, "")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_machines_is_no_input(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = run("export", "--automate", tmp_path / "empty", tmp_path / "out", "--all")
    assert (ran.code, ran.out) == (3, "")


def test_an_export_among_the_machines_own_files_is_refused(host: Path, tmp_path: Path) -> None:
    folder = tmp_path / "host"
    shutil.copytree(host, folder)
    before = contents_of(folder)
    assert run("export", folder, folder / DISKS, "--machine", "web", "--no-probe").code == 2
    assert contents_of(folder) == before


# ------------------------------------------------------------------------------------------------ what is on the screen


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("50M", 50 << 20),
        ("50MiB", 50 << 20),
        ("1.5G", 3 << 29),
        ("0.5m", 512 << 10),
        ("800000", 800000),
        ("2m/s", 2 << 20),
    ],
)
def test_rates_are_written_as_people_do(text: str, limit: int, host: Path, tmp_path: Path) -> None:
    ran = run("export", "--json", host, tmp_path, "--machine", "web", "--limit-rate", text)
    assert ran.code == 0
    speed = ran.document["speed"]
    assert speed["limit"] == limit
    assert 0 < speed["bytes_per_second"] <= limit


def test_nothing_is_tried_where_that_is_not_wanted(host: Path, tmp_path: Path) -> None:
    ran = run("export", "--json", host, tmp_path, "--machine", "web", "--no-probe")
    assert (ran.document["speed"], machine_of(ran, "web")["estimate"]) == (None, None)


def test_the_limit_is_kept_for_all_machines_together(host: Path, tmp_path: Path) -> None:
    ran = run("export", "--json", host, tmp_path, "--all", "--limit-rate", "64K", "--no-probe")
    moved = sum(item["bytes_allocated"] for item in ran.document["machines"])
    assert max(item["seconds"] for item in ran.document["machines"]) > 0.5 * moved / (64 << 10)

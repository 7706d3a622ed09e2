"""How `vhdchain export` ends where it is stopped, denied, or out of room, and how the same command goes on."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.audit.folders import open_folder, unprivileged
from tests.cli.moving import SRV, WEB, contents_of, files_of, machine_of, run_on, saved_host, stop_after
from tests.cli.program import command, environment, run, run_process
from vhdchain.shell.executor.pending import find_journals
from vhdchain.testing.faults.failing import FailingLayer

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIGURATIONS = "ProgramData/Microsoft/Windows/Hyper-V/Virtual Machines"
DISKS = "Users/Public/Documents/Hyper-V/Virtual Hard Disks"
TO_DISKS = rf"C:\{DISKS}".replace("/", "\\")


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A host that is only read."""
    return saved_host(tmp_path_factory.mktemp("export") / "host")


# --------------------------------------------------------------------------------------------- stopped and gone on with


@pytest.mark.parametrize("steps", [3, 12, 25])
def test_the_same_command_goes_on_where_it_was_stopped(
    steps: int, host: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    assert run("export", "-q", host, whole, "--machine", "srv").code == 0
    with monkeypatch.context() as patched:
        stop_after(patched, steps)
        ran = run("export", "--json", host, out, "--machine", "srv", "--no-probe")
        assert ran.code == 3
        assert "--clean-up" in machine_of(ran, "srv")["error"]
        assert not (out / "srv" / "vhdchain-export.json").exists()
        assert list((out / "srv").glob("Virtual Machines/*.xml")) == []
    again = run("export", "--json", host, out, "--machine", "srv")
    told = machine_of(again, "srv")
    assert (again.code, told["resumed"], told["executed"]) == (0, True, True)
    assert told["written"] == told["bytes"]
    mine, other = contents_of(out / "srv"), contents_of(whole / "srv")
    assert mine.keys() == other.keys()
    assert all(mine[name] == other[name] for name in mine if name != "vhdchain-export.json")
    assert find_journals(tmp_path) == []


def test_it_goes_on_from_another_folder_with_other_words_for_the_same_places(
    host: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        stop_after(patched, 9)
        patched.chdir(tmp_path)
        assert run("export", os.path.relpath(host), "out", "--machine", "srv").code == 3
    monkeypatch.chdir(host)
    ran = run("export", "--json", ".", os.path.relpath(tmp_path / "out"), "--machine", "srv")
    told = machine_of(ran, "srv")
    assert (ran.code, told["resumed"], told["written"]) == (0, True, told["bytes"])


def test_with_other_options_it_says_which_ones_go_on(
    host: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        stop_after(patched, 9)
        run("export", host, tmp_path, "--machine", "srv", "--hash", "sha512")
    before = contents_of(tmp_path)
    for options in ([], ["--hash", "sha512", "--snapshots", "none"], ["--hash", "sha512", "--verify"]):
        ran = run("export", host, tmp_path, "--machine", "srv", *options)
        assert ran.code == 1
        assert "with --snapshots all --hash sha512; " in ran.error
    assert contents_of(tmp_path) == before
    assert run("export", "-q", host, tmp_path, "--machine", "srv", "--hash", "sha512").code == 0


def test_what_was_begun_is_taken_back(host: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "a" / "b"
    with monkeypatch.context() as patched:
        stop_after(patched, 9)
        run("export", host, out, "--machine", "srv", "--no-probe")
    assert out.exists()
    ran = run("export", "--json", host, out, "--clean-up")
    assert (ran.code, machine_of(ran, "srv")["undone"]) == (0, True)
    assert list(tmp_path.iterdir()) == []
    again = run("export", host, out, "--clean-up")
    assert (again.code, again.out) == (0, f"nothing was interrupted in {out}\n")


def test_cleaning_up_needs_nothing_of_the_source(host: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "host"
    shutil.copytree(host, source)
    with monkeypatch.context() as patched:
        stop_after(patched, 9)
        run("export", source, tmp_path / "out", "--all", "--no-probe")
    shutil.rmtree(source)
    ran = run("export", "--json", source, tmp_path / "out", "--clean-up", "--machine", "web")
    assert [(item["name"], item["undone"]) for item in ran.document["machines"]] == [("web", True)]
    ran = run("export", "--json", source, tmp_path / "out", "--clean-up")
    assert [(item["name"], item["undone"]) for item in ran.document["machines"]] == [("srv", True)]
    assert contents_of(tmp_path) == {}


def test_of_several_machines_those_that_are_done_count_as_done(
    host: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        stop_after(patched, 30)  # enough for web, too little for srv
        ran = run("export", "--json", host, tmp_path, "--all", "--no-probe")
        assert [(item["name"], item["executed"]) for item in ran.document["machines"]] == [
            ("srv", False),
            ("web", True),
        ]
    again = run("export", "--json", host, tmp_path, "--all")
    assert again.code == 0
    assert [(item["executed"], item["resumed"]) for item in again.document["machines"]] == [(True, True), (True, True)]


def test_an_export_that_is_there_already_is_never_replaced(host: Path, tmp_path: Path) -> None:
    run("export", "-q", host, tmp_path, "--machine", "web")
    before = files_of(tmp_path)
    ran = run("export", host, tmp_path, "--machine", "web")
    assert (ran.code, files_of(tmp_path)) == (3, before)
    assert ran.error.startswith(f"{tmp_path}/web: is there already")


def test_what_changed_meanwhile_is_not_gone_on_with(
    host: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "host"
    shutil.copytree(host, source)
    with monkeypatch.context() as patched:
        stop_after(patched, 9)
        run("export", source, tmp_path / "out", "--machine", "srv", "--no-probe")
    (source / CONFIGURATIONS / f"{SRV}.xml").touch()
    ran = run("export", source, tmp_path / "out", "--machine", "srv")
    assert ran.code == 1
    assert "it was modified since the plan was made" in ran.error
    assert run("export", "-q", source, tmp_path / "out", "--clean-up").code == 0
    assert run("export", "-q", source, tmp_path / "out", "--machine", "srv").code == 0


def _begun(folder: Path) -> bool:
    return bool(list(folder.glob("*/Virtual Hard Disks/*")))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_signals_leave_what_the_same_command_finishes(number: int, code: int, host: Path, tmp_path: Path) -> None:
    line = ["export", host, tmp_path, "--all", "--no-probe", "-q"]
    process = subprocess.Popen(
        command(*line, "--limit-rate", "8K"), env=environment(), stderr=subprocess.PIPE, text=True
    )
    end = time.monotonic() + 60
    while not _begun(tmp_path) and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(number)
    _, told = process.communicate(timeout=60)
    assert process.returncode == code
    lines = told.splitlines()
    assert len(lines) == (number != signal.SIGKILL)
    assert all("--clean-up" in each for each in lines)
    assert "Traceback" not in told
    assert list(tmp_path.glob("*/vhdchain-export.json")) == []
    ran = run("export", "--json", *line[1:])
    assert ran.code == 0
    assert all(item["executed"] for item in ran.document["machines"])
    assert find_journals(tmp_path) == []


# ------------------------------------------------------------------------------------------------- no right and no room


@pytest.fixture
def shared(host: Path) -> Iterator[Path]:
    """A folder that every account may enter, with a copy of the host and a target in it."""
    with open_folder() as folder:
        shutil.copytree(host, folder / "host")
        (folder / "out").mkdir(mode=0o777)
        (folder / "out").chmod(0o777)
        # What is loaded later might lie where only root may read.
        run("export", "-q", folder / "host", folder / "warm", "--machine", "web")
        run("export", folder / "host", folder / "warm", "--machine", "web")
        yield folder
        subprocess.run(["chmod", "-R", "u+rwX", folder], check=True)


@pytest.mark.parametrize(
    ("denying", "right"),
    [
        (f"host/{DISKS}/web.vhd", "read this file"),
        (f"host/{CONFIGURATIONS}/{WEB}.xml", "read this file"),
        (f"host/{DISKS}", "read this folder"),
        ("host/ProgramData", "read this folder"),
        ("host", "read this folder"),
    ],
)
@pytest.mark.parametrize("probe", ["--probe", "--no-probe"])
def test_a_source_that_denies_is_told_with_what_grants_it(denying: str, right: str, probe: str, shared: Path) -> None:
    (shared / denying).chmod(0)
    with unprivileged():
        ran = run("export", shared / "host", shared / "out", "--machine", "web", probe)
    (shared / denying).chmod(0o755)
    assert ran.code == 3
    assert f"{shared / denying}: access is denied: " in ran.error
    assert f"has no right to {right}" in ran.error
    assert "to grant it: setfacl -m u:" in ran.error
    assert list((shared / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("closed", "target", "told"),
    [
        ("out", "out", "has no right to write this folder"),
        ("out", "out/new/deep", "has no right to write "),
        ("", "out/in", "has no right to search the folder"),
    ],
)
@pytest.mark.parametrize("probe", ["--probe", "--no-probe"])
def test_a_target_that_denies_is_told_with_what_grants_it(
    closed: str, target: str, told: str, probe: str, shared: Path
) -> None:
    before = contents_of(shared / "host")
    (shared / "out").chmod(0o555 if closed else 0)
    with unprivileged():
        ran = run("export", shared / "host", shared / target, "--machine", "web", probe, "-q")
    (shared / "out").chmod(0o777)
    assert ran.code == 3
    assert told in ran.error
    assert f"{shared}/out" in ran.error
    assert "0x80070005" in ran.error
    assert list((shared / "out").iterdir()) == []
    assert contents_of(shared / "host") == before


def test_scripts_get_the_denial_in_their_document(shared: Path) -> None:
    (shared / "out").chmod(0o555)
    with unprivileged():
        ran = run("export", "--automate", shared / "host", shared / "out", "--machine", "web", "--no-probe")
    told = machine_of(ran, "web")
    assert (ran.code, told["error"], told["executed"]) == (3, ran.error, False)
    assert "access is denied" in told["error"]


def test_a_disk_that_is_full_half_way_leaves_what_can_be_gone_on_with(
    host: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_of(host)
    with monkeypatch.context() as patched:
        run_on(patched, FailingLayer(at=60, error=errno.ENOSPC, full=True))
        ran = run("export", "--json", host, tmp_path, "--machine", "srv", "--no-probe")
    told = machine_of(ran, "srv")
    assert ran.code == 3
    assert told["error"].startswith(f"{tmp_path}/srv: no room is left on this volume; ")
    assert "nothing of the source was touched; to go on, give the same command again" in told["error"]
    assert not (tmp_path / "srv" / "vhdchain-export.json").exists()
    again = run("export", "--json", host, tmp_path, "--machine", "srv")
    assert (again.code, machine_of(again, "srv")["resumed"]) == (0, True)
    assert files_of(host) == before


def test_a_closed_output_is_no_fault_of_the_export(host: Path, tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ran = run_process("export", host, tmp_path, "--machine", "web", "--automate", stdout=full)
    assert ran.code == 3
    assert ran.error == "standard output: No space left on device"
    assert (tmp_path / "web" / "vhdchain-export.json").exists()

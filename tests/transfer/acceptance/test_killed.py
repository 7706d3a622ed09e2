"""An export that is killed or interrupted anywhere looks like none, and the same command finishes it."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import command, environment, run
from tests.transfer.acceptance.scenes import THOROUGH, guests_of, journals_of, large_host, length_of, state_of
from vhdchain.shell.scanning import scan_folder
from vhdchain.transfer import RECORD_NAME

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KILLS, MOST_KILLS = (40, 90) if THOROUGH else (4, 30)
SECONDS = 0.6


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a host with a machine of some files."""
    folder = tmp_path_factory.mktemp("killed") / "host"
    large_host(3).save(folder)
    return folder


def _line(host: Path, target: Path, *options: object) -> tuple[object, ...]:
    return ("export", host, target, "--machine", "srv", "--automate", "--no-probe", *options)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_an_export_that_is_stopped_anywhere_is_finished_by_the_same_command(
    number: signal.Signals, host: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    before = state_of(host)
    whole = tmp_path / "whole"
    assert run(*_line(host, whole)).code == 0
    known = _without_record(whole)
    rate = int(length_of(whole) / SECONDS)
    chance, outcomes = random.Random(number), list[str]()
    for turn in range(MOST_KILLS):
        # Both requests to end are heard in one way, and need fewer turns than what nobody can hear.
        if turn >= (KILLS if number is signal.SIGKILL else KILLS // 2) and "resumed" in outcomes:
            break
        target = tmp_path / f"out {turn}"
        if turn % 2:  # what was interrupted is known by a journal in the folder, or beside the one that was made
            target.mkdir()
        code, error = _stopped(_line(host, target, "--limit-rate", rate), target, number, chance.random() * SECONDS)
        assert state_of(host) == before
        half = bool(journals_of(target))
        if half:
            _looks_like_none(target, tmp_path / "in")
            _looks_like_none_elsewhere(target, tmp_path / f"copy {turn}")
            if number is not signal.SIGKILL:
                assert code == 128 + number
                assert len(error.splitlines()) == 1, error
        ran = run(*_line(host, target))
        if half:
            assert ran.code == 0, ran.err
            assert ran.document["machines"][0]["resumed"]
        outcomes.append("resumed" if half else "ended")
        assert _without_record(target) == known
        assert run("audit", target, "--select", "VHD833", "--fail-on", "note").code == 0
        assert state_of(host) == before
    assert "resumed" in outcomes
    record_property("killed", (number.name, len(outcomes)))


@pytest.mark.slow
def test_what_was_begun_can_be_taken_back(host: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    line = _line(host, target, "--limit-rate", length_of(host) // 4)
    _stopped(line, target, signal.SIGKILL, 0)
    assert journals_of(target)
    ran = run(*_line(host, target, "--clean-up"))
    assert (ran.code, ran.document["machines"][0]["undone"]) == (0, True)
    assert state_of(target) == {} if target.exists() else True


@pytest.mark.slow
def test_an_import_that_is_killed_anywhere_is_finished_by_the_same_command(
    host: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    assert run(*_line(host, tmp_path / "out")).code == 0
    export, before, known = tmp_path / "out" / "srv", state_of(tmp_path / "out"), guests_of(host)
    rate = int(length_of(export) / SECONDS)
    chance, outcomes = random.Random("import"), list[str]()
    for turn in range(MOST_KILLS):
        if turn >= KILLS and "resumed" in outcomes:
            break
        target = tmp_path / f"in {turn}"
        line = ("import", export, "--to", target, "--as", r"E:\M", "--yes", "--automate", "--no-probe")
        _stopped((*line, "--limit-rate", rate), target, signal.SIGKILL, chance.random() * SECONDS)
        half = bool(journals_of(target))
        if half and target.exists():  # no host finds a machine there
            with scan_folder(target) as inventory:
                assert [machine for machine in inventory.machines if machine.now is not None] == []
        ran = run(*line)
        if half:
            assert (ran.code, ran.document["machines"][0]["resumed"]) == (0, True)
        outcomes.append("resumed" if half else "ended")
        assert guests_of(target) == known
        assert state_of(tmp_path / "out") == before
    assert "resumed" in outcomes
    record_property("killed", ("SIGKILL, imports", len(outcomes)))


def _stopped(line: tuple[object, ...], target: Path, number: signal.Signals, after: float) -> tuple[int, str]:
    """Run a command and stop it ``after`` so many seconds from when it began to write; return its code and error."""
    process = subprocess.Popen(
        command(*line), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and not journals_of(target):
        time.sleep(0.002)
    time.sleep(after)
    process.send_signal(number)
    _, error = process.communicate(timeout=120)
    return process.returncode, error


def _looks_like_none(target: Path, place: Path) -> None:
    """Say that nobody takes a half export for a whole one."""
    assert not list(target.rglob(RECORD_NAME))
    before = state_of(target)
    with scan_folder(target) as inventory:
        machines = list(inventory.machines)
    folders = [path for path in target.rglob("*") if path.name == "Virtual Machines"]
    if not any(list(folder.glob("*.xml")) for folder in folders):
        assert [machine for machine in machines if machine.now is not None] == []
    for folder in target.iterdir():
        if folder.is_dir():
            ran = run("import", folder, "--to", place, "--as", r"E:\M", "--yes", "--automate")
            assert ran.code in (1, 3)
    assert not place.exists()
    assert state_of(target) == before


def _looks_like_none_elsewhere(target: Path, place: Path) -> None:
    """Say the same of a copy that somebody made of it without the journal beside it, as long as files lack."""
    copy = place / "srv"
    if (target / "srv").exists():
        shutil.copytree(target / "srv", copy)
        if not list((copy / "Virtual Machines").glob("*.xml")):
            ran = run("import", copy, "--to", place / "in", "--as", r"E:\M", "--yes", "--automate")
            assert (ran.code, (place / "in").exists()) == (1, False)


def _without_record(target: Path) -> dict[str, object]:
    return {name: known for name, known in state_of(target).items() if not name.endswith(RECORD_NAME)}

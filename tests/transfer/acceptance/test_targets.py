"""A target that is full, read-only or closed is told in a line; the source stays, and no half export looks whole."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import command, environment, run
from tests.transfer.acceptance.scenes import (
    MIB,
    NOBODY,
    as_nobody,
    journals_of,
    large_host,
    length_of,
    open_folder,
    small_host,
    state_of,
)
from vhdchain.shell.scanning import scan_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a host with a machine of some MiB."""
    folder = tmp_path_factory.mktemp("targets") / "host"
    large_host(12).save(folder)
    return folder


def _line(host: Path, target: Path, *options: object) -> tuple[object, ...]:
    return ("export", host, target, "--machine", "srv", "--automate", *options)


def _import_refuses(target: Path, place: Path) -> None:
    for folder in target.iterdir():
        if folder.is_dir() and folder.name != "lost+found":
            ran = run("import", folder, "--to", place, "--as", r"E:\M", "--yes", "--automate")
            assert ran.code in (1, 3)
            assert not place.exists()
    with scan_folder(target) as inventory:
        assert [machine for machine in inventory.machines if machine.now is not None] == []


@contextlib.contextmanager
def _volume(folder: Path, size: int, *, options: str = "") -> Iterator[bool]:
    """Mount a volume of ``size`` bytes in memory at ``folder``; give whether this system lets us."""
    folder.mkdir()
    line = ["mount", "-t", "tmpfs", "-o", f"size={size}{options}", "none", str(folder)]
    done = subprocess.run(line, capture_output=True, check=False)
    try:
        yield done.returncode == 0
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", str(folder)], check=True)


def test_too_little_room_is_told_before_anything_is_written(host: Path, tmp_path: Path) -> None:
    before = state_of(host)
    with _volume(tmp_path / "small", MIB) as mounted:
        if not mounted:
            pytest.skip("no volume can be mounted here; a disk that fills up is tried in any case")
        ran = run(*_line(host, tmp_path / "small" / "out"))
        assert ran.code in (1, 3)
        assert len(ran.err.splitlines()) == 1
        assert "room" in ran.err or "space" in ran.err.lower()
        assert not any((tmp_path / "small").iterdir())
    assert state_of(host) == before


def test_a_disk_that_fills_up_meanwhile_is_told_and_gone_on_with(host: Path, tmp_path: Path) -> None:
    """Where no volume can be mounted, no file may have more than some bytes: the same for who writes."""
    before, size = state_of(host), length_of(host)
    with _volume(tmp_path / "full", 2 * size) as mounted:
        target = tmp_path / "full" / "out"
        error = _filled(host, target, size) if mounted else _limited(host, target)
        assert len(error.splitlines()) == 1, error
        assert ("no room is left on this volume" if mounted else "File too large") in error
        assert state_of(host) == before
        if target.exists():
            _import_refuses(target, tmp_path / "in")
        (tmp_path / "full" / "filler").unlink(missing_ok=True)
        ran = run(*_line(host, target))
        assert ran.code == 0, ran.err
        assert run("audit", target, "--select", "VHD833", "--fail-on", "note").code == 0
    assert state_of(host) == before


def _filled(host: Path, target: Path, size: int) -> str:
    """Fill the volume while the export is under way; return what it says."""
    line = command(*_line(host, target, "--no-probe", "--limit-rate", size // 3))
    process = subprocess.Popen(line, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not journals_of(target):
        time.sleep(0.002)
    with contextlib.suppress(OSError), (target.parent / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(64 << 10))
    _, error = process.communicate(timeout=120)
    assert process.returncode == 3
    return error


def _limited(host: Path, target: Path) -> str:
    most = max(path.stat().st_size for path in host.rglob("*.*vhd")) - 1

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    done = subprocess.run(
        command(*_line(host, target, "--no-probe")),
        env=environment(),
        preexec_fn=limit,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 3
    return done.stderr


@pytest.mark.parametrize("options", [(), ("--no-probe",)])
def test_a_target_where_nobody_may_write_is_told_with_account_and_path(options: tuple[str, ...]) -> None:
    with open_folder() as folder:
        small_host().save(folder / "host")
        closed = folder / "closed"
        closed.mkdir(mode=0o555)
        before = state_of(folder)
        run(*_line(folder / "host", closed / "out", "--dry-run"))  # so that every module is loaded
        with as_nobody():
            ran = run(*_line(folder / "host", closed / "out", *options))
        assert ran.code == 3
        assert len(ran.err.splitlines()) == 1
        assert str(closed) in ran.err
        account = str(NOBODY) if os.geteuid() == 0 else str(os.geteuid())
        assert account in ran.err or "nobody" in ran.err
        assert state_of(folder) == before


@pytest.mark.parametrize("options", [(), ("--no-probe",)])
def test_a_source_that_may_not_be_read_is_told_with_account_and_path(options: tuple[str, ...]) -> None:
    with open_folder() as folder:
        saved = small_host().save(folder / "host")
        (disk,) = (path for path in saved.values() if path.name == "srv.vhd")
        disk.chmod(0)
        target = folder / "out"
        target.mkdir(mode=0o777)
        target.chmod(0o777)
        run(*_line(folder / "host", folder / "x", "--dry-run"))
        with as_nobody():
            ran = run(*_line(folder / "host", target, *options))
        assert ran.code in (1, 3)
        assert disk.name in f"{ran.out}{ran.err}"
        assert not any(target.iterdir())


def test_a_volume_that_is_read_only_is_told_in_one_line(host: Path, tmp_path: Path) -> None:
    before = state_of(host)
    with _volume(tmp_path / "fixed", 64 * MIB) as mounted:
        target = tmp_path / "fixed"
        if mounted:
            subprocess.run(["mount", "-o", "remount,ro", str(target)], check=True)
        else:  # the system refuses with another word, and for all but root
            target.chmod(0o555)
        with contextlib.nullcontext() if mounted else as_nobody():
            ran = run(*_line(host, target / "out"))
        if mounted:
            assert "read-only" in ran.err
        assert ran.code == 3
        assert len(ran.err.splitlines()) == 1
        assert str(target) in ran.err
        assert not any(target.iterdir())
    assert state_of(host) == before

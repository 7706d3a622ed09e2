"""An export of which one file lacks or is cut is refused by that file's name, and nothing is written."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import run
from tests.transfer.acceptance.scenes import small_host, state_of
from vhdchain.transfer import RECORD_NAME

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an export of a machine that has all that a machine may have."""
    folder = tmp_path_factory.mktemp("damaged")
    small_host().save(folder / "host")
    ran = run("export", folder / "host", folder / "out", "--machine", "srv", "--automate")
    assert (ran.code, ran.err) == (0, "")
    return folder / "out" / "srv"


def _files(export: Path) -> list[str]:
    return sorted(path.relative_to(export).as_posix() for path in export.rglob("*") if path.is_file())


@pytest.mark.parametrize("cut", [False, True], ids=["removed", "cut"])
@pytest.mark.parametrize("options", [("--to",), ("--in-place",)], ids=["copied", "in place"])
def test_each_file_is_missed(options: tuple[str, ...], cut: bool, export: Path, tmp_path: Path) -> None:
    names = [name for name in _files(export) if name != RECORD_NAME]
    assert len(names) >= 20
    for number, name in enumerate(names):
        damaged = tmp_path / str(number)
        shutil.copytree(export, damaged)
        path = damaged / name
        if cut:
            path.write_bytes(path.read_bytes()[:-1])
        else:
            path.unlink()
        before = state_of(damaged)
        target = [tmp_path / "in"] if options == ("--to",) else []
        ran = run("import", damaged, *options, *target, "--as", r"E:\M", "--new-id", "--yes", "--automate")
        assert ran.code in (1, 3), name
        told = f"{ran.out}\n{ran.err}"
        assert path.name in told, told
        assert not (tmp_path / "in").exists()
        assert state_of(damaged) == before
        # An audit of the folder by itself names it, too.
        audited = run("audit", damaged, "--select", "VHD833", "--json").document["findings"]
        assert any(path.name in f"{item['location']['path']} {item['expected']}" for item in audited), name
        shutil.rmtree(damaged)


def test_without_its_record_an_export_cannot_prove_that_it_is_whole(export: Path, tmp_path: Path) -> None:
    shutil.copytree(export, tmp_path / "srv")
    (tmp_path / "srv" / RECORD_NAME).write_bytes((export / RECORD_NAME).read_bytes()[:-2])
    ran = run("import", tmp_path / "srv", "--to", tmp_path / "in", "--as", r"E:\M", "--yes", "--automate")
    assert ran.code in (1, 3)
    assert RECORD_NAME in f"{ran.out}\n{ran.err}"
    assert not (tmp_path / "in").exists()

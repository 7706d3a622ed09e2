"""What export and import do on a terminal: ask before files are changed, and show a bar with rate and time left."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.cli.moving import contents_of, saved_exports
from tests.cli.program import command, environment, read_terminal

if TYPE_CHECKING:
    from pathlib import Path

AS = ["--as", r"E:\VMs"]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the exports of two machines; it is only read."""
    return saved_exports(tmp_path_factory.mktemp("terminal"))


def on_a_terminal(*arguments: object, answer: str = "") -> tuple[int, str]:
    """Run the program with all its streams on a terminal; return its code and what was on the screen."""
    ours, theirs = pty.openpty()
    os.write(ours, answer.encode())
    settings = environment(TERM="xterm", COLUMNS="100", NO_COLOR="1")
    process = subprocess.Popen(command(*arguments), env=settings, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = read_terminal(ours).decode()
    return process.wait(60), shown


@pytest.mark.parametrize(("answer", "code"), [("n\n", 1), ("\x04", 130), ("y\n", 0)])
def test_an_import_in_place_asks_first(answer: str, code: int, exports: Path, tmp_path: Path) -> None:
    shutil.copytree(exports / "web", tmp_path / "out")
    before = contents_of(tmp_path / "out")
    ended, shown = on_a_terminal("import", tmp_path / "out", "--in-place", *AS, answer=answer)
    assert ended == code
    assert shown.index("files     1 file") < shown.index("Go ahead? [y/N]")
    assert (contents_of(tmp_path / "out") == before) is (code != 0)
    assert ("nothing was changed" in shown) is (code == 1)


def test_copies_need_no_question(exports: Path, tmp_path: Path) -> None:
    ended, shown = on_a_terminal("import", exports / "srv", "--to", tmp_path / "vms", *AS)
    assert (ended, "Go ahead?" in shown) == (0, False)


@pytest.mark.parametrize(
    ("options", "shows"), [([], True), (["--json"], True), (["--automate"], False), (["-q"], False)]
)
def test_a_bar_shows_unless_nobody_looks(options: list[str], shows: bool, exports: Path, tmp_path: Path) -> None:
    line = ["import", exports / "srv", "--to", tmp_path / "vms", *AS, "--no-probe", "--limit-rate", "24K"]
    ended, shown = on_a_terminal(*line, *options)
    assert ended == 0
    assert ("importing" in shown and "kB/s" in shown) is shows

"""How does the program behave as a process: closed pipes, full disks, signals, progress, and how soon it answers?"""

from __future__ import annotations

import hashlib
import json
import os
import pty
import resource
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import ROOT, command, environment, read_terminal, run_process
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from tests.cli.conftest import Built

MIB = 1 << 20


def test_flatten_streams_the_disk(healthy: Built) -> None:
    done = subprocess.run(
        command("flatten", healthy.path("leaf.avhd"), "-"), env=environment(), capture_output=True, check=True
    )
    assert done.stderr == b""
    assert hashlib.sha256(done.stdout).hexdigest() == healthy.tree.expected(healthy.image("leaf.avhd")).sha256()


@pytest.mark.parametrize("line", ["flatten leaf.avhd -", "map --json many.vhd", "map many.vhd"])
def test_a_reader_that_goes_away_is_no_error(line: str, tmp_path: Path, healthy: Built) -> None:
    name, *rest = line.split()
    tree = healthy.tree
    for image in tree.images:
        (tmp_path / image.name).write_bytes(bytes(tree.file(image).content))
    (tmp_path / "many.vhd").write_bytes(_many_extents())
    process = subprocess.Popen(
        command(name, *rest), cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 141
    process.stderr.close()


def _many_extents() -> bytes:
    """A disk whose map is longer than any pipe holds."""
    tree = ChainBuilder(seed=0)
    disk = tree.dynamic("many.vhd", size=32 * MIB)
    for block in range(16):
        tree.block(disk, block, bitmap=b"\xaa" * 512)
    return bytes(tree.file(disk).content)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("line", ["info", "chain --json", "map", "map --json", "flatten"])
def test_a_full_output_is_one_line(line: str, healthy: Built) -> None:
    name, *options = line.split()
    arguments = [name, healthy.path("leaf.avhd"), *(["-"] if name == "flatten" else []), *options]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command(*arguments), env=environment(), stdout=full, stderr=subprocess.PIPE, check=False, text=True
        )
    assert (done.returncode, done.stderr) == (3, "vhdchain: standard output: No space left on device\n")


@pytest.mark.parametrize(("closed", "told"), [(">&-", "vhdchain: standard output is closed\n"), (">&- 2>&-", "")])
def test_a_closed_output_is_an_error(closed: str, told: str, healthy: Built) -> None:
    line = shlex.join(command("info", healthy.path("leaf.avhd")))
    done = subprocess.run(
        ["sh", "-c", f"{line} {closed}"], env=environment(), capture_output=True, check=False, text=True
    )
    assert (done.returncode, done.stderr) == (3, told)


def test_a_file_that_does_not_fit_is_named_and_can_be_gone_on_with(healthy: Built, tmp_path: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, MIB))

    out = tmp_path / "out.raw"
    done = subprocess.run(
        command("flatten", healthy.path("leaf.avhd"), out),
        env=environment(),
        preexec_fn=limit,
        capture_output=True,
        check=False,
        text=True,
    )
    told = (
        f"vhdchain: {out}.vhdchain-new: File too large; nothing is lost; "
        f"to go on: vhdchain resume {out}.vhdchain-journal --within {healthy.folder} (--undo takes everything back)\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "", told)
    done = subprocess.run(
        command("flatten", healthy.path("leaf.avhd"), out),
        env=environment(),
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stderr == f"vhdchain: {out}: goes on where an interrupted run stopped\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out.raw"]


def test_the_program_runs_as_a_module(healthy: Built) -> None:
    ran = run_process("chain", "--json", "leaf.avhd", cwd=healthy.folder)
    assert [layer["path"] for layer in ran.document["layers"]] == ["base.vhd", "middle.avhd", "leaf.avhd"]


def test_a_disk_is_not_written_to_a_terminal(healthy: Built) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        command("flatten", healthy.path("leaf.avhd"), "-"),
        env=environment(),
        stdout=theirs,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 2


# ------------------------------------------------------------------------------------------------------------ lightness


def loaded_by(*arguments: str) -> set[str]:
    """Return the libraries that a call of the program imports."""
    script = (
        "import contextlib, io, json, sys\n"
        "from vhdchain.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()): main(sys.argv[1:])\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=ROOT, env=environment(), capture_output=True, check=True
    )
    return set(json.loads(done.stdout)) & {"construct", "lxml", "networkx", "numpy", "rich"}


@pytest.mark.parametrize("line", ["--version", "--help", "explain", "explain VHD603"])
def test_what_needs_no_library_loads_none(line: str) -> None:
    assert loaded_by(*line.split()) == set()


def test_output_that_is_no_terminal_needs_no_rich_and_a_folder_without_cycles_no_networkx() -> None:
    assert loaded_by("audit", "fixtures/healthy") == {"construct", "numpy"}


# ------------------------------------------------------------------------------------------------------------- progress

_SLOW = """
import sys, time
from vhdchain.cli.bars import progress_bar
from vhdchain.cli.options import Settings
with progress_bar("working", Settings(quiet="-q" in sys.argv), in_bytes=True) as progress:
    for done in range(13):
        if progress:
            progress(done << 20, 12 << 20)
        time.sleep(0.1)
"""


def shown_by(*options: str) -> bytes:
    """Return what a slow call writes to a terminal that is its standard error."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _SLOW, *options], stderr=theirs, env=environment(TERM="xterm-256color", COLUMNS="80")
    )
    os.close(theirs)
    written = read_terminal(ours)
    assert process.wait() == 0
    return written


def test_long_work_shows_a_bar_that_goes_away() -> None:
    text = shown_by()
    assert b"working" in text
    assert text.endswith((b"\x1b[2K", b"\x1b[?25h\r\x1b[1A\x1b[2K"))


def test_quiet_work_shows_none() -> None:
    assert shown_by("-q") == b""


def test_short_work_shows_none(healthy: Built) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        command("chain", healthy.path("leaf.avhd")),
        env=environment(TERM="xterm-256color"),
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=True,
    )
    os.close(theirs)
    with pytest.raises(OSError):  # noqa: PT011  # nothing to read, and the other side is closed
        os.read(ours, 100)
    os.close(ours)
    assert done.stdout

"""Does a command that should only read make, change or remove a file, or open one for more than reading?

The commands run in a process of their own under an audit hook, which sees what is opened and how; beside that, the
folder is compared before and after.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.program import ROOT, environment, run
from vhdchain.cli.application import COMMANDS
from vhdchain.testing.lab.kinds import host_lab

if TYPE_CHECKING:
    from tests.cli.conftest import Built

READING = (
    "info --json base.vhd leaf.avhd",
    "info base.vhd",
    "chain leaf.avhd",
    "chain --json leaf.avhd",
    "map leaf.avhd",
    "map --json leaf.avhd",
    "map --at 0 leaf.avhd",
    "diff leaf.avhd middle.avhd",
    "diff --json --exact other.avhd leaf.avhd",
    "flatten leaf.avhd -",
    "tree .",
    "tree --json .",
    "tree --format dot .",
    "tree --format mermaid .",
    "audit .",
    "audit --json .",
    "backup-check .",
    "du .",
    "du --json --deep .",
    "manifest create .",
    "manifest create --content .",
    "reparent leaf.avhd base.vhd --allow VHD908",
    "reparent --json leaf.avhd middle.avhd",
    "repair .",
    "repair --json .",
    "explain",
    "explain VHD603",
)

WRITING = {"conformance", "export", "import", "make", "merge", "resume", "simulate"}
"""Commands that change files, each with tests of its own about which."""


def witnessed(folder: Path, report: Path, *lines: str, **changes: str) -> tuple[int, dict[str, Any]]:
    """Run the command lines in one process in ``folder``; return its exit code and what each line did."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "cli" / "hooked.py"), str(report), *lines],
        cwd=folder,
        env=environment(**changes),
        capture_output=True,
        check=False,
    )
    found = json.loads(report.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return done.returncode, found


def state(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        path.name: (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes()) for path in sorted(folder.iterdir())
    }


def test_every_command_is_tried() -> None:
    assert {line.split()[0] for line in READING} == set(COMMANDS) - WRITING


@pytest.mark.parametrize("kind", ["healthy", "broken"])
def test_commands_only_read(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    built: Built = request.getfixturevalue(kind)
    before = state(built.folder)
    _, found = witnessed(built.folder, tmp_path / "report.json", *READING)
    assert list(found) == list(READING)
    for line, did in found.items():
        assert did["code"] in (0, 1, 3), line
        assert (did["written"], did["events"]) == ([], []), line
        assert any(name.endswith((".vhd", ".avhd")) for name in did["read"]) == ("explain" not in line), line
    assert state(built.folder) == before


@pytest.mark.parametrize(
    ("arguments", "events", "written"),
    [
        (
            "flatten leaf.avhd",
            {"os.truncate", "os.rename", "os.remove"},
            ["made.vhdchain-journal-new", "made.vhdchain-new"],
        ),
        ("manifest create . --content -o", {"os.rename", "os.remove"}, None),
    ],
)
def test_what_writes_makes_its_files_beside_the_new_one_and_reads_the_rest(
    arguments: str, events: set[str], written: list[str] | None, healthy: Built, tmp_path: Path
) -> None:
    before = state(healthy.folder)
    out = tmp_path / "out"
    out.mkdir()
    line = f"{arguments} {out}/made"
    code, found = witnessed(healthy.folder, tmp_path / "report.json", line)
    assert code == 0
    names = sorted({Path(name).name for name in found[line]["written"]})
    assert names == written if written else len(names) == 1
    assert {Path(name).parent for name in found[line]["written"]} == {out}
    assert events <= set(found[line]["events"])
    assert [path.name for path in out.iterdir()] == ["made"]
    assert state(healthy.folder) == before


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_leaves_what_the_same_command_finishes(name: str, code: int, healthy: Built, tmp_path: Path) -> None:
    before = state(healthy.folder)
    out = tmp_path / "out"
    out.mkdir()
    line = f"flatten leaf.avhd {out}/leaf.raw"
    ended, _ = witnessed(healthy.folder, tmp_path / "report.json", line, VHDCHAIN_TEST_SIGNAL=name)
    assert ended == code
    assert sorted(path.name for path in out.iterdir()) == ["leaf.raw.vhdchain-journal", "leaf.raw.vhdchain-new"]
    ended, _ = witnessed(healthy.folder, tmp_path / "report.json", line)
    assert ended == 0
    assert [path.name for path in out.iterdir()] == ["leaf.raw"]
    assert state(healthy.folder) == before


def test_the_witness_sees_what_is_written(tmp_path: Path) -> None:
    script = """
import os
from tests.cli import hooked
opened, events = [], []
hooked.watch(opened, events)
open("x", "w").close()
os.rename("x", "y")
assert [flags & hooked.WRITING != 0 for name, flags in opened if name == "x"] == [True]
assert events == ["os.rename"]
"""
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment(), check=True)
    assert [path.name for path in tmp_path.iterdir()] == ["y"]


def test_dry_runs_of_moving_machines_only_read(tmp_path: Path) -> None:
    host_lab().save(tmp_path / "host")
    assert run("export", "-q", tmp_path / "host", tmp_path / "out", "--machine", "web").code == 0
    lines = (
        "export host new --all --dry-run",
        "export --json host new --all --dry-run --limit-rate 1M",
        "import out --to new --as 'E:\\VMs' --dry-run",
        "import out --in-place --as 'E:\\VMs' --dry-run",
    )
    _, found = witnessed(tmp_path, tmp_path / "report.json", *lines)
    for line, did in found.items():
        assert (did["code"], did["written"], did["events"]) == (0, [], []), line
    assert sorted(path.name for path in tmp_path.iterdir()) == ["host", "out", "report.json"]

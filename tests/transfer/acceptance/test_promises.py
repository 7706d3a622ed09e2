"""What an export promises is what it writes, to the byte; it keeps its rate, and many snapshots cost no memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import vhdchain as vc
from tests.cli.program import environment, run
from tests.transfer.acceptance.scenes import (
    BLOCK,
    MIB,
    THOROUGH,
    guests_of,
    large_host,
    length_of,
    room_of,
    small_host,
    state_of,
)
from vhdchain.shell.executor.pace import Pace
from vhdchain.testing.lab import LabDisk
from vhdchain.transfer import RECORD_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

SNAPSHOTS = 50


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a host with 50 snapshots on two disks."""
    folder = tmp_path_factory.mktemp("large") / "host"
    lab = large_host(SNAPSHOTS)
    lab.machine("web", disks=[LabDisk("web.vhd")])
    lab.save(folder)
    return folder


def _exported(host: Path, target: Path, *options: object) -> Mapping[str, Any]:
    ran = run("export", host, target, "--machine", "srv", "--automate", *options)
    assert (ran.code, ran.err) == (0, "")
    (machine,) = ran.document["machines"]
    assert isinstance(machine, dict)
    return machine


def test_what_is_promised_is_written_to_the_byte(host: Path, tmp_path: Path) -> None:
    before = state_of(host)
    promised = _exported(host, tmp_path / "out", "--dry-run")
    assert not (tmp_path / "out").exists()
    done = _exported(host, tmp_path / "out", "--verify")
    folder = tmp_path / "out" / "srv"
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert (promised["files"], promised["bytes"]) == (len(files), length_of(folder))
    assert (done["files"], done["bytes"], done["written"]) == (len(files), length_of(folder), length_of(folder))
    assert len([path for path in files if path.parent.name == "Snapshots"]) == SNAPSHOTS
    assert state_of(host) == before
    assert guests_of(folder) == guests_of(host)


def test_a_rate_is_kept_and_changes_nothing_else(host: Path, tmp_path: Path) -> None:
    # Without a limit first: only what the disk can do may be asked of it.
    free = _exported(host, tmp_path / "free", "--no-probe")
    seconds, found, rate, kept = max(4.0, 3 * free["seconds"]), 0.0, 0.0, tmp_path
    for attempt in range(4):
        kept = tmp_path / f"kept {attempt}"
        rate = free["bytes"] / seconds
        found = _rate_of_copying(host, kept, rate)
        assert found < 1.1 * rate
        if found > 0.9 * rate or attempt == 3:
            break
        seconds *= 2  # whoever else uses this disk may keep it from the rate
    assert found == pytest.approx(rate, rel=0.1)
    assert length_of(kept / "srv") == free["written"] == free["bytes"]
    ours, theirs = state_of(kept), state_of(tmp_path / "free")
    for files in (ours, theirs):
        files.pop(f"srv/{RECORD_NAME}")  # it says when it was made
    assert ours == theirs


def _rate_of_copying(host: Path, target: Path, rate: float) -> float:
    """Export ``srv`` with a pace; return how many bytes were copied in a second."""
    seen: list[tuple[float, int]] = []
    target.mkdir()
    with vc.scan_folder(host) as inventory:
        plan = vc.plan_export(inventory, inventory.machines["srv"], target)
        vc.execute(plan, pace=Pace(rate), progress=lambda done, _: seen.append((time.monotonic(), done)))
    # What comes before the first byte and after the last one is no copying.
    (begun, first), (ended, last) = seen[len(seen) // 10], seen[len(seen) * 9 // 10]
    assert last - first > seen[-1][1] // 2
    return (last - first) / (ended - begun)


def test_no_rate_is_exceeded_with_several_machines_side_by_side(host: Path, tmp_path: Path) -> None:
    size = length_of(host)
    rate = size // 3
    started = time.monotonic()
    ran = run("export", host, tmp_path / "out", "--all", "--automate", "--no-probe", "--limit-rate", rate)
    assert ran.code == 0
    written = sum(machine["written"] for machine in ran.document["machines"])
    assert written == length_of(tmp_path / "out")
    assert written / (time.monotonic() - started) < 1.1 * rate


def test_holes_stay_holes_and_cost_no_time(tmp_path: Path) -> None:
    lab = small_host()
    lab.save(tmp_path / "host")
    (disk,) = (tmp_path / "host").rglob("web.vhd")
    content = disk.read_bytes()
    # A guest that deleted much, on a disk that gave it back: 64 MiB of nothing before the end footer.
    with disk.open("r+b") as file:
        file.seek(len(content) - 512)
        file.truncate()
        file.seek(64 * MIB - 512)
        file.write(content[-512:])
    if room_of(disk.parent) > 32 * MIB:
        pytest.fail("this file system keeps no holes: run the tests on one that does")
    ran = run("export", tmp_path / "host", tmp_path / "out", "--machine", "web", "--automate", "--limit-rate", MIB)
    assert ran.code == 0
    (machine,) = ran.document["machines"]
    assert machine["bytes"] == length_of(tmp_path / "out" / "web") > 64 * MIB
    assert room_of(tmp_path / "out" / "web") < MIB
    assert machine["seconds"] < 5


# What the system counts for a process begins with what its parent had; the peak of its own memory stands elsewhere.
MEASURED = """
import json, re, sys
from vhdchain.cli import main
code = main(sys.argv[2:])
status = open("/proc/self/status").read()
with open(sys.argv[1], "w") as file:
    json.dump([code, int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) * 1024], file)
"""


def _peak(host: Path, target: Path) -> int:
    """Return the most memory that an export of ``srv`` had, in bytes."""
    report = target.parent / f"{target.name}.json"
    line = [sys.executable, "-c", MEASURED, report, "export", host, target, "--machine", "srv"]
    # The trial of the target has pieces of its own, of one size whatever is exported.
    subprocess.run([*map(str, line), "--automate", "--no-probe"], env=environment(), check=True, capture_output=True)
    code, peak = json.loads(report.read_text())
    assert code == 0
    assert isinstance(peak, int)
    return peak


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell a process's peak")
def test_neither_snapshots_nor_sizes_cost_memory(host: Path, tmp_path: Path) -> None:
    large = 4096 if THOROUGH else 768  # blocks of 64 KiB
    large_host(5).save(tmp_path / "few")
    large_host(5, base=large).save(tmp_path / "larger")
    few, many = _peak(tmp_path / "few", tmp_path / "a"), _peak(host, tmp_path / "b")
    larger = _peak(tmp_path / "larger", tmp_path / "c")
    assert length_of(tmp_path / "c") > large * BLOCK
    # A machine with ten times the files has records of ten times the files, and no copies of them.
    assert many - few < 12 * MIB
    assert larger - few < 16 * MIB  # the pieces in which disks are copied are larger, up to a limit

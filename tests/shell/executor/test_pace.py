"""A plan with a pace keeps to it: no faster on average, no burst, and it stops when it is told to."""

from __future__ import annotations

import hashlib
import threading
import time
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.shell.executor.plans import plan_of
from tests.shell.executor.test_writing_disk import chain_in, disk_of, planned
from vhdchain.plan import CopyFile, VerifyFile
from vhdchain.shell.executor.system import SystemFile, SystemLayer
from vhdchain.testing.faults import QuickLayer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MIB = 1 << 20


class Clock:
    """A clock that only moves when somebody waits or works."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def paced(rate: float) -> tuple[vc.Pace, Clock]:
    clock = Clock()
    return vc.Pace(rate, clock=clock, sleep=clock.sleep), clock


@pytest.mark.parametrize("work", [0.0, 0.05, 0.12])
def test_the_average_is_the_rate_whatever_the_work_takes_beside_the_waiting(work: float) -> None:
    pace, clock = paced(8 * MIB)
    for _ in range(80):
        pace.take(MIB)
        clock.now += work

    assert clock.now - 1000 == pytest.approx(10 + work, rel=0.01)


def test_a_slow_disk_is_not_slowed_down_further() -> None:
    pace, clock = paced(8 * MIB)
    for _ in range(20):
        pace.take(MIB)
        clock.now += 0.5

    assert clock.now - 1000 == pytest.approx(20 * 0.5 + 0.125)


def test_no_pause_is_followed_by_a_burst_of_half_a_second_or_more() -> None:
    pace, clock = paced(8 * MIB)
    pace.take(MIB)
    clock.now += 60
    begin, copied = clock.now, 0
    while clock.now == begin:
        pace.take(pace.portion)
        copied += pace.portion if clock.now == begin else 0

    assert 0 < copied < 4 * MIB


@pytest.mark.parametrize(
    ("rate", "portion"), [(1, 64 << 10), (MIB, 128 << 10), (80 * MIB, 10 * MIB), (1e15, 64 * MIB), (0.5, 64 << 10)]
)
def test_portions_are_an_eighth_of_a_second_within_bounds(rate: float, portion: int) -> None:
    assert vc.Pace(rate).portion == portion


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(vc.ConfigError, match=r"a pace of .* bytes in a second; it must be more than none"):
        vc.Pace(rate)


def test_who_waits_hears_that_it_shall_stop_and_takes_nothing() -> None:
    pace, clock = paced(1024)
    asked = iter([False, False, True])
    with pytest.raises(vc.CancelledError):
        pace.take(64 << 10, lambda: next(asked))
    assert clock.now - 1000 == pytest.approx(0.2)
    assert max(clock.slept) <= 0.1

    pace.take(1024)
    assert clock.now - 1000 == pytest.approx(1)


def test_plans_that_share_a_pace_have_the_rate_together() -> None:
    pace = vc.Pace(8 * MIB)
    begin = time.monotonic()

    def take_three() -> None:
        for _ in range(3):
            pace.take(MIB)

    threads = [threading.Thread(target=take_three) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert time.monotonic() - begin >= 12 / 8 * 0.95


def sparse_file(path: Path, data: int, hole: int) -> bytes:
    """Write ``data`` bytes, a hole, and as many bytes again; return all of it."""
    with path.open("wb") as file:
        file.write(b"\x5a" * data)
        file.seek(data + hole)
        file.write(b"\xa5" * data)
    return path.read_bytes()


@pytest.mark.parametrize("digest", ["", "sha256"])
def test_a_copy_with_a_pace_takes_the_time_of_its_data_and_none_for_its_holes(tmp_path: Path, digest: str) -> None:
    content = sparse_file(tmp_path / "source.vhd", 2 * MIB, 64 * MIB)
    copy, (pace, clock) = tmp_path / "copy.vhd", paced(MIB)
    vc.execute(
        plan_of(tmp_path, CopyFile(source=str(tmp_path / "source.vhd"), path=str(copy), hash=digest)),
        layer=QuickLayer(),
        pace=pace,
    )

    assert clock.now - 1000 == pytest.approx(4, rel=0.01)
    assert copy.read_bytes() == content
    assert copy.stat().st_blocks * 512 <= 5 * MIB


def test_a_file_that_is_read_back_is_read_at_the_pace(tmp_path: Path) -> None:
    content = sparse_file(tmp_path / "a.vhd", MIB, 64 * MIB)
    digest = hashlib.sha256(content).hexdigest()
    pace, clock = paced(MIB)
    step = VerifyFile(path=str(tmp_path / "a.vhd"), size=len(content), hash="sha256", digest=digest)
    vc.execute(plan_of(tmp_path, step), layer=QuickLayer(), pace=pace)

    assert clock.now - 1000 == pytest.approx(2, rel=0.01)


@pytest.mark.parametrize("form", ["raw", "dynamic"])
def test_a_disk_is_written_at_the_pace(tmp_path: Path, form: str) -> None:
    leaf, disk = chain_in(tmp_path)
    plan = planned(leaf, tmp_path / "out.vhd", form)
    pace, clock = paced(100_000)
    vc.execute(plan, layer=QuickLayer(), pace=pace)

    data = len(disk) - disk.count(bytes(512)) * 512
    assert data / 100_000 * 0.9 < clock.now - 1000 < len(disk) / 100_000
    assert disk_of(tmp_path / "out.vhd", form) == disk


def test_a_plan_that_waits_for_its_pace_stops_at_once_and_is_resumed_with_another(tmp_path: Path) -> None:
    (tmp_path / "source.vhd").write_bytes(b"x" * MIB)
    copy = tmp_path / "copy.vhd"
    asked: list[float] = []

    def cancel() -> bool:
        asked.append(time.monotonic())
        return len(asked) > 4

    with pytest.raises(vc.CancelledError):
        vc.execute(
            plan_of(tmp_path, CopyFile(source=str(tmp_path / "source.vhd"), path=str(copy), hash="sha256")),
            cancel=cancel,
            pace=vc.Pace(1000),
            layer=QuickLayer(),
        )
    assert asked[-1] - asked[0] < 10
    pace, clock = paced(MIB)
    vc.resume(copy, pace=pace, layer=QuickLayer())

    assert clock.now - 1000 == pytest.approx(1)
    assert copy.read_bytes() == b"x" * MIB


def test_what_is_written_at_a_pace_is_pushed_to_the_disk_by_and_by(tmp_path: Path) -> None:
    pushed: list[int] = []

    class File(SystemFile):
        __slots__ = ()

        def push(self) -> None:
            super().push()
            pushed.append(self.size())

    class Layer(SystemLayer):
        file_class = File

    (tmp_path / "source.vhd").write_bytes(b"x" * (4 * MIB))
    step = CopyFile(source=str(tmp_path / "source.vhd"), path=str(tmp_path / "copy.vhd"))
    pace, _ = paced(4 * MIB)
    vc.execute(plan_of(tmp_path, step), layer=Layer(), pace=pace)
    assert len(pushed) == 8

    (tmp_path / "copy.vhd").unlink()
    pushed.clear()
    vc.execute(plan_of(tmp_path, step), layer=Layer())
    assert pushed == []


@pytest.mark.parametrize("digest", ["", "sha256"])
def test_the_rate_is_kept_within_a_tenth_over_two_seconds(
    tmp_path: Path, digest: str, record_property: Callable[[str, object], None]
) -> None:
    (tmp_path / "source.vhd").write_bytes(bytes(range(256)) * (20 * MIB // 256))
    step = CopyFile(source=str(tmp_path / "source.vhd"), path=str(tmp_path / "copy.vhd"), hash=digest)
    begin = time.monotonic()
    vc.execute(plan_of(tmp_path, step), pace=vc.Pace(10 * MIB))
    seconds = time.monotonic() - begin

    record_property("rate", 20 * MIB / seconds)
    # A machine that is busy with other things may be late, and must never be early.
    assert 2 * 0.9 < seconds < 2 * 2

"""The short trial of a target: how fast it is, whether it keeps holes, and that nothing is left of it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.audit.folders import open_folder, unprivileged
from vhdchain.shell.transfer import probing
from vhdchain.shell.transfer.probing import MOST_BYTES, MOST_SECONDS, Probe, existing_folder, probe_target

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20


@dataclass
class Clock:
    """A clock by which every look at it takes ``step`` seconds, and a wait takes none of anybody's time."""

    step: float
    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        self.now += self.step
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def test_a_rate_is_measured_and_nothing_is_left(tmp_path: Path) -> None:
    probe = probe_target(tmp_path)
    assert probe.bytes_per_second > 0
    assert 0 < probe.bytes <= MOST_BYTES
    assert list(tmp_path.iterdir()) == []


def test_a_file_with_a_name_is_tried_where_there_are_none_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    assert probe_target(tmp_path, size=MIB).bytes == MIB
    assert list(tmp_path.iterdir()) == []


def test_the_file_has_no_name_while_it_is_written(tmp_path: Path) -> None:
    seen: list[str] = []

    def look() -> float:
        seen.extend(item.name for item in tmp_path.iterdir())
        return 0.0

    probe_target(tmp_path, size=MIB, clock=look)
    assert seen == []


def test_a_slow_volume_is_not_asked_for_more_than_a_second(tmp_path: Path) -> None:
    clock = Clock(step=0.3)
    probe = probe_target(tmp_path, clock=clock)
    assert probe.bytes == 256 << 10
    assert probe.bytes_per_second == pytest.approx((256 << 10) / 0.3)


def test_no_more_is_written_than_there_will_be(tmp_path: Path) -> None:
    assert probe_target(tmp_path, size=1000).bytes == 1000
    nothing = probe_target(tmp_path, size=0)
    assert (nothing.bytes, nothing.bytes_per_second, nothing.seconds(5)) == (0, 0, None)


@pytest.mark.parametrize("limit", [100_000, 7 * MIB])
def test_a_limit_holds_for_the_trial_and_for_its_rate(limit: int, tmp_path: Path) -> None:
    clock = Clock(step=1e-6)
    probe = probe_target(tmp_path, limit=limit, clock=clock, sleep=clock.sleep)
    assert probe.bytes <= limit * MOST_SECONDS
    assert probe.bytes_per_second == limit
    assert probe.bytes / clock.now <= limit
    assert max(clock.waits) < MOST_SECONDS


def test_holes_are_known_from_files_that_have_them(tmp_path: Path) -> None:
    sparse = tmp_path / "sparse"
    with sparse.open("wb") as file:
        file.truncate(16 * MIB)
    keeps = sparse.stat().st_blocks * 512 < MIB
    assert probe_target(tmp_path, size=MIB).keeps_holes is keeps


def test_a_folder_that_is_not_made_yet_is_tried_where_it_will_be(tmp_path: Path) -> None:
    assert existing_folder(tmp_path / "not" / "made") == str(tmp_path)
    assert probe_target(tmp_path / "not" / "made", size=MIB).bytes == MIB


def test_relative_folders_start_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert existing_folder("not/made") == "."


def test_a_folder_that_denies_is_named() -> None:
    with open_folder() as folder:
        folder.chmod(0o555)
        with unprivileged(), pytest.raises(PermissionError) as caught:
            probe_target(folder)
        folder.chmod(0o755)
    assert caught.value.filename == str(folder)


def test_a_full_volume_is_left_to_whoever_looks_for_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int, _data: memoryview, _offset: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(probing, "write_at", full)
    assert probe_target(tmp_path) == Probe(bytes_per_second=0, keeps_holes=True)


def test_time_is_size_by_rate() -> None:
    assert Probe(bytes_per_second=50.0, keeps_holes=True).seconds(200) == 4.0

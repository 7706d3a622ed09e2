"""Several plans at once: side by side, each for itself where one fails, all stopped by one wish."""

from __future__ import annotations

import resource
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.shell.transfer.plans import copying, filled, held
from vhdchain.errors import CancelledError, PlanRefusedError
from vhdchain.shell.executor.pending import find_journals
from vhdchain.shell.executor.run import execute
from vhdchain.shell.transfer.running import Job, common_folders, run_all

if TYPE_CHECKING:
    from pathlib import Path


def jobs_of(folder: Path, count: int, weight: int = 0) -> list[Job]:
    (folder / "to").mkdir()
    return [
        Job(plan=copying(filled(folder / f"from{number}"), folder / "to" / str(number)), weight=weight)
        for number in range(count)
    ]


def test_every_plan_is_carried_out_and_told_in_its_order(tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, 6)
    ended = run_all(jobs)
    assert [item.job for item in ended] == jobs
    for number, item in enumerate(ended):
        assert item.error is None
        assert item.outcome is not None
        assert item.outcome.plan == jobs[number].plan
        assert held(tmp_path / "to" / str(number)) == held(tmp_path / f"from{number}")
    assert find_journals(tmp_path) == []


def test_they_run_side_by_side_but_no_more_than_a_few(tmp_path: Path) -> None:
    running: set[int] = set()
    most = [0]
    together = threading.Barrier(2, timeout=20)
    met = threading.Event()

    def asked() -> bool:
        running.add(threading.get_ident())
        most[0] = max(most[0], len(running))
        if not met.is_set():
            together.wait()
            met.set()
        return False

    run_all(jobs_of(tmp_path, 5), cancel=asked, at_once=2)
    assert most == [2]


def test_one_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, 3)
    (tmp_path / "from1" / "2.bin").write_bytes(b"changed since")
    ended = run_all(jobs)
    assert [type(item.error) for item in ended] == [type(None), PlanRefusedError, type(None)]
    assert ended[1].outcome is None
    assert not (tmp_path / "to" / "1").exists()
    assert held(tmp_path / "to" / "2") == held(tmp_path / "from2")


def test_one_count_is_told_for_all_of_them(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    run_all(jobs_of(tmp_path, 3, weight=3000), progress=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    done, total = told[-1]
    assert done == total
    assert total >= 9000
    assert told[0][1] >= 9000  # those that were not begun count with their weight


def test_a_wish_to_stop_reaches_all_of_them_and_those_that_were_not_begun(tmp_path: Path) -> None:
    stop = threading.Event()
    asked = iter(range(6))

    def wish() -> bool:
        if next(asked, None) is None:
            stop.set()
        return stop.is_set()

    jobs = jobs_of(tmp_path, 4)
    ended = run_all(jobs, cancel=wish, at_once=2)
    assert all(isinstance(item.error, CancelledError) for item in ended[2:])
    for journal in find_journals(tmp_path):
        (ended_now,) = run_all([Job(plan=jobs[0].plan, journal=journal, within=(str(tmp_path),))])
        assert ended_now.error is None
    assert find_journals(tmp_path) == []


def test_an_interruption_is_raised_when_everything_has_stopped(tmp_path: Path) -> None:
    begun = threading.Event()
    asked: list[float] = []

    def interrupt(_done: int, _total: int) -> None:
        if not begun.is_set():
            begun.set()
            signal.raise_signal(signal.SIGINT)

    def slow() -> bool:
        asked.append(time.monotonic())
        if begun.is_set():
            time.sleep(0.1)  # the main thread hears of it when it looks up
        return False

    with pytest.raises(KeyboardInterrupt):
        run_all(jobs_of(tmp_path, 8), progress=interrupt, cancel=slow, at_once=1)
    so_far = len(asked)
    time.sleep(0.3)
    assert len(asked) == so_far
    assert not (tmp_path / "to" / "7").exists()


@pytest.mark.parametrize("back", [False, True])
def test_what_was_interrupted_is_ended_either_way(back: bool, tmp_path: Path) -> None:
    (job,) = jobs_of(tmp_path, 1)
    asked = iter((False, False, True))
    with pytest.raises(CancelledError):
        execute(job.plan, cancel=lambda: next(asked, True))
    (journal,) = find_journals(tmp_path)
    (ended,) = run_all([Job(plan=job.plan, journal=journal, within=(str(tmp_path),), back=back)])
    assert ended.error is None
    assert ended.outcome is not None
    assert ended.outcome.undone is back
    assert (tmp_path / "to" / "0").exists() is not back
    assert find_journals(tmp_path) == []


def test_the_limit_of_open_files_is_as_before_afterwards(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    run_all(jobs_of(tmp_path, 3))
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before


def test_common_folders_go_again_where_nothing_was_put_into_them(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    names = [str(tmp_path / "there"), str(tmp_path / "new" / "a"), str(tmp_path / "new" / "b")]
    with common_folders(names):
        assert all((tmp_path / name).is_dir() for name in names)
        (tmp_path / "new" / "b" / "file").touch()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["b", "file", "new", "there"]


def test_common_folders_stay_where_a_plan_relies_on_them(tmp_path: Path) -> None:
    with common_folders([str(tmp_path / "new" / "a")], keep=lambda: True):
        pass
    assert (tmp_path / "new" / "a").is_dir()

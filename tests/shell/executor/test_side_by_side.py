"""Several plans in threads of one process are as safe as in processes of their own."""

from __future__ import annotations

import hashlib
import resource
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.shell.executor.plans import QUICK, contents, interrupt, journal_in, plan_of
from vhdchain.plan import CopyFile, CreateFile, MakeFolder, PatchFile, VerifyFile
from vhdchain.shell.executor.locks import Locks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.plan import Plan
    from vhdchain.shell.executor.run import Outcome

CONTENT = bytes(range(256)) * 8192
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def copy_of(source: Path, folder: Path, *more: str) -> Plan:
    """Return a plan that makes ``folder`` and copies ``source`` into it, and to each of ``more``."""
    copies = [str(folder / "copy.vhd"), *more]
    return plan_of(
        source.parent,
        MakeFolder(path=str(folder)),
        *(CopyFile(source=str(source), path=path, hash="sha256") for path in copies),
        *(VerifyFile(path=path, size=len(CONTENT), hash="sha256") for path in copies),
        CreateFile(path=str(folder / "done"), content=b"done", why="the last one"),
    )


@contextmanager
def at_most_files(count: int) -> Iterator[tuple[int, int]]:
    """Let the process open so many files more; give the limit."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = (len(list(Path("/proc/self/fd").iterdir())) + count, before[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, limit)
    try:
        yield limit
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_four_plans_in_four_threads_copy_one_source_into_folders_of_their_own(tmp_path: Path) -> None:
    source, out = tmp_path / "source.vhd", tmp_path / "out"
    source.write_bytes(CONTENT)
    out.mkdir()
    plans = [copy_of(source, out / str(number), str(out / f"{number}.vhd")) for number in range(4)]
    together = threading.Barrier(4)
    pace = vc.Pace(64 << 20)

    def carry_out(plan: Plan) -> Outcome:
        together.wait(timeout=60)
        return vc.execute(plan, pace=pace)

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(carry_out, plans))

    assert {value for each in outcomes for name, value in each.facts.items() if name.startswith("sha256")} == {DIGEST}
    found = contents(out)
    assert {name for name, content in found.items() if content == CONTENT} == {
        *(f"{number}.vhd" for number in range(4)),
        *(f"{number}/copy.vhd" for number in range(4)),
    }
    assert len(found) == 16


def test_one_of_several_plans_that_fails_leaves_the_others_alone(tmp_path: Path) -> None:
    source = tmp_path / "source.vhd"
    source.write_bytes(CONTENT)
    plans = [copy_of(source, tmp_path / str(number)) for number in range(4)]
    together = threading.Barrier(4)

    def carry_out(number: int) -> str:
        together.wait(timeout=60)
        try:
            vc.execute(plans[number], cancel=(lambda: True) if number == 2 else None, layer=QUICK)
        except vc.CancelledError:
            return "stopped"
        return "done"

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(carry_out, range(4))) == ["done", "done", "stopped", "done"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1", "3", "source.vhd"]


def test_an_unfinished_plan_that_only_reads_a_file_is_not_in_the_way_of_another_one_that_reads_it(
    tmp_path: Path,
) -> None:
    source = tmp_path / "source.vhd"
    source.write_bytes(CONTENT)
    one = plan_of(tmp_path, CopyFile(source=str(source), path=str(tmp_path / "one.vhd")))
    interrupt(one, after=1)
    vc.execute(plan_of(source.parent, CopyFile(source=str(source), path=str(tmp_path / "other.vhd"))), layer=QUICK)

    changing = PatchFile(path=str(source), patches=())
    reading = CopyFile(source=str(tmp_path / "one.vhd"), path=str(tmp_path / "third.vhd"))
    for step in (changing, reading):
        with pytest.raises(vc.PlanRefusedError, match="an earlier plan was interrupted and is not finished"):
            vc.execute(plan_of(tmp_path / "none", step), layer=QUICK)

    vc.resume(journal_in(tmp_path), layer=QUICK)
    assert (tmp_path / "one.vhd").read_bytes() == CONTENT


def test_the_limit_of_open_files_is_put_back_by_whoever_ends_last(tmp_path: Path) -> None:
    paths = [tmp_path / str(number) for number in range(200)]
    for path in paths:
        path.write_bytes(b"")
    with at_most_files(50) as limit:
        first, second = Locks(), Locks()
        first.make_room(100)
        second.make_room(200)
        first.close()
        for path in paths:
            second.take(str(path), exclusive=True)
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > limit[0]
        second.close()

        assert resource.getrlimit(resource.RLIMIT_NOFILE) == limit

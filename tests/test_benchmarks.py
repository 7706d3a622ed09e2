"""Do the benchmarks measure what they say? The limit in C gives the same map, and a small run yields its table."""

from __future__ import annotations

import dataclasses
import json
import time
from typing import TYPE_CHECKING

import pytest

from benchmarks.__main__ import main
from benchmarks.chains import sized_shapes, written
from benchmarks.generate import PATTERNS
from benchmarks.limits import LimitChain, compiled
from benchmarks.linear import MANY_ENTRIES, Point, fitted
from benchmarks.measure import Row, Target, Times, by_work, measure
from vhdchain import open_chain

if TYPE_CHECKING:
    import ctypes
    from pathlib import Path


@pytest.fixture(scope="module")
def loops(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    found = compiled(tmp_path_factory.mktemp("work"))
    if found is None:
        pytest.skip("no C compiler")
    return found


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_loop_in_c_gives_the_map_that_vhdchain_gives(pattern: str, loops: ctypes.CDLL, tmp_path: Path) -> None:
    ((key, shape),) = sized_shapes(0.1, 6, [pattern])
    with (
        written(key, shape, tmp_path, keep=True) as subject,
        LimitChain(loops, subject.paths) as limit,
        open_chain(subject.leaf) as chain,
    ):
        expected = chain.block_map().extents
        assert limit.counted() == len(expected)
        assert limit.extents().tolist() == expected.tolist()


def test_a_chain_is_written_once_and_kept_or_removed(tmp_path: Path) -> None:
    ((key, shape),) = sized_shapes(0.01, 2, ["full"])
    with written(key, shape, tmp_path, keep=True) as subject:
        before = [path.stat().st_ino for path in subject.paths]
    with written(key, shape, tmp_path, keep=False) as subject:
        assert [path.stat().st_ino for path in subject.paths] == before
    assert list(tmp_path.iterdir()) == []


def test_what_a_process_reports_counts_instead_of_the_time_that_its_start_takes() -> None:
    row = measure("chain", "what", {"vhdchain": lambda: Times(2.0, 0.5), "peer": lambda: Times(1.0, 1.0)}, repeat=1)
    assert row.values == {"vhdchain": 2.0, "peer": 1.0}
    assert by_work(row).values == {"vhdchain": 0.5, "peer": 1.0}


def test_sleeping_is_no_work() -> None:
    row = measure("chain", "what", {"vhdchain": lambda: time.sleep(0.05)}, repeat=1)
    assert row.values["vhdchain"] >= 0.05 > row.worked["vhdchain"]
    assert measure("chain", "what", {"vhdchain": lambda: None}, repeat=1, waits=True).worked == {}


def test_the_fit_gives_back_what_times_were_made_of() -> None:
    points = [
        Point(size_gib=1, layers=1, entries=n, bitmap_bytes=m, seconds=1e-3 + 2e-8 * n + 3e-9 * m, mebibytes=1)
        for n, m in ((1_000, 70_000), (500_000, 10_000), (300_000, 9_000_000), (2_000, 3_000))
    ]
    fit = fitted(points)
    assert (fit.a, fit.b, fit.c) == pytest.approx((1e-3, 2e-8, 3e-9))
    assert fit.worst(points) == pytest.approx(0, abs=1e-9)
    slower = [dataclasses.replace(point, seconds=point.seconds * 1.5) for point in points]
    assert fit.worst(slower) == pytest.approx(0.5)
    few = [point for point in points if point.entries < MANY_ENTRIES]
    assert fitted(few * 2).worst(few * 2) is None


def test_a_target_is_judged_where_the_other_was_there() -> None:
    limit, faster = Target(against="limit", times=1.5), Target(against="7-Zip", times=0.5)
    absent = Target(against="absent", times=1)
    row = Row(chain="c", what="w", values={"vhdchain": 3, "limit": 2, "7-Zip": 5}, targets=(limit, faster, absent))
    assert row.judged() == [(limit, True), (faster, False)]
    assert [str(target) for target in (limit, faster)] == ["≤ 1.5 × limit", "2 × faster than 7-Zip"]


def test_a_small_run_prints_its_table_and_writes_the_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = tmp_path / "figures.json"
    main(
        [
            *("--size-gib", "0.05", "--layers", "2", "--patterns", "clustered", "--repeat", "0"),
            *("--folder", str(tmp_path / "chains"), "--work", str(tmp_path), "--json", str(figures)),
        ]
    )
    printed = capsys.readouterr().out
    rows = json.loads(figures.read_text(encoding="utf-8"))["rows"]
    assert {"0.05 GiB x 2 clustered", "50 small images"} <= {row["chain"] for row in rows}
    done = {row["what"] for row in rows}
    assert {"scan", "open", "open and map", "whole disk to the null device", "du"} <= done
    assert {"whole disk to a dynamic VHD", "merge the leaf into its parent"} <= done
    assert all(row["values"]["vhdchain"] > 0 for row in rows)
    assert all(row["what"].split(",")[0] in printed for row in rows)

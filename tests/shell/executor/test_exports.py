"""No crash and no error loses anything of a plan that copies a machine with digests, proofs and a record."""

from __future__ import annotations

import json
import random
import signal
import time
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.shell.executor.exports import export_plan, is_exported, make_machine
from tests.shell.executor.killing import mended, stopped
from tests.shell.executor.plans import QUICK, contents, contents_and_times
from vhdchain.plan import plan_document
from vhdchain.shell.executor import copying
from vhdchain.testing.faults import check_crashes, check_failures

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small portions, and a checkpoint after every few of them."""
    monkeypatch.setattr(copying, "_STRETCH", 64 << 10)
    monkeypatch.setattr(copying, "_PIECE", 4 << 10)
    monkeypatch.setattr(copying, "_SAFE", 24 << 10)


class Host:
    """Holds the files of the host to what they were."""

    def __init__(self, folder: Path) -> None:
        self._before = contents_and_times(folder / "host")

    def is_untouched(self, folder: Path) -> None:
        assert contents_and_times(folder / "host") == self._before


def test_a_machine_is_copied_proved_and_recorded(tmp_path: Path) -> None:
    make_machine(tmp_path)
    host = Host(tmp_path)
    vc.execute(export_plan(tmp_path), layer=QUICK)

    is_exported(tmp_path)
    host.is_untouched(tmp_path)
    assert [path.name for path in (tmp_path / "exports").iterdir()] == ["srv"]


@pytest.mark.slow
def test_an_export_that_is_killed_anywhere_is_finished_or_taken_back(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    chance, longest, outcomes = random.Random(8), 0.2, list[str]()
    for turn in range(9):
        folder = tmp_path / f"folder {turn}"
        make_machine(folder)
        before, host = contents(folder), Host(folder)
        (tmp_path / "plan.json").write_text(json.dumps(plan_document(export_plan(folder))), encoding="utf-8")
        journal = folder / "exports" / "srv.vhdchain-journal"
        started = time.monotonic()
        # The first one is left alone, so that the others are stopped somewhere in the time that it takes.
        stopped(tmp_path / "plan.json", journal, after=chance.random() * longest * (turn > 1) if turn else None)
        longest = longest if turn else (time.monotonic() - started) / 2
        host.is_untouched(folder)
        outcomes.append(mended(journal, folder, back=turn % 2 == 1))
        if outcomes[-1] == "undone":
            assert contents(folder) == before
        else:
            is_exported(folder)

    assert outcomes[0] == "ended"
    assert {"resumed", "undone"} & set(outcomes)
    record_property("killed", (signal.SIGKILL.name, len(outcomes) - 1))


@pytest.mark.slow
@pytest.mark.usefixtures("often")
def test_every_crash_in_an_export_can_be_resumed_and_taken_back(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    make_machine(tmp_path)
    counts = check_crashes(
        tmp_path,
        export_plan(tmp_path),
        invariant=Host(tmp_path).is_untouched,
        after_resume=is_exported,
        twice=3,
        spread=True,
    )

    record_property(*counts.as_property("export"))
    assert counts.states > 150
    assert counts.undone > counts.states // 2
    assert counts.twice > 200


@pytest.mark.slow
@pytest.mark.usefixtures("often")
def test_every_crash_in_an_export_that_meets_another_content_leaves_nothing_in_the_end(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    make_machine(tmp_path)
    host = Host(tmp_path)
    counts = check_crashes(
        tmp_path,
        export_plan(tmp_path, {"S.bin": "0" * 64}),
        invariant=host.is_untouched,
        after_resume=host.is_untouched,
        spread=True,
        refused=True,
    )

    record_property(*counts.as_property("refused export"))
    assert counts.states > 120
    assert counts.undone > counts.states // 2


@pytest.mark.slow
@pytest.mark.usefixtures("often")
def test_every_error_in_an_export_leaves_nothing_or_what_can_be_gone_on_with(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    make_machine(tmp_path)
    counts = check_failures(
        tmp_path,
        export_plan(tmp_path),
        invariant=Host(tmp_path).is_untouched,
        after_resume=is_exported,
        every=2,
        spread=True,
    )

    record_property(*counts.as_property("export"))
    assert counts.runs > 300
    assert counts.left_nothing
    assert counts.resumed > counts.runs // 3
    assert counts.undone > counts.runs // 4

"""No crash and no error loses anything of a plan of all simple steps, wherever it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.shell.executor.plans import DONE, contents, make_folder, plan_of
from vhdchain.testing.faults.harness import check_crashes, check_failures

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def untouched_files_are_untouched(folder: Path) -> None:
    """Files that the plan only reads, or does not name, have every byte at every moment."""
    for name in ("source.vhd", "stays.vhd"):
        assert (folder / name).read_bytes() == DONE[name]


def a_replaced_file_is_the_old_or_the_new_one(folder: Path) -> None:
    untouched_files_are_untouched(folder)
    assert (folder / "replaced.avhd").read_bytes() in (DONE["replaced.avhd"], contents_before["replaced.avhd"])


contents_before: dict[str, bytes | None] = {}


def is_done(folder: Path) -> None:
    assert contents(folder) == DONE


@pytest.mark.slow
def test_every_crash_in_a_plan_of_all_simple_steps_can_be_resumed_and_taken_back(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    make_folder(tmp_path)
    contents_before.update(contents(tmp_path))
    counts = check_crashes(
        tmp_path,
        plan_of(tmp_path),
        invariant=a_replaced_file_is_the_old_or_the_new_one,
        after_resume=is_done,
        seeds=6,
        twice=25,
    )

    record_property(*counts.as_property("simple steps"))
    assert counts.states > 100
    assert counts.states == counts.resumed + counts.untouched
    assert counts.undone > counts.states // 2
    assert counts.twice > 500


@pytest.mark.slow
def test_every_error_in_a_plan_of_all_simple_steps_leaves_nothing_or_what_can_be_gone_on_with(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    make_folder(tmp_path)
    counts = check_failures(tmp_path, plan_of(tmp_path), invariant=untouched_files_are_untouched, after_resume=is_done)

    record_property(*counts.as_property("simple steps"))
    assert counts.runs > 900
    assert counts.left_nothing
    assert counts.resumed > counts.runs // 3
    assert counts.undone > counts.runs // 4

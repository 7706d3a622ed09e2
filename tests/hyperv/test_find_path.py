"""Which file a path of the host means in a copy: every rule, its order, and where it is certain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.hyperv.machines import WEB
from tests.hyperv.path_cases import CASES, DISKS, STORED, Case
from vhdchain.hyperv import (
    FoundPath,
    KnownFiles,
    PathAttempt,
    PathOutcome,
    PathRule,
    find_path,
)


def _known(files: tuple[str, ...]) -> KnownFiles:
    return KnownFiles({place: name or place for place, _, name in (file.partition("=") for file in files)})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.about)
def test_a_path_leads_to(case: Case) -> None:
    found = find_path(case.stored, viewpoint=case.viewpoint, known=_known(case.files))
    assert found.stored == case.stored
    if isinstance(case.found, tuple):
        assert (found.outcome, found.path, found.rule) == (PathOutcome.AMBIGUOUS, None, None)
        assert tuple(sorted(found.candidates)) == case.found
    elif case.found is None:
        assert (found.outcome, found.path, found.candidates) == (PathOutcome.MISSING, None, ())
    else:
        assert (found.path, found.rule) == (case.found, case.rule)
        assert found.outcome is PathOutcome.FOUND
        assert found.exact is not case.doubt
    if case.rule is not None:
        assert found.attempts[-1].rule is case.rule
        assert bool(found.attempts[-1].detail) is case.doubt or isinstance(case.found, tuple)
    assert all(not attempt.candidates for attempt in found.attempts[:-1])


def test_every_rule_is_tried_before_a_path_leads_nowhere() -> None:
    found = find_path(STORED, viewpoint=CASES[0].viewpoint, known=KnownFiles({}))
    assert [attempt.rule for attempt in found.attempts] == [
        PathRule.SAME_PLACE,
        PathRule.SUFFIX,
        PathRule.DISKS_FOLDER,
        PathRule.SUFFIX,
        PathRule.BESIDE,
        PathRule.NAME,
    ]


@pytest.mark.parametrize(
    ("stored", "problem"),
    [
        ("x" * 65_536, "the path has more than 4096 characters"),
        ("C:\\" + "a\\" * 40_000 + "x.vhd", "the path has more than 4096 characters"),
        (r"\\.\PHYSICALDRIVE1", "device paths are never opened"),
        (r"D:\VMs\srv.vhd:stream", "alternate data streams are never opened"),
        (r"D:\VMs\..", "the path names no file"),
        ("D:\\", "the path names no file"),
        ("D:\\a\x00b.vhd", "the path holds control characters"),
        (r"D:\VMs\srv.vhdx", "disks of this format are not read, nor looked for"),
        (r"D:\VMs\srv.AVHDX", "disks of this format are not read, nor looked for"),
        (r"\\?\Volume{26a21bda-a627-11d7-9931-806e6f6e6963}" + "\\", "the path names no file"),
    ],
)
def test_some_paths_are_refused(stored: str, problem: str) -> None:
    known = KnownFiles({"copy/srv.vhdx": "copy/srv.vhdx", "copy/srv.vhd": "copy/srv.vhd"})
    found = find_path(stored, viewpoint=CASES[0].viewpoint, known=known)
    assert (found.outcome, found.problem, found.path) == (PathOutcome.REFUSED, problem, None)


def test_what_the_map_says_counts_before_everything() -> None:
    mapped = FoundPath(stored=STORED, outcome=PathOutcome.FOUND, path="mapped.vhd", rule=PathRule.MAP)
    known = _known((f"{DISKS}/srv.vhd",))
    assert find_path(STORED, viewpoint=CASES[0].viewpoint, known=known, mapped=mapped) is mapped


def test_where_the_map_leads_nowhere_nothing_else_is_certain() -> None:
    attempt = PathAttempt(rule=PathRule.MAP, detail="/x/srv.vhd: there is none")
    mapped = FoundPath(stored=STORED, outcome=PathOutcome.MISSING, attempts=(attempt,))
    found = find_path(STORED, viewpoint=CASES[0].viewpoint, known=_known((f"{DISKS}/srv.vhd",)), mapped=mapped)
    assert (found.path, found.exact, found.attempts[0]) == (f"{DISKS}/srv.vhd", False, attempt)


def test_a_folder_of_disks_that_several_machines_may_use_is_not_certain() -> None:
    case = next(case for case in CASES if case.rule is PathRule.DISKS_FOLDER)
    viewpoint = replace(case.viewpoint, alone=False)
    found = find_path(case.stored, viewpoint=viewpoint, known=_known(case.files))
    assert (found.path, found.exact) == (case.found, False)


def test_outside_of_one_copy_of_several_nothing_is_certain() -> None:
    case = next(case for case in CASES if case.about == "two names in common")
    viewpoint = replace(case.viewpoint, only_copy=False)
    found = find_path(case.stored, viewpoint=viewpoint, known=_known(case.files))
    assert (found.path, found.exact) == (case.found, False)


def test_the_trace_says_who_is_a_candidate_and_no_more_than_twenty() -> None:
    files = tuple(f"copy/{number}/disk.vhd" for number in range(50))
    found = find_path(r"D:\VMs\srv\disk.vhd", viewpoint=CASES[0].viewpoint, known=_known(files))
    assert found.outcome is PathOutcome.AMBIGUOUS
    assert len(found.candidates) == 20
    assert found.attempts[-1] == PathAttempt(
        rule=PathRule.NAME, candidates=found.candidates, detail=found.attempts[-1].detail
    )


def test_another_machine_s_saved_state_says_nothing_of_the_root() -> None:
    case = Case(about="", folder="copy/srv", saved=rf"E:\all\srv\Virtual Machines\{WEB}\{WEB}.vsv")
    assert case.viewpoint.stored_roots == Case(about="", folder="copy/srv").viewpoint.stored_roots

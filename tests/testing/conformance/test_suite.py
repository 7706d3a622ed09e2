"""Is the suite itself right: complete, healthy where it says so, and read right by this package?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from vhdchain.cli import main
from vhdchain.testing import naive_read
from vhdchain.testing.conformance import (
    ADAPTERS,
    NOT_ASKED,
    SUITE,
    TRAPS,
    Right,
    Verdict,
    ask_about,
    chosen_cases,
    random_cases,
)
from vhdchain.testing.conformance.case import lay, nothing
from vhdchain.testing.conformance.command import Answer
from vhdchain.testing.conformance.judge import judge

if TYPE_CHECKING:
    from vhdchain.testing.conformance import Case

ROOT = Path(__file__).resolve().parent.parent.parent.parent

# Too large for a reader that asks sector by sector, or kept by it for another reason.
_NOT_NAIVE = {"deep-chain", "behind-4-gib", "cycle", "stranger"}

by_name = pytest.mark.parametrize("case", SUITE, ids=lambda case: case.name)


def test_every_trap_of_the_documentation_is_asked_about_or_left_out_with_a_reason() -> None:
    text = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")
    numbered = {
        int(number) for number in re.findall(r"^\| (\d+) \|", text.partition("## What implementers")[2], re.MULTILINE)
    }
    assert numbered == set(TRAPS)
    assert {case.trap for case in SUITE} | set(NOT_ASKED) == set(TRAPS)
    assert {case.trap for case in SUITE} & set(NOT_ASKED) == set()


def test_names_are_unique() -> None:
    assert len({case.name for case in SUITE}) == len(SUITE)


def test_a_case_is_read_right_by_the_installed_program() -> None:
    (case,) = chosen_cases(names=["mixed-blocks"])
    assert ask_about(ADAPTERS["vhdchain"].reader(), case).verdict is Verdict.RIGHT


@by_name
def test_a_case_is_read_right_by_this_package(case: Case, tmp_path: Path) -> None:
    # The words of the adapter behind `python -m vhdchain`, in this process: one for each case would take a minute.
    laid = lay(case, tmp_path / "files")
    _, _, _, *words, _ = ADAPTERS["vhdchain"].command.filled(laid, tmp_path)
    output = tmp_path / "disk.raw"
    code = main([*words, str(output)])
    output.touch()
    answer = Answer(output=output, refused=code != 0)
    assert judge(answer, laid.built, case.right).verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    "case",
    [case for case in SUITE if case.right is Right.BYTES and case.change is nothing and case.name not in _NOT_NAIVE],
    ids=lambda case: case.name,
)
def test_what_a_case_expects_is_what_the_naive_reader_sees(case: Case) -> None:
    tree, leaf = case.build()
    assert tree.expected(leaf) == naive_read([bytes(tree.file(image).content) for image in leaf.stack])


def test_a_case_is_built_the_same_again(tmp_path: Path) -> None:
    (case,) = chosen_cases(names=["two-parents"])
    first, second = lay(case, tmp_path / "first"), lay(case, tmp_path / "second")
    assert [path.read_bytes() for path in first.chain] == [path.read_bytes() for path in second.chain]


def test_the_chain_of_a_case_leaves_out_what_is_missing(tmp_path: Path) -> None:
    missing, moved = chosen_cases(names=["parent-missing"]), chosen_cases(names=["other-case"])
    assert [path.name for path in lay(missing[0], tmp_path / "1").chain] == ["leaf.avhd"]
    assert [path.name for path in lay(moved[0], tmp_path / "2").chain] == ["Base.VHD", "leaf.avhd"]


def test_cases_are_chosen_by_name_and_by_trap() -> None:
    assert [case.name for case in chosen_cases(names=["grown"], traps=[28])] == ["grown", "cycle", "deep-chain"]
    assert len(chosen_cases(random=3)) == len(SUITE) + 3
    with pytest.raises(LookupError, match="there is no case 'nonsense'"):
        chosen_cases(names=["nonsense"])
    with pytest.raises(LookupError, match="there is no trap 99"):
        chosen_cases(traps=[99])


def test_the_same_seed_means_the_same_random_chains() -> None:
    recipes = [case.recipe for case in random_cases(6, 1)]
    assert recipes == [case.recipe for case in random_cases(9, 1)][:6]
    assert recipes != [case.recipe for case in random_cases(6, 2)]
    assert len(set(recipes)) == 6


def test_random_chains_are_what_the_naive_reader_sees() -> None:
    for case in random_cases(60, 3):
        tree, leaf = case.build()
        files = [bytes(tree.file(image).content) for image in leaf.stack]
        assert tree.expected(leaf) == naive_read(files), case.recipe

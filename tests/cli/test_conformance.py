"""What does ``vhdchain conformance`` print of a reader, and with which exit code does it end?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from tests.cli.program import run
from tests.report.validation import strict, validate
from tests.testing.conformance.test_faults_found import PROGRAM
from vhdchain.testing.conformance.document import CONFORMANCE_SCHEMA

if TYPE_CHECKING:
    from pathlib import Path

RIGHT = ("--", sys.executable, str(PROGRAM), "", "{leaf}")
NO_MASK = ("--", sys.executable, str(PROGRAM), "no mask", "{leaf}")
CUT = ("--", sys.executable, str(PROGRAM), "original size", "{leaf}")
REFUSING = ("--", sys.executable, "-c", "import sys; sys.exit('no')", "{leaf}")


def test_a_right_reader_is_told_so_in_one_line_for_each_trap() -> None:
    ran = run("conformance", "--trap", "1", "--trap", "4", *RIGHT)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "reader: 6 cases",
        "6 right",
        "   1  right      bits are most significant first, and masked one by one",
        "   4  right      a set bit over zeros hides the parent",
        "",
        "traps 21, 27, 30 cannot be asked about in this way",
    ]


def test_a_fault_is_told_with_its_sector_and_what_was_shown() -> None:
    ran = run("conformance", "--name", "mine", "--case", "bits-0xa5", "--case", "whole-bytes", *NO_MASK)
    assert ran.code == 1
    what = "each byte of the child's bitmap is 0xA5"
    assert ran.out.splitlines()[:5] == [
        "mine: 2 cases",
        "1 right, 1 wrong",
        "   1  wrong      bits are most significant first, and masked one by one (0 of 1 right)",
        f"      bits-0xa5: {what}: wrong: sector 1 shows what lies in a file above the right one",
        "   2  right      a differencing disk is read through its whole chain, or not at all",
    ]


@pytest.mark.parametrize(
    ("reader", "fail_on", "code"),
    [(REFUSING, "wrong", 0), (REFUSING, "refused", 1), (CUT, "wrong", 1), (CUT, "never", 0)],
)
def test_the_exit_code_follows_what_counts_as_failed(reader: tuple[str, ...], fail_on: str, code: int) -> None:
    assert run("conformance", "--case", "grown", "--fail-on", fail_on, *reader).code == code


def test_the_document_is_what_its_schema_says() -> None:
    ran = run("conformance", "--case", "grown", "--random", 2, "--json", *CUT)
    validate(ran.document, strict(CONFORMANCE_SCHEMA))
    (reader,) = ran.document["readers"]
    grown, drawn = reader["traps"]
    assert (grown["trap"], grown["verdict"], drawn["trap"]) == (5, "wrong", None)
    (case,) = grown["cases"]
    assert (case["first_wrong_sector"], case["shown"], case["recipe"]) == (8192, "nothing", None)
    assert [case["recipe"][:11] for case in drawn["cases"]] == ["ChainRecipe"] * 2
    assert sum(reader["summary"].values()) == 3


def test_junit_holds_a_failure_for_each_wrong_case() -> None:
    ran = run("conformance", "--trap", "5", "--format", "junit", *CUT)
    (suite,) = ET.fromstring(ran.out.partition("\n")[2])  # what this program wrote itself
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    (problem,) = suite.iter("failure")
    assert problem.get("type") == "wrong"


def test_the_files_of_what_was_wrong_are_kept(tmp_path: Path) -> None:
    run("conformance", "--trap", "5", "--keep", tmp_path / "kept", *CUT)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")) == [
        "kept/grown/base.vhd",
        "kept/grown/expected.json",
    ]


def test_an_adapter_tells_the_version() -> None:
    ran = run("conformance", "--adapter", "vhdchain", "--case", "grown", "--json")
    (reader,) = ran.document["readers"]
    assert (reader["name"], reader["reader_version"]) == ("vhdchain", "0.1.0")
    assert ran.code == 0


def test_the_cases_are_listed() -> None:
    ran = run("conformance", "--list", "--trap", "28")
    assert ran.out.splitlines() == [
        "28  cycles, and chains of more than a thousand images",
        "    cycle                      refusal  two disks name each other as the parent",
        "    deep-chain                 bytes    the chain has 1,101 images",
        "2 cases",
    ]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((), "no command: put the reader's command line behind '--'"),
        (("--", "cat", "{lef}"), "the command has no {leaf} (or {chain})"),
        (("--trap", "99", *RIGHT), "there is no trap 99; 'vhdchain conformance --list' lists them"),
        (("--case", "x", *RIGHT), "there is no case 'x'; 'vhdchain conformance --list' lists them"),
        (("--json", "--format", "junit", *RIGHT), "--json and --format junit contradict each other"),
    ],
)
def test_what_cannot_be_understood_is_a_usage_error(arguments: tuple[str, ...], error: str) -> None:
    ran = run("conformance", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.error.startswith(error)


def test_a_reader_that_cannot_be_started_is_no_finding() -> None:
    ran = run("conformance", "--case", "grown", "--", "no-such-reader", "{leaf}")
    assert (ran.code, ran.out) == (3, "")
    assert ran.error == "no-such-reader: the reader cannot be started: No such file or directory"

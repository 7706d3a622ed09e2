"""Does the suite find a reader's fault, in the trap that it belongs to?"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.testing.faulty_reader import FAULTS
from vhdchain.testing.conformance import Command, Reader, Shown, Verdict, ask_about, chosen_cases

PROGRAM = Path(__file__).resolve().parent.parent / "faulty_reader.py"

# For each fault a case that shows it: the first wrong sector, and what is there instead.
SHOWN = {
    "bit order": ("bits-0x80", 0, Shown.PARENT),
    "no mask": ("bits-0x01", 0, Shown.CHILD),
    "no parent": ("whole-bytes", 512, Shown.ZEROS),
    "original size": ("grown", 8192, Shown.NOTHING),
    "zero entry": ("entry-zero", 4096, Shown.ZEROS),
    "bitmap not rounded up": ("blocks-of-512-kib", 0, Shown.JUNK),
    "path from the root": ("other-folder", None, None),
    "zeros show the parent": ("zero-sectors", 4, Shown.PARENT),
}


def reader(fault: str) -> Reader:
    return Reader(name=fault, command=Command(words=(sys.executable, str(PROGRAM), fault, "{leaf}")))


def test_every_fault_has_a_case_that_shows_it() -> None:
    assert set(SHOWN) == set(FAULTS)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_by_its_case(fault: str) -> None:
    name, sector, shown = SHOWN[fault]
    (case,) = chosen_cases(names=[name])
    found = ask_about(reader(fault), case)
    refused = fault == "path from the root"
    assert found.verdict is (Verdict.REFUSED if refused else Verdict.WRONG)
    assert (found.sector, found.shown) == (sector, shown)


@pytest.mark.parametrize("name", sorted({name for name, _, _ in SHOWN.values()}))
def test_a_reader_without_the_fault_is_right_about_these_cases(name: str) -> None:
    (case,) = chosen_cases(names=[name])
    assert ask_about(reader(""), case).verdict is Verdict.RIGHT

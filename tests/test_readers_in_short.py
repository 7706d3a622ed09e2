"""Does the README's short table of other readers say what the page about them says, of the same versions?"""

from __future__ import annotations

import pytest

from tests.docs import rows_below
from tests.test_docs import README, ROOT

PAGE = (ROOT / "docs" / "readers.md").read_text(encoding="utf-8")

# A row of the README, and those of the page that it stands for.
ROWS = {
    "child with whole bitmap bytes (0xFF)": ["child with whole bitmap bytes (0xFF)"],
    "several such blocks of 512 KiB": ["blocks of 512 KiB"],
    "several such blocks of 4 MiB": ["blocks of 4 MiB"],
    "child with single bits set (0xA5)": ["child with single bits set (0xA5)"],
    "dynamic, original size below current size": ["dynamic, original ≠ current size"],
    "parent is missing": ["parent missing"],
    "parent in `..\\base\\`, or in other letter case, on Linux": [
        "parent in `..\\base\\`, on Linux",
        "parent in other letter case, on Linux",
    ],
    "BAT entry beyond the end of the file": ["BAT entry behind the end of the file"],
    "two BAT entries name one block": ["two BAT entries, one block"],
    "reserved byte 85 set, or BAT longer than needed": ["reserved byte 85 set", "BAT longer than needed"],
}


def plain(cell: str) -> str:
    """Return what a cell of either table comes down to."""
    words = cell.strip("* ").partition(",")[0].partition(":")[0]
    return {"error": "refuses", "zeros": "wrong", "left to the caller": "told the parent"}.get(words, words)


SHORT = rows_below("| case |", README)
LONG = rows_below("| case |", PAGE)


def test_the_versions_are_the_same() -> None:
    assert [name.replace("-python", "") for name in SHORT["case"]] == LONG["case"]


def test_the_rows_are_known() -> None:
    assert set(SHORT) == {"case", *ROWS}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_says_the_same(row: str) -> None:
    for other in ROWS[row]:
        assert [plain(cell) for cell in SHORT[row]] == [plain(cell) for cell in LONG[other]]

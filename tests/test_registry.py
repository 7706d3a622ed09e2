"""Does every code have what a code must have: a row that is whole, a page, a check that reaches it, and a recipe?

The table is looked at as data, and the checks as syntax trees: a code that no check names could never be told, and a
code that the table does not know could never be explained.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from vhdchain.findings import CODES, CodeInfo, Severity
from vhdchain.findings.catalogue import ROWS, files, footer, footer_copy, graph, header, layout, links, locators, tool
from vhdchain.testing.damage import RECIPES
from vhdchain.testing.damage_folder import FOLDER_RECIPES

ROOT = Path(__file__).resolve().parent.parent

# What no file can hold is planted by a source that shrinks: tests/image/test_checks.py.
PLANTED_BY_A_SOURCE = {"VHD004"}

FAMILIES = {
    tool: range(1, 100),
    footer: range(101, 139),
    footer_copy: range(139, 150),
    header: range(201, 250),
    locators: range(301, 350),
    layout: range(401, 450),
    files: range(551, 600),
    links: range(601, 650),
    graph: range(701, 750),
}

# The codes are permanent: this list only grows, and a name or a number in it never changes.
PERMANENT = {
    "VHD001": "file-not-read",
    "VHD002": "check-skipped",
    "VHD003": "outside-allowed-roots",
    "VHD004": "changed-while-read",
    "VHD005": "limit-reached",
    "VHD101": "file-too-short",
    "VHD102": "end-footer-missing",
    "VHD103": "no-footer",
    "VHD106": "end-footer-checksum",
    "VHD107": "checksum-without-hidden-byte",
    "VHD109": "footer-version",
    "VHD114": "disk-type-unknown",
    "VHD116": "header-offset-missing",
    "VHD119": "header-beyond-end",
    "VHD127": "size-zero",
    "VHD128": "size-not-whole-sectors",
    "VHD139": "footer-copy-missing",
    "VHD140": "footer-copy-checksum",
    "VHD141": "footers-differ",
    "VHD142": "footers-torn",
    "VHD144": "fixed-file-size",
    "VHD201": "header-cookie",
    "VHD202": "header-checksum",
    "VHD203": "header-version",
    "VHD207": "table-offset",
    "VHD208": "table-overlaps-header",
    "VHD209": "table-beyond-end",
    "VHD210": "block-size",
    "VHD213": "block-below-sector",
    "VHD214": "table-too-short",
    "VHD301": "locator-platform-unknown",
    "VHD306": "locator-longer-than-space",
    "VHD307": "locator-beyond-end",
    "VHD401": "table-truncated",
    "VHD402": "block-in-metadata",
    "VHD403": "entry-zero",
    "VHD404": "block-beyond-end",
    "VHD405": "last-block-cut",
    "VHD406": "blocks-equal",
    "VHD407": "blocks-overlap",
    "VHD552": "file-empty",
    "VHD601": "parent-not-found",
    "VHD602": "parent-found-by-fallback",
    "VHD603": "parent-identifier-mismatch",
    "VHD605": "parent-identifier-ambiguous",
    "VHD610": "child-smaller-than-parent",
    "VHD611": "child-larger-than-parent",
    "VHD615": "ancestor-damaged",
    "VHD617": "parent-is-itself",
    "VHD628": "parent-access-denied",
    "VHD701": "cycle",
    "VHD702": "duplicate-identifier",
    "VHD704": "fork",
    "VHD714": "scan-incomplete",
}

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)


def test_codes_and_names_are_permanent() -> None:
    assert {row.code: row.name for row in ROWS} == PERMANENT


def test_the_table_is_in_the_order_of_the_codes_and_holds_each_once() -> None:
    codes = [row.code for row in ROWS]
    assert codes == sorted(set(codes))
    assert list(CODES) == codes
    assert len({row.name for row in ROWS}) == len({row.title for row in ROWS}) == len(ROWS)


def test_each_family_keeps_to_its_numbers() -> None:
    for module, numbers in FAMILIES.items():
        assert {int(row.code[3:]) for row in module.ROWS} <= set(numbers), module.__name__
    assert sum(len(module.ROWS) for module in FAMILIES) == len(ROWS)


@each_row
def test_a_row_is_whole(row: CodeInfo) -> None:
    assert re.fullmatch(r"VHD\d{3}", row.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", row.name)
    assert re.fullmatch(r"\d+\.\d+\.\d+", row.since)
    assert row.title[0].isupper()
    assert row.title[-1] not in ".!?"
    assert isinstance(row.severity, Severity)
    assert row.windows_error is None or 0xC03A0001 <= row.windows_error <= 0xC03A001C
    assert row.windows_text is None or row.windows_error is not None


@each_row
def test_a_page_says_something_under_every_heading(row: CodeInfo) -> None:
    for heading, text in row.page.sections:
        assert text == text.strip(), heading
        assert text.endswith("."), heading
        assert len(text.split()) >= 2, heading
        assert "  " not in text, heading


@each_row
def test_a_page_mentions_only_codes_that_exist(row: CodeInfo) -> None:
    told = {code for _, text in row.page.sections for code in re.findall(r"VHD\d{3}", text)}
    assert told <= set(CODES)


def test_every_code_is_planted_by_a_recipe() -> None:
    assert set(RECIPES) | set(FOLDER_RECIPES) | PLANTED_BY_A_SOURCE == set(CODES)
    assert set(RECIPES) & set(FOLDER_RECIPES) == set()
    assert list(RECIPES) == sorted(RECIPES)
    assert list(FOLDER_RECIPES) == sorted(FOLDER_RECIPES)


def test_a_recipe_stands_under_its_code_and_says_why_others_follow() -> None:
    for recipes in (RECIPES, FOLDER_RECIPES):
        for code, recipe in recipes.items():
            assert recipe.code == code
            assert recipe.what
            assert code not in recipe.also
            assert set(recipe.also) <= set(CODES)
            assert all(recipe.also.values()), "each with a reason"


def _told(source: str) -> set[str]:
    """Return the codes that are given as text in calls: ``finding("VHD603", …)``, also through helpers."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    texts = {
        node.value
        for call in calls
        for argument in (*call.args, *(keyword.value for keyword in call.keywords))
        for node in ast.walk(argument)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in texts if re.fullmatch(r"VHD\d{3}", text)}


def test_every_code_is_told_by_a_check_and_no_other_is() -> None:
    rooms = ("structures", "image", "locate", "graph", "audit")
    told: set[str] = set()
    for path in sorted(path for room in rooms for path in (ROOT / "vhdchain" / room).rglob("*.py")):
        if path.name != "load.py":  # it decides about findings and makes none
            told |= _told(path.read_text(encoding="utf-8"))
    assert told == set(CODES)


def test_the_search_for_told_codes_sees_them() -> None:
    source = 'yield finding("VHD001", place)\nx = "VHD002"\n_told(file, code="VHD003" if y else "VHD004")\nf("VHD0055")'
    assert _told(source) == {"VHD001", "VHD003", "VHD004"}

"""The checked-in pages are those of the table, and each has its headings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from vhdchain.findings import CODES
from vhdchain.findings.pages import INDEX_NAME, page_name, render_index, render_page

if TYPE_CHECKING:
    from pathlib import Path

HEADINGS = ["What it finds", "Why it matters", "Seen in the wild", "False positives", "What to do"]


def test_the_folder_holds_exactly_the_pages_of_the_table(project_root: Path) -> None:
    names = {page_name(row) for row in CODES.values()} | {INDEX_NAME}
    assert {page.name for page in (project_root / "docs" / "findings").iterdir()} == names


@pytest.mark.parametrize("code", CODES)
def test_the_checked_in_page_is_the_generated_one(code: str, project_root: Path) -> None:
    """Made with ``python docs/generate_findings.py``."""
    page = project_root / "docs" / "findings" / page_name(CODES[code])
    assert page.read_text(encoding="utf-8") == render_page(CODES[code])


def test_the_checked_in_index_is_the_generated_one(project_root: Path) -> None:
    index = (project_root / "docs" / "findings" / INDEX_NAME).read_text(encoding="utf-8")
    assert index == render_index(CODES.values())
    assert re.findall(r"^\| \[(VHD\d{3})\]\(\1\.md\)", index, re.MULTILINE) == list(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_page_has_the_fixed_headings_in_order(code: str) -> None:
    page = render_page(CODES[code])
    assert page.startswith(f"# {code}: {CODES[code].title}\n")
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == HEADINGS
    assert [heading for heading, _ in CODES[code].page.sections] == HEADINGS
    assert page.endswith("\n")
    assert not page.endswith("\n\n")
    assert all(len(line) <= 120 or line.startswith("|") for line in page.splitlines())


def test_a_page_shows_the_hosts_error_where_there_is_one() -> None:
    assert "| Windows error | 0xC03A000E |" in render_page(CODES["VHD603"])
    assert "Windows" not in render_page(CODES["VHD704"]).partition("\n## ")[0]

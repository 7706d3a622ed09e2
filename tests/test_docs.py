"""Does the documentation do what it shows, and do its links lead somewhere?

``docs.py`` takes the pages apart and runs them; here every page is tried, and so are small pages with a fault each.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs import (
    anchors,
    blocks,
    broken_links,
    commands,
    failed_commands,
    failed_doctests,
    linked_pages,
    marked_command,
)
from vhdchain.findings import CODES

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "fixtures" / "README.md", ROOT / "tests" / "README.md"]
)


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


README = _text(ROOT / "README.md")
each_page = pytest.mark.parametrize("page", PAGES, ids=_id)


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    assert list(broken_links(page, ROOT)) == []


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(_text(page), "pycon")], ids=_id)
def test_the_python_examples_do_what_they_show(page: Path, clone: Path) -> None:
    assert failed_doctests(page, _text(page)) == []


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(_text(page), "console")], ids=_id)
def test_the_commands_print_what_they_show(page: Path, clone: Path) -> None:
    assert failed_commands(_text(page), clone) == []


@each_page
def test_every_block_has_a_language(page: Path) -> None:
    known = {"bash", "console", "mermaid", "pycon", "text", "toml", "json", "python"}
    languages = {block.language for block in blocks(_text(page))}
    diagrams = {""} if page.name == "architecture.md" else set()
    assert languages <= known | diagrams


@each_page
def test_every_code_of_a_finding_exists(page: Path) -> None:
    assert set(re.findall(r"\bVHD\d{3}\b", _text(page))) <= set(CODES)


def test_the_index_leads_to_every_page() -> None:
    reached, waiting = set[Path](), [ROOT / "docs" / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        waiting += set(linked_pages(page)) - reached
    assert set(PAGES) - reached == set()


def test_the_readme_shows_the_command_line_and_the_api() -> None:
    shown = [command for _, command, _ in commands(README)]
    for name in ("info", "chain", "tree", "map", "flatten", "audit", "explain"):
        assert any(command.startswith(f"vhdchain {name} ") for command in shown), name
    assert blocks(README, "pycon")


@pytest.mark.parametrize(
    ("name", "last_words"), [("audit", "vhdchain audit fixtures/healthy"), ("tests", "pytest -q -n 2 --dist worksteal")]
)
def test_the_commands_that_continuous_integration_takes_are_there(name: str, last_words: str) -> None:
    assert marked_command(README, name).endswith(last_words)
    assert f"readme_command {name}\n" in _text(ROOT / ".ci" / "run")


def test_a_wrong_python_example_is_found() -> None:
    page = "Text\n\n```pycon\n>>> x = 2\n>>> x\n2\n```\n\n```pycon\n>>> x + 1\n4\n```\n"
    (failure,) = failed_doctests(Path("page.md"), page)
    assert "line 10" in failure
    assert "Expected:\n    4\nGot:\n    3\n" in failure


def test_a_wrong_command_is_found(tmp_path: Path) -> None:
    page = "```console\n$ echo one two\none ...\n$ echo three; exit 3\nfour\n$ true\n```\n"
    (failure,) = failed_commands(page, tmp_path)
    assert failure == "line 1: $ echo three; exit 3\n--- expected\nfour\n--- got\nthree\n"


def test_output_that_is_not_shown_is_found(tmp_path: Path) -> None:
    assert len(failed_commands("```console\n$ echo more\n```\n", tmp_path)) == 1


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# A title, here\n", encoding="utf-8")
    page = tmp_path / "page.md"
    targets = ["there.md", "there.md#a-title-here", "https://example.org/x", "#own"]
    broken = ["gone.md", "there.md#other", "../outside.md", "#absent"]
    page.write_text("# Own\n" + "\n".join(f"[x]({target})" for target in targets + broken), encoding="utf-8")
    assert list(broken_links(page, tmp_path)) == broken


def test_anchors_are_those_of_headings_alone() -> None:
    assert anchors("# One: two\n```bash\n# no heading\n```\n## `vhdchain` map\n") == {"one-two", "vhdchain-map"}

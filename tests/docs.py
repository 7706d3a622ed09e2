"""How is a page of documentation taken apart and tried?

Pages are Markdown. Fenced blocks are what runs: ``pycon`` blocks as doctests, all of a page in one namespace;
``console`` blocks through a shell, each ``$ `` line with the lines below it as its output. ``...`` in expected output
stands for any text, as in doctests. Links are checked where they lead inside of the project.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\S*)[^\n]*\n(?P<code>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE
)
LINK = re.compile(r"\[[^\]\n]*\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#+ +(?P<title>.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block; ``line`` is the line of its fence, from 1."""

    language: str
    code: str
    line: int


def blocks(text: str, *languages: str) -> list[Block]:
    """Return the fenced blocks of a page in any of ``languages`` (all where none is named), in order."""
    found = (
        Block(language=m["language"], code=m["code"], line=text.count("\n", 0, m.start()) + 1)
        for m in FENCE.finditer(text)
    )
    return [block for block in found if not languages or block.language in languages]


def marked_command(text: str, name: str) -> str:
    """Return the block below the marker ``<!-- ci: NAME -->``, as `.ci/run` takes it; empty where there is none."""
    marker = f"<!-- ci: {name} -->\n"
    return next((b.code.strip() for b in blocks(text.partition(marker)[2])), "") if marker in text else ""


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    titles = (m["title"] for m in HEADING.finditer(FENCE.sub("", text)))
    return {re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in titles}


def broken_links(page: Path, root: Path) -> Iterator[str]:
    """Yield the links of a page that lead out of the project or to nothing in it."""
    for target in _links(page):
        path, _, anchor = target.partition("#")
        if not _leads_somewhere((page.parent / path).resolve() if path else page, anchor, root):
            yield target


def linked_pages(page: Path) -> list[Path]:
    """Return the pages that a page links to."""
    targets = ((page.parent / target.partition("#")[0]).resolve() for target in _links(page))
    return [target for target in targets if target.suffix == ".md"]


def _links(page: Path) -> list[str]:
    found = (match["target"] for match in LINK.finditer(FENCE.sub("", page.read_text(encoding="utf-8"))))
    return [target for target in found if "://" not in target and not target.startswith("mailto:")]


def _leads_somewhere(place: Path, anchor: str, root: Path) -> bool:
    if not place.is_relative_to(root) or not place.exists():
        return False
    return not anchor or anchor in anchors(place.read_text(encoding="utf-8"))


def failed_doctests(page: Path, text: str) -> list[str]:
    """Run the ``pycon`` blocks of a page, in one namespace; return what failed, as doctest reports it."""
    lines = [""] * (text.count("\n") + 2)
    for block in blocks(text, "pycon"):
        lines[block.line : block.line + block.code.count("\n")] = block.code.splitlines()
    test = doctest.DocTestParser().get_doctest("\n".join(lines), {"__name__": "__main__"}, page.name, str(page), 0)
    failures: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False).run(test, out=failures.append)
    return failures


def failed_commands(text: str, folder: Path) -> list[str]:
    """Run the commands of a page's ``console`` blocks in ``folder``; return each that printed something else."""
    return [
        f"line {line}: $ {command}\n--- expected\n{expected}--- got\n{got}"
        for line, command, expected in commands(text)
        if not _agrees(expected, got := run(command, folder))
    ]


def commands(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield (line, command, expected output) for every ``$ `` line of the ``console`` blocks."""
    for block in blocks(text, "console"):
        for part in re.split(r"^(?=\$ )", block.code, flags=re.MULTILINE):
            command, _, expected = part.partition("\n")
            if command.startswith("$ "):
                yield block.line, command.removeprefix("$ "), expected.rstrip("\n") + "\n" if expected.strip() else ""


def run(command: str, folder: Path) -> str:
    """Return what a shell command prints (both streams), with this interpreter's programs first in the path."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "COLUMNS": "120",
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )
    return done.stdout


def _agrees(expected: str, got: str) -> bool:
    return doctest.OutputChecker().check_output(expected, got, doctest.ELLIPSIS)


def rows_below(heading: str, text: str) -> dict[str, list[str]]:
    """Return the cells of the first table whose line begins with ``heading``, by their row's first cell."""
    _, begin, rest = text.partition(f"\n{heading}")
    lines = (begin + rest).strip().partition("\n\n")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines if not line.startswith("|---")]
    return {first: cells for first, *cells in rows}

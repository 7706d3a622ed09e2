"""Does nothing that a file or folder is called, or says, reach a terminal as more than text?"""

from __future__ import annotations

import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

from tests.cli.program import command, environment, read_terminal, run
from vhdchain.testing import ChainBuilder

MIB = 1 << 20
BASE = "base\x1b]0;owned\x07\x1b[2J\n\u202e[bold red].vhd"
LEAF = "leaf\x1b[31m\r[red] :skull: \u2028.avhd"
SGR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chain with names that try to be more than names, a file that is not UTF-8, and a cut-off one."""
    folder = tmp_path_factory.mktemp("hostile")
    tree = ChainBuilder(seed="hostile", windows_folder="C:\\\x1b[1mVMs\x9b5m")
    base = tree.dynamic(BASE, size=2 * MIB)
    leaf = tree.snapshot(base, LEAF)
    tree.fill(leaf, 0, 512)
    other = bytes(tree.file(tree.dynamic("other", size=MIB)).content)
    tree.save(folder)
    (folder / "other").unlink()
    Path(os.fsdecode(os.fsencode(folder) + b"/not utf-8 \xff\x1b[5m.vhd")).write_bytes(other)
    (folder / "日本.vhd").write_bytes(b"conectix")
    (folder / "short\x1b[7m.vhd").write_bytes(b"conectix")
    return folder


COMMANDS = (
    ("info", LEAF),
    ("chain", LEAF),
    ("map", LEAF),
    ("map", LEAF, "--at", "0"),
    ("diff", LEAF, BASE),
    ("tree",),
    ("tree", "--format", "dot"),
    ("tree", "--format", "mermaid"),
    ("audit",),
    ("manifest create",),
    ("manifest create", "--content"),
    ("chain", "gone\x1b[2J\n.vhd"),
    ("info", "short\x1b[7m.vhd"),
    ("flatten", LEAF, "/nowhere\x1b[1m/x"),
)


def arguments_for(folder: Path, line: tuple[str, ...]) -> list[str]:
    name, *rest = line
    if not rest or rest[0].startswith("-"):
        return [*name.split(), str(folder), *rest]
    paths = [str(folder / each) if each in (LEAF, BASE) else each for each in rest[1:]]
    return [name, str(folder / rest[0]), *paths]


@pytest.mark.parametrize("line", COMMANDS, ids=lambda line: ascii(" ".join(line)))
def test_output_is_printable_lines(line: tuple[str, ...], folder: Path) -> None:
    ran = run(*arguments_for(folder, line))
    assert ran.code in (0, 1, 3)
    for text in (ran.out, ran.err):
        assert all(each.isprintable() for each in text.split("\n"))
    assert len(ran.err.splitlines()) <= 1


@pytest.mark.parametrize("line", COMMANDS[:9], ids=lambda line: ascii(" ".join(line)))
def test_a_terminal_gets_colours_and_nothing_else(line: tuple[str, ...], folder: Path) -> None:
    text = on_a_terminal(*arguments_for(folder, line))
    plain = SGR.sub("", text).replace("\r\n", "\n")
    assert all(each.isprintable() for each in plain.split("\n"))
    if line[0] in ("info", "chain"):
        assert SGR.search(text)
        assert "leaf\\x1b[31m\\r[red] :skull: \\u2028.avhd" in plain


def test_colours_can_be_turned_off(folder: Path) -> None:
    arguments = arguments_for(folder, ("chain", LEAF))
    plain = on_a_terminal(*arguments, "--no-color")
    assert plain == SGR.sub("", on_a_terminal(*arguments))
    assert plain == on_a_terminal(*arguments, NO_COLOR="1")


def on_a_terminal(*arguments: str, **changes: str) -> str:
    """Run the program with a pseudo-terminal as its output; return what that got."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command(*arguments),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=environment(TERM="xterm-256color", COLUMNS="100", **changes),
    )
    os.close(theirs)
    written = read_terminal(ours)
    assert process.wait() in (0, 1, 3)
    return written.decode("utf-8")


def test_documents_hold_names_exactly(folder: Path) -> None:
    ran = run("tree", "--json", folder)
    assert ran.out.isascii()
    names = {Path(disk["path"]).name for disk in ran.document["disks"]}
    assert {BASE, LEAF, "not utf-8 \udcff\x1b[5m.vhd"} <= names


def test_a_terminal_that_cannot_show_a_name_gets_an_escape(folder: Path) -> None:
    done = subprocess.run(
        command("tree", str(folder)),
        capture_output=True,
        env=environment(PYTHONIOENCODING="latin-1"),
        check=False,
    )
    assert done.returncode in (0, 1)
    assert b"\\u65e5\\u672c.vhd" in done.stdout
    assert b"`- " in done.stdout  # the guides, too, are what the terminal can show

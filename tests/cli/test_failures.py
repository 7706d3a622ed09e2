"""Does every failure end in its exit code, one line on standard error, and nothing on standard output?"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import click
import pytest

from tests.cli.program import run
from vhdchain.cli.exits import Exit
from vhdchain.cli.failures import guarded
from vhdchain.cli.options import byte_count
from vhdchain.errors import CancelledError, ChainError, PlanRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Built

COMMANDS_ON_A_CHAIN = (["chain"], ["chain", "--json"], ["map"], ["map", "--json"], ["map", "--at", "0"], ["flatten"])


def arguments_for(command: list[str], leaf: str, out: Path | str) -> list[str]:
    name, *options = command
    return [name, leaf, str(out), *options] if name == "flatten" else [name, leaf, *options]


# -------------------------------------------------------------------------------------------------------- broken chains


@pytest.mark.parametrize("command", COMMANDS_ON_A_CHAIN, ids=" ".join)
def test_a_missing_parent_stops_every_command(command: list[str], broken: Built, tmp_path: Path) -> None:
    leaf = broken.path("leaf.avhd")
    ran = run(*arguments_for(command, leaf, tmp_path / "out.raw"))
    assert (ran.code, ran.out) == (3, "")
    assert ran.error.startswith(f"{leaf}: the parent was not found")
    for tried in (r"W2ru '.\middle.avhd' -> " + broken.path("middle.avhd"), r"'D:\VMs\middle.avhd'", "uuid-index"):
        assert tried in ran.error
    assert not (tmp_path / "out.raw").exists()


def test_a_stream_of_a_broken_chain_stays_empty(broken: Built) -> None:
    ran = run("flatten", broken.path("leaf.avhd"), "-")
    assert (ran.code, ran.out) == (3, "")
    assert ran.error


def another_disk(broken: Built) -> None:
    (broken.folder / "middle.avhd").write_bytes((broken.folder / "base.vhd").read_bytes())


def itself(broken: Built) -> None:
    (broken.folder / "middle.avhd").hardlink_to(broken.folder / "leaf.avhd")


def a_fifo(broken: Built) -> None:
    os.mkfifo(broken.folder / "middle.avhd")


def a_link_out(broken: Built) -> None:
    outside = broken.folder.parent / "outside.avhd"
    outside.write_bytes(bytes(broken.tree.file(broken.image("middle.avhd")).content))
    (broken.folder / "middle.avhd").symlink_to(outside)


def no_vhd(broken: Built) -> None:
    (broken.folder / "middle.avhd").write_bytes(b"x" * 5000)


@pytest.mark.parametrize("what", [another_disk, itself, a_fifo, a_link_out, no_vhd], ids=lambda what: what.__name__)
@pytest.mark.parametrize("command", [["chain", "--json"], ["map"], ["flatten"]], ids=" ".join)
def test_what_stands_in_the_parents_place_is_not_taken(
    command: list[str], what: Callable[[Built], None], broken: Built, tmp_path: Path
) -> None:
    what(broken)
    ran = run(*arguments_for(command, broken.path("leaf.avhd"), tmp_path / "out.raw"))
    assert (ran.code, ran.out) == (3, "")
    assert ran.error.startswith(broken.path("leaf.avhd"))
    assert "middle.avhd" in ran.error
    assert not (tmp_path / "out.raw").exists()


def test_a_partial_view_is_no_way_around_another_disk(broken: Built) -> None:
    another_disk(broken)
    assert run("map", "--partial", broken.path("leaf.avhd")).code == 3


def test_a_damaged_image_is_refused_until_its_error_is_accepted(broken: Built, tmp_path: Path) -> None:
    tree = broken.tree
    path = broken.folder / "base.vhd"
    content = bytearray(path.read_bytes())
    content[512 + 900] ^= 1  # in the header's reserved bytes: only the checksum notices
    path.write_bytes(content)
    ran = run("flatten", path, tmp_path / "out.raw")
    assert (ran.code, ran.out) == (3, "")
    assert ran.error.startswith(f"{path}:dynamic header.checksum @0x224: ")
    assert run("flatten", "--accept", "VHD202", path, tmp_path / "out.raw").code == 0
    assert (tmp_path / "out.raw").read_bytes() == tree.expected(tree.image("base.vhd"))


# ---------------------------------------------------------------------------------------------------------------- usage


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["chain"],
        ["info"],
        ["tree"],
        ["audit"],
        ["flatten", "LEAF"],
        ["chain", "LEAF", "LEAF"],
        ["chain", "LEAF", "--nonsense"],
        ["chain", "LEAF", "--footer", "middle"],
        ["chain", "LEAF", "--map", "nonsense"],
        ["chain", "LEAF", "--map", "relative=/x"],
        ["chain", "LEAF", "--within", "/no/such/folder"],
        ["chain", "LEAF", "--accept", "VHD999"],
        ["map", "LEAF", "--at", "x"],
        ["map", "LEAF", "--at", "-1"],
        ["map", "LEAF", "--at", "4M"],
        ["map", "LEAF", "--at", "0", "--start", "0"],
        ["map", "LEAF", "--start", "5M"],
        ["map", "LEAF", "--start", "1M", "--length", "4M"],
        ["map", "LEAF", "--at", "9" * 5000],
        ["flatten", "LEAF", "-", "--json"],
        ["diff", "LEAF"],
        ["diff", "LEAF", "LEAF", "LEAF"],
        ["diff", "LEAF", "LEAF", "--block-size", "0"],
        ["diff", "LEAF", "LEAF", "--gap", "-1"],
        ["diff", "LEAF", "LEAF", "--within", "/no/such/folder"],
        ["diff", "--in", "FOLDER", "srv"],
        ["diff", "--in", "FOLDER", "srv", "srv:gone"],
        ["tree", "FOLDER", "--format", "pdf"],
        ["tree", "FOLDER", "--format", "dot", "--json"],
        ["audit", "FOLDER", "--format", "text", "--json"],
        ["audit", "FOLDER", "--fail-on", "always"],
        ["audit", "FOLDER", "--select", "nonsense"],
        ["audit", "FOLDER", "--ignore", ""],
        ["explain", "VHD999"],
        ["explain", "VHD603", "VHD601"],
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_what_cannot_be_understood_is_a_usage_error(arguments: list[str], healthy: Built) -> None:
    places = {"LEAF": healthy.path("leaf.avhd"), "FOLDER": str(healthy.folder)}
    ran = run(*(places.get(argument, argument) for argument in arguments))
    if not arguments:  # the program alone shows its help, and that nothing was asked for
        assert ran.code == 2
        return
    assert (ran.code, ran.out) == (2, "")
    assert ran.error.endswith(" --help)")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("1048576", 1 << 20),
        ("1,024", 1024),
        ("0xFf", 255),
        ("3k", 3072),
        ("2M", 2 << 20),
        ("1g", 1 << 30),
        ("2T", 2 << 40),
        ("7s", 3584),
        (" 5 ", 5),
    ],
)
def test_bytes_may_be_written_in_several_ways(text: str, number: int) -> None:
    assert byte_count(text) == number


@pytest.mark.parametrize("text", ["", "k", "1.5M", "-1", "1KB", "0x", "٣", "1e3", "0xFFk"])
def test_other_texts_are_no_bytes(text: str) -> None:
    with pytest.raises(click.BadParameter):
        byte_count(text)


# --------------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["chain", "GONE"], "No such file or directory"),
        (["map", "GONE"], "No such file or directory"),
        (["flatten", "GONE", "OUT"], "No such file or directory"),
        (["tree", "GONE"], "No such file or directory"),
        (["audit", "GONE"], "No such file or directory"),
        (["chain", "FOLDER"], "Is a directory"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_the_system_refuses_is_told_with_its_name(arguments: list[str], reason: str, healthy: Built) -> None:
    places = {"GONE": healthy.path("gone"), "FOLDER": str(healthy.folder), "OUT": healthy.path("out.raw")}
    ran = run(*(places.get(argument, argument) for argument in arguments))
    assert (ran.code, ran.out) == (3, "")
    assert ran.error == f"{places[arguments[1]]}: {reason}"


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (ChainError("x.vhd: the parent\nis \x1b[31mgone"), 3, "x.vhd: the parent\\nis \\x1b[31mgone"),
        (PlanRefusedError("no"), 1, "no"),
        (CancelledError("stopped"), 130, "interrupted"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (MemoryError(), 3, "out of memory"),
        (OSError(28, "No space left on device", "out\n.raw"), 3, "out\\n.raw: No space left on device"),
        (OSError(5, "Input/output error"), 3, "Input/output error"),
        (OSError("odd"), 3, "odd"),
    ],
    ids=repr,
)
def test_an_error_is_one_line_and_a_code(
    error: BaseException, code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise error

    assert guarded(fail) == code
    assert capsys.readouterr() == ("", f"vhdchain: {told}\n")


def test_what_nobody_foresaw_asks_for_a_report(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VHDCHAIN_DEBUG", raising=False)
    assert guarded(lambda: 1 // 0) == Exit.UNPROCESSED
    (line,) = capsys.readouterr().err.splitlines()
    assert re.search(r"please report it: ZeroDivisionError: .* at test_failures\.py:\d+ \(VHDCHAIN_DEBUG=1 ", line)
    monkeypatch.setenv("VHDCHAIN_DEBUG", "1")
    assert guarded(lambda: 1 // 0) == Exit.UNPROCESSED
    assert capsys.readouterr().err.startswith("Traceback (most recent call last):\n")


def test_a_recursion_without_end_is_a_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    def deeper() -> None:
        deeper()

    assert guarded(deeper) == Exit.UNPROCESSED
    (line,) = capsys.readouterr().err.splitlines()
    assert "RecursionError" in line

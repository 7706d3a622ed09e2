"""Is a program called as the command says, and what comes of its process told right?"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from vhdchain.errors import ConfigError
from vhdchain.testing.conformance import Command, Judgement, Reader, Shown, Verdict, ask_about, chosen_cases
from vhdchain.testing.conformance.case import lay

if TYPE_CHECKING:
    from pathlib import Path

(PAIR,) = chosen_cases(names=["whole-bytes"])


def judged(program: str, *, seconds: float = 30, raw_out: bool = False) -> Judgement:
    words = (sys.executable, "-c", f"import os, sys, time; {program}", "{leaf}", *(["{out}"] if raw_out else []))
    return ask_about(Reader(name="x", command=Command(words=words, raw_out=raw_out)), PAIR, seconds=seconds)


@pytest.mark.parametrize(
    ("words", "raw_out", "message"),
    [
        ((), False, "no command"),
        (("reader", "disk.vhd"), False, "has no {leaf}"),
        (("reader", "{leaf}"), True, "has no {out}"),
        (("reader", "{leaf}", "{out}"), False, "say --raw-out"),
    ],
)
def test_a_command_that_cannot_work_is_refused(words: tuple[str, ...], raw_out: bool, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Command(words=words, raw_out=raw_out)


def test_placeholders_are_replaced(tmp_path: Path) -> None:
    laid = lay(PAIR, tmp_path / "files")
    command = Command(words=("reader", "--in={folder}", "{chain}", "to:{out}", "{leaf}"), raw_out=True)
    folder, leaf = str(tmp_path / "files"), str(tmp_path / "files" / "leaf.avhd")
    assert command.filled(laid, tmp_path / "o") == [
        "reader",
        f"--in={folder}",
        f"{folder}/base.vhd",
        leaf,
        f"to:{tmp_path / 'o'}",
        leaf,
    ]


def test_a_program_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ConfigError, match="no-such-reader: the reader cannot be started"):
        ask_about(Reader(name="x", command=Command(words=("no-such-reader", "{leaf}"))), PAIR)


@pytest.mark.parametrize(
    ("program", "verdict", "said"),
    [
        ("sys.exit('no, thanks')", Verdict.REFUSED, "no, thanks"),
        ("sys.exit(7)", Verdict.REFUSED, "exit code 7"),
        ("print('half'); sys.exit(2)", Verdict.REFUSED, "exit code 2"),
        ("sys.exit(139)", Verdict.CRASHED, "ended by SIGSEGV"),
        ("os.abort()", Verdict.CRASHED, "ended by SIGABRT"),
        ("1/0", Verdict.CRASHED, "ended with a Python traceback: ZeroDivisionError: division by zero"),
        ("sys.stderr.write('\\x1b[2Jodd'); sys.exit(1)", Verdict.REFUSED, "\\x1b[2Jodd"),
    ],
)
def test_the_end_of_the_process_is_told(program: str, verdict: Verdict, said: str) -> None:
    assert judged(program) == Judgement(verdict=verdict, said=said)


def test_a_reader_that_never_ends_is_stopped_with_what_it_started() -> None:
    begun = time.monotonic()
    found = judged("import subprocess; subprocess.run(['sleep', '60'])", seconds=1.0)
    assert (found.verdict, found.said) == (Verdict.TIMED_OUT, "stopped after 1 seconds")
    assert time.monotonic() - begun < 20


def test_a_reader_that_prints_without_end_is_stopped() -> None:
    found = judged("\nwhile True: sys.stdout.buffer.write(bytes(1 << 20))")
    assert (found.verdict, found.sector, found.shown) == (Verdict.WRONG, 0, Shown.ZEROS)


@pytest.mark.parametrize(
    ("program", "sector", "shown"),
    [
        ("pass", 0, Shown.NOTHING),
        ("sys.stdout.buffer.write(b'?' * (4 << 20))", 0, Shown.JUNK),
        ("f = open(sys.argv[1], 'rb'); f.seek(0x1000); print(len(f.read()))", 0, Shown.NOTHING),
    ],
)
def test_what_a_wrong_reader_shows_is_named(program: str, sector: int, shown: Shown) -> None:
    found = judged(program)
    assert (found.verdict, found.sector, found.shown) == (Verdict.WRONG, sector, shown)


@pytest.mark.parametrize(
    ("edit", "sector", "shown"),
    [("", None, None), ("d += b'x'", 8192, Shown.MORE), ("d = d[:-1]", 8191, Shown.NOTHING)],
)
@pytest.mark.parametrize("raw_out", [False, True])
def test_the_disk_itself_is_right_and_its_length_counts(
    edit: str, sector: int | None, shown: Shown | None, raw_out: bool
) -> None:
    tree, leaf = PAIR.build()
    disk = bytes(tree.expected(leaf))

    def with_answer(paths: dict[str, Path]) -> None:
        (paths["leaf.avhd"].parent / "answer").write_bytes(disk)

    target = "open(sys.argv[2], 'wb')" if raw_out else "sys.stdout.buffer"
    read = "d = open(os.path.dirname(sys.argv[1]) + '/answer', 'rb').read()"
    program = f"import os, sys; {read}; {edit or 'pass'}; {target}.write(d)"
    words = (sys.executable, "-c", program, "{leaf}", *(["{out}"] if raw_out else []))
    reader = Reader(name="x", command=Command(words=words, raw_out=raw_out))
    found = ask_about(reader, replace(PAIR, change=with_answer))
    assert (found.verdict is Verdict.RIGHT) == (sector is None)
    assert (found.sector, found.shown) == (sector, shown)

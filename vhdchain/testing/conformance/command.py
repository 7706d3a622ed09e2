"""How is a program asked for the bytes of a disk, and what came of its process?

A command is a list of words in which ``{leaf}``, ``{chain}`` (all files of the chain, base first, a word each),
``{folder}`` and ``{out}`` are replaced; no shell is involved. The disk is expected on standard output, or in the file
``{out}``. Whatever the program does, it ends: after some seconds, or when it has printed more than the disk holds.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, BinaryIO

from vhdchain.errors import ConfigError
from vhdchain.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from vhdchain.testing.conformance.case import Laid

SECONDS = 60.0
"""How long a reader may take for one disk, unless told otherwise."""

_STEP = 0.05
_SPARE = 1 << 20
_LONGEST = 200
_CRASHES = (
    ("Traceback (most recent call last)", "ended with a Python traceback"),
    ("panicked at", "ended with a panic"),
    ("panic: ", "ended with a panic"),
    ("Unhandled exception", "ended with an unhandled exception"),
    ("AddressSanitizer", "stopped by a sanitizer"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """How a reader is called.

    Attributes:
        words: The command line with its placeholders.
        raw_out: Whether the disk is written to ``{out}`` instead of standard output.

    Raises:
        ConfigError: There is nothing to run or to read, or ``{out}`` and ``raw_out`` disagree.
    """

    words: tuple[str, ...]
    raw_out: bool = False

    def __post_init__(self) -> None:
        text = "\0".join(self.words)
        if not self.words or not self.words[0]:
            raise ConfigError("no command: put the reader's command line behind '--'")
        if "{leaf}" not in text and "{chain}" not in text:
            raise ConfigError("the command has no {leaf} (or {chain}), so it cannot know which disk to read")
        if self.raw_out and "{out}" not in text:
            raise ConfigError("the command has no {out} to write the disk to; without it, leave out --raw-out")
        if not self.raw_out and "{out}" in text:
            raise ConfigError("the command writes to {out}: say --raw-out, so that the disk is looked for there")

    @property
    def finds_no_parents(self) -> bool:
        """Whether the reader is handed the files of the chain, so that nothing is learnt of how it finds parents."""
        return "{chain}" in self.words

    def filled(self, laid: Laid, out: Path) -> list[str]:
        """Return the words for one disk."""
        words: list[str] = []
        for word in self.words:
            if word == "{chain}":
                words += map(str, laid.chain)
                continue
            for place, path in (("{leaf}", laid.leaf), ("{folder}", laid.folder), ("{out}", out)):
                word = word.replace(place, str(path))  # noqa: PLW2901  # one placeholder after the other
            words.append(word)
        return words


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one call.

    Attributes:
        output: The file that holds what was given; it may be empty or absent where nothing was.
        refused: Whether the program ended with an exit code of its own other than 0.
        crashed: Whether a signal or an error that nobody caught ended it.
        timed_out: Whether it had to be stopped.
        said: The last line of standard error, or what came of the process.
    """

    output: Path
    refused: bool = False
    crashed: bool = False
    timed_out: bool = False
    said: str = ""


def ask(command: Command, laid: Laid, room: Path, *, seconds: float = SECONDS) -> Answer:
    """Run ``command`` for one disk.

    Args:
        command: The reader.
        laid: The disk's files.
        room: An empty folder for what the reader gives and says.
        seconds: When it is stopped.

    Raises:
        ConfigError: The program cannot be started.
    """
    out, printed, errors = room / "disk.raw", room / "stdout", room / "stderr"
    output = out if command.raw_out else printed
    most = laid.built.leaf.size + _SPARE
    words = command.filled(laid, out)
    with printed.open("wb") as stdout, errors.open("wb") as stderr, _started(words, stdout, stderr) as process:
        end = _wait(process, output, most, time.monotonic() + seconds)
    output.touch()
    said = _last_line(errors)
    if end is _Ended.LATE:
        return Answer(output=output, timed_out=True, said=f"stopped after {seconds:g} seconds")
    if end is _Ended.TOO_LONG:
        return Answer(output=output, said=said)
    crash = _crash(process.returncode, errors)
    if crash is not None:
        return Answer(output=output, crashed=True, said=f"{crash}: {said}" if said else crash)
    refused = process.returncode != 0
    return Answer(output=output, refused=refused, said=said or (f"exit code {process.returncode}" if refused else ""))


@contextmanager
def _started(words: Sequence[str], stdout: BinaryIO, stderr: BinaryIO) -> Iterator[subprocess.Popen[bytes]]:
    try:
        # A session of its own, so that what the reader starts ends with it.
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
    except OSError as error:
        raise ConfigError(f"{words[0]}: the reader cannot be started: {error.strerror or error}") from error
    try:
        yield process
    finally:
        if process.poll() is None:
            _end(process)


class _Ended(Enum):
    """How a process came to its end; `TOO_LONG`: it gave more than the disk holds, which the judge will see."""

    BY_ITSELF = 1
    LATE = 2
    TOO_LONG = 3


def _wait(process: subprocess.Popen[bytes], output: Path, most: int, deadline: float) -> _Ended:
    while True:
        try:
            process.wait(_STEP)
        except subprocess.TimeoutExpired:
            if time.monotonic() >= deadline:
                _end(process)
                return _Ended.LATE
            if output.exists() and output.stat().st_size > most:
                _end(process)
                return _Ended.TOO_LONG
        else:
            return _Ended.BY_ITSELF


def _end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _crash(code: int, errors: Path) -> str | None:
    number = -code if code < 0 else code - 128  # 128 + N is how shells and wrappers report a signal
    if number in (signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV) or code < 0:
        return f"ended by {signal.Signals(number).name}"
    if code:
        text = errors.read_text(encoding="utf-8", errors="replace")
        return next((what for mark, what in _CRASHES if mark in text), None)
    return None


def _last_line(errors: Path) -> str:
    text = errors.read_text(encoding="utf-8", errors="replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return printable(lines[-1])[:_LONGEST] if lines else ""

"""How does a test run the program? In this process for speed, in one of its own where signals and streams matter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from click.testing import CliRunner

from vhdchain.cli import application

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a run came to."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Standard output as one JSON document."""
        document = json.loads(self.out)
        assert isinstance(document, dict)
        return document

    @property
    def error(self) -> str:
        """The one line on standard error, without the program's name."""
        (line,) = self.err.splitlines()
        assert line.startswith("vhdchain: ")
        return line.removeprefix("vhdchain: ")


def run(*arguments: object, columns: int | None = None) -> Ran:
    """Run the program in this process; its output is no terminal."""
    environment = {"COLUMNS": None if columns is None else str(columns), "VHDCHAIN_DEBUG": None}
    done = CliRunner().invoke(application, [str(argument) for argument in arguments], env=environment)
    return Ran(code=done.exit_code, out=done.stdout, err=done.stderr)


def environment(**changes: str) -> Mapping[str, str]:
    """Return the environment for a process of its own: nothing of this session's terminal, and no compiled files."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "VIRTUAL_ENV", "LANG")}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT), **changes}


def command(*arguments: object) -> list[str]:
    """Return the command line of a process of its own."""
    return [sys.executable, "-m", "vhdchain.cli", *(str(argument) for argument in arguments)]


def run_process(*arguments: object, cwd: Path | None = None, stdout: IO[str] | None = None, **changes: str) -> Ran:
    """Run the program in a process of its own; ``stdout`` is a file that takes its output, as a shell does it."""
    done = subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment(**changes),
        stdout=stdout or subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    return Ran(code=done.returncode, out=done.stdout or "", err=done.stderr)


def read_terminal(descriptor: int) -> bytes:
    """Return everything that is written to the other side of a pseudo-terminal, and close this side."""
    parts = []
    while True:
        try:
            part = os.read(descriptor, 1 << 16)
        except OSError:  # how Linux says that the other side is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(descriptor)
    return b"".join(parts)

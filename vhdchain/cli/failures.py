"""How does a failure reach the user? As one line on standard error and an exit code, never as a traceback.

A line begins with ``vhdchain:`` and holds nothing unprintable, whatever names it quotes. What nobody foresaw is a
fault of the program: the line says so and asks for a report; ``VHDCHAIN_DEBUG=1`` shows the traceback then.
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from vhdchain.cli.exits import Exit
from vhdchain.errors import CancelledError, PlanRefusedError, VhdChainError
from vhdchain.escape import printable
from vhdchain.shell.denied import clearer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PROGRAM = "vhdchain"


def guarded(call: Callable[[], object]) -> int:
    """Run ``call`` and return its exit code (None counts as clean); tell what it raises and return that code.

    click's own exceptions pass through: they are about arguments and belong to its parser.
    """
    try:
        code = call()
        with naming_stdout():
            sys.stdout.flush()
    except (click.exceptions.Exit, click.ClickException):
        raise
    except BrokenPipeError:
        _flush_or_let_go()
        return Exit.BROKEN_PIPE
    except (KeyboardInterrupt, CancelledError) as error:
        complain("; ".join(["interrupted", *notes(error)]))
        return Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001  # the last resort of the program: a line instead of a traceback
        if os.environ.get("VHDCHAIN_DEBUG") == "1":
            traceback.print_exc()
        _flush_or_let_go()
        complain(described(error))
        return Exit.FINDINGS if isinstance(error, PlanRefusedError) else Exit.UNPROCESSED
    return code if isinstance(code, int) else Exit.CLEAN


def described(error: Exception) -> str:
    """Return `describe` with what was noted about ``error``, such as how to go on."""
    return "; ".join([describe(error), *notes(error)])


def notes(error: BaseException) -> list[str]:
    """Return what was noted about an exception on its way (`BaseException.add_note`)."""
    return list(getattr(error, "__notes__", ()))


def describe(error: Exception) -> str:
    """Return what one line can say of ``error``."""
    match error:
        case VhdChainError():
            return str(error)
        case OSError():
            reason = error.strerror or str(error) or type(error).__name__
            return reason if error.filename is None else f"{os.fsdecode(error.filename)}: {reason}"
        case MemoryError():
            return "out of memory"
        case _:
            return _unforeseen(error)


def complain(message: str) -> None:
    """Write one line to standard error; where even that is closed, there is nobody left to tell."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        text = f"{PROGRAM}: {printable(message)}\n"
        encoding = sys.stderr.encoding or "ascii"
        sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stderr.flush()


def _unforeseen(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""  # noqa: PTH119
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return (
        f"this is a fault of the program, please report it: {what}{place} (VHDCHAIN_DEBUG=1 shows where it comes from)"
    )


@contextmanager
def naming_stdout() -> Iterator[None]:
    """Give an error of the output stream a name, so that "no space left" says where."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            raise OSError(error.errno, error.strerror, "standard output") from error
        raise


@contextmanager
def clear_denials(*, written: Iterable[str | os.PathLike[str]] = ()) -> Iterator[None]:
    """Let a missing right be told as what it is: where, which one, to whom, and how to grant it (`clearer`).

    Args:
        written: Folders in which the work writes.
    """
    try:
        yield
    except OSError as error:
        better = clearer(error, written=written)
        if better is error:
            raise
        raise better from error


def _flush_or_let_go() -> None:
    """Write out what was held back; where that fails, point standard output at nothing.

    The interpreter writes it out once more when it ends, and would complain in its own words.
    """
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, sys.stdout.fileno())
            os.close(nothing)

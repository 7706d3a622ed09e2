"""``vhdchain flatten``: the disk of a chain as one raw file."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import click

from vhdchain.cli.bars import progress_bar
from vhdchain.cli.exits import Exit
from vhdchain.cli.failures import naming_stdout
from vhdchain.cli.opening import opened_chain
from vhdchain.cli.options import Settings, file_options
from vhdchain.cli.terminal import Terminal
from vhdchain.report.documents.shape import document
from vhdchain.report.lines import Role, line, span
from vhdchain.report.numbers import exact_size
from vhdchain.shell.flatten import ByteSink, flatten_to_file, flatten_to_stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_PIPE_SIZE = 1 << 20

_DEADLY = ("SIGTERM", "SIGHUP")


@click.command("flatten")
@click.argument("leaf", type=click.Path())
@click.argument("out", type=click.Path(allow_dash=True))
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
@file_options
def command(leaf: str, out: str, *, force: bool, settings: Settings) -> int:
    """Write the disk of LEAF to OUT as a sparse raw image; '-' writes it to standard output.

    OUT appears when it is whole: it is written under a temporary name, synced and renamed. A chain that is broken is an
    error, and nothing is written.
    """
    if out == "-":
        return _to_stdout(leaf, settings)
    with opened_chain(leaf, settings) as opened:
        with progress_bar("flattening", settings, in_bytes=True) as progress, _unwinding():
            flatten_to_file(opened, out, force=force, progress=progress)
        terminal = Terminal(settings)
        if settings.as_json:
            terminal.write_json(document("flatten", leaf=leaf, out=out, virtual_size=opened.virtual_size))
        elif not settings.quiet:
            terminal.write([line(span(out, Role.PATH), f": {exact_size(opened.virtual_size)}")])
    return Exit.CLEAN


def _to_stdout(leaf: str, settings: Settings) -> int:
    if settings.as_json:
        raise click.UsageError("standard output takes the disk or a document, not both", click.get_current_context())
    if sys.stdout.isatty():
        raise click.UsageError("a disk is nothing for a terminal; redirect it", click.get_current_context())
    with (
        opened_chain(leaf, settings) as opened,
        progress_bar("flattening", settings, in_bytes=True) as progress,
        naming_stdout(),
    ):
        flatten_to_stream(opened, _wide_stdout(), progress=progress)
    return Exit.CLEAN


def _wide_stdout() -> ByteSink:
    """Return standard output without Python's buffer; where it is a pipe, one that holds more."""
    sys.stdout.flush()
    stream: ByteSink = getattr(sys.stdout.buffer, "raw", sys.stdout.buffer)
    # Linux alone can; a user's allowance for pipes may be used up; and a test's output has no descriptor.
    with contextlib.suppress(ImportError, AttributeError, OSError, ValueError):
        fcntl = import_module("fcntl")
        fcntl.fcntl(sys.stdout.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
    return stream


@contextmanager
def _unwinding() -> Iterator[None]:
    """Let a request to terminate unwind the stack, so that the temporary file goes away."""
    if threading.current_thread() is not threading.main_thread():  # only there may handlers be set
        yield
        return
    numbers = [getattr(signal, name) for name in _DEADLY if hasattr(signal, name)]
    before = {number: signal.signal(number, _leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)

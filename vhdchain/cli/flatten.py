"""``vhdchain flatten``: the disk of a chain as one file, raw or VHD, or as a raw stream."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import click

from vhdchain.cli.bars import progress_bar
from vhdchain.cli.exits import Exit
from vhdchain.cli.failures import clear_denials, complain, naming_stdout
from vhdchain.cli.opening import opened_chain
from vhdchain.cli.options import Settings, byte_count, file_options
from vhdchain.cli.terminal import Terminal
from vhdchain.cli.unwinding import unwinding
from vhdchain.errors import PlanRefusedError
from vhdchain.merge.flattening import DiskForm
from vhdchain.plan import WriteDisk, digest_fact
from vhdchain.report.documents.shape import Json, document
from vhdchain.report.lines import Line, Role, line, span
from vhdchain.report.numbers import exact_size
from vhdchain.shell.executor.run import Outcome, execute, resume, undo
from vhdchain.shell.flatten import flatten_to_stream
from vhdchain.shell.flattening import is_same_work, plan_flatten, unfinished_flatten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.plan import Plan
    from vhdchain.shell.outlets import ByteSink

_PIPE_SIZE = 1 << 20

_VHD_SUFFIXES = (".vhd", ".avhd")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What the options ask for."""

    form: str | None
    block_size: int | None
    digest: str
    force: bool
    restart: bool


@click.command("flatten")
@click.argument("leaf", type=click.Path())
@click.argument("out", type=click.Path(allow_dash=True))
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in DiskForm]),
    help="A sparse raw file (the default), or a VHD of its own.",
)
@click.option(
    "--block-size", metavar="BYTES", type=byte_count, help="Of a dynamic VHD, e.g. 512K; by default that of LEAF."
)
@click.option(
    "--hash",
    "digest",
    type=click.Choice(["sha256", "sha512", "sha1", "md5", "blake2b"]),
    default=None,
    help="Tell the digest of the disk, made while it is copied.",
)
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
@click.option("--restart", is_flag=True, help="Begin anew where an interrupted run could be gone on with.")
@file_options
def command(leaf: str, out: str, *, settings: Settings, digest: str | None, **options: object) -> int:
    """Write the disk of LEAF to OUT, as a sparse raw image or as a VHD; '-' writes it raw to standard output.

    OUT appears when it is whole: it is written under another name beside it, synced and renamed. What was interrupted
    goes on where it stopped when the same command is given again. A chain that is broken is an error, and nothing is
    written.
    """
    wanted = _Wanted(digest=digest or "", **options)  # type: ignore[arg-type]  # click gives what is declared above
    _check_usage(out, wanted)
    if out == "-":
        return _to_stdout(leaf, settings)
    folder = os.path.dirname(out) or os.curdir  # noqa: PTH120  # as the user wrote it
    with unwinding(), clear_denials(written=[folder]):
        _to_file(leaf, out, wanted, settings)
    return Exit.CLEAN


def _to_file(leaf: str, out: str, wanted: _Wanted, settings: Settings) -> None:
    before = unfinished_flatten(out)
    # A run that was stopped at its very end has made the file already.
    plan = _planned(leaf, out, wanted, settings, force=wanted.force or before is not None)
    if before is not None and not wanted.restart:
        outcome = _gone_on(plan, out, before, settings)
    else:
        outcome = _begun(plan, out, before, settings)
    _report(leaf, out, outcome, settings, resumed=before is not None and not wanted.restart)


def _check_usage(out: str, wanted: _Wanted) -> None:
    context = click.get_current_context()
    if wanted.block_size is not None and wanted.form != DiskForm.DYNAMIC:
        raise click.UsageError("--block-size is for --format dynamic: nothing else has blocks", context)
    if out == "-":
        if wanted.form not in (None, DiskForm.RAW):
            raise click.UsageError("a stream is raw; a VHD is written to a file", context)
        if wanted.digest:
            raise click.UsageError("a stream has no digest here; pipe it through one, such as sha256sum", context)
    elif wanted.form is None and out.lower().endswith(_VHD_SUFFIXES):
        raise click.UsageError(
            "OUT is called a VHD, and a raw file is none: say --format dynamic or fixed (or raw, if you mean it)",
            context,
        )


def _planned(leaf: str, out: str, wanted: _Wanted, settings: Settings, *, force: bool) -> Plan:
    with opened_chain(leaf, settings) as opened:
        return plan_flatten(
            opened,
            out,
            form=wanted.form or DiskForm.RAW,
            block_size=wanted.block_size,
            digest=wanted.digest,
            force=force,
            footer=settings.footer,
            accept=settings.accept,
        )


def _begun(plan: Plan, out: str, before: WriteDisk | None, settings: Settings) -> Outcome:
    """Carry the plan out; what an interrupted run left is taken back first."""
    if before is not None:
        undo(out, within=_folders(before))
    with progress_bar("flattening", settings, in_bytes=True) as progress:
        return execute(plan, progress=progress)


def _gone_on(plan: Plan, out: str, before: WriteDisk, settings: Settings) -> Outcome:
    """Finish what an interrupted run left, which must be what the plan asks for."""
    step = _step_of(plan)
    if not is_same_work(before, step):
        raise PlanRefusedError(
            f"{out}: an interrupted run was writing something else there ({before.form}, {before.layers[-1]}); give "
            "that command again to finish it, or --restart to begin anew"
        )
    if not settings.quiet:
        complain(f"{out}: goes on where an interrupted run stopped")
    with progress_bar("flattening", settings, in_bytes=True) as progress:
        # The files were opened through the gate a moment ago, so the journal may name them, and no others.
        return resume(out, within=_folders(step), progress=progress)


def _folders(step: WriteDisk) -> list[str]:
    return sorted({os.path.dirname(os.path.realpath(layer)) for layer in step.layers})  # noqa: PTH120


def _step_of(plan: Plan) -> WriteDisk:
    (step,) = plan.steps
    assert isinstance(step, WriteDisk)
    return step


def _report(leaf: str, out: str, outcome: Outcome, settings: Settings, *, resumed: bool) -> None:
    step, terminal = _step_of(outcome.plan), Terminal(settings)
    if settings.as_json:
        terminal.write_json(_document(leaf, out, step, outcome, resumed=resumed))
    elif not settings.quiet:
        terminal.write(_lines(out, step, outcome))


def _document(leaf: str, out: str, step: WriteDisk, outcome: Outcome, *, resumed: bool) -> Json:
    digest = {"name": step.hash, "value": outcome.facts[digest_fact(step.hash, step.path)]} if step.hash else None
    return document(
        "flatten",
        leaf=leaf,
        out=out,
        virtual_size=step.disk_size,
        format=step.form,
        block_size=step.block_size or None,
        unique_id=step.unique_id.hex() or None,
        file_size=os.path.getsize(out),  # noqa: PTH202  # as the user wrote it
        hash=digest,
        resumed=resumed,
    )


def _lines(out: str, step: WriteDisk, outcome: Outcome) -> Iterator[Line]:
    kind = "" if step.form == DiskForm.RAW else f" as a {step.form} VHD"
    yield line(span(out, Role.PATH), f": {exact_size(step.disk_size)}{kind}")
    if step.hash:
        yield line(f"{step.hash} {outcome.facts[digest_fact(step.hash, step.path)]}")


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

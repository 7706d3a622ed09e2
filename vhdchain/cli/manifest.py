"""``vhdchain manifest``: what does a folder hold, and what changed since that was written down?"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from vhdchain.audit.manifest import checked_chunk_size, manifest_document
from vhdchain.cli.bars import progress_bar
from vhdchain.cli.exits import Exit
from vhdchain.cli.failures import complain
from vhdchain.cli.opening import settings_are_usage
from vhdchain.cli.options import Settings, byte_count, file_options
from vhdchain.cli.scanning import scanned_folders
from vhdchain.cli.terminal import Terminal
from vhdchain.report.documents.manifest import comparison_document
from vhdchain.report.text.manifest import comparison_lines, manifest_lines
from vhdchain.shell.manifest import create_manifest, load_manifest, require_free, save_manifest, verify_manifest

if TYPE_CHECKING:
    from vhdchain.audit.manifest import Manifest


@click.group("manifest", no_args_is_help=False)
def command() -> None:
    """Write down what a folder holds, and say later what changed since.

    A manifest tells files apart from what guests see: a merge or a reparent changes files and no disk, a damaged base
    changes disks whose own files are as they were.
    """


@command.command("create")
@click.argument("folder", type=click.Path())
@click.option("--content", is_flag=True, help="Hash what the guests see as well, and all other files.")
@click.option(
    "--chunk", metavar="BYTES", type=byte_count, default="4M", help="Hash disks in pieces of this size.  [default: 4M]"
)
@click.option("-o", "out", metavar="FILE", type=click.Path(), help="Write it to FILE instead of standard output.")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@file_options
def create(folder: str, *, content: bool, chunk: int, out: str | None, force: bool, settings: Settings) -> int:
    """Write down what FOLDER holds, as one JSON document.

    Of each disk its identifiers, its size and time, and a digest of its structures; of a host's other files a digest of
    the whole. With --content also digests of what the guest sees on every disk, in pieces: zeros take no room, and
    nothing is read for what no file holds.

    BYTES may be written 65536, 64K or 1M, and is a multiple of 4K.
    """
    if out is not None and settings.as_json:
        raise click.UsageError("-o has the document, so that there is none for --json", click.get_current_context())
    with settings_are_usage():
        checked_chunk_size(chunk)
    if out is not None:
        require_free(out, force=force)  # now, and not after hours of hashing
    with (
        scanned_folders([folder], settings) as inventory,
        progress_bar("hashing", settings, in_bytes=True) as progress,
    ):
        manifest = create_manifest(
            inventory,
            content=content,
            chunk_size=chunk,
            accept=settings.accept,
            footer=settings.footer,
            leave_out=[*([] if out is None else [out]), *_standard_output()],
            now=datetime.now(tz=UTC).replace(microsecond=0),
            progress=progress,
        )
    terminal = Terminal(settings)
    if out is None:
        terminal.write_json(manifest_document(manifest))
        _complain_of(manifest)
    else:
        save_manifest(manifest, out, force=force)
        if not settings.quiet or manifest.problems:
            terminal.write(manifest_lines(manifest, out, width=terminal.width))
    return Exit.UNPROCESSED if manifest.problems else Exit.CLEAN


@command.command("verify")
@click.argument("folder", type=click.Path())
@click.argument("manifest", type=click.Path())
@click.option("--fast", is_flag=True, help="Do not read contents, also where the manifest has them.")
@click.option("--ignore-times", is_flag=True, help="Another modification time is no change, as in a copy.")
@click.option("--all", "everything", is_flag=True, help="Tell also what is the same.")
@file_options
def verify(folder: str, manifest: str, *, fast: bool, ignore_times: bool, everything: bool, settings: Settings) -> int:
    """Say what changed in FOLDER, or in a copy of it, since MANIFEST was made.

    Which files changed, moved, are gone or new; and of every disk whether its guest still sees the same. The exit code
    is 0 where nothing changed, 1 where something did, and 3 where something could not be read.
    """
    then = load_manifest(manifest)
    with (
        scanned_folders([folder], settings) as inventory,
        progress_bar("hashing", settings, in_bytes=True) as progress,
    ):
        comparison = verify_manifest(
            inventory,
            then,
            content=not fast,
            ignore_times=ignore_times,
            accept=settings.accept,
            footer=settings.footer,
            leave_out=[manifest, *_standard_output()],
            progress=progress,
        )
    terminal = Terminal(settings)
    if settings.as_json:
        terminal.write_json(comparison_document(comparison, folder=folder, manifest=manifest))
    else:
        lines = comparison_lines(comparison, folder=folder, width=terminal.width, everything=everything)
        terminal.write(lines)
    return comparison.exit_code()


def _complain_of(manifest: Manifest) -> None:
    """Say on standard error that something is lacking: the document, which says what, may go where nobody looks."""
    problems = manifest.problems
    if problems:
        more = f" (and {len(problems) - 1} more, which the document has)" if len(problems) > 1 else ""
        complain(f"{problems[0].path}: {problems[0].reason}{more}")


def _standard_output() -> list[int]:
    """Return the descriptor of standard output: the shell may have made its file in the folder, before the scan."""
    try:
        return [sys.stdout.fileno()]
    except (AttributeError, OSError, ValueError):  # a stream without a descriptor
        return []

"""``vhdchain resume``: what was interrupted here, and its end."""

from __future__ import annotations

import click

from vhdchain.cli.exits import Exit
from vhdchain.cli.options import Settings, output_options, within_option
from vhdchain.cli.resuming import mend_all
from vhdchain.cli.terminal import Terminal
from vhdchain.report.documents.plan import resume_document
from vhdchain.report.lines import Role, line, span
from vhdchain.shell.executor.pending import find_journals


@click.command("resume")
@click.argument("path", type=click.Path())
@click.option("--undo", "back", is_flag=True, help="Take back what was interrupted: every file is as it was before.")
@within_option("The interrupted plan may touch files in this folder and below, beside its journal's own (repeatable).")
@output_options
def command(path: str, *, back: bool, settings: Settings) -> int:
    """Go on with a plan that a crash, an error or Ctrl-C interrupted.

    PATH is a journal (*.vhdchain-journal), a file that the plan was about, or a folder: then everything below it that
    was interrupted is gone on with. What it was, and how far, is said in one line.
    """
    journals = find_journals(path)
    code, mended = mend_all(journals, settings, back=back)
    terminal = Terminal(settings)
    if settings.as_json:
        terminal.write_json(resume_document(path, mended))
    elif not journals:
        terminal.write([line(span(path, Role.PATH), ": nothing was interrupted here")])
    return Exit(code)

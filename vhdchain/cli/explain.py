"""``vhdchain explain``: what does a code mean?"""

from __future__ import annotations

import click

from vhdchain.cli.exits import Exit
from vhdchain.cli.options import Settings, known_code, output_options
from vhdchain.cli.terminal import Terminal
from vhdchain.findings import CODES
from vhdchain.report.documents.codes import codes_document
from vhdchain.report.text.codes import code_lines, code_list_lines


@click.command("explain")
@click.argument("code", type=known_code, required=False)
@output_options
def command(code: str | None, *, settings: Settings) -> int:
    """Show the page of a finding's CODE (VHD603, 603, or its name); without one, list all codes."""
    terminal = Terminal(settings)
    rows = list(CODES.values()) if code is None else [CODES[code]]
    if settings.as_json:
        terminal.write_json(codes_document(rows))
    elif code is None:
        terminal.write(code_list_lines(rows))
    else:
        terminal.write(code_lines(rows[0], width=terminal.width))
    return Exit.CLEAN

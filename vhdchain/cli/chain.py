"""``vhdchain chain``: which images make up one disk, and how was each found?"""

from __future__ import annotations

import click

from vhdchain.cli.exits import Exit
from vhdchain.cli.opening import opened_chain
from vhdchain.cli.options import Settings, file_options, partial_option
from vhdchain.cli.terminal import Terminal
from vhdchain.report.documents.chain import chain_document
from vhdchain.report.text.chain import chain_lines


@click.command("chain")
@click.argument("leaf", type=click.Path())
@partial_option
@file_options
def command(leaf: str, *, partial: bool, settings: Settings) -> int:
    """Show the images that make up the disk of LEAF, and how each parent was found.

    A chain that is broken is an error: nothing is shown, unless --partial asks for what there is.
    """
    with opened_chain(leaf, settings, partial=partial) as opened:
        terminal = Terminal(settings)
        if settings.as_json:
            terminal.write_json(chain_document(opened.chain))
        else:
            terminal.write(chain_lines(opened.chain, width=terminal.width))
    return Exit.CLEAN

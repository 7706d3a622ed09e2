"""``vhdchain tree``: which machines are there, and how do their snapshots and disks hang together?"""

from __future__ import annotations

import click

from vhdchain.audit import audit
from vhdchain.cli.exits import Exit, exit_for
from vhdchain.cli.options import Settings, file_options
from vhdchain.cli.scanning import report_format, scanned_folders
from vhdchain.cli.terminal import Terminal
from vhdchain.report.diagrams import dot_text, mermaid_text
from vhdchain.report.documents.tree import tree_document
from vhdchain.report.text.tree import tree_lines


@click.command("tree")
@click.argument("folders", nargs=-1, required=True, type=click.Path(), metavar="FOLDER...")
@click.option("--format", "form", type=click.Choice(["text", "json", "dot", "mermaid"]), help="[default: text]")
@click.option("--disks", is_flag=True, help="Show the disks of machines as trees of files, too (text only).")
@file_options
def command(folders: tuple[str, ...], *, form: str | None, disks: bool, settings: Settings) -> int:
    """Show the machines of each FOLDER with their snapshots and disks, and all other disks as trees of files.

    A snapshot stands above what was made from it, 'now' at the end of the line that leads to it: the disks tell the
    order. What is wrong is marked in place. The exit code is that of an audit of the same folders.
    """
    form = report_format(form, settings)
    if disks and form != "text":
        raise click.UsageError("--disks is for text: the other forms show all disks anyway")
    with scanned_folders(folders, settings) as inventory:
        # Children that miss one parent are marked one by one, each in its place.
        report = audit(inventory, ignore=["VHD708"])
        findings = report.findings
        terminal = Terminal(settings)
        match form:
            case "json":
                terminal.write_json(tree_document(inventory, findings))
            case "dot":
                terminal.write_raw([dot_text(inventory, findings)])
            case "mermaid":
                terminal.write_raw([mermaid_text(inventory, findings)])
            case _:
                lines = tree_lines(inventory, findings, width=terminal.width, unicode=terminal.unicode, disks=disks)
                terminal.write(lines)
        if report.exit_code() == Exit.UNPROCESSED:
            return Exit.UNPROCESSED
        return exit_for(finding for finding in findings if finding.code not in settings.accept)

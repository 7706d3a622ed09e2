"""``vhdchain info``: what does one file hold?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from vhdchain.audit import check_alone, verdicts_on
from vhdchain.cli.exits import Exit, exit_for
from vhdchain.cli.failures import complain, describe
from vhdchain.cli.options import Settings, file_options, notes_option
from vhdchain.cli.terminal import Terminal
from vhdchain.errors import VhdChainError
from vhdchain.report.documents.image import info_document
from vhdchain.report.lines import line
from vhdchain.report.text.image import image_lines
from vhdchain.report.text.interop import interop_lines
from vhdchain.shell.opening import scan_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.findings import Finding
    from vhdchain.image import Image


@click.command("info")
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILE...")
@click.option(
    "--interop", "with_interop", is_flag=True, help="Which other programs would refuse, misread or truncate it."
)
@notes_option
@file_options
def command(files: tuple[str, ...], *, with_interop: bool, notes: bool, settings: Settings) -> int:
    """Show what each FILE holds: footers, header, locators, BAT, writer, and what is wrong with it.

    No parent is looked for. A damaged file is shown as far as it can be read.
    """
    looked_at = list(_looked_at(files, settings))
    terminal = Terminal(settings)
    if looked_at and settings.as_json:
        terminal.write_json(info_document(looked_at, with_interop=with_interop))
    elif looked_at:
        for number, (image, findings) in enumerate(looked_at):
            terminal.write([line("")] if number else [])
            terminal.write(image_lines(image, findings, width=terminal.width, notes=notes))
            if with_interop:
                terminal.write(interop_lines(verdicts_on(image, findings), width=terminal.width))
    if len(looked_at) < len(files) or any(image.footer is None for image, _ in looked_at):
        return Exit.UNPROCESSED
    found = (finding for _, findings in looked_at for finding in findings)
    return exit_for(finding for finding in found if finding.code not in settings.accept)


def _looked_at(files: tuple[str, ...], settings: Settings) -> Iterator[tuple[Image, tuple[Finding, ...]]]:
    for file in files:
        try:
            with scan_file(file, footer=settings.footer) as image:
                found = check_alone(image, now=datetime.now(UTC))
        except (VhdChainError, OSError) as error:
            complain(describe(error))
            continue
        if image.footer is None:
            complain(f"{file}: is no VHD: there is neither a footer at its end nor a copy of one at its beginning")
        yield image, found

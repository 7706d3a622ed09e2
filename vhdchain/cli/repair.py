"""``vhdchain repair``: what can be proved is mended, and nothing else."""

from __future__ import annotations

import click

from vhdchain.cli.bars import progress_bar
from vhdchain.cli.exits import Exit, exit_for
from vhdchain.cli.options import Settings, known_code, output_options
from vhdchain.cli.planned import execute_option, refusals_in_full, replace_option, show_and_execute
from vhdchain.shell.repairing import plan_repair
from vhdchain.shell.undo_files import plan_undo


@click.command("repair")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path())
@execute_option
@click.option("--only", multiple=True, metavar="CODE", type=known_code, help="Mend only this (repeatable).")
@click.option("--undo", "back", is_flag=True, help="Take back the last change of one file, by the file beside it.")
@replace_option
@output_options
def command(
    paths: tuple[str, ...],
    *,
    carry_out: bool,
    only: tuple[str, ...],
    back: bool,
    replace: bool,
    settings: Settings,
) -> int:
    """Show what can be mended in files or folders, and what proves it; --execute does it.

    Footers are written from their copies and copies from footers, the right one of two is told by BAT and children,
    and a base that was expanded under its snapshots is set back. What cannot be proved stays, with the reason. Beside
    every changed file a plan is left that takes it back: --undo carries it out.
    """
    if back:
        if len(paths) != 1 or only or replace:
            raise click.UsageError("--undo takes one file, and neither --only nor --replace", _context())
        with refusals_in_full(settings):
            plan = plan_undo(paths[0])
        show_and_execute(plan, settings, carry_out=carry_out)
        return Exit.CLEAN
    with refusals_in_full(settings), progress_bar("scanning", settings) as progress:
        plan = plan_repair(paths, only=only, replace=replace, progress=progress)
    show_and_execute(plan, settings, carry_out=carry_out)
    return exit_for(plan.findings)


def _context() -> click.Context:
    return click.get_current_context()

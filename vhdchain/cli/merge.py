"""``vhdchain merge``: a disk into one below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vhdchain.cli.asking import goes_ahead
from vhdchain.cli.bars import progress_bar
from vhdchain.cli.exits import Exit
from vhdchain.cli.opening import settings_are_usage
from vhdchain.cli.options import Settings, known_code, path_options
from vhdchain.cli.planned import refusals_in_full
from vhdchain.cli.resuming import mend_all
from vhdchain.cli.terminal import Terminal
from vhdchain.errors import VhdChainError
from vhdchain.locate import PathMap
from vhdchain.plan import plan_document
from vhdchain.report.documents.plan import resume_document
from vhdchain.report.lines import line
from vhdchain.report.text.plan import interruption_line, plan_lines
from vhdchain.shell.executor.pending import find_journals, look_at_journal
from vhdchain.shell.executor.run import execute
from vhdchain.shell.merging import plan_merge

if TYPE_CHECKING:
    from vhdchain.plan import Plan


@click.command("merge")
@click.argument("child", type=click.Path())
@click.option(
    "--into", metavar="ANCESTOR", type=click.Path(), help="The disk that takes it up. Default: CHILD's parent."
)
@click.option("--dry-run", is_flag=True, help="Show the plan, and change nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--in-place", is_flag=True, help="Patch disks that build on CHILD where they lie, uncopied.")
@click.option("--allow", multiple=True, metavar="CODE", type=known_code, help="Override this refusal (repeatable).")
@path_options
def command(
    child: str,
    *,
    into: str | None,
    dry_run: bool,
    yes: bool,
    in_place: bool,
    allow: tuple[str, ...],
    settings: Settings,
) -> int:
    """Merge CHILD into its parent, or into another disk below it, in place; CHILD is gone afterwards.

    The plan is shown and asked about first: bytes to move, how much the file grows, the room that is needed meanwhile,
    which disks get another parent, what goes. It is refused where other disks would read wrong, a saved machine owns
    one of the disks, or a configuration names one that goes; --allow overrides a refusal by its code.

    A crash leaves every disk readable. The same command again goes on with what was interrupted.
    """
    if (code := _go_on(child, settings, dry_run=dry_run)) is not None:
        return code
    with refusals_in_full(settings), settings_are_usage():
        plan = plan_merge(
            child,
            into=into,
            within=settings.within or None,
            path_map=PathMap.parse(settings.path_map),
            in_place=in_place,
            allow=allow,
        )
    return _show_and_do(plan, settings, dry_run=dry_run, yes=yes)


def _go_on(child: str, settings: Settings, *, dry_run: bool) -> Exit | None:
    """Finish a merge of ``child`` that was interrupted; None where there is none."""
    journals = [journal for journal in find_journals(child) if _is_merge(journal)]
    if not journals:
        return None
    if dry_run:
        terminal = Terminal(settings)
        if settings.as_json:
            terminal.write_json(plan_document(look_at_journal(journals[0]).plan))
        else:
            terminal.write([interruption_line(look_at_journal(journal)) for journal in journals])
        return Exit.CLEAN
    code, mended = mend_all(journals, settings, back=False)
    if settings.as_json:
        Terminal(settings).write_json(resume_document(child, mended))
    return code


def _is_merge(journal: str) -> bool:
    try:
        return look_at_journal(journal).plan.action == "merge"
    except (VhdChainError, OSError):  # the executor says that it is in the way
        return False


def _show_and_do(plan: Plan, settings: Settings, *, dry_run: bool, yes: bool) -> Exit:
    terminal = Terminal(settings)
    if not settings.as_json:
        terminal.write(plan_lines(plan, width=terminal.width))
    if not dry_run:
        if not yes and not goes_ahead(settings):
            terminal.write([line("nothing was changed")])
            return Exit.FINDINGS
        with progress_bar("merging", settings, in_bytes=True) as progress:
            execute(plan, progress=progress)
    if settings.as_json:
        terminal.write_json(plan_document(plan))
    elif not settings.quiet:
        terminal.write([line("nothing was changed" if dry_run else "done")])
    return Exit.CLEAN

"""``vhdchain reparent``: another parent for a disk, if it holds the same."""

from __future__ import annotations

import click

from vhdchain.cli.bars import progress_bar
from vhdchain.cli.exits import Exit
from vhdchain.cli.opening import settings_are_usage
from vhdchain.cli.options import Settings, file_options, known_code
from vhdchain.cli.planned import execute_option, refusals_in_full, replace_option, show_and_execute
from vhdchain.locate import PathMap
from vhdchain.shell.reparenting import plan_reparent


@click.command("reparent")
@click.argument("child", type=click.Path())
@click.argument("new_parent", type=click.Path())
@execute_option
@click.option("--allow", multiple=True, metavar="CODE", type=known_code, help="Override this refusal (repeatable).")
@click.option("--path-as", metavar="PATH", help=r"What Windows calls NEW_PARENT, e.g. 'D:\VMs\base.vhd'.")
@click.option("--keep-unknown", is_flag=True, help="Leave a locator as it is where nothing says the name for it.")
@replace_option
@file_options
def command(
    child: str,
    new_parent: str,
    *,
    carry_out: bool,
    allow: tuple[str, ...],
    path_as: str | None,
    keep_unknown: bool,
    replace: bool,
    settings: Settings,
) -> int:
    """Show how NEW_PARENT becomes the parent of CHILD, and what is proved of it; --execute does it.

    Where both parents can be read, they are compared in every sector that CHILD does not hold itself, and a difference
    is a refusal (VHD908). Where the present parent cannot be read, only identifiers are compared, and the plan says so.
    All locators of CHILD are rewritten in the manner in which they are; a file that takes the change back is left
    beside it (vhdchain repair --undo).
    """
    if settings.footer != "auto":
        raise click.UsageError("--footer: footers that disagree are repaired first", click.get_current_context())
    with (
        refusals_in_full(settings),
        settings_are_usage(),
        progress_bar("comparing", settings, in_bytes=True) as progress,
    ):
        plan = plan_reparent(
            child,
            new_parent,
            path_as=path_as,
            allow=allow,
            keep_unknown=keep_unknown,
            replace=replace,
            within=settings.within or None,
            path_map=PathMap.parse(settings.path_map),
            accept=settings.accept,
            progress=progress,
        )
    show_and_execute(plan, settings, carry_out=carry_out)
    return Exit.CLEAN

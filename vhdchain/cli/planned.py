"""How does a command show a plan, carry it out where that is asked for, and tell why one was refused?"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from vhdchain.cli.bars import progress_bar
from vhdchain.cli.terminal import Terminal
from vhdchain.errors import PlanRefusedError
from vhdchain.plan import plan_document
from vhdchain.report.lines import line
from vhdchain.report.text.findings import finding_lines
from vhdchain.report.text.plan import plan_lines
from vhdchain.shell.executor.run import execute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.cli.options import Settings
    from vhdchain.plan import Plan

execute_option = click.option("--execute", "carry_out", is_flag=True, help="Do it; otherwise the plan is only shown.")
replace_option = click.option(
    "--replace", is_flag=True, help="Put patched copies in the files' places, so that they can be read at every moment."
)


def show_and_execute(plan: Plan, settings: Settings, *, carry_out: bool) -> None:
    """Write a plan as text or document; carry it out where that is asked for and there is something to do."""
    terminal = Terminal(settings)
    if carry_out and plan.steps:
        with progress_bar("executing", settings, in_bytes=True) as progress:
            execute(plan, progress=progress)
    if settings.as_json:
        terminal.write_json(plan_document(plan))
        return
    terminal.write(plan_lines(plan, width=terminal.width))
    if plan.steps and not settings.quiet:
        terminal.write([line("done" if carry_out else "nothing was changed; --execute does it")])


@contextmanager
def refusals_in_full(settings: Settings) -> Iterator[None]:
    """Tell each finding of a refused plan with its details, before the one line that every refusal gets."""
    try:
        yield
    except PlanRefusedError as error:
        if not settings.as_json:
            terminal = Terminal(settings)
            for item in error.findings:
                terminal.write(finding_lines(item, width=terminal.width))
        raise

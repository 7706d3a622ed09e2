"""How do the sub-commands open a chain, by the shared options?"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from vhdchain.cli.bars import progress_bar
from vhdchain.errors import ConfigError
from vhdchain.locate import PathMap
from vhdchain.shell.opening import open_chain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.cli.options import Settings
    from vhdchain.shell.handle import OpenChain


@contextmanager
def opened_chain(leaf: str, settings: Settings, *, partial: bool = False) -> Iterator[OpenChain]:
    """Give the chain of ``leaf``; raises what `open_chain` raises."""
    with settings_are_usage(), progress_bar("opening", settings) as progress:
        chain = open_chain(
            leaf,
            within=settings.within or None,
            path_map=PathMap.parse(settings.path_map),
            partial=partial,
            accept=settings.accept,
            footer=settings.footer,
            progress=progress,
        )
    with chain:
        yield chain


@contextmanager
def settings_are_usage() -> Iterator[None]:
    """Tell a setting that cannot be understood as what it is here: a wrong command line."""
    try:
        yield
    except ConfigError as error:
        raise click.UsageError(str(error), click.get_current_context(silent=True)) from error

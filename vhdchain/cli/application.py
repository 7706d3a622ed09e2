"""Which sub-commands does the program have, and what happens around each of them?

A sub-command is known here by its name and one line of help; its module is imported when it is asked for. Arguments
that cannot be understood, interruptions, closed pipes and every error end here: as one line on standard error and the
exit code that the contract states.
"""

from __future__ import annotations

import keyword
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from vhdchain import __version__
from vhdchain.cli.exits import Exit
from vhdchain.cli.failures import PROGRAM, complain, guarded

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "info": "What one file holds.",
    "chain": "The images of one disk, leaf to base, and how each was found.",
    "tree": "The disks of a folder as trees, and what is wrong with them.",
    "map": "Which file supplies every sector of a disk.",
    "diff": "Which ranges of two disks differ.",
    "flatten": "Write a disk as one raw file or VHD.",
    "audit": "Everything that is wrong in files and folders.",
    "backup-check": "How machines would be backed up, and what a backup must hold.",
    "du": "What the disks of a folder take, and what deleting a snapshot frees.",
    "manifest": "What a folder holds, written down, and what changed since.",
    "merge": "Merge a disk into one below it.",
    "reparent": "Give a disk another parent, if it holds the same.",
    "repair": "Mend what can be proved, and take it back.",
    "simulate": "What taking, applying or deleting snapshots would do and lose; and doing it.",
    "export": "Copy machines, with snapshots and disks, into folders of their own.",
    "import": "Bring exported machines to a host.",
    "resume": "Go on with what was interrupted, or take it back.",
    "explain": "What the code of a finding means.",
    "make": "Make a synthetic folder from a recipe.",
    "conformance": "Where another reader of VHDs is wrong.",
}
"""The sub-commands in the order of the work; each is the object ``command`` of the module of its name."""


def module_of(name: str) -> str:
    """Return the module of a sub-command: its name as Python can have it, keywords (``import``) with a line behind."""
    word = name.replace("-", "_")
    return f"vhdchain.cli.{word}{'_' if keyword.iskeyword(word) else ''}"


class Application(click.Group):
    """The group of all sub-commands; gives exit codes instead of tracebacks, however it is called."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002  # click's signature
        **extra: Any,
    ) -> Any:  # noqa: ANN401  # click's signature
        """Run the program; exit with its code, or return it where ``standalone_mode`` is off."""
        if sys.stdout is None:  # the caller closed it, and everything here goes there
            complain("standard output is closed")
            return sys.exit(Exit.UNPROCESSED) if standalone_mode else int(Exit.UNPROCESSED)
        try:
            code = super().main(args, prog_name or PROGRAM, complete_var, standalone_mode=False, **extra)
        except click.ClickException as error:
            complain(_usage(error))
            code = Exit.USAGE
        except click.Abort:
            complain("interrupted")
            code = Exit.INTERRUPTED
        if standalone_mode:
            sys.exit(code)
        return int(code or Exit.CLEAN)

    def invoke(self, ctx: click.Context) -> int:
        """Run the sub-command; whatever it raises becomes a line and a code."""
        return guarded(lambda: super(Application, self).invoke(ctx))

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Return the names of the sub-commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """Return a sub-command, imported now; None where there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(module_of(cmd_name)).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # same
        """List the sub-commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _usage(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    hint = f" (see: {context.command_path} --help)" if context is not None else ""
    return error.format_message().rstrip(".") + hint


@click.group(
    PROGRAM, cls=Application, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def application() -> None:
    """Read chains of VHD files, say which file supplies what, and audit snapshot folders.

    Files are opened for reading only; flatten and manifest write the one that they are given, merge shows its plan and
    asks, reparent, repair and simulate change files with --execute, and resume goes on with what was begun.

    Exit codes: 0 clean, 1 findings at or above the threshold, or a plan was refused, 2 the command line cannot be
    understood, 3 some input could not be processed.
    """

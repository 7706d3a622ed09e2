"""How is all this used from a command line?

`main` is the program: arguments in, exit code out. One module per sub-command turns arguments into calls of the
library and records into lines or a document; `application` gathers them. A sub-command's module is imported when the
sub-command runs, so that ``--version`` and ``--help`` answer at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.cli.application import application

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["application", "main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code.

    Args:
        argv: The arguments behind the program's name; by default those of the process.
    """
    return int(application.main(args=None if argv is None else list(argv), standalone_mode=False))

"""What are the executor's own files called?

They lie beside the file that they belong to, under visible names that end in ``.vhdchain-`` and a purpose, so that
whoever meets one sees whose it is. None of them is there before a plan or after it: one that is found means that a plan
was interrupted.
"""

# ruff: noqa: PTH119 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import os

MARK = ".vhdchain-"

NEW, OLD, UNDO = "new", "old", "undo"
PURPOSES = (NEW, OLD, UNDO)
"""What a step may keep beside a file: a copy that is being made, the original, what takes it back."""

JOURNAL = "journal"
UNBORN_JOURNAL = "journal-new"
"""A journal that is not whole yet: nothing was begun."""


def name_beside(path: str, purpose: str) -> str:
    """Return the path of the executor's own file beside ``path``."""
    return f"{path}{MARK}{purpose}"


def is_journal_name(name: str) -> bool:
    """Say whether a file's name or path is that of a journal."""
    return name.endswith(MARK + JOURNAL) and os.path.basename(name) != MARK + JOURNAL

"""Which interrupted plan is about this file or folder?

A plan's journal lies beside the first thing that it writes in a folder that is there anyway: beside the file itself, or
beside a folder around it that was made as well. What is asked here is not whether a plan can be gone on with, but
whether what lies there is half done.
"""

# ruff: noqa: PTH118, PTH120, PTH208 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vhdchain.errors import VhdChainError
from vhdchain.locate import fold_case
from vhdchain.shell.executor.footprint import written_by
from vhdchain.shell.executor.journal import is_regular, read_journal
from vhdchain.shell.executor.names import JOURNAL, UNBORN_JOURNAL, is_journal_name, name_beside
from vhdchain.shell.executor.places import Places

if TYPE_CHECKING:
    from collections.abc import Iterator


def journals_about(path: str) -> Iterator[str]:
    """Yield the journals, in the folders above ``path``, of plans that write it or something in it, as real paths.

    A journal that is damaged, or not whole yet, counts where its name says that it belongs to ``path`` or to a folder
    around it: nobody knows what its plan was about.
    """
    real = os.path.realpath(path)
    here = real
    while here != os.path.dirname(here):
        folder = os.path.dirname(here)
        own = {name_beside(here, purpose) for purpose in (JOURNAL, UNBORN_JOURNAL)}
        for journal in sorted(_journals_in(folder) | own):
            if is_regular(journal) and _is_about(journal, real, unknown=journal in own):
                yield journal
        here = folder


def _journals_in(folder: str) -> set[str]:
    try:
        return {os.path.join(folder, name) for name in os.listdir(folder) if is_journal_name(name)}
    except OSError:  # one that may be walked through and not listed
        return set()


def _is_about(journal: str, path: str, *, unknown: bool) -> bool:
    try:
        header = read_journal(journal)[0]
    except FileNotFoundError:  # finished meanwhile
        return False
    except (VhdChainError, OSError):
        return unknown
    places = Places(header.cwd)
    inside = fold_case(f"{path}/")
    written = (places.path(each) for step in header.plan.steps for each in written_by(step))
    return any(fold_case(f"{each}/").startswith(inside) for each in written)

"""Where does the plan lie that takes a change of a file back, and what does it say?

Beside the file, as ``<name>.undo.json``, or ``<name>.undo-2.json`` where an earlier change has left one: they are taken
back in the opposite order. The plan names the file without a folder; here the folder is put before it again.
"""

# ruff: noqa: PTH113, PTH118, PTH119, PTH120, PTH123 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import dataclasses
import json
import os
from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError, PlanRefusedError
from vhdchain.plan import DeleteFile, PatchFile, Plan, SetModified, plan_from_document
from vhdchain.shell.executor.names import JOURNAL, name_beside

if TYPE_CHECKING:
    from vhdchain.shell.opening import PathLike

_FIRST, _LATER = ".undo.json", ".undo-{}.json"
_MOST = 1000
_LARGEST = 1 << 30


def journal_beside(path: PathLike) -> str | None:
    """Return the journal of an unfinished change that lies beside a file; None where there is none."""
    journal = name_beside(os.fspath(path), JOURNAL)
    return journal if os.path.lexists(journal) else None


def require_no_journal(path: PathLike) -> None:
    """Refuse to plan with a file of which a change is unfinished.

    Raises:
        PlanRefusedError: See above.
    """
    if (journal := journal_beside(path)) is not None:
        spelled = os.fspath(path)
        raise PlanRefusedError(
            f"{spelled}: a change of it is unfinished ({journal}); 'vhdchain resume {spelled}' first"
        )


def undo_path_for(path: PathLike) -> str:
    """Return the path of the undo file that the next change of ``path`` is to write.

    Raises:
        PlanRefusedError: There are a thousand of them already.
    """
    for name in _names(path):
        if not os.path.lexists(name):
            return name
    raise PlanRefusedError(f"{os.fspath(path)}: {_MOST} undo files lie beside it; take some of them away")


def last_undo_of(path: PathLike) -> str | None:
    """Return the undo file of the last change of ``path`` that was not taken back; None where there is none."""
    found = None
    for name in _names(path):
        if not os.path.isfile(name):
            break
        found = name
    return found


def plan_undo(path: PathLike) -> Plan:
    """Return the plan that takes back the last change of the file ``path``, or the change of which it is the undo file.

    Raises:
        PlanRefusedError: Nothing was changed in it that could be taken back.
        ConfigError: The undo file is none, or does something else.
        OSError: It could not be read.
    """
    spelled = os.fspath(path)
    name = spelled if spelled.endswith(".json") else last_undo_of(spelled)
    if name is None:
        raise PlanRefusedError(f"{spelled}: no undo file lies beside it, so nothing can be taken back")
    with open(name, encoding="utf-8") as file:
        try:
            plan = plan_from_document(json.loads(file.read(_LARGEST)))
        except (ConfigError, ValueError, RecursionError) as error:
            raise ConfigError(f"{name}: is no undo file: {error}") from None
    return _below(plan, os.path.dirname(name), name)


def _below(plan: Plan, folder: str, name: str) -> Plan:
    """Return the plan with its files in ``folder``, and the undo file deleted in the end."""
    steps = []
    for step in plan.steps:
        if not isinstance(step, PatchFile | SetModified) or os.path.basename(step.path) != step.path:
            raise ConfigError(f"{name}: an undo file patches the file beside it, and this one does something else")
        steps.append(dataclasses.replace(step, path=os.path.join(folder, step.path)))
    files = tuple(dataclasses.replace(file, path=os.path.join(folder, file.path)) for file in plan.files)
    return dataclasses.replace(plan, steps=(*steps, DeleteFile(path=name)), files=files)


def _names(path: PathLike) -> list[str]:
    spelled = os.fspath(path)
    return [spelled + _FIRST, *(spelled + _LATER.format(number) for number in range(2, _MOST))]

"""Which files does a step change, and which does it only read?

What is changed is locked for this plan alone and may be found half done after a crash; what is only read is shared, and
must stay as it was planned until the end. The tables know the kinds of steps and nothing about how they are done.
"""

# ruff: noqa: PTH118 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vhdchain.plan import (
    CopyFile,
    CreateFile,
    DeleteFile,
    DigestFile,
    MakeFolder,
    MergeBlocks,
    PatchFile,
    RemoveFolder,
    RenameFile,
    SetModified,
    VerifyChain,
    VerifyFile,
    WriteDisk,
    WriteRecord,
    digest_fact,
    size_fact,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.plan import Plan, Step


def written_by(step: Step) -> tuple[str, ...]:
    """Return the paths whose file, or whose name, the step changes."""
    match step:
        case RenameFile():
            return (step.path, step.to)
        case MergeBlocks():
            return (step.destination,)
        case VerifyFile() | DigestFile() | VerifyChain():
            return ()
        case _:
            return (step.path,)


def read_by(step: Step) -> tuple[str, ...]:
    """Return the paths that the step reads and leaves alone."""
    match step:
        case CopyFile():
            return (step.source,)
        case MergeBlocks():
            return (*step.below, *step.layers)
        case WriteDisk() | VerifyChain():
            return step.layers
        case VerifyFile() | DigestFile():
            return (step.path,)
        case _:
            return ()


def is_folder(step: Step) -> bool:
    """Say whether what the step changes is a folder."""
    return isinstance(step, MakeFolder | RemoveFolder)


def folders_of(step: Step) -> tuple[str, ...]:
    """Return the folders that the step makes, removes, or looks for files in."""
    match step:
        case MakeFolder() | RemoveFolder():
            return (step.path,)
        case VerifyChain():
            return step.within
        case _:
            return ()


def made_by(plan: Plan) -> list[str]:
    """Return the folders that the plan makes."""
    return [step.path for step in plan.steps if isinstance(step, MakeFolder)]


def told_by(step: Step) -> tuple[str, ...]:
    """Return the names of the facts that the step finds out."""
    if isinstance(step, DigestFile):
        return (digest_fact(step.hash, step.path),)
    if not isinstance(step, CopyFile | WriteDisk):
        return ()
    digests = (digest_fact(step.hash, step.path),) if step.hash else ()
    return (*digests, size_fact(step.path))


def asked_by(step: Step) -> tuple[str, ...]:
    """Return the names of the facts that the step needs."""
    match step:
        case VerifyFile(digest=""):
            return (digest_fact(step.hash, step.path),)
        case WriteRecord():
            return tuple(fill.fact for fill in step.fills)
        case _:
            return ()


def written_in_place(plan: Plan) -> list[str]:
    """Return every file that some step writes into where it lies, so that it must be possible."""
    steps = (step for step in plan.steps if isinstance(step, PatchFile | SetModified | MergeBlocks))
    return list(dict.fromkeys(path for step in steps for path in written_by(step)))


def all_written(plan: Plan) -> list[str]:
    """Return every file that the plan changes, once, in the order of the steps; no folders."""
    return list(dict.fromkeys(path for step in plan.steps if not is_folder(step) for path in written_by(step)))


def all_read(plan: Plan) -> list[str]:
    """Return every other file that the plan relies on, once."""
    named = [path for step in plan.steps for path in read_by(step)] + [state.path for state in plan.files]
    written = set(all_written(plan))
    return [path for path in dict.fromkeys(named) if path not in written]


def all_named(plan: Plan) -> list[str]:
    """Return every file and folder that the plan has to do with."""
    return [*all_written(plan), *all_read(plan), *(path for step in plan.steps for path in folders_of(step))]


def waits_for_the_end(step: Step) -> bool:
    """Say whether the step changes nothing before every step of the plan is done."""
    return isinstance(step, DeleteFile | RemoveFolder)


def home_of_the_journal(plan: Plan, is_there: Callable[[str], bool]) -> str:
    """Return the path beside which the plan's journal lies: the first that it writes in a folder that is there anyway.

    A folder that the plan itself makes is not there yet, one that it removes will not be there at the end.

    Args:
        plan: The plan.
        is_there: Says whether a folder that the plan makes is there already.
    """
    steps = [step for step in plan.steps if not (isinstance(step, MakeFolder) and is_there(step.path))]
    passing = [step.path for step in steps if isinstance(step, MakeFolder | RemoveFolder)]
    paths = [path for step in steps for path in written_by(step)]
    staying = (path for path in paths if not any(_is_below(path, folder) for folder in passing))
    # A plan that changes nothing has its journal beside what it reads.
    return next(staying, None) or next(path for step in plan.steps for path in (*written_by(step), *read_by(step)))


def appears_by(step: Step) -> bool:
    """Say whether the step makes a file that was not there."""
    return isinstance(step, CreateFile | CopyFile | WriteRecord) or (isinstance(step, WriteDisk) and not step.replace)


def _is_below(path: str, folder: str) -> bool:
    return os.path.normpath(path).startswith(os.path.join(os.path.normpath(folder), ""))

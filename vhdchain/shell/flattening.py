"""How is the disk of an open chain planned to become a new image file?

The planner (`vhdchain.merge.flattening`) is told what it cannot know: the time, a new identifier, and that nothing is
lost by the name that the image shall have.
"""

from __future__ import annotations

import os
import time
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from vhdchain.merge import flattening
from vhdchain.plan import WriteDisk
from vhdchain.shell.executor.journal import is_regular, journal_path, read_journal
from vhdchain.shell.executor.places import Places
from vhdchain.shell.flatten import refuse_target

if TYPE_CHECKING:
    from collections.abc import Collection

    from vhdchain.merge.flattening import DiskForm
    from vhdchain.plan import Plan
    from vhdchain.progress import Cancel
    from vhdchain.shell.handle import OpenChain

_YEAR_2000 = 946_684_800  # in seconds since 1970: from when the format counts


def plan_flatten(
    chain: OpenChain,
    path: str | os.PathLike[str],
    *,
    form: DiskForm | str = "raw",
    block_size: int | None = None,
    digest: str = "",
    force: bool = False,
    footer: str = "auto",
    accept: Collection[str] = (),
    cancel: Cancel | None = None,
) -> Plan:
    """Return the plan that writes the disk of ``chain`` to ``path``, for `vhdchain.execute`.

    Args:
        chain: What to write.
        path: The file to make; it appears when it is whole.
        form: ``raw`` (sparse), ``fixed`` or ``dynamic``; a VHD gets an identifier of its own.
        block_size: Of a dynamic image, in bytes; by default that of the leaf, or 2 MiB.
        digest: Name of a digest, as `hashlib` has it, that is made of the disk while it is copied; the outcome's
            ``facts`` have it as ``<digest>:<path>``.
        force: Whether an existing file may be replaced.
        footer: As the chain was opened.
        accept: As the chain was opened.
        cancel: Asked while the map is read.

    Raises:
        FileExistsError: ``path`` exists and ``force`` is not given.
        PlanRefusedError: ``path`` is one of the files of the chain or no regular file, the chain is a partial view, or
            an image of this form cannot hold the disk.
        ConfigError: The form, the block size or the digest is none.
        ShortReadError: A file of the chain was truncated meanwhile.
        CancelledError: ``cancel`` asked to stop.
        OSError: The operating system could not read.
    """
    target = os.fspath(path)
    refuse_target(chain, target, force=force)
    return flattening.plan_flatten(
        chain.chain,
        target,
        form=form,
        block_size=block_size,
        unique_id=uuid.uuid4().bytes,
        time_stamp=max(0, int(time.time()) - _YEAR_2000),
        digest=digest,
        replace=force,
        footer=footer,
        accept=accept,
        cancel=cancel,
    )


def unfinished_flatten(path: str | os.PathLike[str]) -> WriteDisk | None:
    """Return what an interrupted run was writing to ``path``, its layers as absolute paths; None where there is none.

    Raises:
        ConfigError: The journal is damaged.
        OSError: It could not be read.
    """
    journal = journal_path(os.fspath(path))
    if not is_regular(journal):
        return None
    header, _, _, _ = read_journal(journal)
    steps = header.plan.steps
    if len(steps) != 1 or not isinstance(steps[0], WriteDisk):
        return None
    places = Places(header.cwd)
    return replace(steps[0], layers=tuple(places.path(layer) for layer in steps[0].layers))


def is_same_work(one: WriteDisk, other: WriteDisk) -> bool:
    """Say whether two steps make the same image of the same files, but for the identifier and the time."""
    places = Places(os.getcwd())  # noqa: PTH109  # paths are kept as the caller wrote them
    layers = tuple(places.path(layer) for layer in other.layers)
    same = replace(one, unique_id=b"", time_stamp=0, replace=False, path="", layers=())
    return same == replace(other, unique_id=b"", time_stamp=0, replace=False, path="", layers=()) and tuple(
        map(os.path.realpath, one.layers)
    ) == tuple(map(os.path.realpath, layers))

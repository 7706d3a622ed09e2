"""How is a merge planned for files that are named by their paths?

The chain is opened by the rules of `open_chain`, the folders of its files are scanned for other disks and for
configurations, and the core makes the plan. Nothing is changed here.
"""

# ruff: noqa: PTH116 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vhdchain.errors import PlanRefusedError
from vhdchain.locate import path_map_of
from vhdchain.merge.planning import plan_merge as plan_merge_of
from vhdchain.shell.opening import folder_of, open_chain
from vhdchain.shell.scanning import scan_folder
from vhdchain.structures import to_timestamp

if TYPE_CHECKING:
    from collections.abc import Collection

    from vhdchain.locate import PathMapping
    from vhdchain.plan import Plan
    from vhdchain.progress import Cancel
    from vhdchain.shell.handle import OpenChain
    from vhdchain.shell.opening import Folders, PathLike


def plan_merge(
    child: PathLike,
    *,
    into: PathLike | None = None,
    within: Folders | None = None,
    path_map: PathMapping | None = None,
    in_place: bool = False,
    allow: Collection[str] = (),
    modified: datetime | None = None,
    cancel: Cancel | None = None,
) -> Plan:
    """Return the plan that merges ``child`` into its parent, or into another disk below it, and then removes it.

    Other disks that build on these, and configurations that name them, are looked for in the folders in which the
    files of the chain lie, and in ``within``; nobody can know of others.

    Args:
        child: The disk that is merged.
        into: The disk that takes it up, with all that lies between; its parent by default.
        within: Where parents may be opened, as in `open_chain`.
        path_map: As in `open_chain`; it also says how Windows calls the new parent, where disks store absolute paths.
        in_place: Whether disks that get another parent are patched where they lie, instead of in a copy that takes
            their place: faster, and a crash may leave such a disk unreadable until the merge is resumed.
        allow: Codes of refusals to override, such as ``VHD904``.
        modified: When the destination counts as modified afterwards (aware); now by default.
        cancel: Asked now and then.

    Raises:
        PlanRefusedError: The merge would damage or lose something; ``findings`` say what.
        ChainError: The chain cannot be opened whole.
        FormatError: An image of it has an error.
        ConfigError: A setting cannot be understood.
        CancelledError: ``cancel`` asked to stop.
        OSError: A file could not be opened or read.
    """
    time = to_timestamp(datetime.now(UTC) if modified is None else modified)
    mapping = path_map_of(path_map)
    with open_chain(child, within=within, path_map=mapping, cancel=cancel) as opened:
        layer = None if into is None else _layer(opened, into)
        folders = dict.fromkeys(folder_of(each.image.name) or os.curdir for each in opened.layers)
        with scan_folder(*folders, *_roots(within), within=within, path_map=mapping, cancel=cancel) as inventory:
            return plan_merge_of(
                opened.chain,
                inventory,
                into=layer,
                modified=time,
                place=os.path.realpath,
                path_map=mapping,
                in_place=in_place,
                allow=allow,
            )


def _roots(within: Folders | None) -> list[PathLike]:
    if within is None:
        return []
    return [within] if isinstance(within, str | os.PathLike) else list(within)


def _layer(opened: OpenChain, into: PathLike) -> int:
    """Return the index of the layer that ``into`` names."""
    status = os.stat(into)
    for layer in opened.layers[:-1]:
        if getattr(layer.image.source, "identity", None) == (status.st_dev, status.st_ino):
            return layer.index
    raise PlanRefusedError(
        f"{os.fspath(into)}: is not below {opened.leaf.name}, which can only be merged into a disk of its own chain"
    )

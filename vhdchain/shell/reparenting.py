r"""How is a child that lies on this machine given another parent?

Opens the two, and the present parent's chain where it can be found, compares what the child takes from its parent, and
asks `vhdchain.merge.reparenting` for the plan. Paths that go into the child as Windows has them come from the path map,
or from the caller. Nothing is written.
"""

# ruff: noqa: PTH100, PTH119, PTH120 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import PurePath
from typing import TYPE_CHECKING

from vhdchain.blockmap import may_differ
from vhdchain.blockmap.ranges import clipped_ranges
from vhdchain.chain import Chain, Layer
from vhdchain.errors import ChainError, ConfigError, FormatError
from vhdchain.image import require_sound
from vhdchain.locate import PathKind, parse_path, path_map_of
from vhdchain.merge.parent_patches import NewParent
from vhdchain.merge.reparenting import HiddenComparison, Reparenting, gathered
from vhdchain.merge.reparenting import plan_reparent as plan_for
from vhdchain.read import DiskReader, differing
from vhdchain.shell.gate import DirectoryGate, root_of
from vhdchain.shell.opening import allowed_roots, folder_of, open_chain, scan_file
from vhdchain.shell.scanning import scan_folder
from vhdchain.shell.undo_files import require_no_journal, undo_path_for
from vhdchain.source import identity_of
from vhdchain.structures.footer import timestamp_of_mtime

if TYPE_CHECKING:
    from collections.abc import Collection

    from vhdchain.image import Image
    from vhdchain.locate import PathMap, PathMapping
    from vhdchain.plan import Plan
    from vhdchain.progress import Cancel, Progress
    from vhdchain.shell.handle import OpenChain
    from vhdchain.shell.opening import Folders, PathLike


def plan_reparent(
    child: PathLike,
    new_parent: PathLike,
    *,
    path_as: str | None = None,
    allow: Collection[str] = (),
    keep_unknown: bool = False,
    replace: bool = False,
    within: Folders | None = None,
    path_map: PathMapping | None = None,
    accept: Collection[str] = (),
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Plan:
    r"""Return the plan that makes ``new_parent`` the parent of ``child``, with what is proved of it.

    Args:
        child: Path of a differencing image.
        new_parent: Path of the image that becomes its parent; its own chain must be whole.
        path_as: What Windows calls the new parent, such as ``D:\VMs\base.vhd``; otherwise what the path map, or the
            child's own paths, say.
        allow: Codes of refusals that are overridden: VHD908 (contents differ), VHD603 (another identifier, and nothing
            to compare with), VHD910 (the bare name, where the path is too long for the header), VHD136 (saved state).
        keep_unknown: Whether a locator stays as it is where nothing says how the new parent is called in it.
        replace: Whether a patched copy takes the child's place, so that it can be read at every moment.
        within: Where parents may be opened; by default in the folders of the two and those that ``path_map`` names.
        path_map: Where the folders that images name lie here, as in `open_chain`.
        accept: Codes of errors in spite of which images are read.
        progress: Called with the bytes of the disk that are compared, and its size.
        cancel: Asked again and again.

    Raises:
        PlanRefusedError: The plan is refused; all findings come with it.
        FormatError: An image has an error that is not accepted.
        ChainError: The new parent's chain is not whole.
        ConfigError: A setting cannot be understood.
        CancelledError: ``cancel`` asked to stop.
        OSError: A file could not be opened or read.
    """
    mapping = path_map_of(path_map)
    require_no_journal(child)
    with ExitStack() as stack:
        image = stack.enter_context(scan_file(child))
        require_sound(image, accept=accept)
        new = stack.enter_context(open_chain(new_parent, within=within, path_map=mapping, accept=accept, cancel=cancel))
        old, reason = _present_chain(stack, child, within=within, path_map=mapping, accept=accept)
        wish = Reparenting(
            child=image,
            name=os.path.basename(os.path.realpath(child)),
            chain=new.chain,
            new=_new_parent(child, new, path_as, mapping),
            comparison=_compared(image, old, new.chain, reason=reason, progress=progress, cancel=cancel),
            old=old,
            old_place=None if old is None else _names_from(child, old.leaf.name),
            children=_children_of(image, folder_of(child), mapping, cancel),
            undo=undo_path_for(child),
        )
        return plan_for(
            wish, _gate(child, new_parent, within, mapping), allow=allow, keep_unknown=keep_unknown, replace=replace
        )


def _gate(child: PathLike, new_parent: PathLike, within: Folders | None, mapping: PathMap) -> DirectoryGate:
    """Return the gate by which the patched child looks for its parent; whoever names that allows its folder."""
    roots = [*allowed_roots(within, [folder_of(child)], mapping), root_of(folder_of(new_parent))]
    return DirectoryGate(roots, path_map=mapping)


def _present_chain(
    stack: ExitStack, child: PathLike, *, within: Folders | None, path_map: PathMap, accept: Collection[str]
) -> tuple[Chain | None, str]:
    """Return the chain below the child as it is now, or None and why it cannot be read."""
    try:
        opened = stack.enter_context(open_chain(child, within=within, path_map=path_map, accept=accept))
    except (ChainError, FormatError, OSError) as error:
        return None, f"the present parent cannot be read ({error})"
    return Chain(layers=opened.layers[:-1], resolutions=opened.chain.resolutions[1:]), ""


def _compared(
    child: Image, old: Chain | None, new: Chain, *, reason: str, progress: Progress | None, cancel: Cancel | None
) -> HiddenComparison:
    """Return where the child's disk would change: what the parents may hold otherwise is read through the child."""
    if old is None:
        return HiddenComparison(not_compared=reason)
    if identity_of(old.leaf.source) == identity_of(new.leaf.source):
        return HiddenComparison(not_compared="it is the file that the child finds already")
    readers = [DiskReader(_with_child(chain, child)) for chain in (old, new)]
    may = (clipped_ranges(piece, 0, child.virtual_size) for piece in may_differ(old, new, cancel=cancel))
    return gathered(differing(readers[0], readers[1], filter(len, may), progress=progress, cancel=cancel))


def _with_child(chain: Chain, child: Image) -> Chain:
    return Chain(layers=(*chain.layers, Layer(index=len(chain.layers), image=child)))


def _new_parent(child: PathLike, new: OpenChain, path_as: str | None, mapping: PathMap) -> NewParent:
    real = os.path.realpath(new.leaf.name)
    if path_as is not None and parse_path(path_as).kind not in (PathKind.DRIVE, PathKind.UNC):
        raise ConfigError(rf"--path-as: {path_as!r} is no absolute path of Windows such as D:\VMs\base.vhd")
    names = _names_from(child, real)
    mtime_ns = getattr(new.leaf.source, "mtime_ns", 0)
    return NewParent(
        unique_id=new.leaf.unique_id,
        name=os.path.basename(real),
        relative=names,
        time_stamp=max(0, timestamp_of_mtime(mtime_ns)),
        absolute=path_as or mapping.to_windows(real) or mapping.to_windows(os.path.abspath(new.leaf.name)),
    )


def _names_from(child: PathLike, parent: str) -> tuple[str, ...] | None:
    """Return the names that lead to ``parent`` from the real folder of ``child``; None where none do."""
    try:
        path = os.path.relpath(os.path.realpath(parent), os.path.dirname(os.path.realpath(child)))
    except ValueError:  # on another drive of Windows
        return None
    return PurePath(path).parts


def _children_of(image: Image, folder: str, mapping: PathMap, cancel: Cancel | None) -> tuple[str, ...]:
    own = identity_of(image.source)
    with scan_folder(folder or os.curdir, path_map=mapping, cancel=cancel) as inventory:
        names = [other.name for other in inventory.images if identity_of(other.source) == own]
        return tuple(child for name in names for child in inventory.graph.children.get(name, ()))

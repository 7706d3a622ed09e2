"""What do the guests see on all disks of an inventory?

First the chunks that each file may add to its parent's disk, from bitmaps alone, so that it is known how much there is
to read; then their digests, parents before children. A disk that cannot be read whole has a problem instead, and so
have all that build on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.manifest.chunks import Chunks, chunk_count, hash_chunks, own_chunks, view_sha256
from vhdchain.audit.manifest.records import DiskContent
from vhdchain.chain import Chain, link_images
from vhdchain.errors import ChainError, FormatError, ShortReadError
from vhdchain.image import FooterPolicy
from vhdchain.locate import LONGEST_PATH, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from vhdchain.graph import Inventory
    from vhdchain.progress import Cancel

_LOST = (ChainError, FormatError, ShortReadError, OSError)


class DiskContents:
    """The contents of the disks of an inventory, by the paths of their images.

    Attributes:
        problems: Why the others are not known.
        length: How many bytes of disks there are to hash.
    """

    def __init__(
        self,
        inventory: Inventory,
        chunk_size: int,
        *,
        accept: Collection[str] = (),
        footer: FooterPolicy = FooterPolicy.AUTO,
        cancel: Cancel | None = None,
    ) -> None:
        """Look at the bitmaps of all images of ``inventory``; they are still open, and no data is read yet.

        Args:
            inventory: What a scan found.
            chunk_size: Bytes in a chunk.
            accept: Codes of errors in spite of which an image is read.
            footer: The policy by which the scan was made.
            cancel: Asked again and again.

        Raises:
            CancelledError: ``cancel`` asked to stop.
        """
        self.problems: dict[str, str] = {}
        self._inventory = inventory
        self._chunk_size = chunk_size
        self._cancel = cancel
        self._chains: dict[str, tuple[Chain, NDArray[np.int64]]] = {}
        for path in _parents_first(inventory):
            way = inventory.graph.path_to_base(path)
            if inventory.image(way[-1]).is_differencing:
                whose = "its parent" if way[-1] == path else f"the parent of {shortened(way[-1], LONGEST_PATH)}"
                self.problems[path] = f"{whose} was not found"
                continue
            try:
                chain = link_images([inventory.image(name) for name in reversed(way)], footer=footer, accept=accept)
                self._chains[path] = chain, own_chunks(chain, chunk_size, cancel=cancel)
            except _LOST as error:
                self.problems[path] = str(error)
        self.length = sum(len(numbers) for _, numbers in self._chains.values()) * chunk_size

    def read(
        self, told: Callable[[int], None] = lambda _: None, *, inside: Callable[[str], bool] = lambda _: True
    ) -> Mapping[str, DiskContent]:
        """Return what can be read, parents first; the rest is added to `problems`.

        Args:
            told: Called with the bytes of disks that were hashed since the last call.
            inside: Whether the image of a path will be in the manifest; who builds on another one is told whole.

        Raises:
            CancelledError: The caller asked to stop.
        """
        contents: dict[str, DiskContent] = {}
        views: dict[str, Chunks] = {}
        waiting = {parent: len(children) for parent, children in self._inventory.graph.children.items()}
        for path, (chain, numbers) in self._chains.items():
            parent = self._inventory.graph.parent(path) if len(chain.layers) > 1 else None
            if parent is not None and parent not in views:
                self.problems[path] = f"it builds on {shortened(parent, LONGEST_PATH)}, which could not be read"
                continue
            try:
                own = hash_chunks(chain, numbers, self._chunk_size, told=told, cancel=self._cancel)
            except _LOST as error:
                self.problems[path] = str(error)
                continue
            below = None if parent is None else views[parent]
            size = chain.virtual_size
            views[path] = view = own.above(below, chunk_count(size, self._chunk_size))
            digest = view_sha256(view, virtual_size=size, chunk_size=self._chunk_size)
            on_parent = parent is not None and inside(parent)
            contents[path] = DiskContent(
                parent=parent if on_parent else None, chunks=own if on_parent else view, sha256=digest
            )
            # A view is as large as the disk's data: it goes when nothing waits for it.
            for name in (path, *([] if parent is None else [parent])):
                waiting[name] = waiting.get(name, 0) - (name != path)
                if waiting[name] <= 0:
                    views.pop(name, None)
        return contents


def _parents_first(inventory: Inventory) -> Iterator[str]:
    """Yield every image, family by family, each behind its parent; members of a cycle last."""
    graph = inventory.graph
    pending = [path for path in reversed(graph.nodes) if path not in graph.parents]
    met: set[str] = set()
    while pending:
        path = pending.pop()
        met.add(path)
        yield path
        pending.extend(reversed(graph.children.get(path, ())))
    yield from (path for path in graph.nodes if path not in met)

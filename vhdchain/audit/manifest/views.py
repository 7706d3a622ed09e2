"""Which chunks does the guest see on the disk of an image of a manifest, those of its parents included?

Put together when it is asked for, from the base up; the last chain's views are kept, because a child is asked for after
its parent most of the time, and all of them would not fit into memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.manifest.chunks import Chunks, chunk_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.audit.manifest.records import DiskContent, ImageEntry, Manifest

_KEPT = 4


class Views:
    """The views of one manifest."""

    def __init__(self, manifest: Manifest) -> None:
        """Take the manifest; nothing is computed yet."""
        self._chunk_size = manifest.chunk_size
        self._entries: dict[str, tuple[ImageEntry, DiskContent]] = {
            item.path: (item, item.content) for item in manifest.images if item.content is not None
        }
        self._known: dict[str, Chunks] = {}

    def in_order(self) -> Iterator[str]:
        """Yield every image with contents, each right after the image that it builds on, as far as that is there."""
        children: dict[str | None, list[str]] = {}
        for path, (_, content) in self._entries.items():
            parent = content.parent if content.parent in self._entries else None
            children.setdefault(parent, []).append(path)
        pending, met = children.get(None, [])[::-1], set[str]()
        while pending:
            path = pending.pop()
            met.add(path)
            yield path
            pending.extend(reversed(children.get(path, [])))
        yield from (path for path in self._entries if path not in met)  # of a cycle, which nothing leads to

    def of(self, path: str) -> Chunks | None:
        """Return the view of an image; None where its contents, or those of a parent, are not in the manifest."""
        way: dict[str, None] = {}
        node: str | None = path
        while node is not None and node not in self._known:
            if node not in self._entries or node in way:
                return None
            way[node] = None
            node = self._entries[node][1].parent
        view = None if node is None else self._known[node]
        for name in reversed(way):
            view = self._above(name, view)
        assert view is not None  # the way is not empty, or the view was known
        self._known.pop(path, None)
        self._known[path] = view
        while len(self._known) > _KEPT:
            del self._known[next(iter(self._known))]
        return view

    def _above(self, path: str, below: Chunks | None) -> Chunks:
        item, content = self._entries[path]
        assert self._chunk_size is not None  # contents without it are refused
        return content.chunks.above(below, chunk_count(item.virtual_size, self._chunk_size))

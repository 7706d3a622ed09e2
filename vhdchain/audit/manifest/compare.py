"""How is a folder held against its manifest?

Two manifests are compared, that of then and one of now: files by `matched`, then the guest's views. A view is compared
as a whole, whatever files it is made of: after a merge the files are others and the views must not be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.manifest.comparison import (
    Basis,
    FileAspect,
    FileChange,
    FileStatus,
    ManifestComparison,
    ViewChange,
    ViewOutcome,
)
from vhdchain.audit.manifest.matching import matched
from vhdchain.audit.manifest.records import ImageEntry
from vhdchain.audit.manifest.views import Views
from vhdchain.locate import fold_case

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vhdchain.audit.manifest.records import FileEntry, Manifest

_NOT_COMPARED = "contents were not compared"


def compare_manifests(then: Manifest, now: Manifest, *, ignore_times: bool = False) -> ManifestComparison:
    """Return what changed from ``then`` to ``now``.

    Args:
        then: The manifest.
        now: Another one of the same folder, or of a copy of it; made with the same chunks where contents count.
        ignore_times: Whether another modification time is no change, as in a copy that did not keep times.
    """
    images, files = matched(then.images, now.images), matched(then.files, now.files)
    deep = then.chunk_size is not None and then.chunk_size == now.chunk_size
    disks = _Disks(then, now, images, deep=deep, ignore_times=ignore_times)
    changes = [*disks.changes(), *_files(then.files, now.files, files, ignore_times=ignore_times)]
    changes.sort(key=lambda item: item.shown)
    return ManifestComparison(then=then, now=now, files=tuple(changes), deep=deep)


def _files(
    then: Sequence[FileEntry], now: Sequence[FileEntry], pairs: dict[str, str], *, ignore_times: bool
) -> Iterator[FileChange]:
    there = {item.path: item for item in now}
    for old in then:
        new = there.pop(pairs[old.path], None) if old.path in pairs else None
        if new is None:
            yield FileChange(path=old.path, now=None, is_image=False, status=FileStatus.GONE)
            continue
        compared = old.sha256 is not None and new.sha256 is not None
        aspects = list(_plain_aspects(old, new, ignore_times=ignore_times))
        if compared and old.sha256 != new.sha256:
            aspects.append(FileAspect.CONTENT)
        yield FileChange(
            path=old.path,
            now=new.path,
            is_image=False,
            status=_status(old.path, new.path, aspects, compared=compared),
            aspects=tuple(aspects),
            problem=new.problem or old.problem,
        )
    for new in there.values():
        yield FileChange(path=None, now=new.path, is_image=False, status=FileStatus.NEW, problem=new.problem)


def _plain_aspects(
    old: ImageEntry | FileEntry, new: ImageEntry | FileEntry, *, ignore_times: bool
) -> Iterator[FileAspect]:
    if old.size != new.size:
        yield FileAspect.SIZE
    if old.mtime_ns != new.mtime_ns and not ignore_times:
        yield FileAspect.TIME
    if isinstance(old, ImageEntry) and isinstance(new, ImageEntry) and _metadata(old) != _metadata(new):
        yield FileAspect.METADATA


def _metadata(item: ImageEntry) -> tuple[object, ...]:
    return item.metadata_sha256, item.unique_id, item.disk_type, item.virtual_size


def _status(path: str, now: str, aspects: Sequence[FileAspect], *, compared: bool) -> FileStatus:
    if fold_case(path) != fold_case(now):
        return FileStatus.MOVED
    if not aspects or (compared and list(aspects) == [FileAspect.TIME]):
        return FileStatus.SAME
    return FileStatus.CHANGED


class _Disks:
    """The images of two manifests."""

    def __init__(self, then: Manifest, now: Manifest, pairs: dict[str, str], *, deep: bool, ignore_times: bool) -> None:
        self._then = {item.path: item for item in then.images}
        self._now = {item.path: item for item in now.images}
        self._pairs = pairs
        self._deep = deep
        self._chunk_size = then.chunk_size or 0
        self._views = Views(then), Views(now)
        self._aspects = {
            old: list(_plain_aspects(self._then[old], self._now[new], ignore_times=ignore_times))
            for old, new in pairs.items()
        }
        self._unlike: dict[str, NDArray[np.int64]] = {}
        self._showing: dict[str, list[str]] = {}
        for item in now.images:
            if deep and item.content is not None:
                self._showing.setdefault(item.content.sha256, []).append(item.path)

    def changes(self) -> Iterator[FileChange]:
        """Yield what became of each image."""
        # Parents first, because what differs in them is no change of their children's files.
        ordered = dict.fromkeys((*self._views[0].in_order(), *self._then))
        for path in ordered:
            old = self._then[path]
            new = self._now.get(self._pairs.get(path, ""))
            if new is None:
                view = self._gone(old)
                yield FileChange(
                    path=path, now=None, is_image=True, status=FileStatus.GONE, view=view, used_by=old.used_by
                )
            else:
                yield self._pair(old, new)
        taken = set(self._pairs.values())
        for path, new in self._now.items():
            if path not in taken:
                yield FileChange(
                    path=None,
                    now=path,
                    is_image=True,
                    status=FileStatus.NEW,
                    used_by=new.used_by,
                    problem=new.problem,
                )

    def _pair(self, old: ImageEntry, new: ImageEntry) -> FileChange:
        view = self._view(old, new)
        aspects = self._aspects[old.path]
        if view.basis is Basis.CONTENT and self._own_data_differs(old, new):
            aspects.append(FileAspect.CONTENT)
        return FileChange(
            path=old.path,
            now=new.path,
            is_image=True,
            status=_status(old.path, new.path, aspects, compared=view.basis is Basis.CONTENT),
            aspects=tuple(aspects),
            view=view,
            used_by=old.used_by,
            problem=new.problem or old.problem,
        )

    def _view(self, old: ImageEntry, new: ImageEntry) -> ViewChange:
        if not self._deep:
            if self._untouched(old.path):
                return ViewChange(outcome=ViewOutcome.SAME, basis=Basis.METADATA)
            return ViewChange(outcome=ViewOutcome.UNKNOWN, reason=_NOT_COMPARED)
        if old.content is None or new.content is None:
            reason = (new if old.content is not None else old).problem or _NOT_COMPARED
            when = "" if new.content is None else "when the manifest was made: "
            return ViewChange(outcome=ViewOutcome.UNKNOWN, reason=f"{when}{reason}")
        if old.content.sha256 == new.content.sha256:
            return ViewChange(outcome=ViewOutcome.SAME, basis=Basis.CONTENT, chunks=0)
        before, after = self._views[0].of(old.path), self._views[1].of(new.path)
        assert before is not None
        assert after is not None  # a manifest whose contents are not whole is refused
        self._unlike[old.path] = unlike = before.unlike(after)
        sizes = old.virtual_size, new.virtual_size
        return ViewChange(
            outcome=ViewOutcome.CHANGED,
            basis=Basis.CONTENT,
            chunks=len(unlike),
            first=int(unlike[0]) * self._chunk_size if len(unlike) else None,
            sizes=None if sizes[0] == sizes[1] else sizes,
            shown_by=self._shown_by(old),
        )

    def _gone(self, old: ImageEntry) -> ViewChange:
        if not self._deep or old.content is None:
            return ViewChange(outcome=ViewOutcome.UNKNOWN, reason="the file is gone, and contents were not compared")
        shown_by = self._shown_by(old)
        outcome = ViewOutcome.SAME if shown_by else ViewOutcome.LOST
        return ViewChange(outcome=outcome, basis=Basis.CONTENT, shown_by=shown_by)

    def _shown_by(self, old: ImageEntry) -> tuple[str, ...]:
        return () if old.content is None else tuple(self._showing.get(old.content.sha256, ()))

    def _own_data_differs(self, old: ImageEntry, new: ImageEntry) -> bool:
        """Say whether data of the file itself changed, and not only what is below it, or where it begins."""
        unlike = self._unlike.get(old.path)
        if unlike is None or not len(unlike):
            return False
        parent = old.content.parent if old.content is not None else None
        if parent is None and new.content is not None and new.content.parent is None:
            return True
        if parent is None or new.content is None or self._pairs.get(parent) != new.content.parent:
            return False  # it stands on another disk, which its metadata tell
        below = self._unlike.get(parent)
        return below is None or not set(unlike.tolist()) <= set(below.tolist())

    def _untouched(self, path: str) -> bool:
        """Say whether neither a file nor any that it builds on has another length, time or structure."""
        met: set[str] = set()
        node: str | None = path
        while node is not None and node not in met:
            met.add(node)
            old, new = self._then.get(node), self._now.get(self._pairs.get(node, ""))
            if old is None or new is None or self._aspects[node] or old.mtime_ns != new.mtime_ns:
                return False
            if old.parent is None:
                return old.parent_unique_id is None and new.parent is None
            if self._pairs.get(old.parent) != new.parent:
                return False
            node = old.parent
        return False

"""Which files on disk may be opened because an image names them?

Only regular files inside the roots: the folders that the caller gave, or by default the folder of the leaf or the
folder scanned, together with the folders that the path map names. Windows' paths become local ones as Windows computes
them (``..`` is taken back as text, from the child's real folder), and are then walked from the root down. A symbolic
link counts where its target is inside as well. UNC paths, devices, FIFOs and whatever lies outside are refused, with
the rule that refused and how to allow it; nothing outside is opened, listed or even looked at.
"""

# ruff: noqa: PTH100, PTH112, PTH118, PTH120 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import dataclasses
import os
import stat
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, TypeVar

from vhdchain.errors import ConfigError
from vhdchain.image import FooterPolicy, Limits, scan_image
from vhdchain.locate import (
    Candidate,
    Indexed,
    Outcome,
    PathKind,
    PathMap,
    Refusal,
    StoredPath,
    collapse,
    fold_case,
    parse_path,
    shortened,
)
from vhdchain.shell.files import FileSource, kind_of_file, open_source
from vhdchain.shell.index import IdentifierIndex
from vhdchain.shell.walking import Arrival, DeadEnd, Walker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.image import Image
    from vhdchain.locate import FileKey
    from vhdchain.progress import Cancel

K = TypeVar("K")
V = TypeVar("V")

MAX_REMEMBERED = 1024
"""How many answers of each kind a gate keeps; the paths that a child stores mostly lead to one file."""

MAX_LINKS = 40
"""How many symbolic links one path may go through, as in Linux."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A folder inside which files may be opened.

    Attributes:
        spelling: The folder as the caller wrote it; messages name files below it in this form.
        parts: The names of the real folder, from the top.
    """

    spelling: str
    parts: tuple[str, ...]

    @property
    def real(self) -> str:
        """The absolute path without symbolic links."""
        return os.path.join(*self.parts)

    def show(self, below: Iterable[str]) -> str:
        """Return what messages call a file below this folder."""
        return os.path.join(self.spelling, *below)


def root_of(folder: str | os.PathLike[str]) -> Root:
    """Return ``folder`` as a root.

    Raises:
        ConfigError: It is no folder that exists.
    """
    spelling = os.fspath(folder)
    real = os.path.realpath(spelling)
    if not os.path.isdir(real):
        raise ConfigError(f"{spelling or os.curdir}: is no folder that exists, so nothing can be looked for inside it")
    return Root(spelling=spelling, parts=PurePath(real).parts)


class DirectoryGate:
    """Keeps the contract of `vhdchain.locate.Gate` on folders of the file system.

    Made for one question (one chain, one scan): it remembers what it listed. Not for several threads at once.
    """

    def __init__(
        self,
        roots: Iterable[Root],
        *,
        path_map: PathMap | None = None,
        footer: FooterPolicy = FooterPolicy.AUTO,
        limits: Limits | None = None,
        cancel: Cancel | None = None,
    ) -> None:
        self.roots = tuple(dict.fromkeys(roots))
        self._map = path_map or PathMap()
        # What the caller spelled through a link is compared in its real form.
        self._spelled = {PurePath(os.path.abspath(root.spelling)).parts: root.parts for root in self.roots}
        for entry in self._map.entries:
            real = os.path.realpath(entry.target)
            self._spelled[PurePath(os.path.abspath(entry.target)).parts] = PurePath(real).parts
        # The other way round it is asked for real folders.
        self._real_map = PathMap((entry.source, os.path.realpath(entry.target)) for entry in self._map.entries)
        self._footer = footer
        self._limits = limits
        self._walker = Walker()
        self._index = IdentifierIndex(self.roots, footer=footer, cancel=cancel)
        self._places: dict[FileKey, tuple[str, ...]] = {}
        # What was looked up once. A file that takes another's place later is noticed when it is opened.
        self._met: dict[tuple[str, ...], Candidate | Refusal] = {}
        self._folders: dict[str, tuple[str, ...]] = {}

    def key(self, image: Image) -> FileKey:
        """See `vhdchain.locate.Gate.key`."""
        return image.source.identity if isinstance(image.source, FileSource) else id(image)

    def find(self, child: Image, path: StoredPath) -> Candidate | Refusal:
        """See `vhdchain.locate.Gate.find`."""
        if path.problem:
            return Refusal(outcome=Outcome.REFUSED, detail=path.problem)
        target = self._local(child, path)
        if isinstance(target, Refusal):
            return target
        met = self._met.get(target)
        if met is None:
            met = _remember(self._met, target, self._follow(target))
        if isinstance(met, Candidate) and path.kind in (PathKind.DRIVE, PathKind.UNC):
            return dataclasses.replace(met, other_volume=self._is_other_volume(child, path))
        return met

    def indexed(self, unique_id: bytes) -> Indexed:
        """See `vhdchain.locate.Gate.indexed`; built at the first call."""
        return self._index.lookup(unique_id)

    def open(self, candidate: Candidate) -> Image:
        """See `vhdchain.locate.Gate.open`; the file must still be the one that was found."""
        real = self.real_path(candidate)
        assert isinstance(candidate.key, tuple)
        source = open_source(real, name=candidate.path, follow=False, devices=False, expected=candidate.key)
        try:
            return scan_image(source, footer=self._footer, limits=self._limits)
        except BaseException:
            source.close()
            raise

    def real_path(self, candidate: Candidate) -> str:
        """Return the absolute path, without links, of a candidate that this gate named.

        Raises:
            KeyError: It named none such.
        """
        place = self._places.get(candidate.key) or self._index.place(candidate.key)
        if place is None:
            raise KeyError(f"{candidate.path} was not found by this gate")
        return os.path.join(*place)

    def discard(self, image: Image) -> None:
        """See `vhdchain.locate.Gate.discard`."""
        image.close()

    def follow_link(self, path: str) -> Candidate | Refusal:
        """Return the file that the link or file at the local ``path`` leads to, if that is inside."""
        return self._follow(self._real_spelling(PurePath(os.path.abspath(path)).parts))

    def _local(self, child: Image, path: StoredPath) -> tuple[str, ...] | Refusal:
        """Return the absolute local path that ``path`` means, its ``..`` taken back."""
        if path.kind is PathKind.RELATIVE:
            folder = self._real_folder(child)
            if folder is None:
                return Refusal(outcome=Outcome.UNMAPPED, detail="the child is no file in a folder")
            return (folder[0], *collapse((*folder[1:], *path.parts)))
        if path.kind is PathKind.ROOTED:
            path = self._with_drive_of(child, path)
        mapped = self._map.to_local(path)
        if mapped is not None:
            return self._real_spelling(PurePath(os.path.abspath(mapped)).parts)
        if path.kind is PathKind.POSIX:
            return self._real_spelling((os.sep, *collapse(path.parts)))
        return _unmapped(path)

    def _real_folder(self, child: Image) -> tuple[str, ...] | None:
        source = child.source
        if not isinstance(source, FileSource):
            return None
        # A file that was opened with links followed may be one itself; of another one only the folder can lead astray.
        asked = source.path if source.may_be_link else os.path.dirname(source.path)
        parts = self._folders.get(asked)
        if parts is None:
            real = PurePath(os.path.realpath(asked))
            parts = _remember(self._folders, asked, (real.parent if source.may_be_link else real).parts)
        return parts

    def _is_other_volume(self, child: Image, path: StoredPath) -> bool | None:
        """Say whether ``path`` names another drive or share than the one on which Windows sees ``child``."""
        folder = self._real_folder(child)
        try:
            windows = self._real_map.to_windows(PurePath(*folder)) if folder else None
        except ConfigError:  # it has two names, so it is not known on which of them the child was
            return None
        return None if windows is None else fold_case(parse_path(windows).anchor) != fold_case(path.anchor)

    def _with_drive_of(self, child: Image, path: StoredPath) -> StoredPath:
        folder = self._real_folder(child)
        windows = self._real_map.to_windows(PurePath(*folder)) if folder else None
        if windows is None or windows[1:2] != ":":
            return path
        return StoredPath(text=path.text, kind=PathKind.DRIVE, anchor=windows[:2].upper(), parts=path.parts)

    def _real_spelling(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        holding = [spelled for spelled in self._spelled if parts[: len(spelled)] == spelled]
        if not holding:
            return parts
        longest = max(holding, key=len)
        return (*self._spelled[longest], *parts[len(longest) :])

    def _root_for(self, target: tuple[str, ...]) -> Root | None:
        """Return the deepest root above ``target``; in other letter case only where none is above it as it is."""
        above = [root for root in self.roots if target[: len(root.parts)] == root.parts]
        if not above:
            folded = _folded(target)
            above = [root for root in self.roots if folded[: len(root.parts)] == _folded(root.parts)]
            if len({root.parts for root in above}) > 1:
                return None
        return max(above, key=lambda root: len(root.parts), default=None)

    def _follow(self, target: tuple[str, ...]) -> Candidate | Refusal:
        """Walk to ``target``, from link to link, as long as all is inside."""
        notes: list[str] = []
        for links in range(MAX_LINKS + 1):
            root = self._root_for(target)
            if root is None:
                return self._outside(target, through_link=links > 0)
            above, below = target[: len(root.parts)], target[len(root.parts) :]
            step = self._walker.walk(root.real, below)
            if isinstance(step, DeadEnd):
                return Refusal(outcome=step.outcome, detail=shortened(step.detail), path=root.show(below))
            walked = step.parts if isinstance(step, Arrival) else (*step.folder, step.name)
            if (*above, *below[: len(walked)]) != (*root.parts, *walked):
                notes.append(f"letter case differs: {shortened(os.path.join(*target))}")
            if isinstance(step, Arrival):
                return self._arrive(root, step, note="; ".join(notes))
            link = PurePath(step.target)
            start = link.parts if link.is_absolute() else (*root.parts, *step.folder, *link.parts)
            # A ".." is taken back as text: what a link below another link means may differ, but not where it may lead.
            target = self._real_spelling((start[0], *collapse((*start[1:], *step.rest))))
        detail = f"it leads through more than {MAX_LINKS} symbolic links"
        return Refusal(outcome=Outcome.REFUSED, detail=detail, path=os.path.join(*target))

    def _arrive(self, root: Root, arrival: Arrival, *, note: str) -> Candidate | Refusal:
        shown = root.show(arrival.parts)
        if not stat.S_ISREG(arrival.status.st_mode):
            detail = f"it is {kind_of_file(arrival.status.st_mode)}, not a regular file"
            return Refusal(outcome=Outcome.REFUSED, detail=detail, path=shown)
        key = (arrival.status.st_dev, arrival.status.st_ino)
        self._places.setdefault(key, (*root.parts, *arrival.parts))
        return Candidate(key=key, path=shown, note=note)

    def _outside(self, target: tuple[str, ...], *, through_link: bool) -> Refusal:
        roots = ", ".join(root.spelling or os.curdir for root in self.roots)
        what = "a symbolic link leads to it, and it" if through_link else "it"
        folder = shortened(os.path.join(*target[:-1]) if len(target) > 1 else target[0])
        detail = f"{what} lies outside of {roots}; allow it with --within {folder}"
        return Refusal(outcome=Outcome.REFUSED, detail=detail, path=os.path.join(*target), outside=True)


def _remember(known: dict[K, V], key: K, value: V) -> V:
    if len(known) >= MAX_REMEMBERED:
        known.clear()
    known[key] = value
    return value


def _folded(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(fold_case(part) for part in parts)


def _unmapped(path: StoredPath) -> Refusal:
    folder = path.anchor + "".join(f"\\{part}" for part in collapse(path.parts)[:-1])
    how = f"allow it with --map '{shortened(folder)}=DIR'" if path.anchor else "the child's drive is not known here"
    what = "UNC paths are never opened" if path.kind is PathKind.UNC else "no path map says where it lies here"
    outcome = Outcome.REFUSED if path.kind is PathKind.UNC else Outcome.UNMAPPED
    return Refusal(outcome=outcome, detail=f"{what}; {how}")

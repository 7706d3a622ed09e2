"""Which disks and machines lie in these folders, and how do they hang together?

Every file that is named like a disk is scanned, tolerantly; so is every file that the caller names, whatever its name,
unless it is a configuration. Configurations are read, and the files that they name are found among those of the scan.
The parent of each differencing disk is then looked for among them and inside the roots. A file with several names is
one image. What cannot be read is listed, never passed over; nothing leads out of the folders.
"""

# ruff: noqa: PTH100, PTH110, PTH112, PTH116, PTH118 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError, VhdChainError
from vhdchain.graph import Inventory, Unreadable, build_graph
from vhdchain.hyperv import KnownFiles, Machines, PathFinder, assemble, stored_paths
from vhdchain.image import FooterPolicy, scan_image
from vhdchain.locate import Candidate, Indexed, Refusal, locate_parent, path_map_of
from vhdchain.progress import check_cancel
from vhdchain.shell.executor.names import JOURNAL, name_beside
from vhdchain.shell.facts import input_file, metadata_holes, unreadable
from vhdchain.shell.files import open_source
from vhdchain.shell.folders import FoundFile, is_image_name, walk_folder
from vhdchain.shell.gate import DirectoryGate
from vhdchain.shell.host_files import HostFiles, is_host_name
from vhdchain.shell.host_paths import LocalPlaces, MappedPaths
from vhdchain.shell.opening import allowed_roots, folder_of, footer_policy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.graph import DiskGraph, MetadataHole
    from vhdchain.hyperv.known_files import Names
    from vhdchain.image import Image, Limits
    from vhdchain.locate import FileKey, PathMap, PathMapping, Resolution, StoredPath
    from vhdchain.progress import Cancel, Progress
    from vhdchain.shell.opening import Folders, PathLike


def scan_folder(
    *paths: PathLike,
    within: Folders | None = None,
    path_map: PathMapping | None = None,
    footer: FooterPolicy | str = FooterPolicy.AUTO,
    limits: Limits | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Inventory:
    r"""Return what the folders and files ``paths`` hold, and how they hang together.

    Args:
        paths: Folders, walked to the bottom, and files, taken whatever their names.
        within: The folders inside which parents may be opened; by default ``paths`` themselves (the folders of
            files) and those that ``path_map`` names.
        path_map: Where the folders that images name lie here, such as ``{r"D:\VMs": "/mnt/evidence/vms"}``.
        footer: Which footer counts, in all images: ``auto``, ``end`` or ``copy``.
        limits: How much of each file is taken in at most.
        progress: Called with the files and links that are done, and how many there are as far as is known.
        cancel: Asked before every file.

    Raises:
        FileNotFoundError: One of ``paths`` does not exist.
        ConfigError: A setting cannot be understood, or there is no path.
        CancelledError: ``cancel`` asked to stop.
    """
    if not paths:
        raise ConfigError("there is nothing to scan: name a folder or a file")
    policy, mapping = footer_policy(footer), path_map_of(path_map)
    for path in paths:
        if not os.path.exists(path):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), os.fspath(path))
    spelled = tuple(os.fspath(path) for path in paths)
    default = [path if os.path.isdir(path) else folder_of(path) for path in paths]
    gate = DirectoryGate(
        allowed_roots(within, default, mapping), path_map=mapping, footer=policy, limits=limits, cancel=cancel
    )
    scan = _Scan(
        gate=gate,
        path_map=mapping,
        host_files=HostFiles(gate),
        footer=policy,
        limits=limits,
        beyond=within is not None,
        report=progress,
        cancel=cancel,
    )
    try:
        for path in paths:
            if os.path.isdir(path):
                scan.add_folder(os.fspath(path))
            else:
                scan.add_named(os.fspath(path))
        scan.read_all()
        finder = scan.find_all(spelled)
        scan.link_all()
    except BaseException:
        scan.close()
        raise
    return scan.inventory(scanned=spelled, finder=finder)


@dataclass(slots=True, kw_only=True)
class _Scan:
    """A scan under way; also the gate of its own search, which hands out the images that are scanned already."""

    gate: DirectoryGate
    path_map: PathMap
    host_files: HostFiles
    footer: FooterPolicy
    limits: Limits | None
    beyond: bool  # whether the roots may hold more than what is scanned
    report: Progress | None
    cancel: Cancel | None
    files: dict[FileKey, tuple[str, str, bool]] = field(default_factory=dict)  # (path, shown, whether a link will do)
    names: dict[FileKey, set[str]] = field(default_factory=dict)
    images: dict[FileKey, Image] = field(default_factory=dict)
    resolutions: list[Resolution] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    by_id: dict[bytes, list[Candidate]] = field(default_factory=dict)
    holes: dict[FileKey, tuple[MetadataHole, ...]] = field(default_factory=dict)  # only of files that have some
    leftovers: set[str] = field(default_factory=set)
    named: bool = False  # whether a file was named, whose folder is not scanned

    def add_folder(self, folder: str) -> None:
        walk = walk_folder(os.path.realpath(folder), shown=folder, wanted=_is_wanted, cancel=self.cancel)
        self.unreadable.extend(unreadable(path, error) for path, error in walk.unreadable)
        self.leftovers.update(walk.leftovers)
        found = sorted(walk.files, key=lambda item: item.shown)
        # Own names first, so that a link is never what an image is called where it has a name of its own.
        for item in found:
            if item.is_link:
                continue
            if is_image_name(item.name):
                self._add(item.key, item.path, item.shown)
            else:
                check_cancel(self.cancel)
                self.host_files.add(item)
        for item in found:
            if item.is_link:
                self._add_link(item)

    def add_named(self, path: str) -> None:
        """Add a file that the caller named: it may be a link, a block device, and be called anything."""
        self.named = True
        status = os.stat(path)
        key = (status.st_dev, status.st_ino)
        if path.lower().endswith(".xml") and stat.S_ISREG(status.st_mode):
            real = os.path.realpath(path)
            found = FoundFile(path=real, shown=path, key=key, size=status.st_size, mtime_ns=status.st_mtime_ns)
            self.host_files.add(found, named=True)
        else:
            self._add(key, os.path.abspath(path), path, follow=True)
            journal = name_beside(path, JOURNAL)
            if os.path.lexists(journal):
                self.leftovers.add(journal)

    def read_all(self) -> None:
        for done, (key, (path, shown, follow)) in enumerate(sorted(self.files.items(), key=lambda item: item[1][1])):
            check_cancel(self.cancel)
            self._progress(done, len(self.files))
            try:
                assert isinstance(key, tuple)
                source = open_source(path, name=shown, follow=follow, devices=follow, expected=key)
            except (OSError, VhdChainError) as error:
                self.unreadable.append(unreadable(shown, error))
                continue
            try:
                self._take(key, scan_image(source, footer=self.footer, limits=self.limits))
            except (OSError, VhdChainError) as error:
                source.close()
                self.unreadable.append(unreadable(shown, error))

    def find_all(self, scanned: Iterable[str]) -> PathFinder | None:
        """Return what finds the files that configurations name; disks that only the path map knows are scanned, too."""
        configurations = self.host_files.configurations()
        if not configurations:
            return None
        mapped = MappedPaths(self.path_map, self._mapped)
        for stored in chain.from_iterable(stored_paths(item) for item in configurations):
            mapped(stored)
        place_of = LocalPlaces(scanned)
        known = ((name, self.files[key][1]) for key, names in self.names.items() for name in names)
        return PathFinder(
            configurations,
            known=KnownFiles.at_places((place_of(name), file) for name, file in chain(known, self.host_files.states())),
            mapped=mapped,
            place_of=place_of,
            look=self._looked_at if self.beyond or self.named else None,
        )

    def link_all(self) -> None:
        """Look for the parent of every differencing image, and of those that turn up on the way."""
        pending = sorted(self.images.items(), key=lambda item: item[1].name, reverse=True)
        done = len(self.files)
        while pending:
            check_cancel(self.cancel)
            _, child = pending.pop()
            done += 1
            self._progress(done, done + len(pending))
            if not child.is_differencing:
                continue
            located = locate_parent(child, self)
            self.resolutions.append(located.resolution)
            if located.parent is None:
                continue
            if located.key not in self.images:
                self._take(located.key, located.parent)
                pending.append((located.key, located.parent))
            elif located.parent.raw:  # scanned as a VHD, which it is not
                self.images[located.key] = located.parent

    def inventory(self, *, scanned: tuple[str, ...], finder: PathFinder | None) -> Inventory:
        images = tuple(sorted(self.images.values(), key=lambda image: image.name))
        keys = {id(image): key for key, image in self.images.items()}
        resolutions = tuple(sorted(self.resolutions, key=lambda resolution: resolution.child))
        graph = build_graph(images, resolutions)
        return Inventory(
            images=images,
            resolutions=resolutions,
            graph=graph,
            roots=tuple(root.spelling or os.curdir for root in self.gate.roots),
            scanned=scanned,
            unreadable=tuple(
                sorted({*self.unreadable, *self.host_files.unread}, key=lambda item: (item.path, item.reason))
            ),
            inputs=tuple(
                input_file(image, names=self.names.get(key, ()), holes=self.holes.get(key, ()))
                for image, key in ((image, keys[id(image)]) for image in images)
            ),
            leftovers=tuple(sorted(self.leftovers)),
            host_files=self.host_files.all(),
            machines=self._machines(finder, graph),
        )

    def _machines(self, finder: PathFinder | None, graph: DiskGraph) -> Machines:
        if finder is None:
            return Machines()
        configurations = self.host_files.configurations()
        return assemble(configurations, find=finder.find, parents=graph.parents, orphans=graph.orphans)

    def close(self) -> None:
        for image in self.images.values():
            image.close()

    # -------------------------------------------------------------------------------------------- the gate's contract

    def key(self, image: Image) -> FileKey:
        return self.gate.key(image)

    def find(self, child: Image, path: StoredPath) -> Candidate | Refusal:
        met = self.gate.find(child, path)
        return self._named(met) if isinstance(met, Candidate) else met

    def indexed(self, unique_id: bytes) -> Indexed:
        known = self.by_id.get(unique_id, [])
        if not self.beyond:
            return Indexed(candidates=tuple(known))
        more = self.gate.indexed(unique_id)
        met = {candidate.key for candidate in known}
        return Indexed(candidates=(*known, *(item for item in more.candidates if item.key not in met)), note=more.note)

    def open(self, candidate: Candidate) -> Image:
        return self.images.get(candidate.key) or self.gate.open(candidate)

    def discard(self, image: Image) -> None:
        # A raw disk is another record of the same open file.
        known = self.images.get(self.gate.key(image))
        if known is None or known.source is not image.source:
            self.gate.discard(image)

    # ----------------------------------------------------------------------------------------------------------------

    def _named(self, candidate: Candidate) -> Candidate:
        """Return ``candidate`` under the one name by which its image goes, whichever of its names led to it."""
        known = self.images.get(candidate.key)
        return candidate if known is None or known.name == candidate.path else replace(candidate, path=known.name)

    def _add(self, key: FileKey, path: str, shown: str, *, follow: bool = False) -> None:
        self.files.setdefault(key, (path, shown, follow))
        self.names.setdefault(key, set()).add(shown)

    def _add_link(self, item: FoundFile) -> None:
        if not is_image_name(item.name):
            self.host_files.add_link(item)
            return
        target = self.gate.follow_link(item.path)
        if isinstance(target, Refusal):
            self.unreadable.append(Unreadable(path=item.shown, reason=f"a symbolic link: {target.detail}"))
            return
        if target.key not in self.files:
            self._add(target.key, self.gate.real_path(target), target.path)
        self.names[target.key].add(item.shown)

    def _mapped(self, local: str, stored: str) -> Candidate | Refusal:
        """Return what the local path of a path map leads to, by the one name that it has in this scan."""
        met = self.gate.follow_link(local)
        return met if isinstance(met, Refusal) else replace(met, path=self._taken_in(met, stored))

    def _looked_at(self, place: Names) -> str | None:
        """Return the file at a place inside the roots, by the one name that it has in this scan."""
        met = self.gate.follow_link(os.path.join(*place))
        return None if isinstance(met, Refusal) else self._taken_in(met, place[-1])

    def _taken_in(self, met: Candidate, stored: str) -> str:
        """Take in a file that a configuration names as ``stored``, a disk or a saved state, unless it is known."""
        if met.key in self.files:
            return self.files[met.key][1]
        if met.key in self.host_files:
            return met.path
        called = stored.rpartition("\\")[2]
        if is_host_name(called):
            self.host_files.add_target(met, called=called)
        else:
            try:
                self._add(met.key, self.gate.real_path(met), met.path)
                self._take(met.key, self.gate.open(met))
            except (OSError, VhdChainError) as error:
                self.unreadable.append(unreadable(met.path, error))
        return met.path

    def _take(self, key: FileKey, image: Image) -> None:
        if holes := metadata_holes(image):
            self.holes[key] = holes
        self.images[key] = image
        if image.footer is not None:
            self.by_id.setdefault(image.unique_id, []).append(Candidate(key=key, path=image.name))

    def _progress(self, done: int, total: int) -> None:
        if self.report:
            self.report(done, total)


def _is_wanted(name: str) -> bool:
    return is_image_name(name) or is_host_name(name)

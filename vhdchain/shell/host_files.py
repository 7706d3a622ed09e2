"""What do the files of a host's folders say that are no disks, and which files do they name?

Configurations are read whole, within a limit, through the same careful opening as disks; what other programs call
``.xml`` is looked at in its first bytes and passed over. Paths in configurations are looked up among the files of the
scan; only the caller's path map may lead to others, through the gate. A file that should be a configuration and is not
one that can be understood is kept with the reason.
"""

# ruff: noqa: PTH116, PTH120 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import dataclasses
import hashlib
import os
from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError, VhdChainError
from vhdchain.graph import Unreadable
from vhdchain.hyperv import (
    MAX_CONFIGURATION_BYTES,
    FileRole,
    FoundPath,
    HostFile,
    KnownFiles,
    PathAttempt,
    PathOutcome,
    PathRule,
    Viewpoint,
    find_path,
    is_configuration,
    is_export_record,
    is_guid,
    is_host_folder,
    is_machine_tree,
    malformed,
    parse_document,
    read_configuration,
    role_of,
)
from vhdchain.locate import Candidate, Refusal
from vhdchain.shell.facts import unreadable
from vhdchain.shell.files import open_source
from vhdchain.shell.folders import FoundFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from vhdchain.hyperv import Configuration
    from vhdchain.locate import FileKey, PathMap
    from vhdchain.shell.gate import DirectoryGate
    from vhdchain.source import ByteSource

_HEAD = 4096


def is_host_name(name: str) -> bool:
    """Say whether a file of this name may be one of a host's files that are no disks."""
    return role_of((), name) is not None


def read_host_file(found: FoundFile, *, named: bool = False) -> HostFile | Unreadable | None:
    """Return what a file is and says; None where it is another program's.

    Args:
        found: The file; no link.
        named: Whether the caller named it, so that it must be a configuration.
    """
    path = found.shown
    folders, name = path.split("/")[:-1], path.rpartition("/")[2]
    role = role_of(tuple(folders), name)
    if role is None:
        return None
    if role is FileRole.CONFIGURATION:
        if found.size == 0 and is_guid(_stem(name)):
            role = FileRole.LINK
        elif is_export_record(name, _folders_beside(found.path)):
            role = FileRole.EXPORTED
        else:
            folder = folders[-1] if folders else ""
            return _read(
                found, path, folder=folder, expected=named or (is_guid(_stem(name)) and is_host_folder(folder))
            )
    return HostFile(path=path, role=role, size=found.size, mtime_ns=found.mtime_ns)


def _folders_beside(path: str) -> Iterator[str]:
    """Yield the names of the folders beside a file; its folder is listed when the first one is asked for."""
    try:
        with os.scandir(os.path.dirname(path)) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:  # that it cannot be listed was told by the walk
        return
    yield from names


def _read(found: FoundFile, path: str, *, folder: str, expected: bool) -> HostFile | Unreadable | None:
    try:
        source = open_source(found.path, name=path, follow=False, devices=False, expected=found.key)
    except (OSError, VhdChainError) as error:
        return unreadable(path, error)
    try:
        if not expected and not is_configuration(source.read_at(0, min(source.size, _HEAD))):
            return None
        return _parse(source, found, path, folder=folder, expected=expected)
    except (OSError, VhdChainError) as error:
        return unreadable(path, error)
    finally:
        source.close()


def _parse(source: ByteSource, found: FoundFile, path: str, *, folder: str, expected: bool) -> HostFile | None:
    data = source.read_at(0, min(source.size, MAX_CONFIGURATION_BYTES + 1))
    digest = hashlib.sha256(data).hexdigest() if source.size <= MAX_CONFIGURATION_BYTES else None
    file = HostFile(path=path, role=FileRole.CONFIGURATION, size=source.size, mtime_ns=found.mtime_ns, sha256=digest)
    try:
        document = parse_document(data, name=path)
    except ConfigError as error:
        return dataclasses.replace(file, problems=error.findings)
    if is_machine_tree(document.root):
        return dataclasses.replace(file, configuration=read_configuration(document, path=path, folder=folder))
    # Many programs call the root of their settings so.
    if not expected:
        return None
    return dataclasses.replace(file, problems=malformed(path, "it is XML, and no configuration of a machine").findings)


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


class HostFiles:
    """The files of a scan that are no disks, each once."""

    def __init__(self, gate: DirectoryGate) -> None:
        """Take the gate that says where links lead."""
        self._gate = gate
        self._files: dict[FileKey, HostFile] = {}
        self.unread: list[Unreadable] = []

    def __contains__(self, key: FileKey) -> bool:
        return key in self._files

    def add(self, found: FoundFile, *, named: bool = False) -> None:
        """Take in a file that is no link; ``named``: the caller named it, so that it must be a configuration."""
        file = read_host_file(found, named=named)
        if isinstance(file, Unreadable):
            self.unread.append(file)
        elif file is not None:
            self._files.setdefault(found.key, file)

    def add_link(self, link: FoundFile) -> None:
        """Take in the configuration to which a host registers a machine by a link, or the link that leads nowhere."""
        target = self._gate.follow_link(link.path)
        if isinstance(target, Refusal):
            dangling = HostFile(path=link.shown, role=FileRole.LINK, size=link.size, mtime_ns=link.mtime_ns)
            self._files.setdefault(link.key, dangling)
        elif target.key not in self._files:
            assert isinstance(target.key, tuple)
            real = self._gate.real_path(target)
            status = os.stat(real)
            size, modified = status.st_size, status.st_mtime_ns
            self.add(FoundFile(path=real, shown=target.path, key=target.key, size=size, mtime_ns=modified))

    def all(self) -> tuple[HostFile, ...]:
        """Return them in the order of their paths."""
        return tuple(sorted(self._files.values(), key=lambda item: item.path))

    def configurations(self) -> list[Configuration]:
        """Return the configurations in the order of their paths."""
        return [item.configuration for item in self.all() if item.configuration is not None]

    def states(self) -> dict[str, str]:
        """Return the names of the files of saved states, as `KnownFiles` takes them."""
        return {item.path: item.path for item in self._files.values() if item.role is FileRole.STATE}


class PathFinder:
    """Finds the files that configurations name: through the path map, then among the files of the scan."""

    def __init__(
        self, known: Mapping[str, str], *, path_map: PathMap, follow: Callable[[str], Candidate | Refusal]
    ) -> None:
        """Take what is known.

        Args:
            known: Every name of every disk and state file of the scan -> the one by which messages call it.
            path_map: The caller's.
            follow: Says what a local path leads to, if that may be opened.
        """
        self._known = KnownFiles(known)
        self._map = path_map
        self._follow = follow
        self._viewpoints: dict[str, Viewpoint] = {}

    def find(self, configuration: Configuration, stored: str) -> FoundPath:
        """Return the file that a path in ``configuration`` means."""
        viewpoint = self._viewpoints.get(configuration.path)
        if viewpoint is None:
            viewpoint = self._viewpoints[configuration.path] = Viewpoint.of(configuration)
        return find_path(stored, viewpoint=viewpoint, known=self._known, mapped=self.mapped(stored))

    def mapped(self, stored: str) -> FoundPath | None:
        """Return what the path map leads to; None where it says nothing of ``stored``."""
        local = self._map.to_local(stored) if self._map else None
        if local is None:
            return None
        met = self._follow(local)
        if isinstance(met, Refusal):
            attempt = PathAttempt(rule=PathRule.MAP, detail=f"{local}: {met.detail or met.outcome}")
            return FoundPath(stored=stored, outcome=PathOutcome.MISSING, attempts=(attempt,))
        attempt = PathAttempt(rule=PathRule.MAP, candidates=(met.path,), detail=met.note)
        return FoundPath(
            stored=stored, outcome=PathOutcome.FOUND, path=met.path, rule=PathRule.MAP, attempts=(attempt,)
        )

r"""What do the files of a host's folders say that are no disks?

Configurations are read whole, within a limit, through the same careful opening as disks; what other programs call
``.xml`` is looked at in its first bytes and passed over. A file that should be a configuration and is not one that can
be understood is kept with the reason. Links are followed as far as the gate lets them. A ``\`` in a name separates, as
in `vhdchain.hyperv.known_files.names_of`.

The reader of XML is loaded when the first configuration is met: most folders of disks have none.
"""

# ruff: noqa: PTH115, PTH116, PTH119, PTH120 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import dataclasses
import hashlib
import os
from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError, VhdChainError
from vhdchain.graph import Unreadable
from vhdchain.hyperv import (
    FileRole,
    HostFile,
    has_device_section,
    is_export_record,
    is_guid,
    is_host_folder,
    is_machine_tree,
    malformed,
    read_configuration,
    role_of,
)
from vhdchain.hyperv.folders import MAX_RECORD_BYTES
from vhdchain.locate import Refusal
from vhdchain.shell.facts import unreadable
from vhdchain.shell.files import open_source
from vhdchain.shell.folders import FoundFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.hyperv import Configuration
    from vhdchain.locate import Candidate, FileKey
    from vhdchain.shell.gate import DirectoryGate
    from vhdchain.source import ByteSource

_HEAD = 4096


def is_host_name(name: str) -> bool:
    """Say whether a file of this name may be one of a host's files that are no disks."""
    return role_of((), _parts(name)[-1]) is not None


def read_host_file(found: FoundFile, *, named: bool = False, called: str = "") -> HostFile | Unreadable | None:
    """Return what a file is and says; None where it is another program's.

    Args:
        found: The file; no link.
        named: Whether the caller named it, so that it must be a configuration.
        called: The name of a link that led to it, which says what it is where its own name does not.
    """
    *folders, name = _parts(found.shown)
    if named or not folders:  # what the caller named may go by its name alone
        folders.append(os.path.basename(os.path.dirname(found.path)))
    role = role_of(tuple(folders), name)
    if role is None and called:
        name = called
        role = role_of(tuple(folders), name)
    if role is None and not named:
        return None
    if role is FileRole.RECORD:
        return _record(found)
    if role is not None and role is not FileRole.CONFIGURATION:
        return _plain(found, role)
    is_own_name = is_guid(_stem(name))
    if is_own_name and not found.size:
        return _plain(found, FileRole.LINK)
    if is_export_record(name, _folders_beside(found.path)):
        return _plain(found, FileRole.EXPORTED)
    return _read(found, folder=folders[-1], expected=named or (is_own_name and is_host_folder(folders[-1])))


def _plain(found: FoundFile, role: FileRole) -> HostFile:
    return HostFile(path=found.shown, role=role, size=found.size, mtime_ns=found.mtime_ns)


def _record(found: FoundFile) -> HostFile | Unreadable:
    """Return the record of an export with its bytes, as far as a record goes; what it says is for others to read."""
    try:
        source = open_source(found.path, name=found.shown, follow=False, devices=False, expected=found.key)
        try:
            content = source.read_at(0, min(source.size, MAX_RECORD_BYTES + 1))
        finally:
            source.close()
    except (OSError, VhdChainError) as error:
        return unreadable(found.shown, error)
    digest = hashlib.sha256(content).hexdigest() if len(content) == source.size else None
    return dataclasses.replace(_plain(found, FileRole.RECORD), size=source.size, sha256=digest, content=content)


def _folders_beside(path: str) -> Iterator[str]:
    """Yield the names of the folders beside a file; its folder is listed when the first one is asked for."""
    try:
        with os.scandir(os.path.dirname(path)) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:  # that it cannot be listed was told by the walk
        return
    yield from names


def _read(found: FoundFile, *, folder: str, expected: bool) -> HostFile | Unreadable | None:
    from vhdchain.hyperv.xml import is_configuration  # noqa: PLC0415 - brings lxml

    try:
        source = open_source(found.path, name=found.shown, follow=False, devices=False, expected=found.key)
    except (OSError, VhdChainError) as error:
        return unreadable(found.shown, error)
    try:
        head = source.read_at(0, min(source.size, _HEAD))
        if not expected and not is_configuration(head):
            return None
        # Many programs call the root of their settings so: what cannot be understood is told where it is a host's.
        return _parsed(source, found, folder=folder, told=expected or has_device_section(head))
    except (OSError, VhdChainError) as error:
        return unreadable(found.shown, error)
    finally:
        source.close()


def _parsed(source: ByteSource, found: FoundFile, *, folder: str, told: bool) -> HostFile | None:
    from vhdchain.hyperv.xml import MAX_CONFIGURATION_BYTES, parse_document  # noqa: PLC0415 - brings lxml

    data = source.read_at(0, min(source.size, MAX_CONFIGURATION_BYTES + 1))
    path, digest = found.shown, None
    if source.size <= MAX_CONFIGURATION_BYTES:
        digest = hashlib.sha256(data).hexdigest()
    file = HostFile(path=path, role=FileRole.CONFIGURATION, size=source.size, mtime_ns=found.mtime_ns, sha256=digest)
    try:
        document = parse_document(data, name=path)
        if not is_machine_tree(document.root):
            raise malformed(path, "it is XML, and no configuration of a machine")
    except ConfigError as error:
        return dataclasses.replace(file, problems=error.findings) if told else None
    return dataclasses.replace(file, configuration=read_configuration(document, path=path, folder=folder))


def _parts(path: str) -> list[str]:
    return path.replace("\\", "/").split("/")


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


class HostFiles:
    """The files of a scan that are no disks, each once, whatever number of names it has."""

    def __init__(self, gate: DirectoryGate) -> None:
        """Take the gate that says where links lead."""
        self._gate = gate
        self._files: dict[FileKey, HostFile] = {}
        self._names: dict[FileKey, set[str]] = {}
        self.unread: list[Unreadable] = []

    def __contains__(self, key: FileKey) -> bool:
        return key in self._files

    def add(self, found: FoundFile, *, named: bool = False, called: str = "") -> None:
        """Take in a file that is no link; arguments as of `read_host_file`."""
        self._names.setdefault(found.key, set()).add(found.shown)
        if found.key in self._files:
            return
        file = read_host_file(found, named=named, called=called)
        if isinstance(file, Unreadable):
            self.unread.append(file)
        elif file is not None:
            self._files[found.key] = file

    def add_link(self, link: FoundFile) -> None:
        """Take in what a link leads to: a host registers a machine that is stored elsewhere by a link."""
        target = self._gate.follow_link(link.path)
        if isinstance(target, Refusal):
            self._add_dangling(link, target)
            return
        self.add_target(target, called=link.name)
        self._names.setdefault(target.key, set()).add(link.shown)

    def add_target(self, target: Candidate, *, called: str) -> None:
        """Take in a file that the gate found, by the name that led to it."""
        assert isinstance(target.key, tuple)
        real = self._gate.real_path(target)
        try:
            status = os.stat(real)
        except OSError as error:  # gone since it was found
            self.unread.append(unreadable(target.path, error))
            return
        found = FoundFile(
            path=real, shown=target.path, key=target.key, size=status.st_size, mtime_ns=status.st_mtime_ns
        )
        self.add(found, called=called)

    def all(self) -> tuple[HostFile, ...]:
        """Return them in the order of their paths."""
        return tuple(sorted(self._files.values(), key=lambda item: item.path))

    def configurations(self) -> list[Configuration]:
        """Return the configurations in the order of their paths."""
        return [item.configuration for item in self.all() if item.configuration is not None]

    def states(self) -> Iterator[tuple[str, str]]:
        """Yield every name of a file of a saved state, with the one by which messages call it."""
        for key, file in self._files.items():
            if file.role is FileRole.STATE:
                yield from ((name, file.path) for name in self._names[key])

    def _add_dangling(self, link: FoundFile, refusal: Refusal) -> None:
        """Keep a link that leads nowhere as the registration of a machine; any other is told."""
        *folders, name = _parts(link.shown)
        role = role_of(tuple(folders), name)
        if role is FileRole.STATE:
            self.unread.append(Unreadable(path=link.shown, reason=f"a symbolic link: {refusal.detail}"))
        elif role is FileRole.CONFIGURATION and is_guid(_stem(name)):
            self._files.setdefault(
                link.key, dataclasses.replace(_plain(link, FileRole.LINK), target=_target(link.path))
            )


def _target(link: str) -> str:
    try:
        return os.readlink(link)
    except OSError:  # no link any more
        return ""

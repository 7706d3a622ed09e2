r"""Which local path does a Windows path mean here, and the other way round?

A `PathMap` holds pairs of a folder as images name it (``D:\VMs``, ``\\server\share``, ``/var/run/sr-mount``) and the
folder where its copy lies, or of a file and its copy. Windows' side ignores letter case and the kind of separator; the
longest prefix wins. What is ambiguous is refused, never guessed. It refuses to know whether any of these exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, TypeAlias

from vhdchain.errors import ConfigError
from vhdchain.locate.paths import PathKind, StoredPath, collapse, fold_case, parse_path

if TYPE_CHECKING:
    from collections.abc import Iterable

_MAPPED = (PathKind.DRIVE, PathKind.UNC, PathKind.POSIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapEntry:
    """One pair of folders.

    Attributes:
        source: The folder as images name it, as the caller wrote it.
        target: The local folder, as the caller wrote it.
        path: ``source`` taken apart.
    """

    source: str
    target: str
    path: StoredPath

    @property
    def key(self) -> tuple[str, ...]:
        """What prefixes are compared by."""
        return _key(self.path)

    def join(self, rest: Iterable[str]) -> str:
        """Return ``source`` with these names behind it, in its own system's separator."""
        separator = "/" if self.path.kind is PathKind.POSIX else "\\"
        return separator.join([self.path.anchor, *self.path.parts, *rest])


class PathMap:
    r"""Pairs of folders, immutable.

    >>> from vhdchain.locate import PathMap
    >>> vms = PathMap({r"D:\VMs": "/mnt/evidence/vms"})
    >>> vms.to_local(r"d:\vms\srv\base.vhd")
    '/mnt/evidence/vms/srv/base.vhd'
    >>> vms.to_windows("/mnt/evidence/vms/srv/base.vhd")
    'D:\\VMs\\srv\\base.vhd'
    """

    __slots__ = ("_entries",)

    def __init__(self, pairs: Mapping[str, str | PurePath] | Iterable[tuple[str, str | PurePath]] = ()) -> None:
        """Take the pairs.

        Raises:
            ConfigError: A source is no absolute path, or stands twice with different targets.
        """
        items = pairs.items() if isinstance(pairs, Mapping) else pairs
        entries: dict[tuple[str, ...], MapEntry] = {}
        for source, target in items:
            entry = _entry(source, str(target))
            other = entries.setdefault(entry.key, entry)
            if PurePath(other.target) != PurePath(entry.target):
                raise ConfigError(
                    f"path map: {source} is mapped to both {other.target} and {entry.target}; one of them must go"
                )
        self._entries = tuple(entries.values())

    @classmethod
    def parse(cls, texts: Iterable[str]) -> PathMap:
        """Return the map that ``FROM=TO`` texts describe, as the command line takes them.

        Raises:
            ConfigError: A text has no ``=`` or several, or its ``FROM`` is no absolute path.
        """
        pairs = []
        for text in texts:
            source, _, target = text.partition("=")
            if not source or not target:
                raise ConfigError(rf"path map: {text!r} is not FROM=TO, such as D:\VMs=/mnt/vms")
            if "=" in target:
                raise ConfigError(f"path map: {text!r} has several '=', so FROM and TO cannot be told apart")
            pairs.append((source, target))
        return cls(pairs)

    @property
    def entries(self) -> tuple[MapEntry, ...]:
        """The pairs in the order in which they were given."""
        return self._entries

    def __bool__(self) -> bool:
        return bool(self._entries)

    def __repr__(self) -> str:
        return f"PathMap({ {entry.source: entry.target for entry in self._entries}!r})"

    def to_local(self, path: str | StoredPath) -> str | None:
        """Return where ``path`` lies here, with its ``..`` taken back as text; None where nothing maps it."""
        stored = parse_path(path) if isinstance(path, str) else path
        if stored.kind not in _MAPPED or stored.problem:
            return None
        names = collapse(stored.parts)
        entry = self._longest(_key(stored))
        if entry is None:
            return None
        return str(PurePath(entry.target, *names[len(entry.path.parts) :]))

    def to_windows(self, path: str | PurePath) -> str | None:
        """Return what images call the local ``path``; None where nothing maps it.

        Raises:
            ConfigError: Two sources are mapped to the same folder, so that there are two answers.
        """
        local = PurePath(path)
        holding = [entry for entry in self._entries if local.is_relative_to(entry.target)]
        if not holding:
            return None
        depth = max(len(PurePath(entry.target).parts) for entry in holding)
        best = [entry for entry in holding if len(PurePath(entry.target).parts) == depth]
        if len(best) > 1:
            raise ConfigError(
                f"path map: {local} is both {best[0].join(())} and {best[1].join(())} to Windows; map it once"
            )
        return best[0].join(local.relative_to(best[0].target).parts)

    def _longest(self, key: tuple[str, ...]) -> MapEntry | None:
        holding = [entry for entry in self._entries if key[: len(entry.key)] == entry.key]
        return max(holding, key=lambda entry: len(entry.key), default=None)


def _entry(source: str, target: str) -> MapEntry:
    path = parse_path(source)
    if path.kind is PathKind.DRIVE_RELATIVE and not path.parts:  # "D:" alone means the whole drive
        path = parse_path(source + "\\")
    if path.kind not in _MAPPED or path.problem:
        raise ConfigError(rf"path map: {source!r} is no absolute path such as D:\VMs, \\server\share or /srv/vms")
    if not target:
        raise ConfigError(f"path map: {source!r} is mapped to nothing")
    collapsed = StoredPath(text=path.text, kind=path.kind, anchor=path.anchor, parts=collapse(path.parts))
    return MapEntry(source=source, target=target, path=collapsed)


def _key(path: StoredPath) -> tuple[str, ...]:
    names = collapse(path.parts)
    if path.kind is PathKind.POSIX:
        return ("/", *names)
    return (fold_case(path.anchor), *(fold_case(name) for name in names))


PathMapping: TypeAlias = PathMap | Mapping[str, str | PurePath]
"""What functions take as ``path_map=``."""


def path_map_of(mapping: PathMapping | None) -> PathMap:
    """Return ``mapping`` as a `PathMap`; None maps nothing."""
    if isinstance(mapping, PathMap):
        return mapping
    return PathMap(mapping or {})

r"""How does a configuration read when its machine lies in another place, or becomes another machine?

As in `vhdchain.hyperv.rewriting`, a key tree becomes another one that differs in the keys whose meaning is known: paths
of files and the folders of machines and snapshots for a new place, ids wherever they stand for a new machine. Devices
mention no ids of machines and are left alone, as are a machine's name and notes, in which anybody may write anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError
from vhdchain.hyperv.devices import MANIFEST, is_device_section
from vhdchain.hyperv.keytree import Key, ordinal
from vhdchain.hyperv.reading import GUID_IN_TEXT
from vhdchain.locate import PathKind, fold_case, parse_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from vhdchain.hyperv.keytree import Remark

MACHINE_ROOT, SNAPSHOT_ROOT = "global_settings/data_root", "global_settings/snapshots/data_root"
MEMORY, DEVICES = "savedstate/memlocation", "savedstate/vsvlocation"

_WORDS = ("properties/name", "properties/notes")


def with_paths(root: Key, paths: Mapping[str, str]) -> Key:
    """Return ``root`` with other paths.

    Args:
        root: The configuration.
        paths: The path of a key, such as `Drive.field` or `MEMORY` -> the text that it gets.

    Raises:
        ConfigError: One of the keys is there and holds no text.
    """
    for key, text in paths.items():
        try:
            root = root.with_value(key, text)
        except TypeError as error:
            raise ConfigError(f"configuration.{key}: holds no text, so no path can stand there ({error})") from None
    return root


def with_roots(root: Key, folder: str, *, default: str) -> Key:
    r"""Return ``root`` of a machine that lies in ``folder``, with its snapshots.

    A host that keeps a machine in its own default folder stores none, so a key that is missing is made for other
    folders alone. A separator at the end stays one where it is.

    Args:
        root: The configuration.
        folder: What Windows calls the folder that holds ``Virtual Machines`` and ``Snapshots``.
        default: The host's default folder.

    Raises:
        ConfigError: One of the keys is there and holds no text.
    """
    for key in (MACHINE_ROOT, SNAPSHOT_ROOT):
        stored = root.find(key)
        if stored is None and fold_case(folder) == fold_case(default):
            continue
        ends = stored is not None and stored.text.endswith("\\") and not folder.endswith("\\")
        root = with_paths(root, {key: f"{folder}\\" if ends else folder})
    return root


def with_new_ids(root: Key, ids: Mapping[str, str]) -> Key:
    """Return ``root`` with ids replaced wherever they stand, in values and in names of keys: it is another machine's.

    An id that is stored in lower case stays so.

    Args:
        root: The configuration.
        ids: Id of a machine or snapshot (upper case) -> the one that takes its place.
    """

    def renewed(text: str) -> str:
        return GUID_IN_TEXT.sub(lambda match: _in_case_of(match[0], ids.get(match[0].upper())), text)

    levels = [_Level(root, "")]
    while True:
        level = levels[-1]
        if len(level.done) < len(level.key.items):
            item = level.key.items[len(level.done)]
            path = f"{level.path}/{item.name}".lstrip("/") if isinstance(item, Key) else ""
            if isinstance(item, Key) and not _is_apart(path):
                levels.append(_Level(item, path))
            else:
                level.done.append(item)
            continue
        levels.pop()
        key = level.rebuilt()
        if not levels:
            return key
        levels[-1].done.append(replace(key, name=renewed(key.name), text=renewed(key.text) if key.text else key.text))


def other_paths(root: Key, known: Collection[str]) -> Iterator[tuple[str, str]]:
    r"""Yield every key besides ``known`` that holds an absolute path of Windows, with the path.

    What such a key means is not known, or it leads to a file that belongs to no machine.
    """
    for path, key in root.walk():
        if path in known or path in _WORDS or not isinstance(key.value, str):
            continue
        stored = parse_path(key.text.strip())
        if stored.kind in (PathKind.DRIVE, PathKind.UNC) and not stored.problem:
            yield path, key.text


@dataclass(slots=True)
class _Level:
    """A container whose items are being rebuilt, one after the other."""

    key: Key
    path: str
    done: list[Key | Remark] = field(default_factory=list)

    def rebuilt(self) -> Key:
        if all(new is old for new, old in zip(self.done, self.key.items, strict=True)):
            return self.key
        before, after = _names(self.key.items), _names(self.done)
        items = self.done
        if before != after and before == sorted(before) and len(after) == len(items):
            # A host keeps the keys of a container in the order of their names.
            items = sorted(self.done, key=lambda item: ordinal(item) if isinstance(item, Key) else b"")
        return replace(self.key, items=tuple(items))


def _names(items: Collection[Key | Remark]) -> list[bytes]:
    return [ordinal(item) for item in items if isinstance(item, Key)]


def _is_apart(path: str) -> bool:
    section = path.partition("/")[0]
    return section == MANIFEST or is_device_section(section) or path in _WORDS


def _in_case_of(old: str, new: str | None) -> str:
    if new is None:
        return old
    return new.lower() if old == old.lower() and old != old.upper() else new

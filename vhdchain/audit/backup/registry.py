"""What does an exported registry say of the keys that are asked for?

The file is followed line by line, as regedit reads it; what is kept are the keys at and below those that are wanted, so
that the export of a whole machine costs no more memory than that of one key. Lines of other keys are looked at only to
see where their strings end. Keys of the 32-bit view (``Wow6432Node``) are keys of their own, as in the file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vhdchain.audit.backup.registry_text import LONGEST_LINE, text_lines
from vhdchain.audit.backup.registry_values import NAME, QUOTED_REST, NotAValueError, RegistryValue, parse_value
from vhdchain.errors import ConfigError
from vhdchain.locate.paths import shortened
from vhdchain.source import BytesSource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import Buffer

    from vhdchain.source import ByteSource

_HEADERS = {"Windows Registry Editor Version 5.00": True, "REGEDIT4": False}
_ROOTS = {
    "HKLM": "HKEY_LOCAL_MACHINE",
    "HKCU": "HKEY_CURRENT_USER",
    "HKCR": "HKEY_CLASSES_ROOT",
    "HKU": "HKEY_USERS",
    "HKCC": "HKEY_CURRENT_CONFIG",
}
_MOST_KEPT = 16 << 20
# What a record, and a line of many, cost beside their characters.
_RECORD_COST = 512
_LINE_COST = 64
_SHOWN = 60
# A quote at the end of a line closes a string, unless it is escaped or stands where a string may begin.
_MAY_OPEN = ('\\"', '="', ' "', '\t"')

APPLICATION_SUPPORT = (
    r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\WindowsServerBackup\Application Support"
)
APPLICATION_SUPPORT_32 = APPLICATION_SUPPORT.replace(r"\SOFTWARE", r"\SOFTWARE\Wow6432Node")
WANTED = (APPLICATION_SUPPORT, APPLICATION_SUPPORT_32)
"""What is kept of an export unless the caller says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryKey:
    """One key.

    Attributes:
        path: As first written, the root's name in full.
        line: The line on which it first stands.
        values: By their folded names; see `value`.
    """

    path: str
    line: int
    values: Mapping[str, RegistryValue]

    def value(self, name: str) -> RegistryValue | None:
        """Return the value called ``name`` in any letter case; the default value is called ``""``."""
        return self.values.get(folded(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryExport:
    """What an export says of the keys that were wanted.

    Attributes:
        name: What messages call the file.
        header: Its first line.
        wanted: The keys that were kept, each with all below it.
        keys: The kept keys by their folded paths; see `key`.
        ancestors: Keys of the file on the way to a wanted one, by their folded paths; their values are not kept.
        first_key: The first key of the file; an export begins with the one that was exported. None where it has none.
        key_count: How many keys the file names.
        deleting: The first line that deletes something; no registry exports such lines. Only those of values are not
            noticed that stand below keys which are not kept.
    """

    name: str
    header: str
    wanted: tuple[str, ...]
    keys: Mapping[str, RegistryKey] = field(repr=False)
    ancestors: Mapping[str, RegistryKey] = field(repr=False)
    first_key: str | None
    key_count: int
    deleting: int | None

    def key(self, path: str) -> RegistryKey | None:
        """Return the kept key at ``path``, in any letter case and with ``HKLM`` for its root."""
        return self.keys.get(folded_path(path))

    def nearest(self, path: str) -> RegistryKey | None:
        """Return the lowest key of the file at or above ``path``, which must be a kept or wanted one."""
        at = folded_path(path)
        while at:
            if found := self.keys.get(at) or self.ancestors.get(at):
                return found
            at = at.rpartition("\\")[0]
        return None


def parse_registry_export(data: Buffer, *, name: str, wanted: Sequence[str] = WANTED) -> RegistryExport:
    """Return what the bytes of an export say; see `load_registry_export`."""
    return load_registry_export(BytesSource(data, name=name), wanted=wanted)


def load_registry_export(source: ByteSource, *, wanted: Sequence[str] = WANTED) -> RegistryExport:
    """Return what an export says of the ``wanted`` keys and all below them, read once, in bounded memory.

    Args:
        source: The file: what regedit or ``reg export`` wrote, version 5 or REGEDIT4, UTF-16, UTF-8 or ANSI.
        wanted: Full paths of keys; ``HKLM`` and the like stand for the roots' names.

    Raises:
        ConfigError: It is no export, is too large, or a wanted key holds what is none of its lines.
        ShortReadError: The source was truncated meanwhile.
        OSError: The operating system could not read it.
    """
    return _Walk(source, wanted).export()


def folded(name: str) -> str:
    """Return ``name`` so that names of the registry compare equal whatever their case.

    No other letter becomes an ASCII one (as ``ı`` would), since the registry keeps these apart.
    """
    if name.isascii():
        return name.upper()
    return "".join(_upper(letter) for letter in name)


def folded_path(path: str) -> str:
    """Return the path of a key folded, its root's name in full."""
    return folded(_full(path))


def _upper(letter: str) -> str:
    upper = letter.upper()
    return upper if len(upper) == 1 and upper.isascii() == letter.isascii() else letter


def _full(path: str) -> str:
    root, separator, below = path.strip("\\").partition("\\")
    return f"{_ROOTS.get(root.upper(), root)}{separator}{below}"


class _Walk:
    """One pass over an export."""

    def __init__(self, source: ByteSource, wanted: Sequence[str]) -> None:
        self._name = source.name
        self._lines = text_lines(source)
        self._wanted = tuple(map(_full, wanted))
        self._folded = tuple(map(folded, self._wanted))
        self._keys: dict[str, RegistryKey] = {}
        self._values: dict[str, dict[str, RegistryValue]] = {}
        self._ancestors: dict[str, RegistryKey] = {}
        self._first: str | None = None
        self._count = 0
        self._deleting: int | None = None
        self._here: dict[str, RegistryValue] | None = None  # the values of the key that is read, if it is kept
        self._kept = 0
        self._wide = True

    def export(self) -> RegistryExport:
        header = self._header()
        for number, line in self._lines:
            text = line.lstrip()
            if text.startswith("["):
                self._enter(number, text.rstrip())
            elif self._here is not None:
                if text and not text.startswith(";"):
                    self._keep(number, text, self._here)
            elif text.startswith(('"', "@")) and (rest := _open_string(text)) is not None:
                self._string_end(number, rest)
        return RegistryExport(
            name=self._name,
            header=header,
            wanted=self._wanted,
            keys=self._keys,
            ancestors=self._ancestors,
            first_key=self._first,
            key_count=self._count,
            deleting=self._deleting,
        )

    def _header(self) -> str:
        _, line = next(self._lines, (1, ""))
        header = line.rstrip()
        if header not in _HEADERS:
            begins = f"begins with {_quoted(header)}" if header else "begins with an empty line"
            raise self._fault(1, f"no registry export: it {begins}, not with {' or '.join(map(_quoted, _HEADERS))}")
        self._wide = _HEADERS[header]
        return header

    def _enter(self, number: int, text: str) -> None:
        """Take the line of a key."""
        end = text.rfind("]")
        if end < 0:
            raise self._fault(number, f"the key has no closing bracket: {_quoted(text)}")
        path = _full(text[1:end])
        self._here = None
        if path.startswith("-"):
            self._delete_key(number, folded_path(path[1:]))
            return
        self._count += 1
        if self._first is None:
            self._first = path
        at = folded(path)
        if any(at == wanted or at.startswith(f"{wanted}\\") for wanted in self._folded):
            if at not in self._keys:
                self._charge(number, path)
                self._keys[at] = RegistryKey(path=path, line=number, values=self._values.setdefault(at, {}))
            self._here = self._values[at]
        elif any(wanted.startswith(f"{at}\\") for wanted in self._folded):
            self._ancestors.setdefault(at, RegistryKey(path=path, line=number, values={}))

    def _delete_key(self, number: int, at: str) -> None:
        self._deleting = self._deleting or number
        for keys in (self._keys, self._ancestors):
            for gone in [path for path in keys if path == at or path.startswith(f"{at}\\")]:
                del keys[gone]
                self._values.pop(gone, None)

    def _keep(self, number: int, text: str, values: dict[str, RegistryValue]) -> None:
        """Take the line of a value, and those that continue it."""
        if (rest := _open_string(text)) is not None:
            text += self._string_end(number, rest)
        else:
            text = self._continued(number, text)
        self._charge(number, text)
        try:
            value = parse_value(text, line=number, wide=self._wide)
        except NotAValueError as error:
            raise self._fault(number, f"{error}: {_quoted(text.rstrip())}") from None
        if isinstance(value, str):
            self._deleting = self._deleting or number
            values.pop(folded(value), None)
        else:
            values[folded(value.name)] = value

    def _string_end(self, number: int, rest: int) -> str:
        """Return the lines up to the one where the string ends whose first line is read, that one included.

        Args:
            number: The string's first line.
            rest: How many characters of it that line has.
        """
        lines = []
        for _, line in self._lines:
            rest += len(line) + _LINE_COST
            if rest > LONGEST_LINE:
                break
            lines.append(line)
            if QUOTED_REST.match(line):
                return "".join(lines)
        raise self._fault(number, "the string that begins here does not end: the file was cut off, or is no export")

    def _continued(self, number: int, text: str) -> str:
        """Return the bytes of ``hex:``, of which every line but the last ends with a backslash, as one line."""
        parts = [text.rstrip()]
        length = len(text)
        while parts[-1].endswith("\\"):
            parts[-1] = parts[-1][:-1]
            _, line = next(self._lines, (0, ""))
            if not line.strip():
                raise self._fault(number, "the value that begins here is not continued: the file was cut off")
            length += len(line) + _LINE_COST
            if length > LONGEST_LINE:
                raise self._fault(number, f"the value that begins here is longer than {LONGEST_LINE} characters")
            parts.append(line.strip())
        return "".join(parts)

    def _charge(self, number: int, text: str) -> None:
        self._kept += len(text) + _RECORD_COST
        if self._kept > _MOST_KEPT:
            raise self._fault(number, f"more than {_MOST_KEPT} characters of the keys that are looked for: no export")

    def _fault(self, number: int, what: str) -> ConfigError:
        return ConfigError(f"{self._name}, line {number}: {what}")


def _quoted(text: str) -> str:
    return f'"{shortened(text, _SHOWN)}"'


def _open_string(text: str) -> int | None:
    """Return how many characters of a string this line of a value has, where the string does not end on it."""
    line = text.rstrip("\r\n")
    # Nearly all lines of an export are recognised by their end, without looking at every character.
    if line.endswith('"') and not line.endswith(_MAY_OPEN):
        return None
    named = NAME.match(text)
    if named is None or not text.startswith('"', named.end()) or QUOTED_REST.match(text, named.end() + 1):
        return None
    return len(text) - named.end() - 1

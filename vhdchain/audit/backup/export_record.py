"""What does an export say of itself, and how is that written and read back?

One JSON document in the machine's folder: of every file what it is, how long, its digest, and by which paths of the
host it was called. Digests, and lengths of disks that are written anew, become known while files are copied; the record
keeps places of a fixed width for them, so that its own length is known beforehand.

A record may have been edited, or made to mislead: every field is looked at, and no path in it leads out of its folder.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from vhdchain.audit.manifest.fields import Fields
from vhdchain.errors import ConfigError
from vhdchain.hyperv.folders import MAX_RECORD_BYTES, OWN_RECORD
from vhdchain.locate import fold_case, shortened
from vhdchain.plan import require_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORD_NAME = OWN_RECORD
"""The record's file, in the machine's folder."""

SCHEMA = "vhdchain.export-record"
VERSION = 1

_SIZE_WIDTH = 20  # digits of the longest file
_IDENTIFIER = 16
_LONGEST_PATH = 4096
_FARTHEST = 1 << 63  # nanoseconds: where systems end


class ExportedPart(StrEnum):
    """What a file is to the machine that was exported."""

    CONFIGURATION = "configuration"
    SNAPSHOT = "snapshot"
    MEMORY = "memory"
    DEVICES = "devices"
    DISK = "disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    r"""One file of an export.

    Attributes:
        path: Its place below the machine's folder, with ``/``.
        part: What it is.
        id: Of the machine or snapshot to which a configuration or saved state belongs, upper case; empty for disks.
        unique_id: The stored identifier of a disk in hex; empty for other parts, and for raw disks.
        size: Its length in bytes; None where that becomes known when it is written.
        digest: In hex; empty where it becomes known when it is written.
        mtime_ns: When the file that it is a copy of was modified, in nanoseconds since 1970 (UTC); None for a file that
            is no copy.
        stored: The host's paths by which configurations call it, as they are stored.
        parent: The place of the parent of a differencing disk; None for everything else.
    """

    path: str
    part: ExportedPart
    id: str = ""
    unique_id: str = ""
    size: int | None
    digest: str = ""
    mtime_ns: int | None = None
    stored: tuple[str, ...] = ()
    parent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRecord:
    """What an export says of itself.

    Attributes:
        tool: The program that made it, with its version.
        machine_id: The id of the machine in the export, upper case.
        machine_name: Its name.
        exported: When the export was planned, as in ISO 8601.
        snapshots: ``all``, ``none``, or the id of the snapshot that was exported as a machine.
        compact: Whether disks were written anew, one file each.
        hash: Name of the digests, as `hashlib` has it.
        files: All files but the record itself: disks, parents first; saved states; configurations, the machine's last.
    """

    tool: str
    machine_id: str
    machine_name: str
    exported: str
    snapshots: str = "all"
    compact: bool = False
    hash: str = "sha256"
    files: tuple[ExportedFile, ...] = ()
    _by_path: dict[str, ExportedFile] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_path", {item.path: item for item in self.files})

    def file(self, path: str) -> ExportedFile:
        """Return the file at this place.

        Raises:
            KeyError: There is none.
        """
        return self._by_path[path]

    @property
    def configuration(self) -> ExportedFile:
        """The machine's own configuration."""
        return next(item for item in self.files if item.part is ExportedPart.CONFIGURATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPlace:
    """A place in a record for what becomes known later.

    Attributes:
        path: The file that it is of.
        field: ``size`` or ``digest``.
        offset: Where in the record, in bytes.
        length: How many bytes it has; what is shorter is put at its end.
    """

    path: str
    field: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordText:
    """A record as bytes.

    Attributes:
        content: The document; whole where there are no places.
        places: What is still to be put into it, in the order of the offsets.
    """

    content: bytes
    places: tuple[RecordPlace, ...] = ()


def digest_length(name: str) -> int:
    """Return how many bytes a digest has.

    Raises:
        ConfigError: No digest is called so, or it has no length of its own.
    """
    require_digest(name)
    if not name:
        raise ConfigError("hash: none is named; every file of an export has one")
    return hashlib.new(name).digest_size


# ------------------------------------------------------------------------------------------------------------- writing


def build_record(record: ExportRecord) -> RecordText:
    """Return ``record`` as bytes, with the places of what it does not know yet.

    Raises:
        ConfigError: Its digest is none.
    """
    width = 2 * digest_length(record.hash)
    head = {
        "schema": SCHEMA,
        "version": VERSION,
        "tool": record.tool,
        "machine": {"id": record.machine_id, "name": record.machine_name},
        "exported": record.exported,
        "snapshots": record.snapshots,
        "compact": record.compact,
        "hash": record.hash,
    }
    # Escaped to ASCII, a character is a byte.
    text = json.dumps(head, indent=1)[:-2] + ',\n "files": ['
    places: list[RecordPlace] = []
    for number, item in enumerate(record.files):
        text += (",\n  " if number else "\n  ") + _file_head(item) + ', "size": '
        if item.size is None:
            places.append(RecordPlace(path=item.path, field="size", offset=len(text), length=_SIZE_WIDTH))
        text += ("null" if item.size is None else str(item.size)).rjust(_SIZE_WIDTH) + ', "digest": "'
        if not item.digest:
            places.append(RecordPlace(path=item.path, field="digest", offset=len(text), length=width))
        text += item.digest.rjust(width) + '"}'
    return RecordText(content=f"{text}\n ]\n}}\n".encode("ascii"), places=tuple(places))


def _file_head(item: ExportedFile) -> str:
    fields: dict[str, Any] = {
        "path": item.path,
        "part": item.part.value,
        "id": item.id,
        "unique_id": item.unique_id,
        "mtime_ns": item.mtime_ns,
        "stored": list(item.stored),
        "parent": item.parent,
    }
    return json.dumps(fields)[:-1]


# ------------------------------------------------------------------------------------------------------------- reading


def parse_record(content: bytes, *, name: str = RECORD_NAME) -> ExportRecord:
    """Return the record that ``content`` holds.

    Args:
        content: The bytes of its file.
        name: What messages call it.

    Raises:
        ConfigError: It is none, one of another version, was never finished, or names a place outside of its folder;
            with the field.
    """
    fields = Fields.of(_document(content, name), name)
    schema, version = (fields.raw.get(key) for key in ("schema", "version"))
    if schema != SCHEMA or version != VERSION:
        raise ConfigError(
            f"{name}: schema {schema!r} of version {version!r} found; this program reads {SCHEMA} of version {VERSION}"
        )
    machine, algorithm = fields.inner("machine"), fields.text("hash")
    try:
        width = digest_length(algorithm)
    except ConfigError as error:
        raise ConfigError(f"{name}.{error}") from None
    record = ExportRecord(
        tool=fields.text("tool"),
        machine_id=machine.text("id"),
        machine_name=machine.text("name"),
        exported=fields.text("exported"),
        snapshots=fields.text("snapshots"),
        compact=_flag(fields, "compact"),
        hash=algorithm,
        files=tuple(_file(item, width) for item in fields.each("files")),
    )
    _require_whole(record, name)
    return record


def _document(content: bytes, name: str) -> object:
    if len(content) > MAX_RECORD_BYTES:
        raise ConfigError(f"{name}: {len(content)} bytes found; a record has at most {MAX_RECORD_BYTES}")
    try:
        document: object = json.loads(content.decode("utf-8-sig"))
    except RecursionError:
        raise ConfigError(f"{name}: is nested too deep for a record of an export") from None
    except ValueError as error:  # no UTF-8, no JSON, or a number of thousands of digits
        raise ConfigError(f"{name}: is no JSON ({shortened(str(error))})") from None
    return document


def _flag(fields: Fields, name: str) -> bool:
    value = fields.raw.get(name)
    if not isinstance(value, bool):
        raise ConfigError(f"{fields.where}.{name}: {shortened(repr(value))} found, true or false expected")
    return value


def _file(fields: Fields, width: int) -> ExportedFile:
    part, parent = fields.text("part"), fields.text_or_none("parent")
    if part not in set(ExportedPart):
        raise ConfigError(f"{fields.where}.part: {shortened(part)!r} is none of {', '.join(ExportedPart)}")
    return ExportedFile(
        path=_inside(fields, "path", fields.text("path")),
        part=ExportedPart(part),
        id=fields.text("id"),
        unique_id=fields.hex("unique_id", _IDENTIFIER) if fields.raw.get("unique_id") != "" else "",
        size=fields.count("size"),
        digest=fields.hex("digest", width),
        mtime_ns=_time(fields, "mtime_ns"),
        stored=tuple(_texts(fields, "stored")),
        parent=None if parent is None else _inside(fields, "parent", parent),
    )


def _time(fields: Fields, name: str) -> int | None:
    value = fields.integer_or_none(name)
    if value is not None and not -_FARTHEST <= value < _FARTHEST:
        raise ConfigError(f"{fields.where}.{name}: {shortened(str(value))} found, which no file can have")
    return value


def _inside(fields: Fields, name: str, path: str) -> str:
    """Return ``path``, a place below the record's folder by whichever system's rules it is read."""
    names = path.split("/")
    fine = all(part and part.strip(". ") for part in names) and not set(path) & set('\\:\0"<>|?*')
    if not fine or len(path) > _LONGEST_PATH or any(ord(character) < ord(" ") for character in path):
        raise ConfigError(
            f"{fields.where}.{name}: {shortened(path)!r} found, a place below the folder of the record expected"
        )
    return path


def _texts(fields: Fields, name: str) -> Iterator[str]:
    items = fields.raw.get(name)
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ConfigError(f"{fields.where}.{name}: {shortened(repr(items))} found, a list of texts expected")
    yield from items


def _require_whole(record: ExportRecord, name: str) -> None:
    """Refuse a record whose files do not belong together."""
    met: dict[str, ExportedFile] = {}
    taken: set[str] = set()
    own = [item for item in record.files if item.part is ExportedPart.CONFIGURATION]
    if len(own) != 1:
        raise ConfigError(f"{name}.files: {len(own)} configurations of a machine found, 1 expected")
    for number, item in enumerate(record.files):
        where = f"{name}.files[{number}]"
        # Parents come first, so that no disk can be its own ancestor.
        parent = None if item.parent is None else met.get(item.parent)
        if item.parent is not None and not (parent and {parent.part, item.part} == {ExportedPart.DISK}):
            raise ConfigError(f"{where}.parent: {shortened(item.parent)!r} is no disk that stands before it")
        if (place := fold_case(item.path)) in taken:
            raise ConfigError(f"{where}.path: {shortened(item.path)!r} is listed twice")
        taken.add(place)
        met[item.path] = item

"""How is a manifest written down, and read back?

As one JSON document, ``vhdchain.manifest``. What is read back may have been edited by hand: every field is looked at,
and the digest of every disk is computed again from its chunks, so that a manifest that was changed by accident is
refused with the place, and not compared with. No path in it is ever opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vhdchain.audit.manifest.chunks import DIGEST_LENGTH, Chunks, chunk_count, view_sha256
from vhdchain.audit.manifest.fields import Fields
from vhdchain.audit.manifest.records import DiskContent, FileEntry, ImageEntry, Manifest, StateUse, Unread
from vhdchain.audit.manifest.views import Views
from vhdchain.errors import ConfigError
from vhdchain.structures import guid_text

if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMA = "vhdchain.manifest"
VERSION = 1
SMALLEST_CHUNK, LARGEST_CHUNK = 4 << 10, 1 << 30


def checked_chunk_size(size: int) -> int:
    """Return ``size``, in bytes.

    Raises:
        ConfigError: It is no multiple of 4 KiB up to 1 GiB.
    """
    if not SMALLEST_CHUNK <= size <= LARGEST_CHUNK or size % SMALLEST_CHUNK:
        raise ConfigError(f"chunk_size: {size} found; a chunk has a multiple of 4,096 bytes, at most 1 GiB")
    return size


def manifest_document(manifest: Manifest) -> dict[str, Any]:
    """Return ``manifest`` as a document of JSON's types."""
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "tool_version": manifest.tool_version,
        "time": None if manifest.time is None else manifest.time.isoformat(),
        "chunk_size": manifest.chunk_size,
        "images": [_image(item) for item in manifest.images],
        "files": [
            {
                "path": item.path,
                "role": item.role,
                "size": item.size,
                "mtime_ns": item.mtime_ns,
                "sha256": item.sha256,
                "problem": item.problem,
            }
            for item in manifest.files
        ],
        "unread": [{"path": item.path, "reason": item.reason} for item in manifest.unread],
    }


def _image(item: ImageEntry) -> dict[str, Any]:
    content = item.content
    return {
        "path": item.path,
        "size": item.size,
        "mtime_ns": item.mtime_ns,
        "disk_type": item.disk_type,
        "virtual_size": item.virtual_size,
        "unique_id": item.unique_id,
        "guid": None if item.unique_id is None else guid_text(bytes.fromhex(item.unique_id)),
        "parent_unique_id": item.parent_unique_id,
        "parent": item.parent,
        "metadata_sha256": item.metadata_sha256,
        "used_by": [{"machine": use.machine, "snapshot": use.snapshot} for use in item.used_by],
        "content": None
        if content is None
        else {"sha256": content.sha256, "parent": content.parent, "chunks": _written(content.chunks)},
        "problem": item.problem,
    }


def _written(chunks: Chunks) -> dict[str, str | None]:
    rows = zip(chunks.numbers.tolist(), chunks.digests, strict=True)
    return {str(number): row.tobytes().hex() if row.any() else None for number, row in rows}


def manifest_from_document(document: object) -> Manifest:
    """Return the manifest that ``document`` holds.

    Raises:
        ConfigError: It is no manifest, one of another version, or does not fit its own digests; with the place.
    """
    fields = Fields.of(document, "manifest")
    schema, version = (fields.raw.get(name) for name in ("schema", "version"))
    if schema != SCHEMA or version != VERSION:
        raise ConfigError(
            f"manifest: schema {schema!r} of version {version!r} found; "
            f"this program reads {SCHEMA} of version {VERSION}"
        )
    chunk_size = fields.count_or_none("chunk_size")
    manifest = Manifest(
        tool_version=fields.text("tool_version"),
        time=fields.time_or_none("time"),
        chunk_size=None if chunk_size is None else checked_chunk_size(chunk_size),
        images=tuple(_read_image(item, chunk_size) for item in fields.each("images")),
        files=tuple(_read_file(item) for item in fields.each("files")),
        unread=tuple(Unread(path=item.text("path"), reason=item.text("reason")) for item in fields.each("unread")),
    )
    _require_each_once((*manifest.images, *manifest.files))
    _require_fitting(manifest)
    return manifest


def _read_image(fields: Fields, chunk_size: int | None) -> ImageEntry:
    size = fields.count("virtual_size")
    count = 0 if chunk_size is None else chunk_count(size, chunk_size)
    content = fields.inner_or_none("content")
    if content is not None and chunk_size is None:
        raise ConfigError(f"{content.where}: contents are there, and manifest.chunk_size is null")
    return ImageEntry(
        path=fields.text("path"),
        size=fields.count("size"),
        mtime_ns=fields.integer_or_none("mtime_ns"),
        disk_type=fields.text_or_none("disk_type"),
        virtual_size=size,
        unique_id=fields.hex_or_none("unique_id", 16),
        parent_unique_id=fields.hex_or_none("parent_unique_id", 16),
        parent=fields.text_or_none("parent"),
        metadata_sha256=fields.hex_or_none("metadata_sha256", DIGEST_LENGTH),
        used_by=tuple(
            StateUse(machine=item.text("machine"), snapshot=item.text_or_none("snapshot"))
            for item in fields.each("used_by")
        ),
        content=None if content is None else _read_content(content, count),
        problem=fields.text_or_none("problem"),
    )


def _read_file(fields: Fields) -> FileEntry:
    return FileEntry(
        path=fields.text("path"),
        role=fields.text("role"),
        size=fields.count("size"),
        mtime_ns=fields.integer("mtime_ns"),
        sha256=fields.hex_or_none("sha256", DIGEST_LENGTH),
        problem=fields.text_or_none("problem"),
    )


def _read_content(fields: Fields, count: int) -> DiskContent:
    chunks = fields.inner("chunks")
    numbers = np.empty(len(chunks.raw), dtype=np.int64)
    digests = np.zeros((len(chunks.raw), DIGEST_LENGTH), dtype=np.uint8)
    before = -1
    for row, name in enumerate(chunks.raw):
        # Eighteen digits fit into 64 bits, and are more than any disk has chunks.
        number = int(name) if name.isascii() and name.isdecimal() and len(name) <= 18 else -1
        if not before < number < count:
            raise ConfigError(f"{chunks.where}: {name!r} found; numbers from 0 to {count - 1} in order expected")
        numbers[row] = before = number
        if chunks.raw[name] is not None:
            digests[row] = np.frombuffer(bytes.fromhex(chunks.hex(name, DIGEST_LENGTH)), dtype=np.uint8)
    return DiskContent(
        parent=fields.text_or_none("parent"),
        chunks=Chunks(numbers=numbers, digests=digests),
        sha256=fields.hex("sha256", DIGEST_LENGTH),
    )


def _require_each_once(entries: Iterable[ImageEntry | FileEntry]) -> None:
    met: set[str] = set()
    for item in entries:
        if item.path in met:
            raise ConfigError(f"manifest: {item.path!r} is listed twice")
        met.add(item.path)


def _require_fitting(manifest: Manifest) -> None:
    """Refuse a manifest whose disks do not have the digests that it says they have."""
    views, images = Views(manifest), {item.path: (number, item) for number, item in enumerate(manifest.images)}
    for path in views.in_order():
        number, item = images[path]
        where = f"manifest.images[{number}].content"
        view = views.of(path)
        assert item.content is not None
        assert manifest.chunk_size is not None
        if view is None:
            raise ConfigError(f"{where}.parent: {item.content.parent!r} leads to no disk whose contents are listed")
        if item.content.sha256 != view_sha256(view, virtual_size=item.virtual_size, chunk_size=manifest.chunk_size):
            raise ConfigError(
                f"{where}.sha256: the chunks of {path!r} have another digest: the manifest was edited or damaged"
            )

"""What exactly was looked at?

For every image its size, its modification time and a digest of the structures that were read, so that two audits can be
compared: equal digests mean equal metadata. Guest data is not in the digest; nothing is read for it. A configuration is
metadata from its first byte to its last.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from vhdchain.hyperv import FileRole
from vhdchain.structures.footer import timestamp_of_mtime

if TYPE_CHECKING:
    from vhdchain.graph import InputFile, Inventory
    from vhdchain.hyperv import HostFile
    from vhdchain.image import Image

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PIECE = 1 << 18


class InputKind(StrEnum):
    """What an input of an audit was read as."""

    IMAGE = "image"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditInput:
    """One file that an audit is based on.

    Attributes:
        path: Its path as messages call it.
        size: Length in bytes.
        mtime_ns: Modification time in nanoseconds since 1970 (UTC); None where it is not known.
        metadata_sha256: SHA-256, in hex, over the stored bytes of the end footer, the footer copy, the dynamic header,
            the data of the locators in the order of their slots, and the BAT entries, one behind the other, as far as
            they exist and could be read; None for a raw disk, which has none of them. Of a configuration: over the
            whole file; None where it is too large to be one.
        aliases: Other names of the same file that were met.
        kind: What it was read as.
    """

    path: str
    size: int
    mtime_ns: int | None
    metadata_sha256: str | None
    aliases: tuple[str, ...] = ()
    kind: InputKind = InputKind.IMAGE

    @property
    def modified(self) -> datetime | None:
        """`mtime_ns` as a time in UTC, in microseconds."""
        return None if self.mtime_ns is None else _EPOCH + timedelta(microseconds=self.mtime_ns // 1000)


def seconds_modified(file: InputFile) -> int | None:
    """Return when ``file`` was modified, in seconds since 2000 as images count them; None where it is not known."""
    return timestamp_of_mtime(file.mtime_ns) if file.mtime_ns else None


def audit_inputs(inventory: Inventory) -> tuple[AuditInput, ...]:
    """Return what was looked at of every image and configuration, in the order of the paths."""
    files = {item.path: item for item in inventory.inputs}
    looked_at = [_input(image, files.get(image.name)) for image in inventory.images]
    looked_at += [_configuration(file) for file in inventory.host_files if file.role is FileRole.CONFIGURATION]
    return tuple(sorted(looked_at, key=lambda item: item.path))


def _configuration(file: HostFile) -> AuditInput:
    return AuditInput(
        path=file.path,
        size=file.size,
        mtime_ns=file.mtime_ns,
        metadata_sha256=file.sha256,
        kind=InputKind.CONFIGURATION,
    )


def _input(image: Image, file: InputFile | None) -> AuditInput:
    return AuditInput(
        path=image.name,
        size=image.file_size,
        mtime_ns=file.mtime_ns if file else None,
        metadata_sha256=metadata_sha256(image),
        aliases=file.aliases if file else (),
    )


def metadata_sha256(image: Image) -> str | None:
    """Return the digest that `AuditInput.metadata_sha256` describes."""
    if image.raw:
        return None
    digest = hashlib.sha256()
    for stored in (image.footer_end, image.footer_copy, image.header):
        if stored is not None:
            digest.update(stored.raw)
    for locator in image.locators:
        digest.update(locator.data or b"")
    if image.bat is not None:
        # In pieces: turning the byte order copies, and a table may be large.
        for first in range(0, len(image.bat.entries), _PIECE):
            digest.update(image.bat.entries[first : first + _PIECE].astype(">u4").tobytes())
    return digest.hexdigest()

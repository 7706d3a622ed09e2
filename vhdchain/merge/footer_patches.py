"""Which bytes change where a field of a footer does, or where one footer is written from the other?

Patches of the end footer and of the copy, checksum with them. A field is changed in the stored bytes of each footer, so
that what only one of them says stays; a footer of 511 bytes stays one.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from vhdchain.plan import Patch
from vhdchain.structures import build_footer, footer_checksum
from vhdchain.structures.footer import FOOTER_CHECKSUM_OFFSET, FOOTER_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.image import Image
    from vhdchain.structures import Footer, Stored

END, COPY = "end footer", "footer copy"


def footers_of(image: Image) -> Iterator[tuple[str, Stored[Footer]]]:
    """Yield the footers that an image has, the copy first, by what they are called; of a fixed disk only its own."""
    if image.footer_copy is not None and image.is_sparse:
        yield COPY, image.footer_copy
    if image.footer_end is not None:
        yield END, image.footer_end


def changed_fields(image: Image, why: str, **fields: Any) -> tuple[Patch, ...]:
    """Return the patches that give fields of both footers other values, with the checksums that fit then."""
    return tuple(
        patch for name, stored in footers_of(image) for patch in [_changed(stored, f"{why} ({name})", fields)] if patch
    )


def changed_raw(stored: Stored[Footer], **fields: Any) -> bytes:
    """Return the stored bytes of a footer with other values in some fields, and the checksum that fits then."""
    return _with_checksum(build_footer(dataclasses.replace(stored.record, **fields)))


def _changed(stored: Stored[Footer], why: str, fields: dict[str, Any]) -> Patch | None:
    new = changed_raw(stored, **fields)
    return None if new == stored.raw else Patch(offset=stored.offset, old=stored.raw, new=new, why=why)


def _with_checksum(raw: bytes) -> bytes:
    value = footer_checksum(raw).to_bytes(4, "big")
    return raw[:FOOTER_CHECKSUM_OFFSET] + value + raw[FOOTER_CHECKSUM_OFFSET + len(value) :]


def whole(raw: bytes) -> bytes:
    """Return a footer's bytes in the length that a copy has: the last byte of one of 511 counts as zero."""
    return raw.ljust(FOOTER_LENGTH, b"\0")

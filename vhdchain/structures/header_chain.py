"""Where does a dynamic header's `data_offset` lead?

The specification keeps the field for "the next structure in the hard disk image", says that no format uses it, and
wants it all ones. Should a file name a further structure all the same, the way is followed: only forward, so that it
ends, and through headers alone, because nobody knows where another structure would keep its own `data_offset`. What
that structure means is not known here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from vhdchain.structures.dynamic_header import HEADER_COOKIE, HEADER_LENGTH
from vhdchain.structures.footer import NO_DATA_OFFSET
from vhdchain.units import is_sector_aligned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.structures.dynamic_header import DynamicHeader
    from vhdchain.structures.stored import Stored

MAX_FURTHER_HEADERS = 16


class HeaderChainEnd(StrEnum):
    """Why the chain of headers goes no further.

    * ``closed``: `data_offset` is all ones, as it should be.
    * ``nowhere``: it leads to no place where a structure could stand; 0 is among these, the footer copy's place.
    * ``loop``: it leads to a header that it came by.
    * ``backwards``: it leads to a place before the header that holds it.
    * ``foreign``: what stands there is no header.
    * ``limit``: more further headers than are read.
    """

    CLOSED = "closed"
    NOWHERE = "nowhere"
    LOOP = "loop"
    BACKWARDS = "backwards"
    FOREIGN = "foreign"
    LIMIT = "limit"


def header_chain_end(headers: Sequence[Stored[DynamicHeader]], file_size: int) -> HeaderChainEnd | None:
    """Say why the chain ends behind ``headers``; None: there is a further structure to read.

    Args:
        headers: The disk's header and the further ones that were read so far, at least one.
        file_size: The file's length in bytes.
    """
    last = headers[-1]
    offset = last.record.data_offset
    if len(headers) > 1 and last.record.cookie != HEADER_COOKIE:
        return HeaderChainEnd.FOREIGN
    if offset == NO_DATA_OFFSET:
        return HeaderChainEnd.CLOSED
    if offset == 0 or not is_sector_aligned(offset) or offset + HEADER_LENGTH > file_size:
        return HeaderChainEnd.NOWHERE
    if any(offset == header.offset for header in headers):
        return HeaderChainEnd.LOOP
    if offset < last.offset:
        return HeaderChainEnd.BACKWARDS
    return HeaderChainEnd.LIMIT if len(headers) > MAX_FURTHER_HEADERS else None

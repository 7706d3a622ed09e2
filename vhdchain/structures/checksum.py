"""What checksum do these stored bytes have?

The ones' complement of the sum of all bytes, with the checksum field itself taken as zero (specification, "Hard Disk
Footer: Checksum"). It is computed over the *stored* bytes, never over a record written out again: a reader that
re-serialises accepts what others refuse.
"""

from __future__ import annotations

CHECKSUM_LENGTH = 4


def checksum(raw: bytes, field_offset: int) -> int:
    """Return the checksum of ``raw``, skipping the four bytes at ``field_offset``.

    A 511-byte footer needs no special case: its missing last byte counts as zero.
    """
    total = sum(raw) - sum(raw[field_offset : field_offset + CHECKSUM_LENGTH])
    return ~total & 0xFFFFFFFF

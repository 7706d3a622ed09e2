"""What does the journal of an interrupted resize say?

blktap resizes a sparse disk with a journal: a file of its own, which begins with `vjournal` and holds the old metadata
and blocks. While it exists the disk's own footers carry the cookie `v_poison`, so that no tool opens the half-resized
disk. The journal is not in the specification. Source: blktap's ``libvhd-journal.h`` and ``libvhd-journal.c``; the
length of its header differs between versions (64 or 512 bytes), these fields do not.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from vhdchain.structures import _declarations as declarations

JOURNAL_COOKIE = b"vjournal"
JOURNAL_LENGTH = declarations.JOURNAL_LENGTH
"""The bytes at its beginning that are the same in all versions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The beginning of a journal.

    Attributes:
        unique_id: The 16 stored bytes of the identifier of the disk that was resized.
        footer_offset: Where that disk's end footer lay before, in bytes.
        data_entries: How many pieces of data it holds.
        metadata_entries: How many pieces of metadata it holds.
    """

    cookie: bytes = JOURNAL_COOKIE
    unique_id: bytes
    footer_offset: int
    data_entries: int
    metadata_entries: int


def parse_journal(head: bytes) -> Journal | None:
    """Return what the first bytes of a file say as a journal; None where it is none."""
    if not head.startswith(JOURNAL_COOKIE) or len(head) < JOURNAL_LENGTH:
        return None
    return Journal(**declarations.parse_journal_fields(head[:JOURNAL_LENGTH]))


def build_journal(journal: Journal) -> bytes:
    """Return the first stored bytes of ``journal``."""
    return declarations.build_journal_fields(dataclasses.asdict(journal))

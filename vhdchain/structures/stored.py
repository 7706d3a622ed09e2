"""What was stored, and where?

A record says what bytes mean. `Stored` keeps beside it the bytes themselves and their offset, so that a check can
name the place and compute checksums over what the file holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored(Generic[T]):
    """A record as it lay in a file.

    Attributes:
        offset: Offset in bytes in the file.
        raw: The stored bytes.
        record: What they mean.
    """

    offset: int
    raw: bytes = field(repr=False)
    record: T

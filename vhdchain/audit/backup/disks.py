"""What is said of the disk of a guest, and how is it read without trusting it?

The records that the readers of partition tables share, and the one place where a failing read becomes a reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from vhdchain.errors import CancelledError, VhdChainError

ReadGuest: TypeAlias = Callable[[int, int], bytes]
"""(offset, length) -> exactly that many bytes of the disk; raises the package's errors or `OSError`."""


class GuestDiskKind(StrEnum):
    """How Windows would call the disk.

    `DYNAMIC` is a disk of the Logical Disk Manager, `BASIC` has a partition table without its mark. `UNPARTITIONED`
    has nothing in sector 0 that is a partition table. `UNKNOWN` could not be read, or is said to have a GPT of which
    neither copy is whole.
    """

    BASIC = "basic"
    DYNAMIC = "dynamic"
    UNPARTITIONED = "unpartitioned"
    UNKNOWN = "unknown"


class PartitionScheme(StrEnum):
    """Which partition table counts."""

    MBR = "mbr"
    GPT = "gpt"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestPartition:
    """One used entry of a partition table; its numbers are as stored and may lie outside of the disk.

    Attributes:
        number: The entry's, counted from 1.
        type: ``0x07`` of an MBR; a GUID as Windows prints it, lower case without braces, of a GPT.
        meaning: What that type stands for; None where it is not in the tables of this package.
        start: Where it begins in the disk, in bytes.
        length: In bytes.
    """

    number: int
    type: str
    meaning: str | None
    start: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestDisk:
    """Whether a disk is basic or dynamic.

    Attributes:
        kind: The answer.
        scheme: The table that it was read from; None where there is none or none could be read.
        evidence: Clauses that say what was found where; never empty.
        partitions: The used entries of the table, in its order; an extended partition is one of them, the logical
            drives in it are not looked at.
    """

    kind: GuestDiskKind
    scheme: PartitionScheme | None = None
    evidence: tuple[str, ...]
    partitions: tuple[GuestPartition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Bytes that could not be read, or do not hold what they should.

    Attributes:
        reason: Why, as a clause.
    """

    reason: str


def try_read(read: ReadGuest, offset: int, length: int) -> bytes | Unread:
    """Return ``length`` bytes from ``offset``, or why they could not be read.

    Raises:
        CancelledError: Whoever reads was asked to stop.
    """
    try:
        data = read(offset, length)
    except CancelledError:
        raise
    except VhdChainError as error:
        return Unread(reason=f"could not be read: {error}")
    except OSError as error:
        return Unread(reason=f"could not be read: {error.strerror or type(error).__name__}")
    if len(data) != length:
        return Unread(reason=f"could not be read: {len(data)} of {length} bytes came")
    return data

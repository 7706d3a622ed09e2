"""How is one file read so that what cannot be read is on record?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vhdchain.errors import ShortReadError
from vhdchain.image.record import Fault, FaultKind

if TYPE_CHECKING:
    from vhdchain.image.record import Limits
    from vhdchain.source import ByteSource


@dataclass(slots=True)
class Reads:
    """Reads of one source, and the faults that they met."""

    source: ByteSource
    limits: Limits
    faults: list[Fault] = field(default_factory=list)

    def read(self, structure: str, offset: int, length: int) -> bytes | None:
        """Return the bytes, or None and a fault."""
        if offset + length > self.source.size:
            reason = f"it would end {offset + length - self.source.size} bytes behind the end of the file"
            self.fault(FaultKind.BEYOND_END, structure, offset, length, reason)
            return None
        try:
            return self.source.read_at(offset, length)
        except ShortReadError:
            reason = "the file was truncated while it was read"
            self.fault(FaultKind.SHORT_READ, structure, offset, length, reason)
            return None

    def fault(self, kind: FaultKind, structure: str, offset: int, length: int, reason: str) -> None:
        """Put on record that a structure could not be read."""
        self.faults.append(Fault(kind=kind, structure=structure, offset=offset, length=length, reason=reason))

"""How is a disk's identifier written as text?

An identifier is 16 raw bytes, and only these are ever compared. Tools print them in two ways: the bytes in stored
order, and Windows' mixed-endian GUID text, whose first three groups are little-endian. Both are shown, each under
its own name, so that neither is mistaken for the other.
"""

from __future__ import annotations

import uuid


def id_text(unique_id: bytes) -> str:
    """Return 16 bytes as 32 hex digits in stored order, as blktap and qemu print them (without dashes)."""
    return unique_id.hex()


def guid_text(unique_id: bytes) -> str:
    """Return 16 bytes as Windows prints a GUID: mixed-endian, lower case, no braces."""
    return str(uuid.UUID(bytes_le=unique_id))

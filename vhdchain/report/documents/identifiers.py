"""How does an identifier stand in a document? As stored bytes in hex, and beside that as Windows prints it."""

from __future__ import annotations

from vhdchain.structures import guid_text, id_text


def identifier(unique_id: bytes | None) -> str | None:
    """Return 16 stored bytes as 32 hex digits; None where there are none."""
    return None if unique_id is None else id_text(unique_id)


def guid(unique_id: bytes | None) -> str | None:
    """Return 16 stored bytes as Windows prints them; None where there are none."""
    return None if unique_id is None else guid_text(unique_id)

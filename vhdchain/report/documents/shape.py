"""What do all documents have in common?"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""What a document is made of."""

VERSION = 1
"""The version of every schema so far."""


def document(schema: str, **fields: Json) -> dict[str, Json]:
    """Return a document of ``vhdchain.<schema>`` with ``fields`` behind its two fixed ones."""
    return {"schema": f"vhdchain.{schema}", "version": VERSION, **fields}


def stored_text(raw: bytes) -> str:
    """Return a four-character code as text, byte for byte: a NUL stays a NUL."""
    return raw.decode("latin-1")

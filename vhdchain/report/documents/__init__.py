"""How do programs get what was found? As plain dicts of the stated schemas.

Every document has ``schema`` and ``version``; fields may be added, never renamed. Sizes and offsets are bytes.
Identifiers are 32 hex digits in stored byte order, with ``guid`` beside them in Windows' mixed-endian text. Text is
exact, not made printable: JSON has its own escapes.
"""

from __future__ import annotations

"""How are sizes and offsets written by people: ``1048576``, ``0x100000``, ``1024K``, ``1M``, ``2048s``?"""

from __future__ import annotations

import re

from vhdchain.units import sectors_to_bytes

_SIZE = re.compile(r"0x(?P<hex>[0-9a-f]+)|(?P<decimal>\d[\d,]*)(?P<unit>[kmgts]?)", re.IGNORECASE | re.ASCII)
SIZE_PATTERN = r"^(0[xX][0-9a-fA-F]+|[0-9][0-9,]*[kmgtsKMGTS]?)$"
"""The same as a pattern that JSON schemas understand."""


def parse_size(text: str) -> int | None:
    """Return the bytes that ``text`` means (binary units; ``s``: sectors); None where it is no number of bytes."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        return None
    number = int(match["hex"], 16) if match["hex"] else int(match["decimal"].replace(",", ""))
    unit = (match["unit"] or " ").lower()
    return sectors_to_bytes(number) if unit == "s" else number << 10 * " kmgt".index(unit)

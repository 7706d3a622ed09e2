"""How are sizes, counts and places in a file written for people?

Sizes are exact bytes, with a rounded human size beside them; a rounded number alone would hide the one sector that
matters. Offsets in files are hexadecimal, as hex editors show them.
"""

from __future__ import annotations

_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def human_size(size: int) -> str:
    """Return ``size`` bytes in the largest binary unit that it fills: ``1.5 GiB``; below 1 KiB in bytes."""
    if size < 1024:
        return counted(size, "byte")
    exponent = min((size.bit_length() - 1) // 10, len(_UNITS))
    if round(size / 1024**exponent, 1) >= 1024 and exponent < len(_UNITS):
        exponent += 1
    text = f"{size / 1024**exponent:.1f}".removesuffix(".0")
    return f"{text} {_UNITS[exponent - 1]}"


def exact_size(size: int) -> str:
    """Return ``size`` in exact bytes with the human size beside it: ``4,194,304 bytes (4 MiB)``."""
    return counted(size, "byte") if size < 1024 else f"{counted(size, 'byte')} ({human_size(size)})"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return the number with its noun: ``1 block``, ``1,024 blocks``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def hex_offset(offset: int) -> str:
    """Return an offset in a file as it stands in messages: ``@0x1FE00``."""
    return f"@0x{offset:X}"

"""Footers of a small disk as they are stored, and what the checks say of them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from tests.structures.layouts import FOOTER_BYTES
from vhdchain.structures import Footer, Stored, build_footer, parse_footer, with_footer_checksum
from vhdchain.structures.check_footer import FootersOfFile, check_footers
from vhdchain.structures.footer import NO_DATA_OFFSET

if TYPE_CHECKING:
    from vhdchain.findings import Finding

SIZE = 1 << 20
_OF_FLAGS = {*range(129, 139), 143, 145, 146, 147}
_PARSED = parse_footer(FOOTER_BYTES)
DYNAMIC = dataclasses.replace(_PARSED, disk_type_raw=3, reserved=bytes(427), original_size=_PARSED.current_size)
FIXED = dataclasses.replace(
    DYNAMIC, disk_type_raw=2, data_offset=NO_DATA_OFFSET, current_size=SIZE - 512, original_size=SIZE - 512
)


def stored(footer: Footer, offset: int, *, valid: bool = True, **fields: Any) -> Stored[Footer]:
    """Return a footer as it is stored, with other fields and a checksum that fits them, or one that does not."""
    footer = with_footer_checksum(dataclasses.replace(footer, **fields))
    return stored_as_it_is(footer if valid else dataclasses.replace(footer, checksum=footer.checksum ^ 1), offset)


def stored_as_it_is(footer: Footer, offset: int) -> Stored[Footer]:
    """Return a footer as it is stored, whatever its checksum."""
    raw = build_footer(footer)
    return Stored(offset=offset, raw=raw, record=parse_footer(raw))


def end(footer: Footer = DYNAMIC, **fields: Any) -> Stored[Footer]:
    """Return a footer that lies at the end of the file."""
    return stored(footer, SIZE - 512, **fields)


def copy(footer: Footer = DYNAMIC, **fields: Any) -> Stored[Footer]:
    """Return a footer that lies at the beginning of the file."""
    return stored(footer, 0, **fields)


def check(
    end: Stored[Footer] | None, copy: Stored[Footer] | None, *, size: int = SIZE, **facts: Any
) -> dict[str, Finding]:
    """Return what is found in a file with these two footers, by code; each code is found once.

    What geometry, identity, flags and reserved bytes show beside is left out: their checks have tests of their own.
    """
    file = FootersOfFile(path="x.vhd", file_size=size, end=end, copy=copy, **{"copy_counts": False, **facts})
    findings = [item for item in check_footers(file) if int(item.code[3:]) not in _OF_FLAGS]
    found = {item.code: item for item in findings}
    assert len(found) == len(findings)
    return found


def check_both(footer: Footer = DYNAMIC, *, facts: dict[str, Any] | None = None, **fields: Any) -> dict[str, Finding]:
    """Return what is found where both footers, or the one of a fixed disk, have these fields."""
    return check(end(footer, **fields), None if footer.disk_type_raw == 2 else copy(footer, **fields), **(facts or {}))

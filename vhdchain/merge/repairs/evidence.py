"""Which of two valid footers that differ is right?

Where the difference decides nothing about how the disk is read, the end footer is: it counts for every reader as long
as it is valid. Otherwise each deciding field needs a witness outside of the footers, and all of them must name the same
one: a header that is there only where one of them leads, a BAT too short for one of the sizes or in use behind the
other, children that ask for one of the identifiers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vhdchain.merge.footer_patches import COPY, END
from vhdchain.structures import header_checksum, parse_header
from vhdchain.structures.dynamic_header import HEADER_COOKIE, HEADER_LENGTH
from vhdchain.structures.entries import is_used
from vhdchain.structures.footer_difference import differing_fields, listed_names
from vhdchain.units import blocks_for

if TYPE_CHECKING:
    from vhdchain.image import Image
    from vhdchain.merge.repairs.records import Case
    from vhdchain.structures import Footer

_DECIDING = ("disk_type", "current_size", "unique_id", "data_offset")


class Verdict(NamedTuple):
    """Which footer is right, and why; None where nothing proves it."""

    right: str | None
    reason: str


def right_footer(case: Case) -> Verdict:
    """Return which of the two valid footers of a sparse image is right."""
    stored_end, stored_copy = case.image.footer_end, case.image.footer_copy
    assert stored_end is not None
    assert stored_copy is not None
    end, copy = stored_end.record, stored_copy.record
    names = differing_fields(end, copy)
    deciding = [name for name in names if name in _DECIDING]
    if not deciding:
        reason = f"they differ in {listed_names(names)} only, and there the end footer counts for every reader"
        return Verdict(END, reason)
    verdicts = [_witness(case, name, end, copy) for name in deciding]
    for verdict in verdicts:
        if verdict.right is None:
            return verdict
    named = {verdict.right for verdict in verdicts}
    if len(named) > 1:
        return Verdict(None, "the witnesses disagree: " + "; ".join(verdict.reason for verdict in verdicts))
    return Verdict(named.pop(), "; ".join(verdict.reason for verdict in verdicts))


def _witness(case: Case, name: str, end: Footer, copy: Footer) -> Verdict:
    match name:
        case "data_offset":
            return _by_header(case.image, end, copy)
        case "current_size":
            return _by_bat(case.image, end, copy)
        case "unique_id":
            return _by_children(case, end, copy)
        case _:
            return Verdict(None, f"the footers differ in {name}, and nothing else says which is right")


def _by_header(image: Image, end: Footer, copy: Footer) -> Verdict:
    there = [_is_header(image, footer.data_offset) for footer in (end, copy)]
    if there == [True, False]:
        return Verdict(END, "only the end footer leads to a header with a right checksum")
    if there == [False, True]:
        return Verdict(COPY, "only the copy leads to a header with a right checksum")
    return Verdict(None, f"{'both' if all(there) else 'none of the two'} lead to a header with a right checksum")


def _is_header(image: Image, offset: int) -> bool:
    if offset + HEADER_LENGTH > image.file_size:
        return False
    raw = image.source.read_at(offset, HEADER_LENGTH)
    return raw.startswith(HEADER_COOKIE) and parse_header(raw).checksum == header_checksum(raw)


def _by_bat(image: Image, end: Footer, copy: Footer) -> Verdict:
    bat, block = image.bat, image.block_size
    if bat is None or block <= 0:
        return Verdict(None, "the sizes differ, and there is no BAT that could tell")
    larger, smaller = (END, COPY) if end.current_size > copy.current_size else (COPY, END)
    most, least = max(end.current_size, copy.current_size), min(end.current_size, copy.current_size)
    too_short = blocks_for(most, block) > bat.declared
    behind = int(np.count_nonzero(is_used(bat.entries[blocks_for(least, block) : blocks_for(most, block)])))
    if too_short and not behind:
        return Verdict(smaller, f"the BAT has {bat.declared} entries, too few for the {most} bytes of the {larger}")
    if behind and not too_short:
        return Verdict(larger, f"{behind} blocks lie behind the {least} bytes that the {smaller} names")
    return Verdict(None, f"the sizes differ ({least} and {most} bytes), and the BAT fits both or none")


def _by_children(case: Case, end: Footer, copy: Footer) -> Verdict:
    asked = {child.parent_unique_id for child in case.children}
    if (end.unique_id in asked) == (copy.unique_id in asked):
        which = "both" if end.unique_id in asked else "none"
        return Verdict(None, f"the identifiers differ, and children in the folder ask for {which} of them")
    right = END if end.unique_id in asked else COPY
    return Verdict(right, f"the children ask for the identifier in the {right}")

"""Codes 102-108 and 139-142: a footer that is missing, damaged, or not what the other one says.

A valid copy mends the end footer, and the other way round. Where both are valid and differ, one of them is right only
if something else says so: the BAT, the header that it leads to, the children.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.image import FooterPolicy
from vhdchain.image.checks import layout_facts
from vhdchain.image.scan import footer_is_valid
from vhdchain.merge.footer_patches import COPY, END, changed_raw, footers_of, whole
from vhdchain.merge.repairs.evidence import right_footer
from vhdchain.merge.repairs.records import Mending, NotMended
from vhdchain.plan import Patch
from vhdchain.structures import ChecksumFit, checksum_fit
from vhdchain.structures.footer import FOOTER_LENGTH
from vhdchain.structures.layout import layout_of
from vhdchain.units import round_up_to_sector, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Collection

    from vhdchain.image import Image
    from vhdchain.merge.repairs.records import Case

_MISSING_BYTES = ("VHD209", "VHD401", "VHD404", "VHD405")
_MOST_CHANGED = 96
"""So many bytes of a sector may differ from the footer for it to be what is left of one: of zeros no more do."""


def end_from_copy(case: Case, codes: Collection[str]) -> Mending | NotMended | None:
    """VHD102 and VHD106: write the end footer from the valid copy."""
    asked = tuple(sorted({"VHD102", "VHD106"}.intersection(codes)))
    if not asked:
        return None
    image, copy = case.image, case.image.footer_copy
    if copy is None or not image.is_sparse or not footer_is_valid(copy):
        return NotMended(codes=asked, reason="there is no valid copy of the footer to mend it from")
    if lost := [code for code in _MISSING_BYTES if code in codes]:
        return NotMended(
            codes=asked, reason=f"bytes of the disk are missing ({', '.join(lost)}); a footer would hide it"
        )
    if image.footer_end is not None:
        old = image.footer_end.raw
        offset, new, size = image.footer_end.offset, copy.raw[: len(old)], None
        where = "at the end"
    else:
        end = _end_of_content(image)
        if end is None or end > image.file_size:
            return NotMended(
                codes=asked, reason="where the blocks end is not certain, so neither is the footer's place"
            )
        offset, old, size = _place_for(image, end, copy.raw)
        new = copy.raw
        where = "in the last sector, which belongs to nothing" if size is None else "behind the end of the file"
    if old == new:
        return None
    why = "the end footer, from the copy"
    return Mending(
        codes=asked,
        what=f"write the footer {where} from the copy at the beginning",
        proof="the copy's checksum is right, and no block of the disk reaches over the place",
        patches=(Patch(offset=offset, old=old, new=new, why=why),),
        size=size,
    )


def _end_of_content(image: Image) -> int | None:
    """Return where structures and blocks end, in bytes; None where that cannot be said."""
    facts = layout_facts(image)
    if facts is None or not facts.is_whole:
        return None
    layout = layout_of(facts)
    end = layout.metadata_end
    if len(layout.places):
        last = int(layout.places[-1])
        is_last_of_disk = facts.last_entry == last
        end = max(end, sectors_to_bytes(last) + (facts.last_length if is_last_of_disk else facts.stored_length))
    return end


def _place_for(image: Image, end: int, footer: bytes) -> tuple[int, bytes, int | None]:
    """Return where the footer goes, what is there, and the file's new length where it grows."""
    last = image.file_size - FOOTER_LENGTH
    if end <= last == round_up_to_sector(last):
        found = image.source.read_at(last, FOOTER_LENGTH)
        if sum(one != other for one, other in zip(found, footer, strict=True)) <= _MOST_CHANGED:
            return last, found, None
    # What stands there may be data of a block that was being written: it stays.
    offset = round_up_to_sector(image.file_size)
    return offset, bytes(FOOTER_LENGTH), offset + FOOTER_LENGTH


def copy_from_end(case: Case, codes: Collection[str]) -> Mending | NotMended | None:
    """VHD139 and VHD140: write the copy from the valid end footer."""
    asked = tuple(sorted({"VHD139", "VHD140"}.intersection(codes)))
    if not asked:
        return None
    image, end = case.image, case.image.footer_end
    if end is None or not footer_is_valid(end) or image.footer_source is not FooterPolicy.END or not image.is_sparse:
        return NotMended(codes=asked, reason="there is no valid end footer to mend it from")
    facts = layout_facts(image)
    if facts is None or "VHD402" in codes or min(facts.header_offset, facts.bat.offset) < FOOTER_LENGTH:
        return NotMended(codes=asked, reason="something else lies, or may lie, where the copy belongs")
    old = image.source.read_at(0, FOOTER_LENGTH)
    return Mending(
        codes=asked,
        what="write the copy at the beginning from the footer at the end",
        proof="the end footer's checksum is right, so it counts, and nothing else lies in the first sector",
        patches=(Patch(offset=0, old=old, new=whole(end.raw), why="the footer copy, from the end footer"),),
    )


def one_of_two(case: Case, codes: Collection[str]) -> Mending | NotMended | None:
    """VHD141 and VHD142: make both footers say what the one says that is provably right."""
    asked = tuple(sorted({"VHD141", "VHD142"}.intersection(codes)))
    end, copy = case.image.footer_end, case.image.footer_copy
    if not asked or end is None or copy is None:
        return None
    verdict = right_footer(case)
    if verdict.right is None:
        return NotMended(codes=asked, reason=verdict.reason)
    right, wrong = (end, copy) if verdict.right == END else (copy, end)
    name = COPY if verdict.right == END else END
    new = whole(right.raw)[: len(wrong.raw)]
    return Mending(
        codes=asked,
        what=f"write the {name} from the {verdict.right}",
        proof=verdict.reason,
        patches=(Patch(offset=wrong.offset, old=wrong.raw, new=new, why=f"the {name}, from the {verdict.right}"),),
    )


def checksums(case: Case, codes: Collection[str]) -> Mending | NotMended | None:
    """VHD107 and VHD108: make the checksum fit all bytes where it fits without certain ones."""
    asked = tuple(sorted({"VHD107", "VHD108"}.intersection(codes)))
    if not asked:
        return None
    fits = {ChecksumFit.WITHOUT_HIDDEN: "the hidden byte", ChecksumFit.WITHOUT_RESERVED: "the reserved bytes"}
    patches, without = [], []
    for name, stored in footers_of(case.image):
        left_out = fits.get(checksum_fit(stored))
        if left_out is not None:
            without.append(left_out)
            why = f"checksum of the {name}"
            patches.append(Patch(offset=stored.offset, old=stored.raw, new=changed_raw(stored), why=why))
    if not patches:
        return None
    return Mending(
        codes=asked,
        what="write the checksum that all bytes of the footer have",
        proof=f"the stored one is right for all bytes but {' and '.join(dict.fromkeys(without))}",
        patches=tuple(patches),
    )

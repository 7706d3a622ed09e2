"""Code 612: a base that was expanded under its snapshots, and is set back to the size that they have.

Expanding a dynamic disk changes its footers and lengthens its BAT; the blocks keep their content. So setting back
current size and geometry is right if nothing lies behind the old end. A fixed disk is cut back too, if only zeros are
cut off. Whether something was written before the old end since, no file says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.image.scan import footer_is_valid
from vhdchain.merge.disk_end import data_behind
from vhdchain.merge.footer_patches import changed_fields, changed_raw
from vhdchain.merge.repairs.records import Mending, NotMended
from vhdchain.plan import Patch
from vhdchain.structures import DiskType, geometry_for
from vhdchain.structures.footer import FOOTER_LENGTH

if TYPE_CHECKING:
    from collections.abc import Collection

    from vhdchain.image import Image
    from vhdchain.merge.repairs.records import Case

_ASKED = ("VHD612",)
_SAVED = 1
_PIECE = 1 << 20


def set_back(case: Case, codes: Collection[str]) -> Mending | NotMended | None:
    """VHD612: set the size of an expanded base back to that of its children."""
    if "VHD612" not in codes:
        return None
    image, footer = case.image, case.image.footer
    sizes = {child.virtual_size for child in case.children}
    if footer is None or sizes != {footer.original_size}:
        told = ", ".join(map(str, sorted(sizes)))
        return NotMended(
            codes=_ASKED, reason=f"its children do not all have its original size (they have {told} bytes)"
        )
    if footer.saved_state == _SAVED:
        return NotMended(codes=_ASKED, reason="it belongs to a machine in saved state")
    if not footer_is_valid(image.footer_end) or (image.is_sparse and not footer_is_valid(image.footer_copy)):
        return NotMended(codes=_ASKED, reason="its footers are not both valid")
    size = footer.original_size
    if image.disk_type is DiskType.FIXED:
        return _fixed(image, size)
    if image.bat is None or (behind := data_behind(image, size)) is not None:
        reason = "it has no BAT" if image.bat is None else behind
        return NotMended(codes=_ASKED, reason=f"setting the size back is not enough: {reason}")
    return Mending(
        codes=_ASKED,
        what=f"set the size back from {image.virtual_size} to {size} bytes, with the geometry, in both footers",
        proof=_PROOF.format("no block and no sector in use lies behind the old end"),
        patches=changed_fields(image, "current_size and geometry", current_size=size, geometry=geometry_for(size)),
    )


_PROOF = (
    "all children have that size, and {}; what is not proved by that: that nothing was written to the parent since it "
    "was expanded"
)


def _fixed(image: Image, size: int) -> Mending | NotMended:
    stored = image.footer_end
    assert stored is not None
    if stored.offset + len(stored.raw) != image.file_size or stored.offset < size + FOOTER_LENGTH:
        return NotMended(codes=_ASKED, reason="its footer does not stand where the expanded disk ends")
    if (place := _first_data(image, size, stored.offset)) is not None:
        return NotMended(codes=_ASKED, reason=f"setting the size back is not enough: data lies behind it @0x{place:X}")
    new = changed_raw(stored, current_size=size, geometry=geometry_for(size))
    patches = (
        Patch(offset=size, old=bytes(len(new)), new=new, why="the footer, where the disk ends again"),
        Patch(offset=stored.offset, old=stored.raw, new=bytes(len(stored.raw)), why="the footer's former place"),
    )
    return Mending(
        codes=_ASKED,
        what=f"cut the disk back from {image.virtual_size} to {size} bytes, footer behind it",
        proof=_PROOF.format("all that is cut off is zeros"),
        patches=patches,
        size=size + len(new),
    )


def _first_data(image: Image, begin: int, end: int) -> int | None:
    """Return where in a range of the file the first byte is that is not zero; None where there is none."""
    for offset in range(begin, end, _PIECE):
        piece = image.source.read_at(offset, min(_PIECE, end - offset))
        if stripped := piece.lstrip(b"\0"):
            return offset + len(piece) - len(stripped)
    return None

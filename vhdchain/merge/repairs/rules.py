"""Which rules are there, in which order, and why has a condition none?"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from vhdchain.merge.repairs.expanded_base import set_back
from vhdchain.merge.repairs.footers import checksums, copy_from_end, end_from_copy, one_of_two

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from vhdchain.merge.repairs.records import Case, Mending, NotMended

Rule: TypeAlias = "Callable[[Case, Collection[str]], Mending | NotMended | None]"
"""From a file and the codes that are found in it to what is done; None where it does not concern the rule."""

RULES: tuple[Rule, ...] = (end_from_copy, copy_from_end, one_of_two, checksums, set_back)
"""In the order in which they are tried: each works on what the ones before leave."""

MENDABLE = frozenset({"VHD102", "VHD106", "VHD107", "VHD108", "VHD139", "VHD140", "VHD141", "VHD142", "VHD612"})
"""The codes for which there is a rule."""

WITHOUT_RULE = {
    "VHD103": "no footer is left, and what it said (identifier, type, size) stands nowhere else",
    "VHD202": "the header has no copy that would say which of its bytes is wrong; a new checksum would only hide it",
    "VHD401": "bytes of the BAT are missing, and nothing says what they were",
    "VHD404": "bytes of blocks are missing, and nothing says what they were",
    "VHD416": "the BAT was wiped, and nothing says where the blocks were",
    "VHD901": "an interrupted merge is finished by the program that began it; what is certain of the footers is mended",
}
"""Why some conditions are not mended, for whoever asks for them."""

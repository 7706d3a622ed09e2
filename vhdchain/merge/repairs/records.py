"""What goes into a repair, and what comes out of one rule?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vhdchain.findings import Finding
    from vhdchain.image import Image
    from vhdchain.plan import Patch


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """A file that may have to be mended.

    Attributes:
        image: What a scan recorded of it.
        name: Its own name, without a folder.
        children: The images that build on it, or ask for its identifier.
        undo: Where the undo file goes; None for none.
        merges: What shows that a change of it was interrupted (VHD901); what is not this program's own stays told.
        journal: The journal of this program's own interrupted change beside it; None where there is none.
    """

    image: Image
    name: str
    children: tuple[Image, ...] = ()
    undo: str | None = None
    merges: tuple[Finding, ...] = ()
    journal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """What one rule does to a file.

    Attributes:
        codes: The findings that it mends.
        what: What is done, as a clause.
        proof: Why that is right, as a clause.
        patches: In the order of their offsets.
        size: The file's length afterwards; None where it stays.
    """

    codes: tuple[str, ...]
    what: str
    proof: str
    patches: tuple[Patch, ...]
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMended:
    """Why a rule does nothing.

    Attributes:
        codes: The findings that stay.
        reason: As a clause.
    """

    codes: tuple[str, ...]
    reason: str

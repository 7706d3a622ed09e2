"""Which facts of one file do the checks of its footers judge?

The two footers as they were stored, which of them counts, and what is known around the file. Nothing is judged here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.findings import Location
from vhdchain.structures.footer import Footer, footer_field_offset

if TYPE_CHECKING:
    from vhdchain.structures.stored import Stored

FOOTER = "footer"
FOOTER_COPY = "footer copy"


@dataclass(frozen=True, slots=True, kw_only=True)
class FootersOfFile:
    """The facts of one file that the checks of footers judge.

    Attributes:
        path: What messages call the file.
        file_size: Its length in bytes.
        end: The footer at the end, if it has its cookie.
        copy: The footer at offset 0, if it has its cookie.
        copy_counts: Whether the copy is the one that counts.
        now: The present time in seconds since 2000; None where it is not known.
        children: How many images build on this one; None where that is not known.
        head: The first bytes of a file that has no footer.
    """

    path: str
    file_size: int
    end: Stored[Footer] | None
    copy: Stored[Footer] | None
    copy_counts: bool
    now: int | None = None
    children: int | None = None
    head: bytes = b""

    @property
    def counting(self) -> Stored[Footer] | None:
        """The footer that counts."""
        return self.copy if self.copy_counts else self.end

    @property
    def structure(self) -> str:
        """What the footer that counts is called."""
        return FOOTER_COPY if self.copy_counts else FOOTER

    @property
    def data_end(self) -> int:
        """Offset in bytes where the end footer begins, or the file's size where there is none."""
        return self.end.offset if self.end else self.file_size

    def at(self, structure: str, name: str | None = None) -> Location:
        """Return the location of ``structure`` or of its field ``name`` (the specification's name)."""
        stored = self.copy if structure == FOOTER_COPY else self.end
        offset = stored.offset if stored else None
        if stored and name:
            offset = stored.offset + footer_field_offset(record_name(name))
        return Location(path=self.path, structure=structure, field=name, offset=offset)


def record_name(name: str) -> str:
    """Return the field of `Footer` that holds the stored value of the specification's field ``name``."""
    return "disk_type_raw" if name == "disk_type" else name


def specified_name(name: str) -> str:
    """Return the specification's name of a field of `Footer`."""
    return name.removesuffix("_raw")

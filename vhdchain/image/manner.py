"""In which writer's manner is a file written?

What tells programs apart when their creator codes do not: how the BAT is filled up, what blocks are aligned to, which
locators stand in which entries and in which unit they tell their room, and in which form the parent is named. Facts
only; which of them is a fault is for the checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from vhdchain.structures.bat import UNUSED
from vhdchain.structures.footer import FOOTER_LENGTH
from vhdchain.structures.layout import alignment_of
from vhdchain.structures.writers import writer_name, writer_version
from vhdchain.units import bytes_to_sectors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.image.record import Image
    from vhdchain.structures import ParentLocator, SpaceUnit

__all__ = ["NameForm", "Padding", "WriterManner", "manner_of"]


class Padding(StrEnum):
    """What fills a BAT from its last entry to the end of the sector."""

    ONES = "0xFF"
    ZEROS = "0x00"
    OTHER = "other"


class NameForm(StrEnum):
    """In which form a header names the parent."""

    BASENAME = "basename"
    WINDOWS_PATH = "windows-path"
    SLASH_PATH = "slash-path"
    LITTLE_ENDIAN = "little-endian"
    EMPTY = "empty"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterManner:
    """A writer's manner, as far as one file shows it; None where it does not.

    Attributes:
        writer: The program that the creator code stands for.
        version: `creator_version` as ``major.minor``.
        bat_padding: What fills the BAT's last sector; None where the table ends with it.
        data_alignment: The largest power of two, up to 4,096 bytes, that the data of all blocks is aligned to; None
            where there is no block.
        locators: The used entries as (slot, platform code), in slot order.
        space_unit: The unit in which they tell their room; None where there is none, or they differ.
        name_form: In which form the header names the parent; None where there is no parent.
        batmap: Whether blktap's batmap stands behind the BAT.
        short_footer: Whether the footer has 511 bytes.
    """

    writer: str | None
    version: str | None
    bat_padding: Padding | None
    data_alignment: int | None
    locators: tuple[tuple[int, str], ...]
    space_unit: SpaceUnit | None
    name_form: NameForm | None
    batmap: bool
    short_footer: bool


def manner_of(image: Image) -> WriterManner:
    """Return in which writer's manner ``image`` is written."""
    footer, end = image.footer, image.footer_end
    return WriterManner(
        writer=writer_name(footer) if footer else None,
        version=writer_version(footer) if footer else None,
        bat_padding=_padding(image.bat.padding) if image.bat else None,
        data_alignment=_alignment(image),
        locators=tuple((locator.slot, locator.name) for locator in image.locators),
        space_unit=_space_unit(locator.entry for locator in image.locators),
        name_form=_name_form(image),
        batmap=image.batmap is not None,
        short_footer=end is not None and len(end.raw) < FOOTER_LENGTH,
    )


def _padding(stored: bytes) -> Padding | None:
    if not stored:
        return None
    if not stored.strip(b"\xff"):
        return Padding.ONES
    return Padding.ZEROS if not stored.strip(b"\0") else Padding.OTHER


def _alignment(image: Image) -> int | None:
    if image.bat is None:
        return None
    entries = image.bat.entries[: image.block_count]
    used = entries[(entries != 0) & (entries != UNUSED)]
    return alignment_of(used, bytes_to_sectors(image.bitmap_length)) or None


def _space_unit(entries: Iterable[ParentLocator]) -> SpaceUnit | None:
    units = {entry.space_unit for entry in entries if entry.platform_data_space_raw}
    return units.pop() if len(units) == 1 else None


def _name_form(image: Image) -> NameForm | None:
    if image.header is None or not image.is_differencing:
        return None
    name, encoding = image.header.record.parent_name, image.header.record.parent_name_encoding
    if name is None:
        return NameForm.UNREADABLE
    if not name:
        return NameForm.EMPTY
    if encoding == "utf-16-le":
        return NameForm.LITTLE_ENDIAN
    if "\\" in name or name[1:2] == ":":
        return NameForm.WINDOWS_PATH
    return NameForm.SLASH_PATH if "/" in name else NameForm.BASENAME

"""Which facts of one file do the checks of its parent locators judge?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.findings import Location
from vhdchain.structures.locator import locate_entry

if TYPE_CHECKING:
    from vhdchain.structures.bat import Bat
    from vhdchain.structures.batmap import BatmapHeader
    from vhdchain.structures.dynamic_header import DynamicHeader
    from vhdchain.structures.locator import StoredLocator
    from vhdchain.structures.stored import Stored

_FIELDS = {
    "platform_code": 0,
    "platform_data_space": 4,
    "platform_data_length": 8,
    "reserved": 12,
    "platform_data_offset": 16,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatorsOfFile:
    """The parent locators of a differencing disk, and what else lies in the metadata; sizes and offsets in bytes.

    Attributes:
        path: What messages call the file.
        header: The dynamic header as it lay in the file, with all eight entries.
        locators: The used entries with their data, in slot order.
        data_end: The offset behind which no data may lie.
        block_count: How many blocks the disk has.
        bat: The entries that could be read.
        batmap: blktap's batmap header, if there is one.
    """

    path: str
    header: Stored[DynamicHeader]
    locators: tuple[StoredLocator, ...]
    data_end: int
    block_count: int = 0
    bat: Bat | None = None
    batmap: Stored[BatmapHeader] | None = None

    def at(self, slot: int, field: str) -> Location:
        """Return the location of a field of the entry in ``slot``."""
        offset = locate_entry(slot, self.header.offset) + _FIELDS[field]
        return Location(path=self.path, structure=f"locator {slot}", field=field, offset=offset)

    def text_of(self, locator: StoredLocator) -> Location:
        """Return the location of the data behind ``locator``."""
        offset = locator.entry.platform_data_offset
        return Location(path=self.path, structure=f"locator {locator.slot}", offset=offset)

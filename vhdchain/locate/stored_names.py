"""Which texts in a child name its parent, and where in the file do they stand?

The texts of the locators in the order of their slots, and the name in the header, as far as they can be read. Texts
that are empty or cannot be decoded name nothing; other findings say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.findings import Location
from vhdchain.locate.paths import StoredPath, parse_file_url, parse_path
from vhdchain.structures import PlatformCode
from vhdchain.structures.dynamic_header import header_field_offset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.image import Image

_NAME = "parent_unicode_name"
_NAME_OFFSET = header_field_offset(f"{_NAME}_raw")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredName:
    """One text in a child that names its parent.

    Attributes:
        file: What messages call the child.
        code: The platform code of its locator; None for the name in the header.
        slot: The locator's slot; None for the name in the header.
        offset: Where the text lies in the file, in bytes.
        path: The text taken apart.
    """

    file: str
    code: PlatformCode | None = None
    slot: int | None = None
    offset: int
    path: StoredPath

    @property
    def text(self) -> str:
        """The text as it was stored."""
        return self.path.text

    @property
    def place(self) -> Location:
        """Where the text lies."""
        if self.slot is None:
            return Location(path=self.file, structure="dynamic header", field=_NAME, offset=self.offset)
        return Location(path=self.file, structure=f"locator {self.slot}", offset=self.offset)

    def __str__(self) -> str:
        """Return what messages call it: ``locator 1 (W2ru)``, ``the name in the header``."""
        if self.code is None:
            return "the name in the header"
        return f"locator {self.slot} ({self.code.value.decode('ascii').strip()})"


def stored_names(image: Image) -> tuple[StoredName, ...]:
    """Return the texts in a differencing image that name its parent: locators by slot, then the header."""
    return (*_of_locators(image), *_of_header(image))


def _of_locators(image: Image) -> Iterator[StoredName]:
    for locator in image.locators:
        entry, text = locator.entry, locator.text
        # At offset 0 stands the footer copy, and no text.
        if entry.platform_data_offset and text is not None and text.strip():
            code = entry.code
            path = parse_file_url(text) if code is PlatformCode.MACX else parse_path(text)
            yield StoredName(
                file=image.name, code=code, slot=locator.slot, offset=entry.platform_data_offset, path=path
            )


def _of_header(image: Image) -> Iterator[StoredName]:
    header = image.header
    name = header.record.parent_name if header else None
    if header is not None and name is not None and name.strip():
        yield StoredName(file=image.name, offset=header.offset + _NAME_OFFSET, path=parse_path(name))

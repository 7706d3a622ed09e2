"""Where does a differencing disk say that its parent is?

Eight parent locator entries of 24 bytes stand in the dynamic header; each names a platform code and a place in the
file that holds a path in that platform's form. Parsing an entry judges nothing; decoding its text says which encoding
fitted. What the text *means* as a path is for `vhdchain.locate`.

`platform_data_space` is sectors in the specification, but Virtual PC, Hyper-V, VirtualBox and blktap store bytes.
The rule here: below 512 it is sectors, a multiple of 512 is bytes, anything else is ambiguous and taken as bytes.
The text is read by `platform_data_length` alone; the space matters only for overlap checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from vhdchain.structures import _declarations as declarations
from vhdchain.structures.text import decode_url_text, decode_utf16
from vhdchain.units import SECTOR_SIZE, is_sector_aligned, sectors_to_bytes

LOCATOR_COUNT = declarations.LOCATOR_COUNT
LOCATOR_ENTRIES_OFFSET = 576
LOCATOR_ENTRY_LENGTH = 24


class PlatformCode(Enum):
    """The platform codes that the specification names, and what lies behind each."""

    NONE = bytes(4)
    W2RU = b"W2ru"  # relative Windows path, UTF-16LE
    W2KU = b"W2ku"  # absolute Windows path, UTF-16LE
    MACX = b"MacX"  # file URL, UTF-8
    MAC = b"Mac "  # Mac OS alias record, opaque
    WI2R = b"Wi2r"  # deprecated relative Windows path
    WI2K = b"Wi2k"  # deprecated absolute Windows path


_NO_CODE: bytes = PlatformCode.NONE.value
_CODES = {code.value: code for code in PlatformCode}


class SpaceUnit(StrEnum):
    """The unit in which a writer stored `platform_data_space`."""

    SECTORS = "sectors"
    BYTES = "bytes"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentLocator:
    """One parent locator entry; offsets and lengths in bytes, the space as stored.

    Attributes:
        platform_code: The four stored bytes; `code` gives the known meaning.
        platform_data_space_raw: The stored number, in a unit that `space_unit` infers.
    """

    platform_code: bytes = bytes(4)
    platform_data_space_raw: int = 0
    platform_data_length: int = 0
    reserved: int = 0
    platform_data_offset: int = 0

    @property
    def code(self) -> PlatformCode | None:
        """The platform code, or None where the specification does not know it."""
        return _CODES.get(self.platform_code)

    @property
    def is_used(self) -> bool:
        """Whether the entry names a platform at all."""
        return self.platform_code != _NO_CODE

    @property
    def space_unit(self) -> SpaceUnit:
        """Which unit `platform_data_space_raw` is in, by the rule in the module's head."""
        raw = self.platform_data_space_raw
        if raw < SECTOR_SIZE:
            return SpaceUnit.SECTORS
        return SpaceUnit.BYTES if is_sector_aligned(raw) else SpaceUnit.AMBIGUOUS

    @property
    def platform_data_space(self) -> int:
        """The space in bytes."""
        if self.space_unit is SpaceUnit.SECTORS:
            return sectors_to_bytes(self.platform_data_space_raw)
        return self.platform_data_space_raw


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLocator:
    """A used locator entry together with the data it points at.

    Attributes:
        slot: Which of the eight entries it is, from 0.
        entry: The entry.
        data: The `platform_data_length` bytes behind it; None where they could not be read.
        text: The path or URL in ``data``; None where there is no text or none could be decoded.
        encoding: Which encoding gave ``text``: ``utf-16-le``, ``utf-16-be`` (a writer's fault), ``utf-8``, ``latin-1``.
    """

    slot: int
    entry: ParentLocator
    data: bytes | None
    text: str | None
    encoding: str | None

    @property
    def name(self) -> str:
        """The platform code as text, for messages: ``W2ru``; unknown codes as hex."""
        code = self.entry.platform_code
        return code.decode("ascii") if code.isascii() and code.decode("ascii").isprintable() else f"0x{code.hex()}"


def locate_entry(slot: int, header_offset: int) -> int:
    """Return the offset in the file of locator entry ``slot`` of the header at ``header_offset``, in bytes."""
    return header_offset + LOCATOR_ENTRIES_OFFSET + slot * LOCATOR_ENTRY_LENGTH


def decode_locator(slot: int, entry: ParentLocator, data: bytes | None) -> StoredLocator:
    """Return the locator with its data decoded by its platform code; text None where that is not possible."""
    text: str | None = None
    encoding: str | None = None
    if data is not None:
        match entry.code:
            case PlatformCode.W2RU | PlatformCode.W2KU:
                text, encoding = decode_utf16(data, expected="utf-16-le")
            case PlatformCode.MACX:
                text, encoding = decode_url_text(data)
            case PlatformCode.WI2R | PlatformCode.WI2K:
                # Deprecated and hardly documented: both eight-bit and UTF-16 texts have been described.
                text, encoding = decode_utf16(data, expected="utf-16-le") if b"\0" in data[:2] else _latin(data)
            case _:
                pass
    return StoredLocator(slot=slot, entry=entry, data=data, text=text, encoding=encoding)


def encode_locator_text(code: PlatformCode, text: str) -> bytes:
    """Return the bytes that a writer stores behind a locator of ``code``.

    Raises:
        ValueError: ``code`` does not hold text, or ``text`` cannot be encoded.
    """
    match code:
        case PlatformCode.W2RU | PlatformCode.W2KU:
            return text.encode("utf-16-le")
        case PlatformCode.MACX:
            return text.encode("utf-8")
        case PlatformCode.WI2R | PlatformCode.WI2K:
            return text.encode("latin-1")
        case _:
            raise ValueError(f"a locator of platform {code.name} holds no text")


def _latin(data: bytes) -> tuple[str, str]:
    return data.split(b"\0", 1)[0].decode("latin-1"), "latin-1"

"""Which bytes of a child change, so that it names another parent?

Identifier, time, name and checksum in the dynamic header, and the text behind each locator that holds one, with its
entry. All eight entries keep their places. A text is written into the room that its locator has; where it does not fit,
it moves to room of the file that belongs to nothing, or to the end of the data, and the footer moves behind it. What
cannot be said is refused, never cut. The file is not opened here, and nothing is written.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vhdchain.errors import PlanRefusedError
from vhdchain.findings import Location, finding
from vhdchain.image.checks import layout_facts
from vhdchain.locate import parse_file_url, parse_path, shortened
from vhdchain.merge.free_room import FreeRoom, padded
from vhdchain.merge.parent_texts import NewParent, ParentTexts
from vhdchain.plan import Patch
from vhdchain.structures import PlatformCode, SpaceUnit, build_header, encode_locator_text
from vhdchain.structures.dynamic_header import encode_parent_name, header_field_offset, with_header_checksum
from vhdchain.structures.locator import locate_entry
from vhdchain.units import bytes_to_sectors, round_up_to_sector

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from vhdchain.image import Image
    from vhdchain.structures import DynamicHeader, ParentLocator, StoredLocator

__all__ = ["NewParent", "ParentPatches", "parent_patches"]

LONGEST_NAME = 255
"""UTF-16 units of a name in the header: the last of its 256 is the NUL that ends it."""

LONGEST_TEXT = 65_534
"""Bytes of a text behind a locator: Windows' longest path."""

_TEXTS = (PlatformCode.W2RU, PlatformCode.W2KU, PlatformCode.MACX, PlatformCode.WI2R, PlatformCode.WI2K)
_WIDE = (PlatformCode.W2RU, PlatformCode.W2KU)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentPatches:
    """What changes in a child.

    Attributes:
        patches: In the order of their offsets; none where the child names the parent so already.
        size: The file's length afterwards; None where it stays.
        kept: What stays although it may name the old parent, and why, as clauses.
    """

    patches: tuple[Patch, ...]
    size: int | None = None
    kept: tuple[str, ...] = ()


def parent_patches(
    child: Image,
    new: NewParent,
    *,
    old: tuple[str, ...] | None = None,
    allow: Collection[str] = (),
    keep_unknown: bool = False,
) -> ParentPatches:
    """Return what makes ``child`` name ``new`` as its parent.

    Args:
        child: A differencing image without errors in its header and layout; its source is read where texts stand.
        new: The new parent.
        old: The names that lead from the child's folder to the present parent, where that was found: they tell, as
            the child's own relative path does, what its absolute paths mean.
        allow: With VHD910, a path too long for the header is replaced by the bare name.
        keep_unknown: Whether a locator stays as it is where nothing says how the new parent is called in it.

    Raises:
        PlanRefusedError: The new parent cannot be named as the child names parents; the line says what to do.
        ShortReadError: The child's file was truncated after it was scanned.
    """
    header = child.header
    facts = layout_facts(child)
    if header is None or facts is None or not facts.is_whole or not child.is_differencing:
        raise PlanRefusedError(f"{child.name}: is no differencing disk with a header and a whole BAT")
    work = _Work(child, ParentTexts(child, new, old), FreeRoom(facts))
    entries = list(header.record.locators)
    for locator in child.locators:
        entries[locator.slot] = _changed_entry(work, locator, new, keep_unknown=keep_unknown)
    record = header.record
    changed = dataclasses.replace(
        record,
        parent_unique_id=new.unique_id,
        # Who does not record the time leaves it at 0, as Windows does since 8.
        parent_time_stamp=new.time_stamp if record.parent_time_stamp else 0,
        parent_unicode_name_raw=_name(child, work.texts, allow),
        locators=tuple(entries),
    )
    patches = [*_header_patches(header.offset, header.raw, with_header_checksum(changed)), *work.patches]
    size = None
    if work.appended:
        tail, size = _moved_footer(child, work.appended)
        patches.append(tail)
    ordered = tuple(sorted(patches, key=lambda patch: patch.offset))
    return ParentPatches(patches=ordered, size=size, kept=tuple(work.kept))


@dataclass(slots=True)
class _Work:
    """What was decided of the locators so far.

    Attributes:
        appended: What is put at the end of the data, padded to sectors.
    """

    child: Image
    texts: ParentTexts
    room: FreeRoom
    patches: list[Patch] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    appended: bytes = b""

    def __post_init__(self) -> None:
        for locator in self.child.locators:
            begin, length = locator.entry.platform_data_offset, locator.entry.platform_data_length
            self.room.take(locator.slot, begin, begin + round_up_to_sector(length))


# ------------------------------------------------------------------------------------------------------------ locators


def _changed_entry(work: _Work, locator: StoredLocator, new: NewParent, *, keep_unknown: bool) -> ParentLocator:
    """Return what becomes of a locator's entry; its text's patch is added to ``work``."""
    entry, code = locator.entry, locator.entry.code
    if code not in _TEXTS or not entry.platform_data_offset or locator.data is None:
        what = "is of a kind that holds no text" if code not in _TEXTS else "has no text that could be read"
        work.kept.append(f"locator {locator.slot} ({locator.name}) {what}, and stays as it is")
        return entry
    assert code is not None
    text = work.texts.of_locator(locator)
    if text is None:
        reason = (
            f"locator {locator.slot} ({locator.name}) holds '{shortened(locator.text or '')}', and nothing says how "
            f"{shortened(new.name)} is called there"
        )
        if not keep_unknown:
            raise PlanRefusedError(f"{work.child.name}: {reason}; say it (--path-as, --map), or keep the locator")
        work.kept.append(f"{reason}; it stays as it is")
        return entry
    data = _encoded(work.child, locator, code, text, new)
    if data == locator.data:
        return entry
    return _placed(work, locator, data, f"the text of locator {locator.slot} ({locator.name}): {shortened(text)}")


def _encoded(child: Image, locator: StoredLocator, code: PlatformCode, text: str, new: NewParent) -> bytes:
    place = Location(path=child.name, structure=f"locator {locator.slot}")
    path = parse_file_url(text) if code is PlatformCode.MACX else parse_path(text)
    if path.problem or path.parts[-1:] != (new.name,):
        why = path.problem or f"it reads as another name, {shortened(path.basename or '')}"
        raise PlanRefusedError(f"{place}: no stored path can lead to '{shortened(new.name)}': {why}; rename the file")
    try:
        # The deprecated codes come with both kinds of text; the one that the writer used stays.
        wide = code in (PlatformCode.WI2R, PlatformCode.WI2K) and (locator.encoding or "").startswith("utf-16")
        data = text.encode("utf-16-le") if wide else encode_locator_text(code, text)
    except UnicodeEncodeError:
        raise PlanRefusedError(
            f"{place}: a {locator.name} locator has no letters for '{shortened(text)}'; rename the file"
        ) from None
    unit = 2 if wide or code in _WIDE else 1
    if (locator.data or b"").endswith(bytes(unit)):  # the writer counts the NUL as part of the text
        data += bytes(unit)
    if len(data) > LONGEST_TEXT:
        raise _too_long(
            place, f"the path has {len(data)} bytes, a locator holds {LONGEST_TEXT}", len(data), LONGEST_TEXT
        )
    return data


def _placed(work: _Work, locator: StoredLocator, data: bytes, why: str) -> ParentLocator:
    """Return the entry for ``data``, put where the old text was if it fits there, or elsewhere."""
    entry = locator.entry
    offset, length = entry.platform_data_offset, entry.platform_data_length
    changed = dataclasses.replace(entry, platform_data_length=len(data))
    if len(data) <= _own_room(work, locator):
        _write(work, offset, data.ljust(length, b"\0"), why)
        return changed if len(data) <= entry.platform_data_space else _with_space(changed, len(data))
    offset_found = work.room.find(len(data))
    if offset_found is None:
        stored = work.child.footer_end
        begin = round_up_to_sector(stored.offset if stored is not None else work.child.file_size)
        offset = begin + len(work.appended)
        work.appended += data.ljust(padded(len(data)), b"\0")
    else:
        offset = offset_found
        work.room.take(locator.slot, offset, offset + padded(len(data)))
        _write(work, offset, data, f"{why}, moved to where it has room")
    return _with_space(dataclasses.replace(changed, platform_data_offset=offset), len(data))


def _own_room(work: _Work, locator: StoredLocator) -> int:
    """Return how many bytes from the locator's text on are its own: its space, as far as nothing else lies there."""
    begin = locator.entry.platform_data_offset
    space = max(locator.entry.platform_data_space, round_up_to_sector(locator.entry.platform_data_length))
    return min(space, work.room.behind(begin, besides=locator.slot) - begin)


def _with_space(entry: ParentLocator, length: int) -> ParentLocator:
    space = padded(length)
    in_sectors = entry.space_unit is SpaceUnit.SECTORS and entry.platform_data_space_raw > 0
    return dataclasses.replace(entry, platform_data_space_raw=bytes_to_sectors(space) if in_sectors else space)


def _write(work: _Work, offset: int, new: bytes, why: str) -> None:
    old = work.child.source.read_at(offset, len(new))
    if old != new:
        work.patches.append(Patch(offset=offset, old=old, new=new, why=why))


def _moved_footer(child: Image, appended: bytes) -> tuple[Patch, int]:
    """Return the patch that puts ``appended`` before the end footer, and the file's new length."""
    stored = child.footer_end
    if stored is None or stored.offset + len(stored.raw) != child.file_size:
        what = "has no footer at its end" if stored is None else "goes on behind its footer"
        raise PlanRefusedError(f"{child.name}: the new path has no room, and the file {what}; repair that first")
    begin = round_up_to_sector(stored.offset)
    new = bytes(begin - stored.offset) + appended + stored.raw
    old = stored.raw.ljust(len(new), b"\0")
    why = "the footer moves behind the texts that have no room before it"
    return Patch(offset=stored.offset, old=old, new=new, why=why), stored.offset + len(new)


# -------------------------------------------------------------------------------------------------------------- header


def _name(child: Image, texts: ParentTexts, allow: Collection[str]) -> bytes:
    text = texts.of_header()
    units = _units(text)
    if units > LONGEST_NAME and "VHD910" in allow:
        text, units = texts.bare, _units(texts.bare)
    if units > LONGEST_NAME:
        assert child.header is not None
        offset = child.header.offset + header_field_offset("parent_unicode_name_raw")
        place = Location(path=child.name, structure="dynamic header", field="parent_unicode_name", offset=offset)
        message = f"the parent's name has {units} UTF-16 units, the header holds {LONGEST_NAME}"
        raise _too_long(place, message, units, LONGEST_NAME)
    return encode_parent_name(text)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _too_long(place: Location, message: str, found: int, most: int) -> PlanRefusedError:
    told = finding("VHD910", place, message, expected=most, found=found)
    return PlanRefusedError(f"{told}; a shorter path is needed", findings=(told,))


_FIELDS = {"checksum": 4, "parent_unique_id": 16, "parent_time_stamp": 4, "parent_unicode_name_raw": 512}


def _header_patches(at: int, old: bytes, record: DynamicHeader) -> Iterator[Patch]:
    new = build_header(record)
    places = [(header_field_offset(name), length, name.removesuffix("_raw")) for name, length in _FIELDS.items()]
    first = locate_entry(0, 0)
    length = locate_entry(1, 0) - first
    places += [(first + slot * length, length, f"locator entry {slot}") for slot in range(len(record.locators))]
    for begin, size, name in places:
        before, after = old[begin : begin + size], new[begin : begin + size]
        if before != after:
            yield Patch(offset=at + begin, old=before, new=after, why=f"{name} of the dynamic header")

"""Are the fields of the dynamic header what they should be, beside those that say where data lies?

The way that `data_offset` leads, reserved bytes, what a former parent left in the header of a dynamic disk, and entries
that a shrink left in the BAT. None of this takes data away: the disk is read by the first header alone, and entries
behind the disk's blocks are never taken for disk data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, finding
from vhdchain.structures.dynamic_header import HEADER_COOKIE
from vhdchain.structures.footer import NO_DATA_OFFSET, NULL_ID, DiskType
from vhdchain.structures.header_chain import MAX_FURTHER_HEADERS, HeaderChainEnd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.structures.check_header import HeaderOfFile
    from vhdchain.structures.dynamic_header import DynamicHeader
    from vhdchain.structures.layout import Layout
    from vhdchain.structures.stored import Stored

_LISTED = 8
_SHORT_ONES = 0xFFFFFFFF


def check_header_fields(file: HeaderOfFile) -> Iterator[Finding]:
    """Yield what is wrong with the fields of a header that take no part in finding the data."""
    header = file.header.record
    if header.data_offset != NO_DATA_OFFSET:
        yield _header_chain(file, header.data_offset)
    if (header.reserved_1 + header.reserved_2).strip(b"\0"):
        yield _reserved(file, header)
    if file.footer is not None and file.footer.disk_type is DiskType.DYNAMIC:
        yield from _leftover_parent(file, header)


# ------------------------------------------------------------------------------------------------------ further headers


def _header_chain(file: HeaderOfFile, offset: int) -> Finding:
    """Return the one finding of a header that names a further structure."""
    place, end = file.at("data_offset"), file.chain_end
    expected, found = f"0x{NO_DATA_OFFSET:X}", f"0x{offset:X}"
    if end in (HeaderChainEnd.LOOP, HeaderChainEnd.BACKWARDS):
        last = file.further[-1] if file.further else file.header
        way = " to ".join(str(item.offset) for item in (file.header, *file.further))
        how = "where it has been before" if end is HeaderChainEnd.LOOP else "which is backwards"
        message = f"the chain of headers leads from {way} to {last.record.data_offset}, {how}"
        return finding("VHD205", place, message, expected=expected, found=found)
    if any(_is_a_structure(item) for item in file.further):
        return finding("VHD206", place, _further(file), expected=expected, found=found)
    if file.further:
        message = f"`data_offset` leads to {offset}, where no structure stands, and should be all ones"
    elif offset == _SHORT_ONES:
        message = "`data_offset` is 32 ones, as a passage of the specification has it, and not 64"
    else:
        message = f"`data_offset` is {offset}, where no structure can stand, and should be all ones"
    return finding("VHD204", place, message, expected=expected, found=found)


def _is_a_structure(stored: Stored[DynamicHeader]) -> bool:
    """Say whether a further structure begins with a cookie: that of a header, or eight other characters."""
    cookie = stored.record.cookie
    return cookie == HEADER_COOKIE or (cookie.isascii() and cookie.decode("ascii").isprintable())


def _further(file: HeaderOfFile) -> str:
    told = [
        f"a second header at {item.offset}"
        if item.record.cookie == HEADER_COOKIE
        else f"an unknown structure {item.record.cookie.decode('ascii')!r} at {item.offset}"
        for item in file.further
        if _is_a_structure(item)
    ]
    message = f"behind the header `data_offset` leads to {told[0]}"
    if len(told) > 1:
        message += f" and {len(told) - 1} more"
    if file.chain_end is HeaderChainEnd.LIMIT:
        message += f", of which {MAX_FURTHER_HEADERS} were looked at"
    return message + "; the disk is read without it"


# ---------------------------------------------------------------------------------------------------------- leftovers


def _reserved(file: HeaderOfFile, header: DynamicHeader) -> Finding:
    parts = (("reserved_1", header.reserved_1), ("reserved_2", header.reserved_2))
    count = sum(len(raw) - raw.count(0) for _, raw in parts)
    name, raw = next((name, raw) for name, raw in parts if raw.strip(b"\0"))
    first = len(raw) - len(raw.lstrip(b"\0"))
    begin = file.at(name)
    assert begin.offset is not None
    place = Location(path=file.path, structure=begin.structure, field=name, offset=begin.offset + first)
    is_one = count == 1
    message = f"{count} reserved {'byte is' if is_one else 'bytes are'} not zero" + (
        "" if is_one else ", this the first"
    )
    return finding("VHD217", place, message, expected=0, found=raw[first])


def _leftover_parent(file: HeaderOfFile, header: DynamicHeader) -> Iterator[Finding]:
    locators = [slot for slot, entry in enumerate(header.locators) if entry.is_used]
    left = [
        (name, what)
        for name, what, is_left in (
            ("parent_unique_id", "its identifier", header.parent_unique_id != NULL_ID),
            ("parent_time_stamp", "its time stamp", header.parent_time_stamp != 0),
            ("parent_unicode_name_raw", "its name", header.parent_unicode_name_raw[:2] != b"\0\0"),
            ("locators", f"{len(locators)} locator{'s' * (len(locators) > 1)}", bool(locators)),
        )
        if is_left
    ]
    if not left:
        return
    message = f"a dynamic disk has no parent, but its header still names one: {', '.join(what for _, what in left)}"
    found = ", ".join(name.removesuffix("_raw") for name, _ in left)
    yield finding("VHD218", file.at(left[0][0]), message, found=found)


# ---------------------------------------------------------------------------------------- entries behind the disk's end


def check_entries_behind(layout: Layout) -> Iterator[Finding]:
    """Yield VHD216 where entries behind those of the disk's blocks are in use and lead to blocks of their own."""
    file, sound = layout.file, layout.leftovers.sound
    # A disk of no size has no blocks at all, and that is the finding.
    if not len(sound) or not file.block_count:
        return
    listed = ", ".join(map(str, sound[:_LISTED].tolist())) + (", …" if len(sound) > _LISTED else "")
    subject = "one BAT entry" if len(sound) == 1 else f"{len(sound)} BAT entries"
    verb = "is" if len(sound) == 1 else "are"
    message = f"{subject} behind the disk's {file.block_count} blocks {verb} in use ({listed})"
    first = int(sound[0])
    place = Location(path=file.path, structure="BAT", offset=file.bat.entry_offset(first), block=first)
    yield finding("VHD216", place, message, expected=0, found=len(sound))

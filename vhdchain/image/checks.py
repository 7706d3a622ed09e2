"""What is wrong with one image, looked at alone?

Hands the image's structures to the checks of `vhdchain.structures` and tells what could not be read. Nothing is read
here: sector bitmaps and data are not looked at, links to parents are judged where parents are found. A structure that
does not exist, or is none, is not judged; the finding that says so stands for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, Severity, finding, worst_first
from vhdchain.image.check_stub import check_stub
from vhdchain.image.record import Fault, FaultKind, FooterPolicy
from vhdchain.structures.check_batmap import BatmapOfFile, check_batmap
from vhdchain.structures.check_footer import FootersOfFile, check_footers
from vhdchain.structures.check_header import HeaderOfFile, block_size_is_read, check_header, is_a_header
from vhdchain.structures.check_header_fields import check_entries_behind
from vhdchain.structures.check_layout import check_layout
from vhdchain.structures.check_layout_shape import check_layout_shape
from vhdchain.structures.check_locators import check_locators
from vhdchain.structures.footer import to_timestamp
from vhdchain.structures.layout import layout_of
from vhdchain.structures.layout_facts import LayoutOfFile
from vhdchain.structures.locators_of_file import LocatorsOfFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from vhdchain.image.record import Image
    from vhdchain.structures import DynamicHeader, Stored


def check_image(image: Image, *, now: datetime | None = None, children: int | None = None) -> tuple[Finding, ...]:
    """Return everything that is wrong with ``image`` by itself, worst first.

    Args:
        image: What a scan recorded.
        now: The present time (aware); where it is None, times are not compared with it.
        children: How many images build on this one; None where that is not known.
    """
    return worst_first(findings_of(image, now=now, children=children))


def findings_of(image: Image, *, now: datetime | None, children: int | None) -> Iterator[Finding]:
    """Yield what `check_image` returns, in no certain order."""
    if image.raw:
        return
    changed = [fault for fault in image.faults if fault.kind is FaultKind.SHORT_READ]
    if changed:
        yield _changed(image, changed)
        return
    seconds = None if now is None else to_timestamp(now)
    yield from check_footers(
        FootersOfFile(
            path=image.name,
            file_size=image.file_size,
            end=image.footer_end,
            copy=image.footer_copy,
            copy_counts=image.footer_source is FooterPolicy.COPY,
            now=seconds,
            children=children,
            head=image.head,
        )
    )
    yield from _limits(image)
    if image.header is not None:
        yield from _behind_header(image, image.header, seconds)


def _changed(image: Image, faults: list[Fault]) -> Finding:
    names = ", ".join(fault.structure for fault in faults)
    place = Location(path=image.name, structure=faults[0].structure, offset=faults[0].offset)
    message = f"the file became shorter while it was read ({names}), so nothing in it was judged"
    return finding("VHD004", place, message)


def _limits(image: Image) -> Iterator[Finding]:
    for fault in image.faults:
        is_locator = fault.structure.startswith("locator")
        # A dynamic disk's locators are leftovers, and one that cannot lie in the file is VHD307.
        if is_locator and (not image.is_differencing or fault.offset + fault.length > image.data_end):
            continue
        if fault.kind is FaultKind.LIMIT:
            place = Location(path=image.name, structure=fault.structure, offset=fault.offset)
            message = f"a {fault.structure} of {fault.length} bytes is claimed: {fault.reason}"
            # One unread locator takes no data away: the others, and the parent's name, are still there. Nor does a
            # batmap, which only repeats what the sector bitmaps say.
            severity = Severity.WARNING if is_locator or fault.structure == "batmap bits" else None
            yield finding("VHD005", place, message, found=fault.length, severity=severity)


def _behind_header(image: Image, header: Stored[DynamicHeader], now: int | None) -> Iterator[Finding]:
    path, footer, bat, batmap = image.name, image.footer, image.bat, image.batmap
    virtual_size, data_end, is_differencing = image.virtual_size, image.data_end, image.is_differencing
    facts = HeaderOfFile(
        path=path,
        header=header,
        virtual_size=virtual_size,
        data_end=data_end,
        footer=footer,
        now=now,
        further=image.further_headers,
        chain_end=image.header_chain_end,
    )
    yield from check_header(facts)
    if not is_a_header(header):
        return
    # In a dynamic disk locators are leftovers that nobody follows.
    if is_differencing:
        yield from check_locators(
            LocatorsOfFile(
                path=path,
                header=header,
                locators=image.locators,
                data_end=data_end,
                block_count=image.block_count,
                bat=bat,
                batmap=batmap,
            )
        )
    if bat is not None and footer is not None:
        yield from check_batmap(
            BatmapOfFile(
                path=path,
                footer=footer,
                header_offset=header.offset,
                bat=bat,
                batmap=batmap,
                bits=image.batmap_bits,
                data_end=data_end,
            )
        )
    if (file := layout_facts(image)) is not None:
        yield from check_stub(image)
        yield from _layout(file)


def layout_facts(image: Image) -> LayoutOfFile | None:
    """Return the facts that the checks of a layout judge; None where no block of the image could be found."""
    header, bat = image.header, image.bat
    if header is None or bat is None or not block_size_is_read(header.record.block_size):
        return None
    return LayoutOfFile(
        path=image.name,
        bat=bat,
        header_offset=header.offset,
        block_size=header.record.block_size,
        virtual_size=image.virtual_size,
        data_end=image.data_end,
        file_size=image.file_size,
        is_differencing=image.is_differencing,
        locators=image.locators,
        batmap=image.batmap,
    )


def _layout(file: LayoutOfFile) -> Iterator[Finding]:
    layout = layout_of(file)
    yield from check_layout(layout)
    yield from check_layout_shape(layout)
    yield from check_entries_behind(layout)

"""Which layer supplies every range of the disk, for people?

One line for each extent, in bounded memory, with totals for each layer at the end; or, for a single place, what each
layer says of it, from the leaf down to the one that decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.blockmap import UNKNOWN, ZERO, Extent, Reason
from vhdchain.report.lines import Role, line, span, wrapped
from vhdchain.report.numbers import counted, exact_size, hex_offset, human_size
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vhdchain.blockmap import Extents, Step
    from vhdchain.chain import Chain
    from vhdchain.report.lines import Line

_LAYERLESS = {ZERO: ("zeros", Role.FAINT), UNKNOWN: ("unknown", Role.ERROR)}


def map_lines(chain: Chain, chunks: Iterable[Extents]) -> Iterator[Line]:
    """Yield the layers, the extents of ``chunks`` and the totals."""
    digits = len(f"{chain.virtual_size:,}")
    totals: dict[int, tuple[int, int]] = {}
    for number, chunk in enumerate(chunks):
        if number == 0:
            yield from _head(chain, digits)
        for row in chunk.tolist():
            extent = Extent(*row)
            count, size = totals.get(extent.layer, (0, 0))
            totals[extent.layer] = count + 1, size + extent.length
            yield _extent_line(extent, digits)
    yield line("")
    yield from (_total_line(layer, *totals[layer]) for layer in sorted(totals, reverse=True))


def _head(chain: Chain, digits: int) -> Iterator[Line]:
    yield line("disk of ", exact_size(chain.virtual_size), "" if chain.complete else ", a partial view")
    for layer in reversed(chain.layers):
        yield line("  ", span(f"layer {layer.index}  ", Role.LABEL), span(layer.image.name, Role.PATH))
    yield line("")
    start, length = "start".rjust(digits), "length".rjust(digits)
    yield line(span(f"{start}  {length}  {'':12}  layer  at file offset", Role.LABEL))


def _extent_line(extent: Extent, digits: int) -> Line:
    size = f"({human_size(extent.length)})" if extent.length >= 1024 else ""
    place = f"{extent.start:{digits},}  {extent.length:{digits},}  {size:12}  "
    if extent.layer < 0:
        word, role = _LAYERLESS[extent.layer]
        return line(place, span(word.rjust(5 if extent.layer == ZERO else 7), role))
    return line(place, f"{extent.layer:5}  {hex_offset(extent.file_offset)}")


def _total_line(layer: int, count: int, size: int) -> Line:
    label = _LAYERLESS[layer][0] if layer < 0 else f"layer {layer}"
    return line("  ", span(label.ljust(10), Role.LABEL), f"{exact_size(size)} in {counted(count, 'extent')}")


def place_lines(chain: Chain, offset: int, sector: int, steps: Sequence[Step], *, width: int | None) -> Iterator[Line]:
    """Yield why one place of the disk is supplied by whom."""
    yield line(span(f"byte {offset:,}", Role.HEADING), f" is byte {offset % SECTOR_SIZE} of sector {sector:,}")
    for step in steps:
        yield line("  ", span(f"layer {step.layer}  ", Role.LABEL), span(step.path, Role.PATH))
        indent = " " * (9 + len(str(step.layer)))
        yield from wrapped(_said(step), width=width, first=indent, rest=indent)
    yield _verdict(chain, steps[-1], offset)


def _said(step: Step) -> str:
    match step.reason:
        case Reason.BEYOND_END:
            return "this layer's disk ends before: zeros, whatever lies below"
        case Reason.UNALLOCATED:
            return f"block {step.block:,} is not allocated: BAT entry {_at(step.entry_offset)} is unused"
        case Reason.CLEAR:
            return f"{_block(step)}; its bit is clear: {_bit(step)}"
        case Reason.SUPPLIES if step.block is None:
            return "this layer holds all of its disk"
        case _:
            return f"{_block(step)}; its bit is set: {_bit(step)}"


def _block(step: Step) -> str:
    return f"block {step.block:,} is allocated: BAT entry {_at(step.entry_offset)} is {step.entry:,}"


def _bit(step: Step) -> str:
    return f"0x{step.bit:02X} of the bitmap's byte {_at(step.bitmap_offset)}"


def _at(offset: int | None) -> str:
    return "" if offset is None else hex_offset(offset)


def _verdict(chain: Chain, last: Step, offset: int) -> Line:
    if last.reason is Reason.SUPPLIES and last.file_offset is not None:
        place = last.file_offset + offset % SECTOR_SIZE
        return line("it is supplied by ", span(last.path, Role.PATH), f" {hex_offset(place)} (byte {place:,})")
    if last.reason is Reason.BEYOND_END or chain.complete:
        return line("it is zero: no layer holds it")
    return line(span("it is unknown", Role.ERROR), ": only the parent that was not found could supply it")

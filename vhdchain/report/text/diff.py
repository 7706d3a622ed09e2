"""Which ranges of two disks differ, for people?

Both disks and what they have in common, one line for each range, in bounded memory, and the sum at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.blockmap import common_ancestor
from vhdchain.report.lines import Role, labelled, line, span, wrapped
from vhdchain.report.numbers import counted, exact_size, human_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.blockmap import Ranges
    from vhdchain.chain import Chain
    from vhdchain.report.lines import Line


def diff_lines(
    older: Chain | None,
    newer: Chain,
    pieces: Iterable[Ranges],
    *,
    exact: bool = False,
    block_size: int = 1,
    gap: int = 0,
    width: int | None = None,
) -> Iterator[Line]:
    """Yield the disks, the ranges of ``pieces``, and their share of the newer disk; nothing before the first one.

    Without an older disk, the ranges are what the newer one holds.
    """
    digits, count, total = len(f"{newer.virtual_size:,}"), 0, 0
    head = [*_head(older, newer, block_size, gap, width), line(""), _columns(digits)]
    for piece in pieces:
        if not count:
            yield from head
        for start, length in piece.tolist():
            yield _range_line(start, length, digits)
        count, total = count + len(piece), total + int(piece["length"].sum())
    yield from ([line("")] if count else head[:-1])
    wide = block_size > 1 or gap > 0
    said = _said(exact=exact, wide=wide) if older else _held(exact=exact, wide=wide)
    yield from wrapped(_sum(count, total, newer.virtual_size, said=said, compared=older is not None), width=width)
    if older and (less := older.virtual_size - newer.virtual_size) > 0:
        yield from wrapped(f"the newer disk ends {exact_size(less)} before the older one", width=width)


def _head(older: Chain | None, newer: Chain, block_size: int, gap: int, width: int | None) -> Iterator[Line]:
    ancestor = common_ancestor(older, newer) if older else None
    shared = ancestor.index + 1 if ancestor else 0
    for word, chain in (("older", older), ("newer", newer)):
        if chain is None:
            continue
        above = len(chain.layers) - shared
        where = f"{counted(above, 'layer')} above the ancestor" if ancestor else counted(above, "layer")
        partial = "" if chain.complete else ", a partial view"
        yield from labelled(word, span(chain.leaf.name, Role.PATH), width=width, indent=0, column=10)
        facts = f"disk of {exact_size(chain.virtual_size)}, {where}{partial}"
        yield from labelled("", facts, width=width, indent=0, column=10)
    if older:
        common = span(ancestor.image.name, Role.PATH) if ancestor else "none: the two have no file in common"
        yield from labelled("ancestor", common, width=width, indent=0, column=10)
    joined = [f"in blocks of {exact_size(block_size)}"] if block_size > 1 else []
    joined += [f"joined across gaps of up to {exact_size(gap)}"] if gap else []
    if joined:
        yield from labelled("ranges", ", ".join(joined), width=width, indent=0, column=10)


def _columns(digits: int) -> Line:
    return line(span(f"{'start'.rjust(digits)}  {'length'.rjust(digits)}", Role.LABEL))


def _range_line(start: int, length: int, digits: int) -> Line:
    size = f"  ({human_size(length)})" if length >= 1024 else ""
    return line(f"{start:{digits},}  {length:{digits},}{size}")


def _said(*, exact: bool, wide: bool) -> str:
    if not exact:
        return "may differ"
    return "hold all that differs" if wide else "differ"


def _held(*, exact: bool, wide: bool) -> str:
    if not exact:
        return "are held by its files"
    return "hold all that is not zero" if wide else "are not zero"


def _sum(count: int, total: int, size: int, *, said: str, compared: bool) -> str:
    if not count:
        return "nothing differs" if compared else "nothing but zeros"
    share = total / size
    percent = f"{share:.1%}" if share >= 0.001 else "less than 0.1%"
    return f"{exact_size(total)} in {counted(count, 'range')} {said}: {percent} of the newer disk"

"""Which images make up one disk, and how was each found, for people?

From the leaf down to the base, each image with what it holds of the disk and the places that were tried for its
parent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.locate import Outcome
from vhdchain.report.lines import Role, line, span, wrapped
from vhdchain.report.numbers import counted, exact_size, human_size
from vhdchain.report.text.image import disk_type_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.chain import Chain, Layer
    from vhdchain.image import Image
    from vhdchain.locate import Attempt, Resolution
    from vhdchain.report.lines import Line

_HARMLESS = (Outcome.FOUND, Outcome.MISSING, Outcome.UNMAPPED)  # beside a parent that was found

_RULE_COLUMN = 13
_OUTCOME_COLUMN = max(len(outcome) for outcome in Outcome) + 2


def chain_lines(chain: Chain, *, width: int | None) -> Iterator[Line]:
    """Yield the chain from its leaf to its base."""
    yield line(exact_size(chain.virtual_size), " in ", counted(len(chain.layers), "layer"))
    by_child = {resolution.child: resolution for resolution in chain.resolutions}
    for layer in reversed(chain.layers):
        yield from _layer_lines(chain, layer)
        resolution = by_child.get(layer.image.name)
        if resolution is not None:
            yield from trace_lines(resolution, width=width)
    if not chain.complete:
        text = "incomplete: the parent of layer 0 was not found; what only that parent could supply is unknown"
        yield from wrapped(span(text, Role.ERROR), width=width)


def holdings_text(image: Image) -> str:
    """Return the kind of an image and how much of the disk it has: ``dynamic, 3 of 20 blocks of 2 MiB``."""
    if image.bat is None or image.block_size == 0:
        return disk_type_text(image)
    blocks = f"{image.bat.allocated:,} of {counted(image.block_count, 'block')}"
    return f"{disk_type_text(image)}, {blocks} of {human_size(image.block_size)}"


def trace_lines(resolution: Resolution, *, width: int | None, indent: int = 5) -> Iterator[Line]:
    """Yield the places that were tried for one child's parent: rule, outcome, stored text.

    Why a place did not serve is told where the parent was not found, or where a file was met that is not the parent.
    """
    for attempt in resolution.attempts:
        yield line(" " * indent, *_attempt(attempt))
        if attempt.detail and (not resolution.is_found or attempt.outcome not in _HARMLESS):
            body = " " * (indent + _RULE_COLUMN + _OUTCOME_COLUMN)
            yield from wrapped(span(attempt.detail, Role.FAINT), width=width, first=body, rest=body)


def _layer_lines(chain: Chain, layer: Layer) -> Iterator[Line]:
    marks = []
    if layer.image is chain.leaf:
        marks.append("leaf")
    if layer.image is chain.base and chain.complete:
        marks.append("base")
    number = span(f"{layer.index:3}  ", Role.LABEL)
    yield line(number, span(layer.image.name, Role.PATH), f"  ({', '.join(marks)})" if marks else "")
    size = "" if layer.image.virtual_size == chain.virtual_size else f", disk of {exact_size(layer.image.virtual_size)}"
    yield line("     ", holdings_text(layer.image), size)


def _attempt(attempt: Attempt) -> Line:
    role = {Outcome.FOUND: Role.GOOD, Outcome.UNMAPPED: Role.FAINT}.get(attempt.outcome, Role.WARNING)
    return line(
        span(attempt.rule.value.ljust(_RULE_COLUMN), Role.LABEL),
        span(attempt.outcome.value.ljust(_OUTCOME_COLUMN), role),
        span(attempt.reference or attempt.candidate or "", Role.PATH),
    )

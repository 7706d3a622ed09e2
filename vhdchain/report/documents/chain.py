"""Which images make up one disk, and how was each found, as a document? Schema ``vhdchain.chain``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.report.documents.identifiers import guid, identifier
from vhdchain.report.documents.shape import document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.chain import Chain, Layer
    from vhdchain.locate import Attempt, Resolution
    from vhdchain.report.documents.shape import Json


def chain_document(chain: Chain) -> dict[str, Json]:
    """Return the ``vhdchain.chain`` document: layers base first, the trace in the order of the search."""
    return document(
        "chain",
        complete=chain.complete,
        virtual_size=chain.virtual_size,
        layers=[_layer(layer) for layer in chain.layers],
        trace=trace_list(chain.resolutions),
    )


def trace_list(resolutions: Iterable[Resolution]) -> list[Json]:
    """Return every place that was tried for a parent, in order."""
    return [_attempt(attempt) for resolution in resolutions for attempt in resolution.attempts]


def _layer(layer: Layer) -> dict[str, Json]:
    image = layer.image
    return {
        "index": layer.index,
        "path": image.name,
        "disk_type": image.disk_type.value if image.disk_type else None,
        "unique_id": identifier(image.unique_id),
        "guid": guid(image.unique_id),
        "virtual_size": image.virtual_size,
        "found_by": layer.found_by,
        "file_size": image.file_size,
        "block_size": image.block_size or None,
        "parent_unique_id": identifier(image.parent_unique_id),
    }


def _attempt(attempt: Attempt) -> dict[str, Json]:
    return {
        "child": attempt.child,
        "rule": attempt.rule.value,
        "candidate": attempt.candidate,
        "outcome": attempt.outcome.value,
        "reference": attempt.reference,
        "slot": attempt.slot,
        "detail": attempt.detail or None,
        "candidate_unique_id": identifier(attempt.unique_id),
    }

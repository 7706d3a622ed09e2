"""Which layer supplies every range of the disk, as a document? Schema ``vhdchain.map``.

A map may have millions of extents, so its document is composed piece by piece, in bounded memory: the pieces together
are one JSON document. The first piece is composed only when the first extents are known, so that a chain that cannot
be read yields nothing at all.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from vhdchain.blockmap import UNKNOWN
from vhdchain.report.documents.identifiers import guid, identifier
from vhdchain.report.documents.shape import document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vhdchain.blockmap import Extents, Step
    from vhdchain.chain import Chain
    from vhdchain.report.documents.shape import Json


def map_pieces(
    chain: Chain, chunks: Iterable[Extents], *, start: int = 0, length: int | None = None, at: Json = None
) -> Iterator[str]:
    """Yield the ``vhdchain.map`` document of extents in pieces of text.

    Args:
        chain: The chain that is mapped.
        chunks: The extents of the range, in order, as `BlockMap.chunks` yields them.
        start: First byte of the range.
        length: Its length; to the end of the disk by default.
        at: What `place_fields` returns, where one place was asked for.
    """
    head = document(
        "map",
        virtual_size=chain.virtual_size,
        complete=chain.complete,
        start=start,
        length=chain.virtual_size - start if length is None else length,
        layers=map_layers(chain),
    )
    if at is not None:
        head["at"] = at
    before = json.dumps(head, indent=2).removesuffix("\n}") + ',\n  "extents": ['
    for chunk in chunks:
        if len(chunk):
            yield before + "\n    "
            yield ",\n    ".join(map(_extent, chunk.tolist()))
            before = ","
    yield "\n  ]\n}\n" if before == "," else before + "]\n}\n"


def map_layers(chain: Chain) -> list[Json]:
    """Return the layers of a map, base first."""
    return [
        {
            "index": layer.index,
            "path": layer.image.name,
            "disk_type": layer.image.disk_type.value if layer.image.disk_type else None,
            "unique_id": identifier(layer.image.unique_id),
            "guid": guid(layer.image.unique_id),
        }
        for layer in chain.layers
    ]


def _extent(row: tuple[int, int, int, int]) -> str:
    start, length, layer, file_offset = row
    if layer >= 0:
        return f'{{"start": {start}, "length": {length}, "layer": {layer}, "file_offset": {file_offset}}}'
    unknown = ', "unknown": true' if layer == UNKNOWN else ""
    return f'{{"start": {start}, "length": {length}, "layer": null, "file_offset": null{unknown}}}'


def place_fields(offset: int, sector: int, steps: Sequence[Step]) -> dict[str, Json]:
    """Return why one place is supplied by whom: what each layer says of its sector, from the top."""
    return {"offset": offset, "sector": sector, "steps": [_step(step) for step in steps]}


def _step(step: Step) -> dict[str, Json]:
    return {
        "layer": step.layer,
        "path": step.path,
        "reason": step.reason.value,
        "block": step.block,
        "bat_entry": step.entry,
        "bat_entry_offset": step.entry_offset,
        "bitmap_offset": step.bitmap_offset,
        "bit": step.bit,
        "file_offset": step.file_offset,
    }

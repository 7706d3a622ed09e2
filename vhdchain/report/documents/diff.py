"""Which ranges of two disks differ, as a document? Schema ``vhdchain.diff``.

As with a map, there may be millions of ranges, so that the document is composed piece by piece, in bounded memory; and
the first piece only when the first ranges are known, so that disks that cannot be read yield nothing at all.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from vhdchain.blockmap import common_ancestor
from vhdchain.report.documents.identifiers import guid, identifier
from vhdchain.report.documents.shape import document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.blockmap import Ranges
    from vhdchain.chain import Chain
    from vhdchain.report.documents.shape import Json

AT_A_TIME = 1 << 14  # as Python's own numbers and text, a range takes twenty times the memory


def diff_pieces(
    older: Chain, newer: Chain, pieces: Iterable[Ranges], *, exact: bool = False, block_size: int = 1, gap: int = 0
) -> Iterator[str]:
    """Yield the ``vhdchain.diff`` document in pieces of text.

    Args:
        older: One chain.
        newer: The other one.
        pieces: The ranges, as `vhdchain.shell.changes.changed_pieces` yields them.
        exact: Whether contents were compared.
        block_size: The bytes at whose multiples ranges begin and end.
        gap: The most bytes between ranges that were joined.
    """
    ancestor = common_ancestor(older, newer)
    head = document(
        "diff",
        virtual_size=newer.virtual_size,
        older=disk_fields(older, ancestor.index + 1 if ancestor else 0),
        newer=disk_fields(newer, ancestor.index + 1 if ancestor else 0),
        common_ancestor=ancestor.image.name if ancestor else None,
        common_ancestor_id=identifier(ancestor.image.unique_id) if ancestor else None,
        exact=exact,
        block_size=block_size,
        gap=gap,
    )
    before, total, count = json.dumps(head, indent=2).removesuffix("\n}") + ',\n  "ranges": [', 0, 0
    for piece in pieces:
        for at in range(0, len(piece), AT_A_TIME):
            yield before + "\n    "
            yield ",\n    ".join(map(range_row, piece[at : at + AT_A_TIME].tolist()))
            before = ","
        total, count = total + int(piece["length"].sum()), count + len(piece)
    yield ("\n  ]" if count else before + "]") + f',\n  "bytes": {total}\n}}\n'


def disk_fields(chain: Chain, shared: int) -> dict[str, Json]:
    """Return one of two disks, of whose layers so many are ``shared``."""
    return {
        "path": chain.leaf.name,
        "virtual_size": chain.virtual_size,
        "unique_id": identifier(chain.leaf.unique_id),
        "guid": guid(chain.leaf.unique_id),
        "layers": len(chain.layers),
        "layers_above": len(chain.layers) - shared,
    }


def range_row(row: tuple[int, int]) -> str:
    """Return one range as a document has it, on one line."""
    return f'{{"start": {row[0]}, "length": {row[1]}}}'

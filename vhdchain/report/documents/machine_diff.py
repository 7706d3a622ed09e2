"""What changed on the disks of a machine between two states, as a document? Schema ``vhdchain.machine-diff``.

Composed disk by disk: the ranges of all disks together are never held as text.
"""

from __future__ import annotations

import json
from textwrap import indent
from typing import TYPE_CHECKING

from vhdchain.blockmap import DiskOutcome, common_ancestor
from vhdchain.report.documents.diff import AT_A_TIME, disk_fields, range_row
from vhdchain.report.documents.identifiers import identifier
from vhdchain.report.documents.shape import document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.blockmap import DiskChange, Ranges
    from vhdchain.chain import Chain
    from vhdchain.hyperv import AttachedDisk, Machine, MachineState
    from vhdchain.report.documents.shape import Json

_NO_CHAIN = ("virtual_size", "unique_id", "guid", "layers", "layers_above")


def machine_diff_pieces(
    older: tuple[Machine, MachineState],
    newer: tuple[Machine, MachineState],
    changes: Iterable[DiskChange],
    *,
    exact: bool = False,
    block_size: int = 1,
    gap: int = 0,
) -> Iterator[str]:
    """Yield the ``vhdchain.machine-diff`` document in pieces of text.

    Args:
        older: One state, with its machine.
        newer: The other one.
        changes: Their disks, as `vhdchain.changed_disks` yields them.
        exact: Whether contents were compared.
        block_size: The bytes at whose multiples ranges begin and end.
        gap: The most bytes between ranges that were joined.
    """
    head = document(
        "machine-diff", older=_state(*older), newer=_state(*newer), exact=exact, block_size=block_size, gap=gap
    )
    totals: dict[str, int] = dict.fromkeys(("disks", *DiskOutcome, "ranges", "bytes"), 0)
    between = json.dumps(head, indent=2).removesuffix("\n}") + ',\n  "disks": ['
    for change in changes:
        yield between + "\n"
        yield from _disk(change)
        between = ","
        totals["disks"] += 1
        totals[change.outcome] += 1
        totals["ranges"] += 0 if change.ranges is None else len(change.ranges)
        totals["bytes"] += change.byte_count or 0
    told = indent(json.dumps(totals, indent=2), "  ").lstrip()
    yield (between + "]" if not totals["disks"] else "\n  ]") + f',\n  "totals": {told}\n}}\n'


def _state(machine: Machine, state: MachineState) -> dict[str, Json]:
    present = state is machine.now
    return {
        "machine": machine.name,
        "machine_id": machine.id,
        "snapshot": None if present else state.name,
        "snapshot_id": None if present else state.id,
        "configuration": state.path,
    }


def _disk(change: DiskChange) -> Iterator[str]:
    text = indent(json.dumps(_fields(change), indent=2), "    ").removesuffix("\n    }")
    if change.ranges is None:
        yield text + ',\n      "ranges": null,\n      "bytes": null\n    }'
        return
    yield text + ',\n      "ranges": ['
    yield from _rows(change.ranges)
    yield ("\n      ]" if len(change.ranges) else "]") + f',\n      "bytes": {change.byte_count}\n    }}'


def _rows(ranges: Ranges) -> Iterator[str]:
    for at in range(0, len(ranges), AT_A_TIME):
        yield ("," if at else "") + "\n        "
        yield ",\n        ".join(map(range_row, ranges[at : at + AT_A_TIME].tolist()))


def _fields(change: DiskChange) -> dict[str, Json]:
    ancestor = common_ancestor(change.older, change.newer) if change.older and change.newer else None
    shared = ancestor.index + 1 if ancestor else 0
    attached = change.pair.newer or change.pair.older
    return {
        "slot": None if attached is None else attached.place,
        "outcome": str(change.outcome),
        "problem": change.problem,
        "older": _side(change.pair.older, change.older, shared),
        "newer": _side(change.pair.newer, change.newer, shared),
        "virtual_size": change.newer.virtual_size if change.newer else None,
        "common_ancestor": ancestor.image.name if ancestor else None,
        "common_ancestor_id": identifier(ancestor.image.unique_id) if ancestor else None,
    }


def _side(disk: AttachedDisk | None, chain: Chain | None, shared: int) -> dict[str, Json] | None:
    if disk is None:
        return None
    known = dict.fromkeys(_NO_CHAIN) if chain is None else disk_fields(chain, shared)
    return {"slot": disk.place, "stored": disk.found.stored, **known, "path": disk.path}

"""What does a missing parent cost?

A child without its parent is told where the link is judged. Here the finding gets its *blast radius*: the disks that
hang on it, and how much of each cannot be known. Several children that miss the same parent are one finding, not one
each: it lists them, and everything that was tried.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from vhdchain.audit.unknown import UnknownPart, unknown_parts
from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.locate import LONGEST_PATH, Rule, fold_case, parse_path, shortened
from vhdchain.structures import id_text
from vhdchain.structures.footer import NULL_ID
from vhdchain.units import sectors_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vhdchain.graph import Inventory
    from vhdchain.locate import Attempt, Resolution
    from vhdchain.progress import Cancel

_MISSING = "VHD601"
_WITHOUT_PARENT = ("VHD003", "VHD324", _MISSING, "VHD603", "VHD604", "VHD605", "VHD617", "VHD628")
_LISTED = 4


def tell_losses(
    inventory: Inventory,
    findings: Iterable[Finding],
    *,
    group: bool = True,
    deep: bool = False,
    cancel: Cancel | None = None,
) -> list[Finding]:
    """Return ``findings`` with what every missing parent costs, and VHD708 where several children miss the same one.

    Args:
        inventory: What was scanned.
        findings: Those of images and links; others stay as they are.
        group: Whether children of one missing parent are told together.
        deep: Whether sector bitmaps are read, for exact numbers.
        cancel: Asked before every leaf that is read.

    Raises:
        CancelledError: ``cancel`` asked to stop.
    """
    told = list(findings)
    costs = _Costs(inventory, told, deep=deep, cancel=cancel)
    groups = _groups(inventory, told) if group else {}
    members = {path for paths in groups.values() for path in paths}
    enriched: set[str] = set()
    result = [_shared(inventory, paths, costs) for paths in groups.values()]
    for item in told:
        path = item.location.path
        if (
            item.code not in _WITHOUT_PARENT
            or (resolution := inventory.resolution(path)) is None
            or resolution.is_found
        ):
            result.append(item)
        elif item.code == _MISSING and path in members:
            continue
        elif path in enriched:
            result.append(item)
        else:
            enriched.add(path)
            clause, details = costs.told([path])
            result.append(dataclasses.replace(item, message=item.message + clause, details=(*item.details, *details)))
    return result


class _Costs:
    """What cannot be known above a child, as a clause."""

    def __init__(self, inventory: Inventory, findings: Sequence[Finding], *, deep: bool, cancel: Cancel | None) -> None:
        self._inventory = inventory
        self._deep = deep
        self._cancel = cancel
        # A missing parent is no reason not to read the bitmaps of the child itself.
        self._broken = {
            item.location.path
            for item in findings
            if item.severity is Severity.ERROR and item.code not in _WITHOUT_PARENT
        }

    def told(self, children: Sequence[str]) -> tuple[str, list[str]]:
        """Return a clause about all the leaves above ``children``, with what separates it, and one detail a leaf."""
        parts = [part for child in children for part in self._of(child)]
        parts.sort(key=lambda part: (-part.length, part.leaf))
        if not parts:
            return "", []
        disks = f"{len(parts)} disks" if len(parts) > 1 else f"the disk of {_shown(parts[0].leaf)}"
        if [part.leaf for part in parts] == list(children[:1]):
            return f"; {_amount(parts)} of its disk cannot be known{_reason(parts)}", []
        details = [f"{_shown(part.leaf)}: {_amount([part])} cannot be known" for part in parts]
        return f"; {_amount(parts)} of {disks} cannot be known{_reason(parts)}", details

    def _of(self, child: str) -> tuple[UnknownPart, ...]:
        return unknown_parts(self._inventory, child, deep=self._deep, broken=self._broken, cancel=self._cancel)


def _amount(parts: Sequence[UnknownPart]) -> str:
    total = sum(part.length for part in parts)
    return _length(total) if all(part.exact for part in parts) else f"at least {_length(total)}"


def _length(length: int) -> str:
    return f"{length} bytes ({sectors_for(length)} sectors)"


def _reason(parts: Sequence[UnknownPart]) -> str:
    """Return what to think of a sum of nothing."""
    if any(part.length for part in parts):
        return ""
    return " (the files above hold all)" if all(part.exact for part in parts) else " (sector bitmaps were not read)"


def _shown(path: str) -> str:
    return shortened(path, LONGEST_PATH)


# ------------------------------------------------------------------------------------------------ one missing parent


def _groups(inventory: Inventory, findings: Iterable[Finding]) -> dict[bytes | str, list[str]]:
    """Return the children that miss one parent, by its identifier or, where it has none, its name; two at least."""
    groups: dict[bytes | str, list[str]] = {}
    for item in findings:
        resolution = inventory.resolution(item.location.path) if item.code == _MISSING else None
        if resolution is not None and (key := _parent_of(inventory, resolution)):
            groups.setdefault(key, []).append(resolution.child)
    return {key: sorted(paths) for key, paths in groups.items() if len(paths) > 1}


def _parent_of(inventory: Inventory, resolution: Resolution) -> bytes | str | None:
    if resolution.wanted != NULL_ID:
        return resolution.wanted
    header = inventory.image(resolution.child).header
    name = parse_path(header.record.parent_name or "").basename if header is not None else None
    return None if name is None else fold_case(name)


def _shared(inventory: Inventory, children: Sequence[str], costs: _Costs) -> Finding:
    resolutions = [item for item in map(inventory.resolution, children) if item is not None]
    attempts = [attempt for item in resolutions for attempt in item.attempts]
    clause, details = costs.told(children)
    return finding(
        "VHD708",
        Location(path=children[0], structure="graph"),
        f"{len(children)} disks miss the same parent, to which no reference leads{clause}",
        expected=id_text(resolutions[0].wanted),
        found=len(children),
        related=children,
        details=[*_tried(attempts), *details],
    )


def _tried(attempts: Iterable[Attempt]) -> list[str]:
    """Return the first places that were tried, each once; that the index knows no such file is what the sentence says.

    A thousand machines without their common base look for it in a thousand places.
    """
    places = dict.fromkeys(
        f"tried: {_shown(attempt.candidate or attempt.reference)} ({attempt.outcome})"
        for attempt in attempts
        if attempt.rule is not Rule.UUID_INDEX
    )
    told = list(places)[:_LISTED]
    return [*told, f"tried: {len(places) - _LISTED} more places"] if len(places) > _LISTED else told

"""Whose disks suffer from an error further down their chain?

The error itself is told once, at the file that has it. Each leaf above it gets one finding that names the files its
disk depends on and that have errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.locate import LONGEST_PATH, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from vhdchain.graph import DiskGraph

_LISTED = 4


def broken_files(findings: Iterable[Finding], graph: DiskGraph) -> dict[str, tuple[str, ...]]:
    """Return the files with errors of their own or of their link, with the codes.

    Members of a cycle are among them, and all the children that miss one parent (VHD708), which are told together.
    """
    codes: dict[str, dict[str, None]] = {}
    for item in findings:
        if item.severity is Severity.ERROR:
            for path in item.related if item.code == "VHD708" else (item.location.path,):
                codes.setdefault(path, {})[item.code] = None
    for cycle in graph.cycles:
        for member in cycle:
            codes.setdefault(member, {})["VHD701"] = None
    return {path: tuple(sorted(found)) for path, found in codes.items()}


def check_ancestors(graph: DiskGraph, broken: Mapping[str, tuple[str, ...]]) -> Iterator[Finding]:
    """Yield VHD615 for every leaf that has broken files among its ancestors."""
    for leaf in graph.leaves:
        damaged = [path for path in graph.path_to_base(leaf)[1:] if path in broken]
        if damaged:
            told = ", ".join(
                f"{shortened(path, LONGEST_PATH)} ({', '.join(broken[path])})" for path in damaged[:_LISTED]
            )
            if len(damaged) > _LISTED:
                told += ", …"
            number = "an ancestor" if len(damaged) == 1 else f"{len(damaged)} ancestors"
            message = f"this disk depends on {number} with errors: {told}"
            yield finding("VHD615", Location(path=leaf, structure="chain"), message, related=damaged)

"""How do the machines and disks of a folder hang together, as a document? Schema ``vhdchain.tree``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.report.documents.findings import findings_list
from vhdchain.report.documents.identifiers import guid, identifier
from vhdchain.report.documents.machines import host_file_fields, machine_fields
from vhdchain.report.documents.shape import document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.findings import Finding
    from vhdchain.graph import Inventory
    from vhdchain.image import Image
    from vhdchain.report.documents.shape import Json


def tree_document(inventory: Inventory, findings: Iterable[Finding]) -> dict[str, Json]:
    """Return the ``vhdchain.tree`` document: flat lists of disks, each with its parent and children, and of machines.

    Every finding stands once: at its disk, at the state of the machine whose configuration it is about, at another file
    of the host, or at the end.
    """
    graph = inventory.graph
    by_path: dict[str, list[Finding]] = {}
    for finding in findings:
        by_path.setdefault(finding.location.path, []).append(finding)

    def take(path: str) -> list[Finding]:
        return by_path.pop(path, [])

    return document(
        "tree",
        scanned=list(inventory.scanned),
        roots=list(inventory.roots),
        disks=[_disk(inventory, image, take(image.name)) for image in inventory.images],
        bases=list(graph.bases),
        leaves=list(graph.leaves),
        forks=list(graph.forks),
        orphans=list(graph.orphans),
        cycles=[list(cycle) for cycle in graph.cycles],
        machines=[machine_fields(machine, take) for machine in inventory.machines],
        host_files=[host_file_fields(file, take) for file in inventory.host_files],
        unreadable=[{"path": item.path, "reason": item.reason} for item in inventory.unreadable],
        findings=findings_list(finding for rest in by_path.values() for finding in rest),
    )


def _disk(inventory: Inventory, image: Image, findings: list[Finding]) -> dict[str, Json]:
    graph, resolution = inventory.graph, inventory.resolution(image.name)
    return {
        "path": image.name,
        "disk_type": image.disk_type.value if image.disk_type else None,
        "virtual_size": image.virtual_size,
        "file_size": image.file_size,
        "unique_id": identifier(image.unique_id),
        "guid": guid(image.unique_id),
        "parent_unique_id": identifier(image.parent_unique_id),
        "parent": graph.parent(image.name),
        "children": list(graph.children.get(image.name, ())),
        "found_by": resolution.found_by if resolution else None,
        "outcome": resolution.outcome.value if resolution else None,
        "findings": findings_list(findings),
    }

"""How do the disks of a folder hang together?

`build_graph` joins images and the parents found for them into a `DiskGraph`; an `Inventory` is everything that a scan
found. The only door of networkx, which is loaded when a graph is built.
"""

from __future__ import annotations

from vhdchain.graph.check_files import check_files
from vhdchain.graph.check_machines import check_machines
from vhdchain.graph.check_merges import check_merges
from vhdchain.graph.check_snapshot_disks import left_by_deleted
from vhdchain.graph.checks import check_graph, cycle_finding
from vhdchain.graph.deletion import Deletion, Deletions, DiskFate, Fate
from vhdchain.graph.disk_pairs import DiskPair, pair_disks
from vhdchain.graph.disks import DiskGraph, build_graph
from vhdchain.graph.inventory import DiskUse, InputFile, Inventory, MetadataHole, Unreadable
from vhdchain.graph.settling import Settling, is_snapshot_file
from vhdchain.graph.unknown_uses import UnknownUses

__all__ = [
    "Deletion",
    "Deletions",
    "DiskFate",
    "DiskGraph",
    "DiskPair",
    "DiskUse",
    "Fate",
    "InputFile",
    "Inventory",
    "MetadataHole",
    "Settling",
    "UnknownUses",
    "Unreadable",
    "build_graph",
    "check_files",
    "check_graph",
    "check_machines",
    "check_merges",
    "cycle_finding",
    "is_snapshot_file",
    "left_by_deleted",
    "pair_disks",
]

"""What is wrong with the links of an inventory, one after the other?

Brings together what the checks of a link need to know of the files: when the parent's was modified. Where disks are
each other's parents, none was made on another, so that nothing is said of how they fit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.inputs import seconds_modified
from vhdchain.locate import check_link, check_search

if TYPE_CHECKING:
    from vhdchain.findings import Finding
    from vhdchain.graph import Inventory
    from vhdchain.image import Image


class LinkChecks:
    """The links of one inventory."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._modified = {file.path: seconds_modified(file) for file in inventory.inputs}
        self._in_cycles = {member for cycle in inventory.graph.cycles for member in cycle}

    def of(self, child: Image) -> tuple[Finding, ...]:
        """Return what is wrong with the link of ``child``; nothing where it needs no parent."""
        resolution = self._inventory.resolution(child.name)
        if resolution is None:
            return ()
        if child.name in self._in_cycles:
            return check_search(child, resolution)
        parent = self._inventory.parent(child.name)
        modified = None if parent is None else self._modified.get(parent.name)
        return check_link(child, parent, resolution, parent_modified=modified)

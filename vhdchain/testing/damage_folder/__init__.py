"""How is one single fault planted in a folder of disks that is otherwise healthy?

For each code of a finding that concerns a link, the graph or the reading of files there is a `FolderRecipe`: a function
from the files of a healthy folder (names and bytes) to those of a faulty one. `write_folder` puts them on disk.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from vhdchain.testing.damage_folder import (
    backup,
    bitmaps,
    configurations,
    containment,
    files,
    graph,
    link_facts,
    link_places,
    links,
    locator_targets,
    machine_disks,
    machine_graph,
    machines,
    merges,
    snapshot_disks,
    tool,
)
from vhdchain.testing.damage_folder.recipe import (
    BASE,
    LEAF,
    LONE,
    Files,
    FolderRecipe,
    Link,
    healthy_folder,
    write_folder,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BASE", "FOLDER_RECIPES", "LEAF", "LONE", "Files", "FolderRecipe", "Link", "healthy_folder", "write_folder"]

_FAMILIES = (
    tool,
    locator_targets,
    bitmaps,
    files,
    links,
    link_facts,
    link_places,
    graph,
    configurations,
    machines,
    machine_graph,
    machine_disks,
    snapshot_disks,
    backup,
    containment,
    merges,
)

FOLDER_RECIPES: Mapping[str, FolderRecipe] = MappingProxyType(
    dict(sorted((recipe.code, recipe) for family in _FAMILIES for recipe in family.RECIPES))
)
"""The recipe of every code that only a folder can show, in the order of the codes."""

"""Code 832: what guests have on their disks."""

from __future__ import annotations

from vhdchain.testing.damage_folder.recipe import FolderRecipe
from vhdchain.testing.lab import host_lab

RECIPES: tuple[FolderRecipe, ...] = (
    FolderRecipe(
        code="VHD832",
        what="a guest turned its disk into a dynamic one",
        host=host_lab,
        change=lambda lab: lab.dynamic_guest_disk(lab.machines[1]),
        deep=True,
    ),
)

"""Codes 601-628: faults of one link from child to parent."""

from __future__ import annotations

from vhdchain.testing.damage_folder.recipe import BASE, LEAF, LONE, SIZE, FolderRecipe, apart, edited, moved
from vhdchain.testing.edits import edit_entry, edit_footer
from vhdchain.units import SECTOR_SIZE


def _smaller(raw: bytes) -> bytes:
    return edit_footer(raw, current_size=SIZE - SECTOR_SIZE, original_size=SIZE - SECTOR_SIZE)


def _larger(raw: bytes) -> bytes:
    return edit_footer(raw, current_size=SIZE + SECTOR_SIZE, original_size=SIZE + SECTOR_SIZE)


RECIPES: tuple[FolderRecipe, ...] = (
    FolderRecipe(
        code="VHD601",
        what="the base is gone",
        damage=lambda files: moved(files, BASE),
    ),
    FolderRecipe(
        code="VHD602",
        what="the base has another name",
        damage=lambda files: moved(files, BASE, "renamed.vhd"),
    ),
    FolderRecipe(
        code="VHD603",
        what="the base has another identifier",
        damage=lambda files: edited(files, BASE, lambda raw: edit_footer(raw, unique_id=b"\x17" * 16)),
    ),
    FolderRecipe(
        code="VHD605",
        what="the base is gone, and two copies of it lie elsewhere",
        damage=lambda files: moved(files, BASE, "one/first.vhd", "two/second.vhd"),
        also={"VHD702": "copies have the same identifier"},
    ),
    FolderRecipe(
        code="VHD610",
        what="the leaf's disk is a sector smaller",
        damage=lambda files: edited(files, LEAF, _smaller),
    ),
    FolderRecipe(
        code="VHD611",
        what="the leaf's disk is a sector larger",
        damage=lambda files: edited(files, LEAF, _larger),
    ),
    FolderRecipe(
        code="VHD615",
        what="a BAT entry of the base is zero",
        damage=lambda files: edited(files, BASE, lambda raw: edit_entry(raw, 3, 0)),
        also={"VHD403": "it is the error that the leaf suffers from"},
    ),
    FolderRecipe(
        code="VHD617",
        what="the leaf was copied over its base",
        damage=lambda files: {LONE: files[LONE], BASE: files[LEAF]},
        also={
            "VHD147": "a differencing disk has the name of one without a parent",
            "VHD227": "the name of the parent is the disk's own",
        },
    ),
    FolderRecipe(
        code="VHD628",
        what="the base may not be opened",
        damage=apart,
        also={"VHD228": "the relative path leads up"},
        scanned=("machine",),
        within=(".",),
        denied=(f"library/{BASE}",),
    ),
)

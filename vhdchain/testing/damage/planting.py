"""How are conditions planted in any image, one or several, so that they are really there afterwards?

Recipes are written for the small image that `Recipe.healthy` returns; many fit any other one as well. So what was
planted is looked for with the package's own checks, and a code that does not show is an error: nobody tests with a file
that is less broken than they think. Several conditions are planted from the inside out (blocks, BAT, locators, header,
footers): a footer whose checksum is wrong is the last thing that is done to a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit import check_alone
from vhdchain.audit.deep import check_deep
from vhdchain.errors import VhdChainError
from vhdchain.findings import CODES
from vhdchain.image import scan_image
from vhdchain.source import BytesSource
from vhdchain.structures import DiskType
from vhdchain.testing.damage.recipe import LOOKED_AT, healthy_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vhdchain.testing.damage.recipe import Recipe


class DamageError(VhdChainError, ValueError):
    """A condition cannot be planted in this image."""


def plant(recipes: Mapping[str, Recipe], image: bytes, codes: Iterable[str], *, way: str = "") -> bytes:
    """Return ``image`` with the conditions of ``codes`` planted; see `vhdchain.testing.damage`."""
    chosen = [_recipe(recipes, code) for code in codes]
    kind, _ = _look(image, chosen)
    for recipe in sorted(chosen, key=lambda recipe: recipe.code, reverse=True):
        if kind not in recipe.kinds:
            fits = ", ".join(sorted(recipe.kinds))
            raise DamageError(f"{recipe.code} is planted in {fits} images; this one is {kind or 'none at all'}")
        image = _planted(recipe, image, way)
    _, after = _look(image, chosen)
    lacking = [recipe.code for recipe in chosen if recipe.code not in after]
    if lacking:
        others = f" together with {', '.join(code for code in codes if code not in lacking)}" if len(chosen) > 1 else ""
        raise DamageError(f"{', '.join(lacking)} does not show in this image{others}: build the image that it needs")
    return image


def _recipe(recipes: Mapping[str, Recipe], code: str) -> Recipe:
    if code in recipes:
        return recipes[code]
    if code in CODES:
        raise DamageError(
            f"{code} is nothing that one file shows by itself: see the recipes of folders, sets and plans"
        )
    raise DamageError(f"{code!r} is no code of a finding")


def _planted(recipe: Recipe, image: bytes, way: str) -> bytes:
    ways = recipe.damages()
    if way not in ways:
        known = ", ".join(repr(name) for name in ways if name) or "only the main one"
        raise DamageError(f"{recipe.code} is not planted by way of {way!r} (ways: {known})")
    try:
        return ways[way](image)
    # Recipes expect the image that they were written for, and fail in their own ways on another one.
    except Exception as error:  # whatever it is, this condition is not planted
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise DamageError(f"{recipe.code} cannot be planted in this image ({reason})") from error


def _look(image: bytes, recipes: list[Recipe]) -> tuple[DiskType | None, set[str]]:
    """Return the kind of an image, and the codes that its checks show under the circumstances of some recipes."""
    deep, children = any(recipe.deep for recipe in recipes), max((recipe.children for recipe in recipes), default=0)
    with scan_image(BytesSource(image, name=_name_of(image, recipes))) as scanned:
        found = check_alone(scanned, now=LOOKED_AT, children=children)
        if deep:
            found = (*found, *check_deep(scanned))
        return scanned.disk_type, {item.code for item in found}


def _name_of(image: bytes, recipes: list[Recipe]) -> str:
    """Return what the file must be called so that the conditions show."""
    named = [recipe.name for recipe in recipes if recipe.name is not None]
    if named:
        return named[0]
    with scan_image(BytesSource(image, name="disk")) as scanned:
        return healthy_name(scanned.disk_type or DiskType.DYNAMIC)

"""Writes damages.md, the index of the recipes of damage: ``python docs/generate_damages.py``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vhdchain.testing import FOLDER_RECIPES, PLAN_RECIPES, RECIPES, SET_RECIPES

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parent / "damages.md"

INTRODUCTION = """\
# What can be planted

Made by `python docs/generate_damages.py`. One recipe for each code of a finding. `vhdchain make CODE DEST` makes a
folder that shows it; in Python, `damage` plants one or several in any image that they fit, and looks whether they are
there (else `DamageError`). A dynamic or differencing image of at least 16 blocks that are all written takes nearly all
of those that are for its kind; the codes 501 to 512 need one with blktap's batmap.

```pycon
>>> from vhdchain.testing import ChainBuilder, damage
>>> tree = ChainBuilder(seed=1)
>>> disk = tree.dynamic("disk.vhd", size=64 * 1024, block_size=4096)
>>> tree.fill(disk, 0, 64 * 1024)
>>> broken = damage(bytes(tree.file(disk).content), "VHD404", "VHD106")

```

*follows*: codes that the damage brings along. *ways*: other places or values, for `way=`. Codes that tell what was not
looked at have no recipe, except where a file alone shows them.
"""


def page() -> str:
    """Return the text of the page."""
    return "\n".join([INTRODUCTION, *_one_file(), "", *_folders(), ""])


def _one_file() -> Iterator[str]:
    yield from ("## In one file", "", "| code | what is done | in | follows | ways |", "|---|---|---|---|---|")
    for code, recipe in RECIPES.items():
        kinds = ", ".join(sorted(recipe.kinds))
        ways = "; ".join(way for way in recipe.damages() if way)
        yield f"| {_link(code)} | {recipe.what} | {kinds} | {', '.join(recipe.also)} | {ways} |"


def _folders() -> Iterator[str]:
    yield from ("## In a folder, a host, a backup set or a plan", "", "| code | what is done | starts from | follows |")
    yield "|---|---|---|---|"
    rows = [
        *(
            (code, each.what, "a host" if each.host else "a few disks", each.also)
            for code, each in FOLDER_RECIPES.items()
        ),
        *((code, each.what, "a backup set beside its host", each.also) for code, each in SET_RECIPES.items()),
        *((code, one.what, "a folder, and a plan for it", one.also) for code, one in PLAN_RECIPES.items()),
    ]
    for code, what, start, also in sorted(rows, key=lambda row: row[0]):
        yield f"| {_link(code)} | {what} | {start} | {', '.join(also)} |"


def _link(code: str) -> str:
    return f"[{code}](findings/{code}.md)"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

"""Prints a digest for each thing that the kit makes: the same on every machine, with every Python, every day."""

from __future__ import annotations

import hashlib
import json
import sys
from typing import TYPE_CHECKING

from vhdchain.structures import DiskType
from vhdchain.testing import DIALECTS, FOLDER_RECIPES, HEALTHY_LABS, RECIPES, ChainBuilder, Layout, Order
from vhdchain.testing.conformance import SUITE, random_cases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from vhdchain.testing.conformance import Case

# A file of 5 GiB, and a thousand of them, take too long to be read whole.
_LONG = ("behind-4-gib", "deep-chain")


def digests() -> dict[str, str]:
    """Return a digest for each part of the kit; recipes of damage, of which more are added, have no part in them."""
    return {
        "builder": _digest(_trees()),
        "hosts": _digest(file for make in HEALTHY_LABS.values() for file in _named(make().files())),
        "conformance": _digest(_cases(case for case in SUITE if case.name not in _LONG)),
        "random chains": _digest(_cases(random_cases(40, 0))),
    }


def _digest(files: Iterable[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256()
    for name, content in files:
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _named(files: Mapping[str, object]) -> Iterator[tuple[str, bytes]]:
    for name in sorted(files):
        content = files[name]
        yield name, content if isinstance(content, bytes) else str(content).encode()


def _trees() -> Iterator[tuple[str, bytes]]:
    for dialect in DIALECTS:
        tree = ChainBuilder(seed="reproduced", dialect=dialect)
        layout = Layout(order=Order.SHUFFLED, junk=True, spare_entries=130, gap=512)
        base = tree.dynamic("base.vhd", size=1 << 18, block_size=4096, layout=layout)
        for block in range(0, 60, 3):
            tree.block(base, block, bitmap=b"\xa5")
        leaf = tree.snapshot(base)
        tree.fill(leaf, 5000, 70_000)
        yield from _named(tree.files())


def _damages() -> Iterator[tuple[str, bytes]]:
    for code, recipe in RECIPES.items():
        dialect = next(dialect for dialect in DIALECTS if recipe.fits(dialect))
        kind = DiskType.DYNAMIC if DiskType.DYNAMIC in recipe.kinds else min(recipe.kinds)
        yield code, recipe.damage(recipe.healthy(kind, dialect))


def _folders() -> Iterator[tuple[str, bytes]]:
    for code, recipe in FOLDER_RECIPES.items():
        files, _ = recipe._healthy()
        yield from ((f"{code}/{name}", content) for name, content in _named(recipe.damage(files)))


def _cases(cases: Iterable[Case]) -> Iterator[tuple[str, bytes]]:
    for case in cases:
        for name, content in _named(case.build().tree.files()):
            yield f"{case.name}/{name}", content


def damages() -> dict[str, str]:
    """Return digests of what the recipes of damage make."""
    return {"damages": _digest(_damages()), "damaged folders": _digest(_folders())}


if __name__ == "__main__":
    print(json.dumps(digests() | (damages() if "damages" in sys.argv else {}), indent=1))  # noqa: T201  # what it is for

"""Inventories for tests, made of records alone: no file, no search."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from vhdchain.graph import Inventory, build_graph
from vhdchain.image import scan_image
from vhdchain.locate import Attempt, Outcome, Resolution, Rule
from vhdchain.source import BytesSource
from vhdchain.structures import build_footer, parse_footer, with_footer_checksum
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from vhdchain.image import Image

MIB = 1 << 20

_TREE = ChainBuilder(seed=0)
_BASE = bytes(_TREE.file(_TREE.dynamic("base.vhd", size=4 * MIB)).content)
_CHILD = bytes(_TREE.file(_TREE.snapshot(_TREE.image("base.vhd"), "child.avhd")).content)


def inventory(parents: dict[str, str | None], *, folders: tuple[str, ...] = ("f",)) -> Inventory:
    """Return disks by name, each with its parent: None for a base, ``?name`` for a parent that is not there.

    Args:
        parents: Child -> parent; a cycle is allowed.
        folders: The folders that were scanned; every file lies in ``f``.
    """
    images: list[Image] = []
    resolutions = []
    for name, parent in parents.items():
        if parent is not None:
            resolutions.append(_resolution(name, parent))
        content = _with_id(_CHILD if parent else _BASE, name)
        images.append(scan_image(BytesSource(content, name=f"f/{name}")))
    images.sort(key=lambda image: image.name)
    return Inventory(
        images=tuple(images),
        resolutions=tuple(sorted(resolutions, key=lambda item: item.child)),
        graph=build_graph(images, resolutions),
        roots=("f",),
        scanned=folders,
    )


def _with_id(content: bytes, name: str) -> bytes:
    """Give the image an identifier of its own: building each one anew would take long for thousands."""
    unique_id = hashlib.md5(name.encode("utf-8", "surrogatepass")).digest()
    footer = build_footer(with_footer_checksum(replace(parse_footer(content[:512]), unique_id=unique_id)))
    return footer + content[512:-512] + footer


def _resolution(child: str, parent: str) -> Resolution:
    if not parent.startswith("?"):
        return Resolution(child=f"f/{child}", outcome=Outcome.FOUND, parent=f"f/{parent}", found_by=Rule.W2RU)
    attempt = Attempt(
        child=f"f/{child}",
        rule=Rule.W2RU,
        reference=f".\\{parent[1:]}",
        candidate=f"f/{parent[1:]}",
        outcome=Outcome.MISSING,
    )
    return Resolution(
        child=f"f/{child}", outcome=Outcome.MISSING, wanted=parent.encode().ljust(16), attempts=(attempt,)
    )

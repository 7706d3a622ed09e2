"""How are the facts of one disk told in a line of a tree?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.report.forest import wanted_name
from vhdchain.report.lines import Role, span
from vhdchain.report.numbers import exact_size, human_size
from vhdchain.report.text.image import disk_type_text
from vhdchain.structures import id_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vhdchain.graph import Inventory
    from vhdchain.image import Image
    from vhdchain.locate import Resolution
    from vhdchain.report.lines import Span


def disk_facts(inventory: Inventory, path: str) -> str:
    """Return the type of a base, the disk's size at a base and where it changes, and the file's size, exactly."""
    return ", ".join(_facts(inventory, inventory.image(path), exact_size))


def rounded_facts(inventory: Inventory, path: str) -> Iterator[str]:
    """Yield the same with rounded sizes, for a line that has little room, and then the file's size alone."""
    image = image_at(inventory, path)
    if image is not None:
        facts = list(_facts(inventory, image, human_size))
        if len(facts) > 1:
            yield ", ".join(facts)
        yield human_size(image.file_size)


def _facts(inventory: Inventory, image: Image, size: Callable[[int], str]) -> Iterator[str]:
    parent = inventory.parent(image.name)
    if not image.is_differencing:
        yield disk_type_text(image)
    if parent is None or parent.virtual_size != image.virtual_size:
        yield f"disk of {size(image.virtual_size)}"
    yield f"file of {size(image.file_size)}"


def image_at(inventory: Inventory, path: str) -> Image | None:
    """Return the image at ``path``; None where the file could not be read."""
    try:
        return inventory.image(path)
    except KeyError:
        return None


def missing_parent(resolution: Resolution) -> Iterator[Span]:
    """Yield what stands in the place of a parent that was not found: what it is called, and what came of the search."""
    name = wanted_name(resolution)
    yield span(name or f"a disk with the identifier {id_text(resolution.wanted)}", Role.PATH)
    yield span(f"  {resolution.outcome}", Role.ERROR)

"""How are all images of a folder looked at in depth?

One after the other, in the order of the folder. A differencing image is compared with the chain below it where that
chain is complete and none of its files has an error; where it is not, a finding says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.deep.check import deep_length, read_and_check, skipped_check, unfollowed
from vhdchain.audit.inputs import seconds_modified
from vhdchain.blockmap.layers import MAX_LAYERS
from vhdchain.chain import Chain, Layer
from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.locate import LONGEST_PATH, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.graph import Inventory
    from vhdchain.image import Image
    from vhdchain.progress import Cancel, Progress


def check_folder(
    inventory: Inventory,
    findings: Iterable[Finding],
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Iterator[Finding]:
    """Yield what bitmaps, data and gaps of the images of ``inventory`` show.

    Args:
        inventory: What a scan of folders found; the images are still open.
        findings: What the checks of each image by itself and of its link found.
        progress: Called with the bytes that were read of all images, and how many there are.
        cancel: Asked before every piece.

    Raises:
        CancelledError: ``cancel`` asked to stop.
    """
    of_file: dict[str, list[Finding]] = {}
    for item in findings:
        of_file.setdefault(item.location.path, []).append(item)
    broken = {path for path, items in of_file.items() if any(item.severity is Severity.ERROR for item in items)}
    skipped = {image.name: unfollowed(of_file.get(image.name, ())) for image in inventory.images}
    total = sum(deep_length(image) for image in inventory.images if not skipped[image.name])
    done = 0

    def told(count: int) -> None:
        nonlocal done
        done += count
        if progress is not None:
            progress(done, total)

    modified = {item.path: seconds_modified(item) for item in inventory.inputs}
    for image in inventory.images:
        if skipped[image.name]:
            yield skipped_check(image, skipped[image.name])
            continue
        chain, why_not = _below(inventory, image, broken)
        if why_not is not None:
            message = f"its sectors were not compared with its parent's: {why_not}"
            yield finding("VHD002", Location(path=image.name), message)
        at = None if chain is None else modified.get(chain.leaf.name)
        yield from read_and_check(image, parent=chain, parent_modified=at, told=told, cancel=cancel)


def _below(inventory: Inventory, image: Image, broken: set[str]) -> tuple[Chain | None, str | None]:
    """Return the chain below ``image`` and None, or why there is none to compare with; both None where none is due."""
    if not image.is_differencing:
        return None, None
    way = inventory.graph.path_to_base(image.name)
    damaged = [path for path in way if path in broken]
    if damaged:
        return None, f"{shortened(damaged[0], LONGEST_PATH)} has errors"
    images = [inventory.image(path) for path in reversed(way[1:])]
    if not images or images[0].is_differencing:
        return None, f"the chain ends at {shortened(way[-1], LONGEST_PATH)}, whose parent was not found"
    if len(images) > MAX_LAYERS:
        return None, f"the chain has more than {MAX_LAYERS} files"
    return Chain(layers=tuple(Layer(index=index, image=item) for index, item in enumerate(images))), None

"""May this disk be expanded, and which bytes change then?

A dynamic or differencing disk that nothing builds on grows by two numbers in its footers, as far as its BAT has room. A
disk that others build on is never resized: the children would keep the old size (VHD911). What the file holds behind
the old end would become the guest's, so there must be nothing. The BAT is not lengthened here, and nothing is shrunk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.errors import PlanRefusedError
from vhdchain.findings import Location, finding
from vhdchain.image.checks import layout_facts
from vhdchain.locate import shortened
from vhdchain.merge.disk_end import data_behind
from vhdchain.merge.footer_patches import changed_fields
from vhdchain.merge.undoing import FilePatches, patch_steps
from vhdchain.plan import Plan, state_of
from vhdchain.structures import geometry_for
from vhdchain.structures.entries import is_used
from vhdchain.units import blocks_for, is_sector_aligned, sectors_to_bytes

if TYPE_CHECKING:
    from vhdchain.findings import Finding
    from vhdchain.image import Image

LARGEST_DISK = 2040 << 30
"""Windows and XenServer cap a VHD at 2,040 GiB."""

_SAVED = 1


def plan_resize(
    image: Image, size: int, *, name: str, children: tuple[str, ...], undo: str | None = None, replace: bool = False
) -> Plan:
    """Return the plan that expands the disk of ``image``.

    Args:
        image: A dynamic or differencing image, sound by itself.
        size: The disk's new length in bytes.
        name: The file's own name, without a folder.
        children: The images that build on it.
        undo: Where the undo file goes; None for none.
        replace: Whether a patched copy takes the file's place.

    Raises:
        PlanRefusedError: It has children (VHD911), or it cannot be expanded so far by its footers alone.
        ShortReadError: The file was truncated after it was scanned.
    """
    if children:
        raise _has_children(image, size, children)
    if (reason := _reason_against(image, size)) is not None:
        raise PlanRefusedError(f"{image.name}: {reason}")
    summary = f"expand the disk of {shortened(image.name)} from {image.virtual_size} to {size} bytes"
    patches = changed_fields(image, "current_size and geometry", current_size=size, geometry=geometry_for(size))
    change = FilePatches(source=image.source, name=name, patches=patches, undo=undo)
    findings: tuple[Finding, ...] = ()
    if image.is_differencing:
        message = f"the disk will have {size} bytes, its parent has fewer: hosts refuse a chain whose sizes differ"
        findings = (finding("VHD611", Location(path=image.name, structure="link", field="current_size"), message),)
    return Plan(
        action="resize",
        summary=summary,
        steps=patch_steps(change, summary, replace=replace),
        files=(state_of(image.source),),
        facts={"old_size": image.virtual_size, "new_size": size},
        findings=findings,
    )


def _has_children(image: Image, size: int, children: tuple[str, ...]) -> PlanRefusedError:
    message = (
        f"{len(children)} disks build on it and would keep the size of {image.virtual_size} bytes"
        if len(children) > 1
        else f"{children[0]} builds on it and would keep the size of {image.virtual_size} bytes"
    )
    place = Location(path=image.name, structure="footer", field="current_size")
    told = finding("VHD911", place, message, expected=image.virtual_size, found=size, related=children)
    return PlanRefusedError(f"{told}; expand the leaf, or merge the snapshots first", findings=(told,))


def _reason_against(image: Image, size: int) -> str | None:
    """Return why the disk cannot be expanded to ``size`` bytes, as a clause."""
    bat, footer = image.bat, image.footer
    facts = layout_facts(image)
    if bat is None or footer is None or not image.is_sparse or facts is None or not facts.is_whole:
        return "is no dynamic or differencing disk with a whole BAT, and others are not expanded"
    if not is_sector_aligned(size) or size > LARGEST_DISK:
        return f"{size} bytes are no whole number of sectors up to {LARGEST_DISK} bytes, the largest that hosts take"
    if size <= image.virtual_size:
        return f"the disk has {image.virtual_size} bytes already, and is not shrunk"
    if footer.saved_state == _SAVED:
        return "the disk belongs to a machine in saved state, whose memory expects it as it is"
    if image.footer_end is None or image.footer_copy is None:
        return "one of the two footers is missing; repair the file first"
    if blocks_for(size, image.block_size) > len(bat.entries):
        most = len(bat.entries) * image.block_size
        return f"the BAT has {len(bat.entries)} entries, enough for {most} bytes; it is not lengthened"
    return data_behind(image, image.virtual_size) or _cut_block(image)


def _cut_block(image: Image) -> str | None:
    """Say so where the block that becomes whole reaches over the end of the data."""
    bat, last = image.bat, image.block_count - 1
    assert bat is not None
    if last < 0 or not image.virtual_size % image.block_size or not is_used(bat.entries[last : last + 1])[0]:
        return None
    end = sectors_to_bytes(int(bat.entries[last])) + image.bitmap_length + image.block_size
    return (
        f"block {last}, the last, is cut short in the file; it would have to be whole" if end > image.data_end else None
    )

"""What is a built chain like, seen from a reader that is known to get something wrong?

Predicates over a chain's images, base first; the rules of ``exclusions.py`` are made of them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from vhdchain.structures import geometry_for
from vhdchain.structures.footer import DiskType
from vhdchain.structures.locator import PlatformCode
from vhdchain.testing.dialects import NameForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.testing.images import BuiltBlock, BuiltImage

Stack: TypeAlias = "Sequence[BuiltImage]"
"""A chain's images, base first."""

_TRUSTED_BY_QEMU = (b"win ", b"qem2", b"d2v ", b"tap\0", b"CTXS")


def is_differencing(stack: Stack) -> bool:
    """Say whether the leaf has a parent."""
    return len(stack) > 1


def has_raw_base(stack: Stack) -> bool:
    """Say whether the base is a raw disk."""
    return stack[0].kind is DiskType.RAW


def has_short_footer(stack: Stack) -> bool:
    """Say whether a footer has 511 bytes."""
    return any(image.layout.footer_length == 511 and image.kind is not DiskType.RAW for image in stack)


def has_long_bat(stack: Stack) -> bool:
    """Say whether a BAT has more entries than its disk needs."""
    return any(image.is_sparse and image.layout.spare_entries > 0 for image in stack)


def has_truncated_tail(stack: Stack) -> bool:
    """Say whether a last block ends in the file where the disk ends."""
    return any(
        image.is_sparse
        and image.layout.truncated_tail
        and image.block_count - 1 in image.blocks
        and image.size % image.block_size > 0
        for image in stack
    )


def has_small_blocks(stack: Stack) -> bool:
    """Say whether an image has blocks below 4 KiB, whose bitmaps do not fill a byte."""
    return any(image.is_sparse and image.block_size < 4096 for image in stack)


def is_longer_than_a_parent(stack: Stack) -> bool:
    """Say whether a disk is longer than its parent's."""
    return any(child.size > parent.size for parent, child in pairwise(stack))


def holds_data_under_clear_bits(image: BuiltImage) -> bool:
    """Say whether bytes under clear bits of the image are not zero."""

    def holds(block: BuiltBlock) -> bool:
        if block.present.all():
            return False
        return image.layout.junk if block.clear is None else any(block.clear)

    return any(holds(block) for block in image.blocks.values())


def has_junk_in_dynamic(stack: Stack) -> bool:
    """Say whether the base is dynamic and holds data under clear bits."""
    return stack[0].kind is DiskType.DYNAMIC and holds_data_under_clear_bits(stack[0])


def has_partial_bytes(image: BuiltImage) -> bool:
    """Say whether a bitmap of the image has a byte that is neither 0x00 nor 0xFF."""
    for block in image.blocks.values():
        stored = [block.present[start : start + 8] for start in range(0, len(block.present), 8)]
        if any(byte.any() and not byte.all() for byte in stored):
            return True
    return False


def has_single_bits(stack: Stack) -> bool:
    """Say whether a differencing image's bitmap has a byte that is neither 0x00 nor 0xFF."""
    return any(has_partial_bytes(image) for image in stack[1:])


def has_another_original_size(stack: Stack) -> bool:
    """Say whether an image was resized."""
    return any(image.original_size != image.size for image in stack)


def is_sized_by_geometry(stack: Stack) -> bool:
    """Say whether qemu takes the leaf's size from a geometry that disagrees with it."""
    leaf = stack[-1]
    if leaf.dialect.creator_application in _TRUSTED_BY_QEMU:
        return False
    return geometry_for(leaf.size).size != leaf.size


def lacks_feature_bit(stack: Stack) -> bool:
    """Say whether the leaf's footer lacks feature bit 2 and has its full length."""
    return not stack[-1].dialect.features & 0x2 and stack[-1].layout.footer_length == 512


def has_hidden_byte(stack: Stack) -> bool:
    """Say whether the first reserved byte of a footer is set, as XenServer does."""
    return any(image.footer_fields.get("reserved", b"\0")[0] for image in stack)


def has_no_name_that_7zip_finds(stack: Stack) -> bool:
    """Say whether a parent is named in none of the ways that 7-Zip follows."""

    def found(child: BuiltImage, parent: BuiltImage) -> bool:
        in_one_folder = "/" not in child.name and "/" not in parent.name
        by_locator = any(locator.code is PlatformCode.W2RU for locator in child.locators)
        return in_one_folder and (by_locator or child.name_form is NameForm.BASENAME)

    return any(not found(child, parent) for parent, child in pairwise(stack))


def has_clear_bits_below_2_mib(stack: Stack) -> bool:
    """Say whether a bit is clear in an allocated block below 2 MiB, whose bitmap does not fill its sector."""
    return any(
        image.block_size < 0x200000 and not block.present.all() for image in stack for block in image.blocks.values()
    )

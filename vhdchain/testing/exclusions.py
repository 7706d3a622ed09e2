"""Which chains does another reader get wrong, and what is its fault?

One named rule per fault, with the version that it was seen in. A comparison leaves out what a rule covers and nothing
else; for every rule a test builds a chain that shows the fault, so that a repaired reader is noticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.testing import traits

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.testing.traits import Stack

_SEEN_IN = {"7-Zip": "26.02", "qemu-img": "7.2.22", "libvhdi": "20260901", "dissect.hypervisor": "3.21"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A fault of another reader.

    Attributes:
        oracle: The reader's name.
        name: A short name of the rule, unique among those of the same reader.
        covers: Whether the fault may show in a chain (its images, base first).
        fault: What the reader does.
        seen_in: The version in which it was seen.
    """

    oracle: str
    name: str
    covers: Callable[[Stack], bool]
    fault: str
    seen_in: str


def exclusions_of(oracle: str, stack: Stack) -> list[Exclusion]:
    """Return the rules that cover the chain ``stack`` (base first) for ``oracle``."""
    return [rule for rule in EXCLUSIONS if rule.oracle == oracle and rule.covers(stack)]


def _rule(oracle: str, name: str, covers: Callable[[Stack], bool], fault: str) -> Exclusion:
    return Exclusion(oracle=oracle, name=name, covers=covers, fault=fault, seen_in=_SEEN_IN[oracle])


EXCLUSIONS: tuple[Exclusion, ...] = (
    _rule("7-Zip", "long-bat", traits.has_long_bat, "refuses a BAT with more entries than the disk needs"),
    _rule("7-Zip", "short-footer", traits.has_short_footer, "refuses a footer of 511 bytes"),
    _rule(
        "7-Zip",
        "truncated-tail",
        traits.has_truncated_tail,
        "refuses a last block that ends in the file where the disk ends",
    ),
    _rule("7-Zip", "reserved-byte", traits.has_hidden_byte, "refuses a footer whose reserved bytes are not zero"),
    _rule(
        "7-Zip",
        "junk-in-dynamic",
        traits.has_junk_in_dynamic,
        "calls bytes under clear bits of a dynamic disk a data error",
    ),
    _rule(
        "7-Zip",
        "longer-child",
        traits.is_longer_than_a_parent,
        "ends with an error where a child reads on behind its parent's end",
    ),
    _rule(
        "7-Zip",
        "parent-elsewhere",
        traits.has_no_name_that_7zip_finds,
        "finds parents only in the child's folder, by W2ru or the header's basename",
    ),
    _rule("7-Zip", "raw-base", traits.has_raw_base, "opens no raw base"),
    _rule(
        "qemu-img",
        "differencing",
        traits.is_differencing,
        "reads a differencing disk as a dynamic one: zeros where the parent holds data",
    ),
    _rule(
        "qemu-img",
        "size-by-geometry",
        traits.is_sized_by_geometry,
        "takes the size from CHS unless it trusts the creator",
    ),
    _rule("qemu-img", "small-blocks", traits.has_small_blocks, "gives the bitmap of a block below 4 KiB no room"),
    _rule(
        "qemu-img",
        "junk-in-dynamic",
        traits.has_junk_in_dynamic,
        "ignores the bits of a dynamic disk: shows what lies under clear ones",
    ),
    _rule(
        "qemu-img",
        "truncated-tail",
        traits.has_truncated_tail,
        "refuses a last block that ends in the file where the disk ends",
    ),
    _rule("qemu-img", "raw-base", traits.has_raw_base, "is told that every file is a VHD"),
    _rule("libvhdi", "short-footer", traits.has_short_footer, "refuses a footer of 511 bytes"),
    _rule("libvhdi", "small-blocks", traits.has_small_blocks, "reads no disk with blocks below 4 KiB"),
    _rule(
        "libvhdi",
        "clear-bits",
        traits.has_clear_bits_below_2_mib,
        "loses the set bits of a block below 2 MiB where a block before it has clear ones",
    ),
    _rule(
        "libvhdi",
        "single-bits",
        traits.has_single_bits,
        "takes a bitmap byte that is not zero for eight set bits: hides the parent",
    ),
    _rule("libvhdi", "original-size", traits.has_another_original_size, "cuts the disk at the original size"),
    _rule(
        "libvhdi",
        "longer-child",
        traits.is_longer_than_a_parent,
        "ends with an error where a child reads on behind its parent's end",
    ),
    _rule("libvhdi", "raw-base", traits.has_raw_base, "opens no raw base"),
    _rule(
        "dissect.hypervisor",
        "differencing",
        traits.is_differencing,
        "reads a differencing disk as a dynamic one: zeros where the parent holds data",
    ),
    _rule(
        "dissect.hypervisor", "small-blocks", traits.has_small_blocks, "gives the bitmap of a block below 4 KiB no room"
    ),
    _rule(
        "dissect.hypervisor",
        "junk-in-dynamic",
        traits.has_junk_in_dynamic,
        "ignores the bits of a dynamic disk: shows what lies under clear ones",
    ),
    _rule(
        "dissect.hypervisor",
        "feature-bit",
        traits.lacks_feature_bit,
        "takes a footer without feature bit 2 for one of 511 bytes",
    ),
    _rule("dissect.hypervisor", "raw-base", traits.has_raw_base, "knows no raw disks"),
)
"""Every fault that is known."""

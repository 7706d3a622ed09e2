"""Is every reason for leaving a reader out of a comparison still true?

For each rule a chain on which the reader shows the fault, and on which no other rule of that reader applies. When a new
version reads it right, the test fails: then the rule goes, and the comparison covers the case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.oracles.others import BY_NAME, DISSECT, LIBVHDI, QEMU_IMG, SEVEN_ZIP, ask
from vhdchain.structures import DiskType
from vhdchain.testing import ChainBuilder, Layout, NameForm
from vhdchain.testing.dialects import HYPER_V_2008_R2, VIRTUAL_PC_MAC, VIRTUALBOX, W2KU, Dialect
from vhdchain.testing.exclusions import EXCLUSIONS, Exclusion, exclusions_of
from vhdchain.testing.oracles import Cannot

if TYPE_CHECKING:
    from collections.abc import Callable

    from vhdchain.testing import BuiltImage
    from vhdchain.testing.oracles import Oracle

pytestmark = pytest.mark.oracle

Built: TypeAlias = "tuple[ChainBuilder, BuiltImage]"
BLOCK = 4096
SIZE = 3 * BLOCK


def _single(
    layout: Layout | None = None, *, size: int = SIZE, block_size: int = BLOCK, dialect: Dialect = HYPER_V_2008_R2
) -> Built:
    tree = ChainBuilder()
    leaf = tree.dynamic("a.vhd", size=size, block_size=block_size, layout=layout or Layout(), dialect=dialect)
    tree.fill(leaf, 0, size)
    return tree, leaf


def _pair(block_size: int = BLOCK, bitmap: bytes | None = None) -> Built:
    tree = ChainBuilder()
    base = tree.dynamic("base.vhd", size=3 * block_size, block_size=block_size)
    for block in range(3):
        tree.block(base, block)
    leaf = tree.snapshot(base, "leaf.avhd")
    if bitmap is not None:
        tree.block(leaf, 1, bitmap=bitmap)
    return tree, leaf


def _clear_bits() -> Built:
    tree = ChainBuilder()
    leaf = tree.dynamic("a.vhd", size=2 * 65536, block_size=65536)
    for block in range(2):
        tree.block(leaf, block, bitmap=b"\xff")
    return tree, leaf


def _longer_child() -> Built:
    tree, base = _single()
    return tree, tree.snapshot(base, "leaf.avhd", size=2 * SIZE)


def _junk() -> Built:
    tree = ChainBuilder()
    leaf = tree.dynamic("a.vhd", size=0x200000, block_size=0x200000)
    tree.block(leaf, 0, bitmap=b"\x0f", data=b"\xee" * SIZE)
    return tree, leaf


def _hidden() -> Built:
    tree, leaf = _single()
    tree.edit(leaf, footer_fields={"reserved": b"\1" + bytes(426)})
    return tree, leaf


def _elsewhere() -> Built:
    tree, base = _single()
    return tree, tree.snapshot(base, "leaf.avhd", locators=[W2KU], name_form=NameForm.FULL_PATH)


def _on_raw() -> Built:
    tree = ChainBuilder()
    base = tree.raw("base.raw", size=SIZE)
    tree.fill(base, 0, SIZE)
    return tree, tree.differencing("leaf.avhd", parent=base, block_size=BLOCK)


def _raw() -> Built:
    tree, _ = _on_raw()
    return tree, tree.images[0]


def _resized() -> Built:
    tree, leaf = _single()
    tree.resize(leaf, 2 * SIZE)
    return tree, leaf


FAULTS: dict[tuple[str, str], Callable[[], Built]] = {
    (SEVEN_ZIP, "long-bat"): lambda: _single(Layout(spare_entries=1)),
    (SEVEN_ZIP, "short-footer"): lambda: _single(Layout(footer_length=511)),
    (SEVEN_ZIP, "truncated-tail"): lambda: _single(Layout(truncated_tail=True), size=SIZE - 2048),
    (SEVEN_ZIP, "reserved-byte"): _hidden,
    (SEVEN_ZIP, "junk-in-dynamic"): _junk,
    (SEVEN_ZIP, "longer-child"): _longer_child,
    (SEVEN_ZIP, "parent-elsewhere"): _elsewhere,
    (SEVEN_ZIP, "raw-base"): _on_raw,
    (QEMU_IMG, "differencing"): _pair,
    (QEMU_IMG, "size-by-geometry"): lambda: _single(dialect=VIRTUALBOX),
    (QEMU_IMG, "small-blocks"): lambda: _single(block_size=2048),
    (QEMU_IMG, "junk-in-dynamic"): _junk,
    (QEMU_IMG, "truncated-tail"): lambda: _single(Layout(truncated_tail=True), size=SIZE - 2048),
    (QEMU_IMG, "raw-base"): _raw,
    (LIBVHDI, "short-footer"): lambda: _single(Layout(footer_length=511)),
    (LIBVHDI, "small-blocks"): lambda: _single(block_size=2048),
    (LIBVHDI, "clear-bits"): _clear_bits,
    (LIBVHDI, "single-bits"): lambda: _pair(0x200000, bitmap=b"\xa5"),
    (LIBVHDI, "original-size"): _resized,
    (LIBVHDI, "longer-child"): _longer_child,
    (LIBVHDI, "raw-base"): _on_raw,
    (DISSECT, "differencing"): _pair,
    (DISSECT, "small-blocks"): lambda: _single(block_size=2048),
    (DISSECT, "junk-in-dynamic"): _junk,
    (DISSECT, "feature-bit"): lambda: _single(dialect=VIRTUAL_PC_MAC),
    (DISSECT, "raw-base"): _raw,
}


def test_every_rule_has_a_chain_that_shows_its_fault() -> None:
    assert [(rule.oracle, rule.name) for rule in EXCLUSIONS] == list(FAULTS)


@pytest.mark.parametrize("rule", EXCLUSIONS, ids=lambda rule: f"{rule.oracle} {rule.name}")
def test_the_reader_still_has_the_fault(rule: Exclusion, installed: Callable[[str], Oracle]) -> None:
    tree, leaf = FAULTS[rule.oracle, rule.name]()
    oracle = installed(rule.oracle)
    assert [found.name for found in exclusions_of(rule.oracle, leaf.stack)] == [rule.name]
    answer = ask(oracle, tree, leaf)
    repaired = not isinstance(answer, Cannot) and tree.expected(leaf) == answer
    assert not repaired, f"{rule.oracle} {oracle.version()} no longer {rule.fault}: the rule can go"


@pytest.mark.parametrize("name", BY_NAME)
def test_a_reader_tells_its_version(name: str, installed: Callable[[str], Oracle]) -> None:
    version = installed(name).version()
    assert version is not None
    assert version[0].isdigit()


@pytest.mark.parametrize("name", BY_NAME)
def test_a_reader_gives_a_reason_for_what_it_cannot_open(name: str, installed: Callable[[str], Oracle]) -> None:
    tree = ChainBuilder()
    leaf = tree.raw("noise.vhd", size=512)
    tree.write(leaf, 0, b"\xee" * 512)
    answer = ask(installed(name), tree, leaf)
    assert isinstance(answer, Cannot)
    assert answer.reason


def test_a_fixed_image_is_excused_by_no_rule() -> None:
    tree = ChainBuilder()
    leaf = tree.create(DiskType.FIXED, "a.vhd", size=SIZE)
    assert [rule for name in BY_NAME for rule in exclusions_of(name, leaf.stack)] == []

"""What is mended, by what proof, and what is left as it is: every damage of the matrix, and cases by hand."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from tests.matrix.planting import cells
from vhdchain.errors import PlanRefusedError
from vhdchain.image import Image, check_image, scan_image
from vhdchain.merge.patched import PatchedSource
from vhdchain.merge.repairs import MENDABLE, Case, plan_repair
from vhdchain.plan import PatchFile, Plan
from vhdchain.source import BytesSource
from vhdchain.structures import DiskType, geometry_for
from vhdchain.testing import ChainBuilder
from vhdchain.testing.damage import RECIPES, healthy_name
from vhdchain.testing.edits import edit_footer

if TYPE_CHECKING:
    from vhdchain.testing.dialects import Dialect

SIZE, BLOCK = 1 << 18, 4096
MENDED_TO_THE_BYTE = ["VHD102", "VHD106", "VHD139", "VHD140", "VHD141"]


def _scan(raw: bytes, name: str = "disk.vhd") -> Image:
    return scan_image(BytesSource(raw, name=name))


def _repaired(image: Image, plan: Plan) -> bytes:
    (step,) = [step for step in plan.steps if isinstance(step, PatchFile)]
    source = PatchedSource(image.source, step.patches, step.size)
    return source.read_at(0, source.size)


def _plan(image: Image, *children: Image, only: tuple[str, ...] = ()) -> Plan:
    return plan_repair([Case(image=image, name=image.name, children=children)], only=only)


def _refused(image: Image, *children: Image) -> str:
    with pytest.raises(PlanRefusedError) as refused:
        _plan(image, *children)
    return str(refused.value)


# ------------------------------------------------------------------------------------------------- what recipes plant


@pytest.mark.parametrize(
    ("code", "kind", "dialect"),
    [(code, *cell) for code in MENDED_TO_THE_BYTE for cell in cells(RECIPES[code]) if cell[0] is not DiskType.FIXED],
    ids=str,
)
def test_a_footer_is_mended_to_the_byte(code: str, kind: DiskType, dialect: Dialect) -> None:
    recipe = RECIPES[code]
    healthy = recipe.healthy(kind, dialect)
    image = _scan(recipe.damage(healthy))
    plan = _plan(image)
    assert _repaired(image, plan) == healthy
    assert plan.facts["mended"] == code
    assert plan.findings == ()


@pytest.mark.parametrize("code", ["VHD107", "VHD108"])
def test_a_checksum_that_leaves_bytes_out_is_made_whole(code: str) -> None:
    for kind, dialect in cells(RECIPES[code]):
        image = _scan(RECIPES[code].damage(RECIPES[code].healthy(kind, dialect)))
        repaired = _scan(_repaired(image, _plan(image)))
        assert code not in {item.code for item in check_image(repaired)}
        assert repaired.footer is not None
        assert image.footer is not None
        assert dataclasses.replace(repaired.footer, checksum=image.footer.checksum) == image.footer


@pytest.mark.parametrize("code", sorted(set(RECIPES) - MENDABLE))
def test_what_has_no_rule_is_not_touched(code: str) -> None:
    recipe = RECIPES[code]
    kind, dialect = next(cells(recipe))
    damaged = recipe.damage(recipe.healthy(kind, dialect))
    image = _scan(damaged, recipe.name or healthy_name(kind))
    if MENDABLE.intersection(item.code for item in check_image(image)):
        return  # it brings along something that is mended, and its own cause may go with that
    with contextlib.suppress(PlanRefusedError):
        assert _plan(image).steps == ()


def test_a_healthy_disk_is_left_alone() -> None:
    for kind, dialect in cells():
        plan = _plan(_scan(RECIPES["VHD106"].healthy(kind, dialect)))
        assert (plan.steps, plan.findings, plan.summary) == ((), (), "nothing is to be mended")


# ------------------------------------------------------------------------------------------------- the footer's place


def _tree() -> tuple[ChainBuilder, bytes]:
    tree = ChainBuilder(seed=3)
    base = tree.dynamic("disk.vhd", size=SIZE, block_size=BLOCK)
    tree.write(base, 0, b"one" * 2000)
    return tree, bytes(tree.file(base).content)


def test_a_footer_that_was_cut_off_is_put_behind_the_last_block() -> None:
    _, raw = _tree()
    image = _scan(raw[:-512])
    assert _repaired(image, _plan(image)) == raw


def test_data_that_was_being_written_over_the_footer_stays() -> None:
    _, raw = _tree()
    torn = raw[:-512] + b"a new block, not yet in the BAT ".ljust(32) * 16 + bytes(range(256)) * 4
    image = _scan(torn)
    assert _repaired(image, _plan(image)) == torn + raw[-512:]


def test_a_footer_is_not_put_behind_a_block_that_is_cut() -> None:
    _, raw = _tree()
    with pytest.raises(PlanRefusedError) as refused:
        _plan(_scan(raw[:-2048]))
    (footer,) = [item for item in refused.value.findings if item.code == "VHD102"]
    assert footer.message.endswith("bytes of the disk are missing (VHD404); a footer would hide it")


def test_a_fixed_disk_has_no_copy_to_mend_its_footer_from() -> None:
    recipe = RECIPES["VHD106"]
    raw = recipe.damage(recipe.healthy(DiskType.FIXED))
    assert "no valid copy" in _refused(_scan(raw))


# --------------------------------------------------------------------------------------------- which of two is right


def _with_end(raw: bytes, **fields: Any) -> bytes:
    return raw[:-512] + edit_footer(raw, **fields)[-512:]


def test_the_child_says_which_identifier_is_right() -> None:
    tree, raw = _tree()
    child = scan_image(tree.source(tree.snapshot(tree.image("disk.vhd"), "leaf.avhd")))
    torn = _with_end(raw, unique_id=bytes(range(16)))
    assert _repaired(_scan(torn), _plan(_scan(torn), child)) == raw
    assert "children in the folder ask for none" in _refused(_scan(torn))


def test_the_bat_says_which_size_is_possible() -> None:
    _, raw = _tree()
    larger = _with_end(raw, current_size=2 * SIZE)
    assert _repaired(_scan(larger), _plan(_scan(larger))) == raw


def test_a_block_behind_the_end_says_which_size_is_right() -> None:
    tree, _ = _tree()
    tree.write(tree.image("disk.vhd"), SIZE - 512, b"last")
    raw = bytes(tree.file(tree.image("disk.vhd")).content)
    smaller = _with_end(raw, current_size=SIZE // 2)
    assert _repaired(_scan(smaller), _plan(_scan(smaller))) == raw


def test_two_possible_sizes_are_not_decided() -> None:
    _, raw = _tree()
    assert "the BAT fits both or none" in _refused(_scan(_with_end(raw, current_size=SIZE // 2)))


def test_a_type_that_differs_is_not_decided() -> None:
    _, raw = _tree()
    assert "nothing else says which is right" in _refused(_scan(_with_end(raw, disk_type_raw=4)))


# -------------------------------------------------------------------------------------------- a base that was expanded


def _expanded(kind: DiskType, *, spare: int = 64) -> tuple[ChainBuilder, bytes, bytes, Image]:
    tree = ChainBuilder(seed=5)
    base = tree.create(kind, "base.vhd", size=SIZE, block_size=BLOCK)
    tree.edit(base, layout=dataclasses.replace(base.layout, spare_entries=spare))
    tree.write(base, 512, b"base" * 3000)
    leaf = tree.snapshot(base, "leaf.avhd")
    tree.write(leaf, 0, b"leaf")
    before = bytes(tree.file(base).content)
    tree.resize(base, SIZE + 5 * BLOCK)
    return tree, before, bytes(tree.file(base).content), scan_image(tree.source(leaf))


@pytest.mark.parametrize("kind", [DiskType.FIXED, DiskType.DYNAMIC])
def test_an_expanded_base_gets_the_size_of_its_children_back(kind: DiskType) -> None:
    _, before, raw, leaf = _expanded(kind)
    image = _scan(raw, "base.vhd")
    plan = _plan(image, leaf)
    repaired = _scan(_repaired(image, plan))
    assert (repaired.virtual_size, repaired.file_size) == (SIZE, len(before) if kind is DiskType.FIXED else len(raw))
    assert repaired.footer is not None
    assert repaired.footer.geometry == geometry_for(SIZE)
    assert plan.facts["mended"] == "VHD612"
    if kind is DiskType.FIXED:
        assert _repaired(image, plan) == before


def test_a_base_that_was_written_to_behind_the_old_end_is_left() -> None:
    for kind in (DiskType.FIXED, DiskType.DYNAMIC):
        tree, _, _, leaf = _expanded(kind)
        tree.write(tree.image("base.vhd"), SIZE + 700, b"new partition", under_children=True)
        image = scan_image(tree.source(tree.image("base.vhd")))
        assert "setting the size back is not enough" in _refused(image, leaf)


def test_a_base_whose_children_have_two_sizes_is_left() -> None:
    tree, _, raw, leaf = _expanded(DiskType.DYNAMIC)
    other = scan_image(tree.source(tree.snapshot(tree.image("base.vhd"), "other.avhd")))
    assert "do not all have its original size" in _refused(_scan(raw, "base.vhd"), leaf, other)


# ------------------------------------------------------------------------------------------------------------ the plan


def test_two_faults_of_a_file_become_one_list_of_patches() -> None:
    tree, _, raw, leaf = _expanded(DiskType.DYNAMIC)
    image = _scan(bytes(512) + raw[512:], "base.vhd")
    plan = _plan(image, leaf)
    assert plan.facts["mended"] == "VHD139, VHD612"
    mended = _scan(_repaired(image, plan), "base.vhd")
    assert {"VHD139", "VHD612"}.isdisjoint(item.code for item in check_image(mended))
    assert mended.virtual_size == leaf.virtual_size
    assert tree.image("base.vhd").size != mended.virtual_size


def test_only_what_is_asked_for_is_mended() -> None:
    _, _, raw, leaf = _expanded(DiskType.DYNAMIC)
    image = _scan(bytes(512) + raw[512:], "base.vhd")
    assert _plan(image, leaf, only=("VHD139",)).facts["mended"] == "VHD139"


def test_a_file_with_a_journal_is_not_mended() -> None:
    _, raw = _tree()
    image = _scan(raw[:-512])
    with pytest.raises(PlanRefusedError) as refused:
        plan_repair([Case(image=image, name="disk.vhd", journal="disk.vhd.vhdchain-journal")])
    assert [item.code for item in refused.value.findings] == ["VHD901"]


def test_what_cannot_be_mended_stays_in_the_plan_with_the_reason() -> None:
    _, raw = _tree()
    cases = [
        Case(image=_scan(raw[:-512], "a.vhd"), name="a.vhd"),
        Case(image=_scan(raw[:-2048], "b.vhd"), name="b.vhd"),
    ]
    plan = plan_repair(cases)
    assert [step.path for step in plan.steps if isinstance(step, PatchFile)] == ["a.vhd"]
    assert {item.location.path for item in plan.findings} == {"b.vhd"}
    assert all("not mended: " in item.message for item in plan.findings)

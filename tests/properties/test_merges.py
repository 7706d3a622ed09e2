"""Merging loses nothing: laws over chains of any mix of sizes of blocks, layouts, writers and bit patterns."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import vhdchain as vc
from vhdchain.audit import audit
from vhdchain.blockmap import account, family_of
from vhdchain.errors import CancelledError
from vhdchain.findings import Severity
from vhdchain.image import scan_image
from vhdchain.plan import MergeBlocks, plan_document, plan_from_document
from vhdchain.shell.opening import open_chain
from vhdchain.structures import UNUSED, DiskType
from vhdchain.testing.faults.operations import snapshot
from vhdchain.testing.faults.quick import QuickLayer
from vhdchain.testing.faults.weighing import WeighingLayer
from vhdchain.testing.strategies import chains

if TYPE_CHECKING:
    from vhdchain.plan import Plan
    from vhdchain.testing.images import BuiltImage
    from vhdchain.testing.recipes import ChainRecipe

TIMES = settings().max_examples
MODIFIED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FILES = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large])


@dataclass(frozen=True)
class Case:
    """A chain on disk, and which span of it is merged."""

    folder: Path
    stack: tuple[BuiltImage, ...]
    contents: tuple[bytes, ...]
    into: int
    top: int

    def path(self, number: int, folder: Path | None = None) -> Path:
        return (folder or self.folder) / self.stack[number].name

    def plan(self, folder: Path | None = None, *, in_place: bool = False) -> Plan:
        return vc.plan_merge(
            self.path(self.top, folder), into=self.path(self.into, folder), modified=MODIFIED, in_place=in_place
        )

    def disk(self, number: int) -> bytes:
        if self.stack[number].kind is DiskType.RAW:
            return self.path(number).read_bytes()
        with open_chain(self.path(number)) as chain:
            return chain.read(0, chain.virtual_size)

    def require_merged(self) -> None:
        left = {image.name for number, image in enumerate(self.stack) if not self.into < number <= self.top}
        assert {path.name for path in self.folder.iterdir()} == left
        assert self.disk(self.into) == self.contents[self.top]
        for number in range(self.top + 1, len(self.stack)):
            assert self.disk(number) == self.contents[number]


@st.composite
def spans(draw: st.DrawFn, *, links: int = 1) -> tuple[ChainRecipe, int, int]:
    """Return a strategy for chains of one size with two layers or more, and a span of at least ``links`` links."""
    recipe = draw(chains(max_layers=5, same_size=True))
    assume(len(recipe.layers) > links)
    into = draw(st.integers(0, len(recipe.layers) - 1 - links))
    return recipe, into, draw(st.integers(into + links, len(recipe.layers) - 1))


def _case(span: tuple[ChainRecipe, int, int], folder: Path) -> Case:
    recipe, into, top = span
    tree, leaf = recipe.build()
    tree.save(folder)
    contents = tuple(bytes(tree.expected(image).read(0, image.size)) for image in leaf.stack)
    return Case(folder=folder, stack=tuple(leaf.stack), contents=contents, into=into, top=top)


@FILES
@given(spans(), st.booleans())
def test_every_disk_that_is_left_reads_as_before(span: tuple[ChainRecipe, int, int], in_place: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        case = _case(span, Path(name))
        below = {number: case.path(number).read_bytes() for number in range(case.into)}
        vc.execute(case.plan(in_place=in_place), layer=QuickLayer())
        case.require_merged()
        assert all(case.path(number).read_bytes() == content for number, content in below.items())


@FILES
@given(spans())
def test_sizes_are_predicted_to_the_byte_and_the_room_is_enough(span: tuple[ChainRecipe, int, int]) -> None:
    with tempfile.TemporaryDirectory() as name:
        case = _case(span, Path(name))
        with vc.scan_folder(case.folder) as inventory:
            images = [inventory.image(str(case.path(number))) for number in range(len(case.stack))]
            family = family_of(images, [None, *range(len(images) - 1)], [False] * len(images))
            (foretold,) = account(family, [tuple(range(case.into, case.top + 1))]).merges
        plan = case.plan()
        step = plan.steps[0]
        assert isinstance(step, MergeBlocks)
        before = sum(path.stat().st_size for path in case.folder.iterdir())
        layer = WeighingLayer(case.folder)
        vc.execute(plan, layer=layer)
        after = sum(path.stat().st_size for path in case.folder.iterdir())
        assert case.path(case.into).stat().st_size == step.new_size == foretold.after
        # What gets another parent may have to grow for the words in which it names it.
        renamed = sum(case.path(number).stat().st_size for number in range(case.top + 1, len(case.stack)))
        renamed -= sum(image.file_size for image in images[case.top + 1 :])
        assert before - after + renamed == foretold.frees
        assert after - before == plan.needs[0].lasting
        assert layer.most - before <= plan.needs[0].peak


@FILES
@given(spans(links=2))
def test_one_pass_is_one_merge_after_the_other(span: tuple[ChainRecipe, int, int]) -> None:
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        case = _case(span, Path(first))
        other = _case(span, Path(second))
        vc.execute(case.plan(), layer=QuickLayer())
        for number in range(other.top, other.into, -1):
            vc.execute(
                vc.plan_merge(other.path(number), modified=MODIFIED),
                layer=QuickLayer(),
            )
        case.require_merged()
        other.require_merged()
        assert case.path(case.into).read_bytes() == other.path(case.into).read_bytes()


@FILES
@given(spans(links=2))
def test_merging_from_below_gives_the_same_disks(span: tuple[ChainRecipe, int, int]) -> None:
    with tempfile.TemporaryDirectory() as name:
        case = _case(span, Path(name))
        for number in range(case.into + 1, case.top + 1):
            vc.execute(vc.plan_merge(case.path(number), modified=MODIFIED), layer=QuickLayer())
        case.require_merged()


@FILES
@given(spans())
def test_a_plan_that_was_written_down_and_read_back_does_the_same(span: tuple[ChainRecipe, int, int]) -> None:
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        case = _case(span, Path(first))
        plan = case.plan()
        text = json.dumps(plan_document(plan))
        read = plan_from_document(json.loads(text))
        assert read == plan
        vc.execute(read, layer=QuickLayer())
        other = _case(span, Path(second))
        vc.execute(other.plan(), layer=QuickLayer())
        assert {path.name: path.read_bytes() for path in case.folder.iterdir()} == {
            path.name: path.read_bytes() for path in other.folder.iterdir()
        }


@FILES
@given(spans(), st.integers(0, 30))
def test_a_merge_that_was_stopped_is_taken_back_to_the_last_byte(
    span: tuple[ChainRecipe, int, int], questions: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        case = _case(span, Path(name))
        before = snapshot(str(case.folder))
        asked = iter(range(questions + 1))
        try:
            vc.execute(case.plan(), layer=QuickLayer(), cancel=lambda: next(asked, None) is None)
        except CancelledError:
            journals = list(case.folder.glob("*.vhdchain-journal"))
            for journal in journals:
                vc.undo(journal, layer=QuickLayer())
            assert snapshot(str(case.folder)) == before
        else:
            case.require_merged()


@FILES
@given(spans())
def test_a_merge_adds_no_error_and_no_warning(span: tuple[ChainRecipe, int, int]) -> None:
    with tempfile.TemporaryDirectory() as name:
        case = _case(span, Path(name))
        # A raw disk on its own is no VHD, and a child that gets it as its parent says so in a way that is a warning.
        assume(case.stack[case.into].kind is not DiskType.RAW)
        before = _told(case.folder) | _hidden(case.folder)
        vc.execute(case.plan(), layer=QuickLayer())
        assert _told(case.folder) <= before


def _hidden(folder: Path) -> set[tuple[str, str]]:
    """Return what cannot be told before: that blktap's batmap is missing shows when something stands behind the BAT."""
    with vc.scan_folder(folder) as inventory:
        empty = [image for image in inventory.images if image.bat is not None and (image.bat.entries == UNUSED).all()]
        return {(Path(image.name).name, "VHD501") for image in empty}


def _told(folder: Path) -> set[tuple[str, str]]:
    """Return file and code of all that a deep audit finds beyond notes."""
    with vc.scan_folder(folder) as inventory:
        findings = audit(inventory, deep=True).findings
    return {(Path(item.location.path).name, item.code) for item in findings if item.severity is not Severity.NOTE}


@pytest.mark.parametrize("kind", [DiskType.DYNAMIC, DiskType.FIXED])
def test_the_law_of_the_dynamic_base_is_not_empty(kind: DiskType) -> None:
    """Where nothing lies below, whoever looks at whole blocks alone reads new blocks right."""
    from vhdchain.testing.builder import ChainBuilder  # noqa: PLC0415  # only here

    tree = ChainBuilder(seed="law")
    base = tree.create(kind, "base.vhd", size=10 * 4096 + 512, block_size=4096)
    leaf = tree.snapshot(base, "leaf.avhd", block_size=4096)
    tree.fill(leaf, 10 * 4096, 512)
    tree.fill(leaf, 4096 + 512, 512)
    with tempfile.TemporaryDirectory() as name:
        paths = tree.save(Path(name))
        vc.execute(vc.plan_merge(paths["leaf.avhd"]), layer=QuickLayer())
        content = paths["base.vhd"].read_bytes()
    if kind is DiskType.DYNAMIC:
        from vhdchain.source import BytesSource  # noqa: PLC0415  # only here

        image = scan_image(BytesSource(content))
        assert image.bat is not None
        bitmaps = [content[entry * 512 : entry * 512 + 2] for entry in image.bat.entries[[1, 10]].tolist()]
        assert bitmaps == [b"\xff\x00", b"\x80\x00"]

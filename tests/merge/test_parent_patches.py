"""Which bytes change in a child that gets another parent: places, room, refusals, and that the search finds it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.locate.scripted import ScriptedGate
from vhdchain.errors import PlanRefusedError
from vhdchain.findings import Severity
from vhdchain.image import Image, check_image, scan_image
from vhdchain.locate import Candidate, PathKind, check_link, locate_parent
from vhdchain.merge.parent_patches import NewParent, ParentPatches, parent_patches
from vhdchain.merge.patched import PatchedSource
from vhdchain.plan import Patch
from vhdchain.source import BytesSource
from vhdchain.structures import PlatformCode, SpaceUnit
from vhdchain.structures.footer import DiskType
from vhdchain.testing import ChainBuilder
from vhdchain.testing.dialects import DIALECTS, Dialect, Locator, NameForm
from vhdchain.testing.strategies import chains

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.findings import Finding
    from vhdchain.locate import Refusal, StoredPath
    from vhdchain.source import ByteSource
    from vhdchain.testing.recipes import ChainRecipe


ID = bytes(range(16))
LONG = "x" * 250 + ".vhd"


def _new(path: str, **others: str) -> NewParent:
    parts = tuple(path.split("/"))
    return NewParent(unique_id=ID, name=parts[-1], relative=parts, time_stamp=77, **others)


def _leaf(dialect: Dialect = DIALECTS[0], **fields: object) -> Image:
    tree = ChainBuilder(seed=1, dialect=dialect, windows_folder=r"D:\VMs")
    base = tree.dynamic("base.vhd", size=1 << 18, block_size=4096)
    leaf = tree.snapshot(base, "leaf.avhd", **fields)  # type: ignore[arg-type]  # as the builder takes them
    tree.write(leaf, 0, b"hello")
    return scan_image(tree.source(leaf))


def _after(image: Image, patches: ParentPatches) -> Image:
    return scan_image(PatchedSource(image.source, patches.patches, patches.size))


def _codes(image: Image) -> set[str]:
    return {item.code for item in check_image(image)}


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("path", ["b.vhd", "../base library/b.vhd", f"sub/{LONG}"])
def test_a_child_names_the_new_parent_in_each_dialect(dialect: Dialect, path: str) -> None:
    image = _leaf(dialect)
    longest = len(path.encode()) > 200 and dialect.name_form is not NameForm.BASENAME
    found = parent_patches(image, _new(path), old=("base.vhd",), allow=("VHD910",) if longest else ())
    changed = _after(image, found)
    assert changed.parent_unique_id == ID
    assert changed.header is not None
    assert changed.header.record.parent_time_stamp == (77 if dialect.records_parent_time else 0)
    assert [item.slot for item in changed.locators] == [item.slot for item in image.locators]
    assert [item.entry.code for item in changed.locators] == [item.entry.code for item in image.locators]
    assert [item.entry.space_unit for item in changed.locators] == [item.entry.space_unit for item in image.locators]
    assert all((item.text or "").replace("\\", "/").endswith(path.rpartition("/")[2]) for item in changed.locators)
    assert _codes(changed) <= _codes(image) | {"VHD228"}  # a path that goes up is worth a note
    assert found.kept == ()


def test_the_patches_are_in_order_and_fit_what_is_there() -> None:
    image = _leaf()
    found = parent_patches(image, _new("b.vhd"))
    assert [patch.why for patch in found.patches] == [
        "checksum of the dynamic header",
        "parent_unique_id of the dynamic header",
        "parent_time_stamp of the dynamic header",
        "parent_unicode_name of the dynamic header",
        "locator entry 0 of the dynamic header",
        "locator entry 1 of the dynamic header",
        r"the text of locator 0 (W2ku): D:\VMs\b.vhd",
        r"the text of locator 1 (W2ru): .\b.vhd",
    ]
    ends = [0, *(patch.offset + len(patch.new) for patch in found.patches)]
    assert all(end <= patch.offset for end, patch in zip(ends, found.patches, strict=False))
    assert all(image.source.read_at(patch.offset, len(patch.old)) == patch.old for patch in found.patches)


def test_a_child_that_names_the_parent_so_already_stays_as_it_is() -> None:
    image = _leaf()
    changed = _after(image, parent_patches(image, _new("b.vhd")))
    assert parent_patches(changed, _new("b.vhd")) == ParentPatches(patches=())


def test_the_patches_turned_round_give_the_old_file() -> None:
    image = _leaf(locators=(Locator(code=PlatformCode.W2RU, text=".\\base.vhd", space=512),))
    found = parent_patches(image, _new(f"{'y' * 120}/{LONG}"), allow=("VHD910",))
    whole = _after(image, found).source
    back = [Patch(offset=item.offset, old=item.new, new=item.old, why=item.why) for item in found.patches]
    undone = PatchedSource(whole, back, image.file_size)
    assert undone.read_at(0, undone.size) == image.source.read_at(0, image.file_size)


# ----------------------------------------------------------------------------------------------------------------- room


@pytest.mark.parametrize("unit", [SpaceUnit.BYTES, SpaceUnit.SECTORS])
def test_a_text_without_room_moves_to_a_gap_and_keeps_its_unit(unit: SpaceUnit) -> None:
    locators = (
        Locator(code=PlatformCode.W2RU, space_unit=unit),
        Locator(code=PlatformCode.W2RU, slot=3, space_unit=unit),
    )
    tree = ChainBuilder(seed=1, dialect=DIALECTS[2])
    base = tree.dynamic("base.vhd", size=1 << 18, block_size=4096)
    leaf = tree.snapshot(base, "leaf.avhd", locators=locators)
    tree.edit(leaf, layout=dataclasses.replace(leaf.layout, gap=2048))
    tree.write(leaf, 0, b"hello")
    image = scan_image(tree.source(leaf))
    found = parent_patches(image, _new(f"{'y' * 200}/{'z' * 120}.vhd"))
    changed = _after(image, found)
    assert found.size is None
    assert [item.entry.platform_data_space for item in changed.locators] == [1024, 1024]
    assert {item.entry.space_unit for item in changed.locators} == {unit}
    offsets = [item.entry.platform_data_offset for item in changed.locators]
    assert len(set(offsets)) == 2
    assert _codes(changed) == _codes(image)


def test_a_text_that_fits_nowhere_stands_before_the_footer_that_moves() -> None:
    image = _leaf(DIALECTS[2])
    found = parent_patches(image, _new(f"{'y' * 200}/{'z' * 120}.vhd"))
    changed = _after(image, found)
    assert found.size == image.file_size + 2048
    assert changed.footer_end is not None
    assert image.footer_end is not None
    assert changed.footer_end.raw == image.footer_end.raw
    assert [item.entry.platform_data_offset for item in changed.locators] == [image.data_end, image.data_end + 1024]
    assert _codes(changed) == _codes(image)


def test_a_file_that_goes_on_behind_its_footer_cannot_grow() -> None:
    plain = _leaf(DIALECTS[2])
    image = scan_image(BytesSource(plain.source.read_at(0, plain.file_size) + bytes(700), name="leaf.avhd"))
    with pytest.raises(PlanRefusedError, match="goes on behind its footer"):
        parent_patches(image, _new(f"{'y' * 200}/{'z' * 120}.vhd"))


def test_two_locators_with_one_text_get_two() -> None:
    locators = (
        Locator(code=PlatformCode.W2RU, offset=8192),
        Locator(code=PlatformCode.W2KU, offset=8192, text=r".\base.vhd"),
    )
    image = _leaf(DIALECTS[2], locators=locators)
    changed = _after(image, parent_patches(image, _new("new.vhd")))
    assert [item.text for item in changed.locators] == [r".\new.vhd", r".\new.vhd"]


# ------------------------------------------------------------------------------------------------------------- refusals


def test_a_name_too_long_for_the_header_is_refused() -> None:
    image = _leaf()
    deep = "/".join(["y" * 100] * 3 + ["new.vhd"])
    with pytest.raises(PlanRefusedError) as refused:
        parent_patches(image, _new(deep))
    (told,) = refused.value.findings
    assert (told.code, told.found, told.expected) == ("VHD910", 317, 255)
    changed = _after(image, parent_patches(image, _new(deep), allow=("VHD910",)))
    assert changed.header is not None
    assert changed.header.record.parent_name == "new.vhd"


@pytest.mark.parametrize(("units", "fits"), [(255, True), (256, False)])
def test_the_header_holds_255_units_and_a_nul(units: int, *, fits: bool) -> None:
    image = _leaf(DIALECTS[2])
    new = _new("n" * units)
    if fits:
        header = _after(image, parent_patches(image, new)).header
        assert header is not None
        assert header.record.parent_unicode_name_raw[-2:] == bytes(2)
        return
    with pytest.raises(PlanRefusedError) as refused:
        parent_patches(image, new, allow=("VHD910",))
    assert [item.code for item in refused.value.findings] == ["VHD910"]


def test_a_path_longer_than_windows_has_them_is_refused() -> None:
    with pytest.raises(PlanRefusedError) as refused:
        parent_patches(_leaf(DIALECTS[2]), _new("y/" * 17_000 + "new.vhd"))
    assert [item.code for item in refused.value.findings] == ["VHD910"]


def test_an_absolute_path_that_nobody_knows_is_refused_or_kept() -> None:
    image = _leaf(locators=(Locator(code=PlatformCode.W2KU),))
    with pytest.raises(PlanRefusedError, match="--path-as"):
        parent_patches(image, _new("new.vhd"))
    found = parent_patches(image, _new("new.vhd"), keep_unknown=True)
    assert len(found.kept) == 1
    assert _after(image, found).locators == image.locators


def test_what_holds_no_text_stays() -> None:
    alias = Locator(code=PlatformCode.MAC, data=b"an alias record")
    image = _leaf(locators=(alias, Locator(code=PlatformCode.W2RU)))
    found = parent_patches(image, _new("new.vhd"))
    assert found.kept == ("locator 0 (Mac ) is of a kind that holds no text, and stays as it is",)
    assert _after(image, found).locators[0] == image.locators[0]


@pytest.mark.parametrize("name", ["con.vhd", "a\\b.vhd", "a:b.vhd", "dots. ."])
def test_a_name_that_no_stored_path_can_lead_to_is_refused(name: str) -> None:
    new = NewParent(unique_id=ID, name=name, relative=(name,), time_stamp=1)
    with pytest.raises(PlanRefusedError, match="rename the file"):
        parent_patches(_leaf(DIALECTS[2]), new)


def test_letters_that_a_locator_lacks_are_refused() -> None:
    with pytest.raises(PlanRefusedError, match="has no letters"):
        parent_patches(_leaf(locators=(Locator(code=PlatformCode.WI2R),)), _new("диск.vhd"))


def test_a_disk_without_parent_is_refused() -> None:
    tree = ChainBuilder()
    base = tree.dynamic("base.vhd", size=1 << 16)
    with pytest.raises(PlanRefusedError, match="no differencing disk"):
        parent_patches(scan_image(tree.source(base)), _new("b.vhd"))


# ------------------------------------------------------------------------------------------------------------------ law


class _OnePlace(ScriptedGate):
    """Leads to one file, by whatever path means its place: a relative one, or an absolute one below the root."""

    def __init__(self, parts: tuple[str, ...], source: ByteSource) -> None:
        super().__init__({"parent": source}, {})
        self._parts = parts

    def find(self, child: Image, path: StoredPath) -> Candidate | Refusal:
        is_there = path.parts[-len(self._parts) :] == self._parts if path.anchor or path.text[0] in "/f" else False
        is_there |= path.kind is PathKind.RELATIVE and path.parts == self._parts
        return Candidate(key="parent", path="parent") if is_there else super().find(child, path)


@settings(max_examples=settings().max_examples * 2)
@given(
    recipe=chains(kinds=(DiskType.DYNAMIC,), max_layers=2, same_size=True).filter(lambda chain: len(chain.layers) == 2),
    folders=st.lists(st.sampled_from(("sub", "a b", "\u00fc" * 90)), max_size=3),
)
def test_after_the_patches_the_search_finds_the_new_parent_and_no_more_is_wrong_than_before(
    recipe: ChainRecipe, folders: list[str]
) -> None:
    tree, leaf = recipe.build()
    base = leaf.stack[0]
    child = scan_image(tree.source(leaf))
    path = (*folders, "new parent.vhd")
    new = NewParent(
        unique_id=base.unique_id,
        name=path[-1],
        relative=path,
        time_stamp=base.modified,
        absolute="\\".join(("D:", *path)),
        url="file:///" + "/".join(map(quote, path)),
    )
    found = parent_patches(child, new, allow=("VHD910",))
    changed = scan_image(PatchedSource(child.source, found.patches, found.size))
    assert _above_note(check_image(changed)) <= _above_note(check_image(child))
    located = locate_parent(changed, _OnePlace(path, tree.source(base)))
    assert located.parent is not None
    told = check_link(changed, located.parent, located.resolution, parent_modified=base.modified)
    assert _above_note(told) == set()


def _above_note(findings: Iterable[Finding]) -> set[str]:
    return {item.code for item in findings if item.severity is not Severity.NOTE}

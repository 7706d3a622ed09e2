"""What is refused, what is read in spite of an error, and who decides."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from vhdchain.errors import ConfigError, FormatError
from vhdchain.findings import CODES, Severity
from vhdchain.image import FooterPolicy, Image, Limits, check_image, load_image, require_sound, scan_image
from vhdchain.image.load import NEVER_ACCEPTED
from vhdchain.source import BytesSource
from vhdchain.structures import DiskType
from vhdchain.testing.damage import RECIPES, Recipe
from vhdchain.testing.dialects import DIALECTS
from vhdchain.testing.edits import edit_entry, edit_footer, edit_header, end_footer, healthy, overwrite

KINDS = (DiskType.FIXED, DiskType.DYNAMIC, DiskType.DIFFERENCING)
_healthy = cache(healthy)
SPARSE = _healthy(DiskType.DYNAMIC)
FIXED = _healthy(DiskType.FIXED)

# Errors in spite of which the disk is read by the stated rules, by the kinds of images for which that holds.
STILL_LOADS = {
    "VHD102": {DiskType.DYNAMIC, DiskType.DIFFERENCING},
    "VHD106": {DiskType.DYNAMIC, DiskType.DIFFERENCING},
    "VHD139": {DiskType.DYNAMIC, DiskType.DIFFERENCING},
    "VHD205": {DiskType.DYNAMIC, DiskType.DIFFERENCING},
    "VHD220": {DiskType.DIFFERENCING},
    "VHD306": {DiskType.DIFFERENCING},  # one locator is unusable, and the parent is proven by its identifier
    "VHD307": {DiskType.DIFFERENCING},
    "VHD312": {DiskType.DIFFERENCING},
    "VHD227": {DiskType.DIFFERENCING},  # the texts mislead; the parent is looked for by its identifier too
}

# Written out once more: what the package's own table says cannot be its own judge.
ALWAYS_REFUSED = {
    *("VHD002", "VHD004", "VHD005", "VHD101", "VHD103", "VHD114", "VHD116", "VHD119", "VHD128", "VHD145"),
    *("VHD208", "VHD210", "VHD213", "VHD214", "VHD401", "VHD402", "VHD403", "VHD416", "VHD510", "VHD552"),
}

PLANTED = [
    pytest.param(recipe, kind, id=f"{recipe.code}-{kind}")
    for recipe in RECIPES.values()
    for kind in sorted(recipe.kinds)
]


def _load(raw: bytes, *, footer: FooterPolicy = FooterPolicy.AUTO, accept: tuple[str, ...] = ()) -> Image:
    return load_image(BytesSource(raw, name="x.vhd"), footer=footer, accept=accept)


def _planted(recipe: Recipe, kind: DiskType) -> bytes:
    dialect = next(dialect for dialect in DIALECTS if recipe.fits(dialect))
    return recipe.damage(recipe.healthy(kind, dialect))


def _serious(error: FormatError) -> list[str]:
    """Return the codes of the attached findings without the notes, of which healthy images have some."""
    return [item.code for item in error.findings if item.severity is not Severity.NOTE]


@pytest.mark.parametrize("kind", KINDS)
def test_a_healthy_image_loads(kind: DiskType) -> None:
    assert _load(_healthy(kind)).disk_type is kind


@pytest.mark.parametrize(("recipe", "kind"), PLANTED)
def test_an_error_refuses_with_all_findings(recipe: Recipe, kind: DiskType) -> None:
    raw = _planted(recipe, kind)
    errors = {code for code in recipe.codes if CODES[code].severity is Severity.ERROR}
    # What only bitmaps and data show does not refuse: they are not read when an image is opened.
    errors -= {recipe.code} if recipe.deep else set()
    if kind in STILL_LOADS.get(recipe.code, ()) or not errors:
        assert _load(raw).disk_type is kind
        return
    with pytest.raises(FormatError) as caught:
        _load(raw)
    assert caught.value.findings == check_image(scan_image(BytesSource(raw, name="x.vhd")))
    assert set(_serious(caught.value)) >= errors


@pytest.mark.parametrize(("recipe", "kind"), PLANTED)
def test_accepting_codes_opens_only_what_can_be_read_without_a_guess(recipe: Recipe, kind: DiskType) -> None:
    raw = _planted(recipe, kind)
    if recipe.codes & ALWAYS_REFUSED:
        with pytest.raises(FormatError):
            _load(raw, accept=tuple(CODES))
    else:
        image = _load(raw, accept=tuple(recipe.codes))
        assert image.disk_type is kind
        assert image.footer is not None
        assert image.virtual_size == image.footer.current_size


def test_the_codes_that_are_never_accepted_are_these() -> None:
    assert NEVER_ACCEPTED == ALWAYS_REFUSED


def test_an_accepted_code_does_not_accept_others() -> None:
    raw = edit_header(edit_footer(SPARSE, file_format_version=0x00020000), header_version=0x00020000)
    for accept in ((), ("VHD109",), ("VHD203",)):
        with pytest.raises(FormatError):
            _load(raw, accept=accept)
    assert _load(raw, accept=("VHD109", "VHD203")).disk_type is DiskType.DYNAMIC


def test_a_code_that_does_not_exist_cannot_be_accepted() -> None:
    with pytest.raises(ConfigError, match="VHD999"):
        _load(SPARSE, accept=("VHD106", "VHD999"))


def test_the_line_names_file_field_and_offset_and_how_many_more() -> None:
    raw = edit_footer(SPARSE, copy=False, file_format_version=0x00020000, disk_type_raw=5)
    with pytest.raises(FormatError) as caught:
        _load(overwrite(raw, 0, bytes(512)))
    first, *others = caught.value.findings
    assert str(caught.value) == f"{first} (and {len(others)} more)"
    offset = len(raw) - 512 + 12
    assert str(first).startswith(f"x.vhd:footer.file_format_version @0x{offset:X}: ")
    assert "\n" not in str(caught.value)


def test_warnings_and_notes_do_not_refuse_and_are_attached_to_what_does() -> None:
    raw = edit_footer(SPARSE, end=False, creator_version=7)
    assert _load(raw).disk_type is DiskType.DYNAMIC
    with pytest.raises(FormatError) as caught:
        _load(edit_entry(raw, 0, 0))
    assert [item.code for item in caught.value.findings][:2] == ["VHD403", "VHD141"]
    assert caught.value.findings == check_image(scan_image(BytesSource(edit_entry(raw, 0, 0), name="x.vhd")))


# ---------------------------------------------------------------------------------------------------- two footers


def _sizes(raw: bytes) -> tuple[int, int]:
    image = scan_image(BytesSource(raw))
    assert image.footer_end is not None
    assert image.footer_copy is not None
    return image.footer_end.record.current_size, image.footer_copy.record.current_size


def test_two_valid_footers_of_different_sizes_are_refused_unless_one_is_named() -> None:
    raw = edit_footer(SPARSE, end=False, current_size=4096)
    end, copy = _sizes(raw)
    with pytest.raises(FormatError):
        _load(raw)
    assert _load(raw, footer=FooterPolicy.END).virtual_size == end
    assert _load(raw, footer=FooterPolicy.COPY).virtual_size == copy == 4096


@pytest.mark.parametrize(
    "fields", [{"unique_id": bytes(16)}, {"disk_type_raw": 4}, {"data_offset": 1024}, {"current_size": 512}]
)
def test_every_deciding_difference_is_refused(fields: dict[str, Any]) -> None:
    raw = edit_footer(SPARSE, end=False, **fields)
    with pytest.raises(FormatError):
        _load(raw)
    assert _load(raw, footer=FooterPolicy.END).unique_id == end_footer(SPARSE).unique_id


@pytest.mark.parametrize("fields", [{"time_stamp": 1}, {"original_size": 1}, {"saved_state": 1}])
def test_another_difference_is_not_and_the_end_footer_counts(fields: dict[str, Any]) -> None:
    image = _load(edit_footer(SPARSE, end=False, **fields))
    assert image.footer == end_footer(SPARSE)


def test_naming_a_footer_does_not_make_it_valid() -> None:
    size = end_footer(SPARSE).current_size - 512
    raw = edit_footer(SPARSE, copy=False, checksum=False, current_size=size, original_size=size)
    assert _load(raw).virtual_size == end_footer(SPARSE).current_size
    with pytest.raises(FormatError) as caught:
        _load(raw, footer=FooterPolicy.END)
    assert _serious(caught.value) == ["VHD106"]
    assert _load(raw, footer=FooterPolicy.END, accept=("VHD106",)).virtual_size == size


def test_a_damaged_copy_does_not_stand_in_for_a_missing_end() -> None:
    raw = edit_footer(SPARSE, end=False, checksum=False, creator_version=8)[:-512]
    with pytest.raises(FormatError) as caught:
        _load(raw)
    assert _serious(caught.value) == ["VHD140", "VHD102"]
    for code in ("VHD102", "VHD140"):
        with pytest.raises(FormatError):
            _load(raw, accept=(code,))
    assert _load(raw, accept=("VHD102", "VHD140")).disk_type is DiskType.DYNAMIC


def test_a_fixed_disks_first_sector_does_not_stand_in_for_its_footer() -> None:
    raw = FIXED[-512:] + FIXED[512:-512] + bytes(512)
    with pytest.raises(FormatError) as caught:
        _load(raw)
    assert _serious(caught.value) == ["VHD102"]


def test_what_a_limit_left_out_is_never_accepted() -> None:
    with pytest.raises(FormatError) as caught:
        load_image(BytesSource(SPARSE), accept=tuple(CODES), limits=Limits(max_bat_entries=10))
    assert _serious(caught.value) == ["VHD005"]


def test_requiring_soundness_hands_the_same_image_back() -> None:
    image = scan_image(BytesSource(SPARSE))
    assert require_sound(image) is image
    assert {item.severity for item in check_image(image)} <= {Severity.NOTE}

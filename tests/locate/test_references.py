"""References: which places a child names, in the order of trust."""

from __future__ import annotations

import pytest

from vhdchain.image import Image, scan_image
from vhdchain.locate import PathKind, Rule, references
from vhdchain.structures import PlatformCode
from vhdchain.testing import ChainBuilder
from vhdchain.testing.dialects import Locator, NameForm

CODES = [PlatformCode.WI2K, PlatformCode.MACX, PlatformCode.W2KU, PlatformCode.WI2R, PlatformCode.W2RU]


def _child(*locators: Locator, name_form: NameForm = NameForm.EMPTY, parent: str = "base/base.vhd") -> Image:
    tree = ChainBuilder(windows_folder=r"D:\VMs")
    base = tree.dynamic(parent, size=1 << 20)
    return scan_image(tree.source(tree.snapshot(base, "snap/leaf.avhd", locators=locators, name_form=name_form)))


def test_locators_come_in_the_order_of_trust_whatever_their_slots() -> None:
    found = references(_child(*(Locator(code=code) for code in CODES)))
    assert [(item.rule, item.slot) for item in found] == [
        (Rule.W2RU, 4),
        (Rule.W2KU, 2),
        (Rule.MACX, 1),
        (Rule.WI2R, 3),
        (Rule.WI2K, 0),
        (Rule.BASENAME, 2),
    ]
    assert [item.fallback for item in found] == [False] * 5 + [True]


def test_two_locators_of_one_kind_come_in_the_order_of_their_slots() -> None:
    twice = [Locator(code=PlatformCode.W2RU, text=text) for text in (r".\a.vhd", r".\b.vhd")]
    assert [(item.slot, item.text) for item in references(_child(*twice))] == [(0, r".\a.vhd"), (1, r".\b.vhd")]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (NameForm.BASENAME, [(Rule.HEADER_NAME, "base.vhd", PathKind.RELATIVE, True)]),
        (NameForm.LITTLE_ENDIAN, [(Rule.HEADER_NAME, "base.vhd", PathKind.RELATIVE, True)]),
        (
            NameForm.FULL_PATH,
            [
                (Rule.HEADER_NAME, r"D:\VMs\base\base.vhd", PathKind.DRIVE, False),
                (Rule.BASENAME, r"D:\VMs\base\base.vhd", PathKind.RELATIVE, True),
            ],
        ),
        (
            NameForm.SLASHES,
            [
                (Rule.HEADER_NAME, "/VMs/base/base.vhd", PathKind.POSIX, False),
                (Rule.BASENAME, "/VMs/base/base.vhd", PathKind.RELATIVE, True),
            ],
        ),
        (NameForm.EMPTY, []),
    ],
)
def test_the_headers_name_is_a_place_where_it_is_a_path_and_else_a_guess(
    form: NameForm, expected: list[tuple[Rule, str, PathKind, bool]]
) -> None:
    found = references(_child(name_form=form))
    assert [(item.rule, item.text, item.path.kind, item.fallback) for item in found] == expected


def test_the_last_name_of_an_absolute_path_is_tried_once_beside_the_child() -> None:
    locators = [Locator(code=code) for code in (PlatformCode.W2KU, PlatformCode.WI2K)]
    found = references(_child(*locators, name_form=NameForm.FULL_PATH))
    assert [item.path.parts for item in found if item.rule is Rule.BASENAME] == [("base.vhd",)]


def test_nothing_is_guessed_that_a_reference_says_already() -> None:
    found = references(_child(Locator(code=PlatformCode.W2KU), name_form=NameForm.BASENAME))
    assert [item.rule for item in found] == [Rule.W2KU, Rule.HEADER_NAME]


def test_a_relative_path_in_a_locator_for_absolute_ones_stays_relative() -> None:
    (found,) = references(_child(Locator(code=PlatformCode.W2KU, text="base.vhd")))
    assert (found.rule, found.path.kind, found.fallback) == (Rule.W2KU, PathKind.RELATIVE, False)


def test_a_locator_that_cannot_be_decoded_is_told() -> None:
    (found,) = references(_child(Locator(code=PlatformCode.W2RU, data=b"\x00\xd8.\x00")))
    assert (found.rule, found.text) == (Rule.W2RU, "")
    assert found.path.problem is not None


def test_opaque_and_unknown_locators_say_nothing() -> None:
    assert references(_child(Locator(code=PlatformCode.MAC, data=b"alias"), Locator(code=b"Abcd", data=b"x"))) == ()


def test_a_disk_without_a_parent_refers_to_none() -> None:
    tree = ChainBuilder()
    assert references(scan_image(tree.source(tree.dynamic("base.vhd", size=1 << 20)))) == ()

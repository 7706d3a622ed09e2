r"""With which words a child names another parent: a table of old words, new parents and new words."""

from __future__ import annotations

import pytest

from vhdchain.image import Image, scan_image
from vhdchain.merge.parent_texts import NewParent, ParentTexts
from vhdchain.structures import PlatformCode
from vhdchain.testing import ChainBuilder
from vhdchain.testing.dialects import Locator, NameForm

W2RU, W2KU, MACX, WI2K = PlatformCode.W2RU, PlatformCode.W2KU, PlatformCode.MACX, PlatformCode.WI2K


def _child(*locators: Locator, form: NameForm = NameForm.BASENAME) -> Image:
    tree = ChainBuilder(windows_folder=r"D:\VMs")
    base = tree.dynamic("mid.vhd", size=1 << 16, block_size=4096)
    return scan_image(tree.source(tree.snapshot(base, "leaf.avhd", locators=locators, name_form=form)))


def _new(path: str, absolute: str | None = None, url: str | None = None) -> NewParent:
    parts = tuple(path.split("/"))
    return NewParent(unique_id=bytes(16), name=parts[-1], relative=parts, time_stamp=1, absolute=absolute, url=url)


RELATIVE = Locator(code=W2RU, text=r".\mid.vhd")


@pytest.mark.parametrize(
    ("code", "old", "path", "wanted"),
    [
        (W2RU, r".\mid.vhd", "new.vhd", r".\new.vhd"),
        (W2RU, "mid.vhd", "new.vhd", "new.vhd"),
        (W2RU, "./mid.vhd", "sub/new.vhd", "./sub/new.vhd"),
        (W2RU, r".\mid.vhd", "../base/new.vhd", r"..\base\new.vhd"),
        (W2RU, r"..\base\mid.vhd", "new.vhd", r".\new.vhd"),
        (W2RU, r"D:\VMs\mid.vhd", "new.vhd", r".\new.vhd"),  # the locator is for a relative path
        (W2RU, r".\mid.vhd", "..odd.vhd", r".\..odd.vhd"),
        (W2KU, r".\mid.vhd", "new.vhd", r".\new.vhd"),  # as blktap has it
        (W2KU, r"D:\VMs\mid.vhd", "new.vhd", r"D:\VMs\new.vhd"),
        (W2KU, r"d:\vms\MID.VHD", "sub/new.vhd", "D:\\vms\\sub\\new.vhd"),
        (W2KU, r"D:\VMs\srv\mid.vhd", "../new.vhd", r"D:\VMs\new.vhd"),
        (W2KU, r"\\host\share\mid.vhd", "new.vhd", r"\\host\share\new.vhd"),
        (W2KU, r"\\?\D:\VMs\mid.vhd", "new.vhd", r"\\?\D:\VMs\new.vhd"),
        (W2KU, "/srv/sm/mid.vhd", "new.vhd", "/srv/sm/new.vhd"),
        (W2KU, r"D:\VMs\other.vhd", "new.vhd", None),  # its two paths name two files
        (W2KU, r"D:\mid.vhd", "../new.vhd", None),  # nothing is above the root
        (MACX, "file://./mid.vhd", "new vhd.vhd", "file://./new vhd.vhd"),
        (MACX, "file://./mid.vhd", "../b/50%.vhd", "file://../b/50%25.vhd"),
        (MACX, "file://localhost/VMs/mid.vhd", "new vhd.vhd", "file://localhost/VMs/new%20vhd.vhd"),
        (MACX, "file:///VMs/mid.vhd", "new.vhd", "file:///VMs/new.vhd"),
        (MACX, "file:///D:/VMs/mid.vhd", "new.vhd", "file:///D:/VMs/new.vhd"),
        (MACX, "file://host/share/mid.vhd", "new.vhd", "file://host/share/new.vhd"),
        (WI2K, r"C:\mid.vhd", "new.vhd", r"C:\new.vhd"),
    ],
)
def test_a_locator_names_the_new_parent_in_the_manner_of_the_old(
    code: PlatformCode, old: str, path: str, wanted: str | None
) -> None:
    # The relative path beside it tells what the absolute ones mean.
    others = () if code is W2RU else (RELATIVE,)
    child = _child(Locator(code=code, text=old), *others)
    assert ParentTexts(child, _new(path)).of_locator(child.locators[0]) == wanted


def test_what_the_caller_says_goes_before_what_the_child_says() -> None:
    child = _child(Locator(code=W2KU, text=r"D:\VMs\mid.vhd"), Locator(code=MACX, text="file:///VMs/mid.vhd"), RELATIVE)
    texts = ParentTexts(child, _new("new.vhd", absolute=r"E:\new.vhd", url="file:///new.vhd"))
    assert [texts.of_locator(locator) for locator in child.locators] == [r"E:\new.vhd", "file:///new.vhd", r".\new.vhd"]


def test_where_the_old_parent_was_found_tells_what_an_absolute_path_means() -> None:
    child = _child(Locator(code=W2KU, text=r"E:\base\mid.vhd"))
    new = _new("../base/new.vhd")
    assert ParentTexts(child, new).of_locator(child.locators[0]) is None
    assert ParentTexts(child, new, ("..", "base", "mid.vhd")).of_locator(child.locators[0]) == r"E:\base\new.vhd"
    # The folder's name from which ".." led is in no path.
    assert ParentTexts(child, _new("new.vhd"), ("..", "base", "mid.vhd")).of_locator(child.locators[0]) is None


def test_a_parent_on_another_volume_has_no_relative_path() -> None:
    child = _child(RELATIVE, Locator(code=W2KU), Locator(code=MACX))
    new = NewParent(unique_id=bytes(16), name="n.vhd", relative=None, time_stamp=1, absolute=r"E:\n.vhd")
    assert [ParentTexts(child, new).of_locator(locator) for locator in child.locators] == [None, r"E:\n.vhd", None]


@pytest.mark.parametrize(
    ("form", "wanted"),
    [
        (NameForm.BASENAME, "new.vhd"),
        (NameForm.FULL_PATH, r"D:\VMs\base\new.vhd"),
        (NameForm.SLASHES, "/VMs/base/new.vhd"),
        (NameForm.LITTLE_ENDIAN, "new.vhd"),
        (NameForm.EMPTY, "new.vhd"),
    ],
)
def test_the_header_keeps_the_form_of_its_name(form: NameForm, wanted: str) -> None:
    assert ParentTexts(_child(RELATIVE, form=form), _new("base/new.vhd")).of_header() == wanted


def test_the_header_has_the_bare_name_where_the_whole_path_is_not_known() -> None:
    child = _child(Locator(code=W2KU), form=NameForm.FULL_PATH)
    assert ParentTexts(child, _new("base/new.vhd")).of_header() == "new.vhd"

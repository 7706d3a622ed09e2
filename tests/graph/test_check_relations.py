"""What relatives say of a disk: who asks for its grandparent, its descendant, its sibling; bases; writable parents."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from vhdchain.findings import Severity
from vhdchain.graph import InputFile, Inventory, build_graph
from vhdchain.graph.check_relations import check_relations
from vhdchain.image import raw_image, scan_image
from vhdchain.locate import Attempt, Outcome, Resolution, Rule
from vhdchain.structures.footer import NULL_ID
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vhdchain.findings import Finding
    from vhdchain.testing.images import BuiltImage


class Family:
    """A base, two disks above it and one above the first; by its paths each stands where it was made."""

    def __init__(self) -> None:
        self.tree = ChainBuilder()
        self.base = self.tree.dynamic("base.vhd", size=1 << 20)
        self.middle = self.tree.snapshot(self.base, "middle.avhd")
        self.sibling = self.tree.snapshot(self.base, "sibling.avhd")
        self.leaf = self.tree.snapshot(self.middle, "leaf.avhd")

    def told(self, wanted: Mapping[str, bytes] | None = None, *, guess: bool = False) -> list[Finding]:
        """Return what is told where some disks ask for these identifiers; the index finds them where it can."""
        for name, unique_id in (wanted or {}).items():
            self.tree.edit(self.tree.image(name), parent_unique_id=unique_id)
        images = tuple(scan_image(self.tree.source(image)) for image in self.tree.images)
        resolutions = tuple(self._resolved(image, guess=guess) for image in self.tree.images if image.parent)
        return list(
            check_relations(
                Inventory(images=images, resolutions=resolutions, graph=build_graph(images, resolutions), roots=(".",))
            )
        )

    def _resolved(self, child: BuiltImage, *, guess: bool) -> Resolution:
        assert child.parent is not None
        agrees = child.parent.unique_id == child.parent_unique_id
        attempt = Attempt(
            child=child.name,
            rule=Rule.W2RU,
            slot=1,
            reference="x",
            candidate=child.parent.name,
            outcome=Outcome.FOUND if agrees else Outcome.MISMATCH,
            unique_id=child.parent.unique_id,
            guess=guess,
        )
        owner = next((image.name for image in self.tree.images if image.unique_id == child.parent_unique_id), None)
        return Resolution(
            child=child.name,
            outcome=Outcome.FOUND if owner else Outcome.MISMATCH,
            parent=owner,
            wanted=child.parent_unique_id,
            attempts=(attempt,),
        )


def test_a_sound_family_has_no_findings() -> None:
    assert Family().told() == []


def test_a_child_that_asks_for_its_grandparent_is_told() -> None:
    family = Family()
    (told,) = family.told({"leaf.avhd": family.base.unique_id})
    assert (told.code, told.severity) == ("VHD622", Severity.ERROR)
    assert (told.expected, told.found) == (family.middle.unique_id.hex(), family.base.unique_id.hex())
    assert (told.location.path, told.location.field) == ("leaf.avhd", "parent_unique_id")
    assert told.related == ("middle.avhd", "base.vhd")


def test_the_grandparent_need_not_be_there() -> None:
    family = Family()
    (told,) = family.told({"leaf.avhd": b"\x77" * 16, "middle.avhd": b"\x77" * 16})
    assert (told.code, told.location.path, told.related) == ("VHD622", "leaf.avhd", ("middle.avhd",))


def test_a_disk_that_asks_for_its_sibling_is_told() -> None:
    family = Family()
    (told,) = family.told({"middle.avhd": family.sibling.unique_id})
    assert (told.code, told.severity, told.location.path) == ("VHD623", Severity.ERROR, "middle.avhd")
    assert (told.expected, told.found) == (family.base.unique_id.hex(), family.sibling.unique_id.hex())
    assert told.related == ("sibling.avhd", "base.vhd")


def test_a_disk_that_asks_for_its_own_descendant_is_told() -> None:
    family = Family()
    top = family.tree.snapshot(family.leaf, "top.avhd")
    (told,) = family.told({"middle.avhd": top.unique_id})
    assert (told.code, told.location.path, told.related) == ("VHD623", "middle.avhd", ("top.avhd", "base.vhd"))


def test_an_identifier_of_a_stranger_is_another_matter() -> None:
    family = Family()
    stranger = family.tree.dynamic("stranger.vhd", size=1 << 20)
    assert family.told({"leaf.avhd": stranger.unique_id}) == []
    assert Family().told({"leaf.avhd": b"\x77" * 16}) == []


def test_disks_without_identifiers_are_not_taken_for_relatives() -> None:
    assert Family().told({"leaf.avhd": NULL_ID, "middle.avhd": NULL_ID}) == []


def test_a_name_that_leads_elsewhere_is_not_a_place_that_the_child_records() -> None:
    family = Family()
    assert family.told({"leaf.avhd": family.base.unique_id}, guess=True) == []


# ------------------------------------------------------------------------------------------------- facts of a parent


def _inventory(base: str, *, writable: bool | None = None, children: int = 2) -> Inventory:
    tree = ChainBuilder()
    below = {"fixed": tree.fixed, "dynamic": tree.dynamic, "raw": tree.raw}[base]("base.vhd", size=1 << 20)
    leaves = [tree.snapshot(below, f"{number}.avhd") for number in range(children)]
    source = tree.source(below)
    images = (
        raw_image(source) if base == "raw" else scan_image(source),
        *(scan_image(tree.source(leaf)) for leaf in leaves),
    )
    links = tuple(Resolution(child=leaf.name, outcome=Outcome.FOUND, parent="base.vhd") for leaf in leaves)
    files = tuple(InputFile(path=image.name, size=0, mtime_ns=0, writable=writable) for image in images)
    return Inventory(images=images, resolutions=links, graph=build_graph(images, links), roots=(".",), inputs=files)


@pytest.mark.parametrize("kind", ["raw", "fixed"])
def test_a_raw_or_fixed_base_is_one_note(kind: str) -> None:
    (told,) = check_relations(_inventory(kind))
    assert (told.code, told.severity, told.found) == ("VHD624", Severity.NOTE, kind)
    assert (told.location.path, told.related) == ("base.vhd", ("0.avhd", "1.avhd"))


def test_a_dynamic_base_and_a_lone_disk_are_not_told() -> None:
    assert list(check_relations(_inventory("dynamic"))) == []
    assert list(check_relations(_inventory("fixed", children=0))) == []


@pytest.mark.parametrize(("writable", "codes"), [(True, ["VHD627"]), (False, []), (None, [])])
def test_a_parent_that_can_be_written_to_is_one_note(writable: bool | None, codes: list[str]) -> None:
    told = list(check_relations(_inventory("dynamic", writable=writable)))
    assert [item.code for item in told] == codes
    assert {(item.location.path, item.related, item.severity) for item in told} <= {
        ("base.vhd", ("0.avhd", "1.avhd"), Severity.NOTE)
    }


def test_an_inventory_without_files_is_judged_by_its_images() -> None:
    bare = dataclasses.replace(_inventory("fixed", writable=True), inputs=())
    assert [item.code for item in check_relations(bare)] == ["VHD624"]

"""The chain: whole or refused, every image judged, every link compared, all without files."""

from __future__ import annotations

import errno
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.locate.scripted import ScriptedGate
from vhdchain.chain import Chain, build_chain, link_images
from vhdchain.errors import CancelledError, ChainError, FormatError
from vhdchain.image import FooterPolicy, Image, raw_image, scan_image
from vhdchain.locate import Outcome, Rule
from vhdchain.source import BytesSource
from vhdchain.structures import PlatformCode
from vhdchain.testing import ChainBuilder
from vhdchain.testing.dialects import Locator, NameForm
from vhdchain.testing.edits import edit_footer, flip_bit

if TYPE_CHECKING:
    from vhdchain.source import ByteSource
    from vhdchain.testing.images import BuiltImage

SIZE = 64 * 1024
W2RU = Locator(code=PlatformCode.W2RU)


class World:
    """Three layers that name each other by W2ru alone, and a gate that knows them."""

    def __init__(self, **options: Any) -> None:
        self.tree = ChainBuilder()
        self.base = self.tree.dynamic("base.vhd", size=SIZE, block_size=4096)
        self.middle = self._child(self.base, "middle.avhd", **options)
        self.leaf = self._child(self.middle, "leaf.avhd")
        self.files: dict[str, ByteSource | Exception] = dict(self.tree.sources())
        places = {rf".\{image.name}": image.name for image in self.tree.images}
        self.gate = ScriptedGate(self.files, places)

    def _child(self, parent: BuiltImage, name: str, **options: Any) -> BuiltImage:
        return self.tree.snapshot(parent, name, locators=(W2RU,), name_form=NameForm.EMPTY, **options)

    def image(self, built: BuiltImage) -> Image:
        return scan_image(self.tree.source(built))

    def build(self, **options: Any) -> Chain:
        return build_chain(self.image(self.leaf), self.gate, **options)

    def refused(self, **options: Any) -> ChainError:
        with pytest.raises(ChainError) as caught:
            self.build(**options)
        return caught.value


def _codes(error: ChainError) -> list[str]:
    return [item.code for item in error.findings]


def test_a_chain_goes_from_the_base_up_to_the_leaf() -> None:
    chain = World().build()
    assert [(layer.index, layer.image.name, layer.found_by) for layer in chain.layers] == [
        (0, "base.vhd", Rule.W2RU),
        (1, "middle.avhd", Rule.W2RU),
        (2, "leaf.avhd", None),
    ]
    assert (chain.leaf.name, chain.base.name, chain.virtual_size) == ("leaf.avhd", "base.vhd", SIZE)
    assert [item.child for item in chain.resolutions] == ["leaf.avhd", "middle.avhd"]
    assert chain.complete


def test_a_disk_without_a_parent_is_a_chain_of_one() -> None:
    world = World()
    chain = build_chain(world.image(world.base), world.gate)
    assert (len(chain.layers), chain.resolutions, world.gate.opened) == (1, (), [])


def test_each_parent_is_opened_once() -> None:
    world = World()
    world.build()
    assert world.gate.opened == ["middle.avhd", "base.vhd"]


def test_a_parent_that_may_not_be_read_is_told_as_the_host_tells_it() -> None:
    world = World()
    world.files["base.vhd"] = PermissionError(errno.EACCES, "Permission denied")
    error = world.refused()
    assert _codes(error) == ["VHD628"]
    assert error.findings[0].related == ("base.vhd",)
    assert str(error).startswith("middle.avhd: ")
    partial = world.build(partial=True)
    assert (partial.complete, partial.base.name) == (False, "middle.avhd")
    assert partial.resolutions[-1].outcome is Outcome.ACCESS_DENIED


def test_what_was_opened_is_given_back_where_a_chain_is_refused() -> None:
    world = World()
    world.gate.places = {r".\middle.avhd": "middle.avhd"}
    assert _codes(world.refused()) == ["VHD601"]
    assert world.gate.discarded == ["middle.avhd"]


def test_every_image_is_judged_and_not_only_the_leaf() -> None:
    world = World()
    damaged = flip_bit(world.tree.files()["base.vhd"], 512 + 36)  # in the header's checksum
    world.files["base.vhd"] = BytesSource(damaged, name="base.vhd")
    with pytest.raises(FormatError) as caught:
        world.build()
    assert "VHD202" in [item.code for item in caught.value.findings]
    assert world.gate.discarded == ["middle.avhd", "base.vhd"]
    assert world.build(accept={"VHD202"}).complete


def test_another_disk_in_the_middle_is_refused_unless_accepted() -> None:
    world = World(parent_unique_id=b"\xee" * 16)
    error = world.refused()
    assert _codes(error) == ["VHD603"]
    assert _codes(world.refused(partial=True)) == ["VHD603"]
    accepted = world.build(accept=["VHD603"])
    assert [item.agrees for item in accepted.resolutions] == [True, False]


def test_a_chain_that_comes_back_to_itself_is_refused() -> None:
    world = World()
    world.tree.edit(world.middle, parent_unique_id=world.leaf.unique_id)
    world.files.update(world.tree.sources())
    world.gate.places = {**world.gate.places, r".\base.vhd": "leaf.avhd"}
    for partial in (False, True):
        error = world.refused(partial=partial)
        assert _codes(error) == ["VHD701"]
        assert error.findings[0].related == ("leaf.avhd", "middle.avhd")


def test_a_cycle_below_the_leaf_is_told_without_the_leaf() -> None:
    world = World()
    top = world._child(world.leaf, "top.avhd")
    world.tree.edit(world.middle, parent_unique_id=world.leaf.unique_id)
    world.files.update(world.tree.sources())
    world.gate.places = {**world.gate.places, r".\leaf.avhd": "leaf.avhd", r".\base.vhd": "leaf.avhd"}
    with pytest.raises(ChainError) as caught:
        build_chain(world.image(top), world.gate)
    assert sorted(caught.value.findings[0].related) == ["leaf.avhd", "middle.avhd"]
    # The leaf was opened a second time before it was known again.
    assert sorted(world.gate.discarded) == ["leaf.avhd", "leaf.avhd", "middle.avhd"]


def test_each_layer_has_the_rule_by_which_its_own_child_found_it() -> None:
    world = World()
    world.gate.places = {r".\base.vhd": "base.vhd"}
    world.gate.index = {world.middle.unique_id: ["middle.avhd"]}
    assert [layer.found_by for layer in world.build().layers] == [Rule.W2RU, Rule.UUID_INDEX, None]


def test_a_partial_view_may_lack_a_parent_that_cannot_be_read() -> None:
    world = World()
    world.files["base.vhd"] = OSError(errno.EIO, "Input/output error")
    chain = world.build(partial=True)
    assert ([layer.image.name for layer in chain.layers], chain.complete) == (["middle.avhd", "leaf.avhd"], False)
    assert chain.resolutions[-1].outcome is Outcome.UNREADABLE


def test_naming_the_footer_that_counts_holds_for_parents_too() -> None:
    world = World()
    raw = edit_footer(bytes(world.tree.file(world.base).content), copy=False, current_size=SIZE // 2)
    world.files["base.vhd"] = BytesSource(raw, name="base.vhd")
    with pytest.raises(FormatError):
        world.build()
    assert world.build(footer=FooterPolicy.END).base.virtual_size == SIZE // 2


def test_progress_and_cancel_are_asked_at_every_link() -> None:
    calls: list[tuple[int, int]] = []
    stop = threading.Event()

    def progress(done: int, total: int) -> None:
        calls.append((done, total))
        stop.set()

    world = World()
    with pytest.raises(CancelledError):
        world.build(progress=progress, cancel=stop)
    assert calls == [(2, 3)]
    assert world.gate.discarded == ["middle.avhd"]


# --------------------------------------------------------------------------------------------------------- given images


def test_given_images_become_a_chain() -> None:
    world = World()
    chain = link_images([world.image(image) for image in world.leaf.stack])
    assert [layer.found_by for layer in chain.layers] == [Rule.GIVEN, Rule.GIVEN, None]
    assert [item.child for item in chain.resolutions] == ["leaf.avhd", "middle.avhd"]


def test_given_images_are_judged_by_what_is_accepted_and_which_footer_counts() -> None:
    world = World()
    raw = bytes(world.tree.file(world.base).content)
    foreign = scan_image(BytesSource(edit_footer(raw, file_format_version=0x00020000), name="base.vhd"))
    torn = scan_image(BytesSource(edit_footer(raw, copy=False, current_size=SIZE // 2), name="base.vhd"))
    middle = world.image(world.middle)
    for base in (foreign, torn):
        with pytest.raises(FormatError):
            link_images([base, middle])
    assert link_images([foreign, middle], accept=["VHD109"]).base is foreign
    assert link_images([torn, middle], footer=FooterPolicy.END).base is torn


def test_given_images_must_fit() -> None:
    world = World()
    base, middle, leaf = (world.image(image) for image in world.leaf.stack)
    with pytest.raises(ChainError) as caught:
        link_images([base, leaf])
    assert _codes(caught.value) == ["VHD603"]
    with pytest.raises(ChainError):
        link_images([middle, base])
    with pytest.raises(ChainError):
        link_images([])


def test_a_given_chain_may_lack_its_base_only_by_name() -> None:
    world = World()
    images = [world.image(image) for image in world.leaf.stack[1:]]
    with pytest.raises(ChainError) as caught:
        link_images(images)
    assert _codes(caught.value) == ["VHD601"]
    chain = link_images(images, partial=True)
    assert (chain.complete, chain.resolutions[-1].outcome) == (False, Outcome.MISSING)


def test_a_given_raw_base_needs_a_child_that_asks_for_one() -> None:
    tree = ChainBuilder()
    base = tree.raw("base.img", size=SIZE)
    leaf = scan_image(tree.source(tree.snapshot(base, "leaf.vhd", block_size=4096)))
    assert link_images([raw_image(tree.source(base)), leaf]).base.raw
    world = World()
    with pytest.raises(ChainError) as caught:
        link_images([raw_image(tree.source(base)), world.image(world.middle)])
    assert _codes(caught.value) == ["VHD603"]

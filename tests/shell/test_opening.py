"""Opening from paths: chains whole or not at all, and the trace of how each parent was found."""

from __future__ import annotations

import io
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.shell.tracing import open_descriptors, traced
from vhdchain.errors import CancelledError, ChainError, ConfigError, FormatError, UnknownDataError
from vhdchain.locate import Outcome, PathMap, Rule
from vhdchain.shell.files import open_source
from vhdchain.shell.opening import chain_from_sources, open_chain, open_image, scan_file
from vhdchain.source import BytesSource
from vhdchain.structures import PlatformCode
from vhdchain.structures.footer import NULL_ID
from vhdchain.testing import ChainBuilder
from vhdchain.testing.dialects import Locator, NameForm

if TYPE_CHECKING:
    from vhdchain.shell.handle import OpenChain
    from vhdchain.testing.images import BuiltImage

SIZE = 64 * 1024
W2RU, W2KU, MACX = (Locator(code=code) for code in (PlatformCode.W2RU, PlatformCode.W2KU, PlatformCode.MACX))


class Built:
    """A base and its leaf on disk, with what the leaf's disk must read as."""

    def __init__(self, folder: Path, *, base: str = "base.vhd", leaf: str = "leaf.avhd", **options: Any) -> None:
        self.tree = ChainBuilder(windows_folder=r"D:\VMs")
        self.base = self.tree.dynamic(base, size=SIZE, block_size=4096)
        self.tree.write(self.base, 0, b"base" * 1024)
        self.leaf = self.tree.snapshot(self.base, leaf, **options)
        self.tree.write(self.leaf, 1024, b"leaf" * 128)
        self.folder = folder
        self.paths = self.tree.save(folder)
        self.data = bytes(self.tree.expected(self.leaf))

    def open(self, **options: Any) -> OpenChain:
        return open_chain(self.paths[self.leaf.name], **options)

    def refused(self, **options: Any) -> ChainError:
        with pytest.raises(ChainError) as caught:
            self.open(**options)
        assert str(caught.value).isprintable()
        assert str(self.paths[self.leaf.name]) in str(caught.value)
        return caught.value


def _codes(error: ChainError) -> list[str]:
    return [item.code for item in error.findings]


def _found(chain: OpenChain) -> list[tuple[str, str | None]]:
    return [(Path(layer.image.name).name, layer.found_by) for layer in chain.layers]


# ------------------------------------------------------------------------------------------------------ how it is found


def test_a_chain_is_opened_read_and_closed(tmp_path: Path) -> None:
    built = Built(tmp_path)
    with built.open() as chain:
        assert _found(chain) == [("base.vhd", Rule.W2RU), ("leaf.avhd", None)]
        assert (chain.virtual_size, chain.complete) == (SIZE, True)
        assert (chain.leaf.name, chain.base.name) == (str(tmp_path / "leaf.avhd"), str(tmp_path / "base.vhd"))
        assert chain.read(0, SIZE) == built.data
        buffer = bytearray(100)
        chain.readinto(1000, buffer)
        assert buffer == built.data[1000:1100]
        with chain.open() as disk:
            assert disk.seek(1020) == 1020
            assert disk.read(8) == built.data[1020:1028]
        assert chain.block_map() is chain.block_map()
        assert [item.outcome for item in chain.resolution] == [Outcome.FOUND]
    with pytest.raises(ValueError, match="closed"):
        chain.read(0, 1)


def test_a_parent_in_another_folder_needs_that_folder_among_the_roots(tmp_path: Path) -> None:
    built = Built(tmp_path, base="base/base.vhd", leaf="snap/leaf.avhd")
    error = built.refused()
    assert _codes(error) == ["VHD003"]
    assert "--within" in str(error)
    with built.open(within=tmp_path) as chain:
        assert chain.read(0, SIZE) == built.data
    with built.open(within=[tmp_path / "snap", tmp_path / "base"]) as chain:
        assert chain.complete


def test_a_leaf_may_lie_outside_of_the_roots(tmp_path: Path) -> None:
    built = Built(tmp_path, base="base/base.vhd", leaf="snap/leaf.avhd")
    with built.open(within=tmp_path / "base") as chain:
        assert _found(chain)[0] == ("base.vhd", Rule.W2RU)


@pytest.mark.parametrize("mapping", [{r"d:\vms": "base"}, PathMap({r"D:\VMs": "base"})])
def test_the_targets_of_a_path_map_are_roots_where_the_caller_gives_none(
    tmp_path: Path, mapping: PathMap | dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    built = Built(tmp_path, locators=(W2KU,))
    (tmp_path / "base").mkdir()
    (tmp_path / "base.vhd").rename(tmp_path / "base" / "base.vhd")
    monkeypatch.chdir(tmp_path)
    with open_chain("leaf.avhd", path_map=mapping) as chain:
        assert [(layer.image.name, layer.found_by) for layer in chain.layers] == [
            ("base/base.vhd", Rule.W2KU),
            ("leaf.avhd", None),
        ]
    (tmp_path / "elsewhere").mkdir()
    error = built.refused(path_map={r"D:\VMs": tmp_path / "base"}, within=tmp_path / "elsewhere")
    assert _codes(error) == ["VHD003"]


def test_a_path_map_may_lead_from_a_file_to_a_file(tmp_path: Path) -> None:
    built = Built(tmp_path, locators=(W2KU,))
    (tmp_path / "found").mkdir()
    (tmp_path / "base.vhd").rename(tmp_path / "found" / "renamed.vhd")
    with built.open(path_map={r"d:\vms\BASE.VHD": tmp_path / "found" / "renamed.vhd"}) as chain:
        assert _found(chain)[0] == ("renamed.vhd", Rule.W2KU)


@pytest.mark.parametrize(
    ("options", "rule", "fallback"),
    [
        ({"locators": (MACX,), "name_form": NameForm.EMPTY}, Rule.MACX, False),
        ({"locators": (), "name_form": NameForm.BASENAME}, Rule.HEADER_NAME, True),
        ({"locators": (), "name_form": NameForm.LITTLE_ENDIAN}, Rule.HEADER_NAME, True),
        ({"locators": (), "name_form": NameForm.FULL_PATH}, Rule.BASENAME, True),
        ({"locators": (W2KU,), "name_form": NameForm.EMPTY}, Rule.BASENAME, True),
        ({"locators": (), "name_form": NameForm.EMPTY}, Rule.UUID_INDEX, True),
        (
            {"locators": (Locator(code=PlatformCode.W2KU, text="base.vhd"),), "name_form": NameForm.EMPTY},
            Rule.W2KU,
            False,
        ),
        (
            {"locators": (Locator(code=PlatformCode.W2RU, text=r".\BASE.VHD"),), "name_form": NameForm.EMPTY},
            Rule.W2RU,
            True,
        ),
        ({"locators": (Locator(code=PlatformCode.WI2R), W2KU), "name_form": NameForm.EMPTY}, Rule.WI2R, False),
    ],
)
def test_a_parent_is_found_by_whatever_the_writer_stored(
    tmp_path: Path, options: dict[str, Any], rule: Rule, fallback: bool
) -> None:
    built = Built(tmp_path, **options)
    with built.open() as chain:
        assert chain.layers[0].found_by == rule
        assert chain.resolution[0].fallback is fallback
        assert chain.read(0, SIZE) == built.data


def test_a_copied_folder_uses_its_own_parent_and_not_productions(tmp_path: Path) -> None:
    built = Built(tmp_path / "production")
    shutil.copytree(tmp_path / "production", tmp_path / "copy")
    (built.folder / "base.vhd").write_bytes(b"changed since")
    chain = open_chain(tmp_path / "copy" / "leaf.avhd", within=tmp_path, path_map={r"D:\VMs": tmp_path / "production"})
    with chain:
        assert chain.base.name == str(tmp_path / "copy" / "base.vhd")
        outcomes = {item.rule: item.outcome for item in chain.resolution[0].attempts}
        assert outcomes[Rule.W2KU] is Outcome.NOT_A_VHD
        assert chain.read(0, SIZE) == built.data


def test_equal_names_of_parent_and_child_are_kept_apart(tmp_path: Path) -> None:
    built = Built(tmp_path, base="base/disk.vhd", leaf="snap/disk.vhd")
    with built.open(within=tmp_path) as chain:
        assert [layer.image.name for layer in chain.layers] == [
            str(tmp_path / "base" / "disk.vhd"),
            str(tmp_path / "snap" / "disk.vhd"),
        ]
        assert chain.resolution[0].attempts[-1].outcome is Outcome.SELF


def test_a_leaf_named_by_a_link_finds_its_parent_in_its_real_folder(tmp_path: Path) -> None:
    built = Built(tmp_path / "vms")
    (tmp_path / "link").symlink_to(built.paths["leaf.avhd"])
    with open_chain(tmp_path / "link") as chain:
        assert (chain.leaf.name, chain.read(0, SIZE)) == (str(tmp_path / "link"), built.data)


# --------------------------------------------------------------------------------------------------- what is not opened


def test_a_missing_parent_is_one_line_and_one_finding(tmp_path: Path) -> None:
    built = Built(tmp_path)
    built.paths["base.vhd"].unlink()
    error = built.refused()
    assert _codes(error) == ["VHD601"]
    for word in ("W2ru", r".\base.vhd", str(tmp_path / "base.vhd"), "W2ku", r"D:\VMs\base.vhd"):
        assert word in str(error)


def test_another_disk_in_the_parents_place_is_refused_unless_accepted(tmp_path: Path) -> None:
    built = Built(tmp_path, parent_unique_id=b"\xee" * 16)
    error = built.refused()
    assert _codes(error) == ["VHD603"]
    assert (error.findings[0].expected, error.findings[0].found) == ("ee" * 16, built.base.unique_id.hex())
    with built.open(accept={"VHD603"}) as chain:
        assert chain.resolution[0].agrees is False
        assert chain.read(0, SIZE) == built.data


def test_several_files_with_the_wanted_identifier_are_refused(tmp_path: Path) -> None:
    built = Built(tmp_path, locators=(), name_form=NameForm.EMPTY)
    shutil.copy(built.paths["base.vhd"], tmp_path / "copy.vhd")
    error = built.refused()
    assert _codes(error) == ["VHD605"]
    assert error.findings[0].related == (str(tmp_path / "base.vhd"), str(tmp_path / "copy.vhd"))


def test_one_file_under_two_names_is_not_several(tmp_path: Path) -> None:
    built = Built(tmp_path, locators=(), name_form=NameForm.EMPTY)
    os.link(built.paths["base.vhd"], tmp_path / "copy.vhd")
    with built.open() as chain:
        assert chain.layers[0].found_by == Rule.UUID_INDEX


def test_a_file_that_is_no_vhd_is_refused(tmp_path: Path) -> None:
    built = Built(tmp_path)
    built.paths["base.vhd"].write_bytes(bytes(4096))
    assert built.refused().args[0].count("no VHD") >= 1


@pytest.mark.parametrize(
    "text",
    [
        r"..\..\..\etc\passwd",
        r"\\server\share\x.vhd",
        r"\\?\PhysicalDrive0",
        r"\\.\pipe\x",
        r"C:\Windows\win.ini",
        "/etc/passwd",
        "/dev/zero",
        "fifo.vhd",
        "out.vhd",
        r"out\base.vhd",
        "NUL",
    ],
)
def test_a_hostile_locator_opens_nothing_and_says_which_rule_refused(tmp_path: Path, text: str) -> None:
    hostile = [Locator(code=code, text=text) for code in (PlatformCode.W2RU, PlatformCode.W2KU, PlatformCode.MACX)]
    built = Built(tmp_path / "vms", locators=hostile, name_form=NameForm.EMPTY)
    (tmp_path / "elsewhere").mkdir()
    built.paths["base.vhd"].rename(tmp_path / "elsewhere" / "base.vhd")
    os.mkfifo(tmp_path / "vms" / "fifo.vhd")
    (tmp_path / "vms" / "out.vhd").symlink_to(tmp_path / "elsewhere" / "base.vhd")
    (tmp_path / "vms" / "out").symlink_to(tmp_path / "elsewhere")
    leaf = str(built.paths["leaf.avhd"])
    with traced() as trace:
        error = built.refused()
    assert set(trace.paths) - {"."} == {leaf, str(tmp_path / "vms")}
    assert set(_codes(error)) <= {"VHD601", "VHD003"}
    assert text in str(error)


def test_a_damaged_parent_is_refused_with_its_findings(tmp_path: Path) -> None:
    built = Built(tmp_path)
    raw = bytearray(built.paths["base.vhd"].read_bytes())
    raw[512:520] = b"xxxxxxxx"
    built.paths["base.vhd"].write_bytes(raw)
    with pytest.raises(FormatError) as caught:
        built.open()
    assert "VHD201" in [item.code for item in caught.value.findings]


def test_a_disk_that_names_itself_is_refused(tmp_path: Path) -> None:
    own = Locator(code=PlatformCode.W2RU, text=r".\leaf.avhd")
    built = Built(tmp_path, locators=(own,), name_form=NameForm.EMPTY, unique_id=b"\x11" * 16)
    for parent_id in (b"\x22" * 16, b"\x11" * 16):
        built.tree.edit(built.leaf, parent_unique_id=parent_id)
        built.tree.save(tmp_path)
        assert _codes(built.refused(partial=True)) == ["VHD617"]


def _cycle(folder: Path, length: int) -> list[Path]:
    """Make ``length`` differencing disks, each the parent of the one before, the first that of the last."""
    tree = ChainBuilder()
    base = tree.dynamic("template.vhd", size=SIZE, block_size=4096)
    names = [f"d{number:02}.avhd" for number in range(length)]
    images: list[BuiltImage] = []
    for name, above in zip(names, [*names[1:], names[0]], strict=True):
        locator = Locator(code=PlatformCode.W2RU, text=rf".\{above}")
        images.append(tree.snapshot(base, name, locators=(locator,), name_form=NameForm.EMPTY))
    for image, above_image in zip(images, [*images[1:], images[0]], strict=True):
        tree.edit(image, parent_unique_id=above_image.unique_id)
    paths = tree.save(folder)
    return [paths[name] for name in names]


@pytest.mark.parametrize("length", [2, 64])
@pytest.mark.parametrize("partial", [False, True])
def test_a_cycle_is_refused_and_names_its_members(tmp_path: Path, length: int, partial: bool) -> None:
    paths = _cycle(tmp_path, length)
    start = time.monotonic()
    with pytest.raises(ChainError) as caught:
        open_chain(paths[1], partial=partial)
    assert time.monotonic() - start < 1
    (found,) = caught.value.findings
    assert (found.code, found.related) == ("VHD701", tuple(str(path) for path in paths))
    assert all(str(path) in str(caught.value) for path in paths)


def test_every_file_is_closed_where_a_chain_is_refused(tmp_path: Path) -> None:
    paths = _cycle(tmp_path, 8)
    before = open_descriptors()
    with pytest.raises(ChainError):
        open_chain(paths[0])
    assert open_descriptors() == before


# -------------------------------------------------------------------------------------------------------- partial views


def test_a_partial_view_is_asked_for_by_name_and_never_invents_bytes(tmp_path: Path) -> None:
    built = Built(tmp_path)
    built.paths["base.vhd"].unlink()
    with built.open(partial=True) as chain:
        assert (chain.complete, len(chain.layers)) == (False, 1)
        assert chain.resolution[0].outcome is Outcome.MISSING
        assert chain.read(1024, 512) == built.data[1024:1536]
        with pytest.raises(UnknownDataError):
            chain.read(0, 512)


def test_a_partial_view_may_lack_what_may_not_be_opened(tmp_path: Path) -> None:
    built = Built(tmp_path, base="base/base.vhd", leaf="snap/leaf.avhd")
    with built.open(partial=True) as chain:
        assert chain.resolution[-1].is_outside


def test_a_partial_view_hides_no_mismatch(tmp_path: Path) -> None:
    built = Built(tmp_path, parent_unique_id=b"\xee" * 16)
    assert _codes(built.refused(partial=True)) == ["VHD603"]


# ------------------------------------------------------------------------------------------------------------ raw bases


@pytest.mark.parametrize("length", [SIZE, SIZE // 2, SIZE * 2])
def test_a_raw_base_of_any_length_is_a_layer(tmp_path: Path, length: int) -> None:
    tree = ChainBuilder()
    base = tree.raw("base.img", size=length)
    tree.write(base, 0, b"raw!" * 256)
    leaf = tree.snapshot(base, "leaf.vhd", size=SIZE, block_size=4096)
    paths = tree.save(tmp_path)
    with open_chain(paths["leaf.vhd"]) as chain:
        assert (chain.base.raw, chain.complete) == (True, True)
        assert chain.read(0, SIZE) == bytes(tree.expected(leaf))


def test_a_raw_base_that_is_a_vhd_with_an_identity_is_another_disk(tmp_path: Path) -> None:
    assert _codes(Built(tmp_path, parent_unique_id=NULL_ID).refused()) == ["VHD603"]


# ------------------------------------------------------------------------------------------------------------- depth


@pytest.mark.slow
def test_a_thousand_layers_need_no_recursion_and_few_descriptors(tmp_path: Path) -> None:
    tree = ChainBuilder()
    image = tree.dynamic("0000.vhd", size=SIZE, block_size=4096)
    for number in range(1, 1000):
        image = tree.snapshot(image, f"{number:04}.avhd")
        tree.write(image, number % 128 * 512, number.to_bytes(4, "big") * 128)
    paths = tree.save(tmp_path)
    before = open_descriptors()
    calls: list[tuple[int, int]] = []
    with traced() as trace:
        chain = open_chain(paths[image.name], progress=lambda done, total: calls.append((done, total)))
    with chain:
        assert len(chain.layers) == 1000
        assert chain.read(0, SIZE) == bytes(tree.expected(image))
        assert open_descriptors() - before <= 128
    disks = [path for path in trace.paths if path.endswith("vhd")]
    assert len(disks) == len(set(disks)) == 1000
    assert calls[0] == (2, 3)
    assert calls[-1] == (1000, 1000)
    assert open_descriptors() == before


# ------------------------------------------------------------------------------------------------------------ settings


def test_a_cancelled_opening_closes_everything(tmp_path: Path) -> None:
    built = Built(tmp_path)
    before = open_descriptors()
    with pytest.raises(CancelledError):
        built.open(cancel=lambda: True)
    assert open_descriptors() == before


@pytest.mark.parametrize(
    "options", [{"footer": "front"}, {"within": "no/such/folder"}, {"path_map": {"x": "y"}}, {"accept": {"VHD000"}}]
)
def test_a_setting_that_makes_no_sense_is_refused(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        Built(tmp_path).open(**options)


def test_a_leaf_that_is_not_there_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_chain(tmp_path / "leaf.avhd")


def test_everything_is_opened_for_reading_alone(tmp_path: Path) -> None:
    built = Built(tmp_path)
    with traced() as trace, built.open() as chain:
        chain.read(0, SIZE)
    assert trace.writing == []
    assert {str(path) for path in built.paths.values()} <= set(trace.paths)


# -------------------------------------------------------------------------------------------------- one image, sources


def test_one_image_is_opened_from_a_path_a_file_object_or_a_source(tmp_path: Path) -> None:
    built = Built(tmp_path)
    path = built.paths["base.vhd"]
    data = path.read_bytes()
    for source in (path, str(path), io.BytesIO(data), BytesSource(data)):
        with open_image(source) as image:
            assert image.unique_id == built.base.unique_id


def test_a_damaged_image_is_scanned_but_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "x.vhd"
    path.write_bytes(b"conectix" + bytes(2000))
    with scan_file(path) as image:
        assert image.footer is not None
    with pytest.raises(FormatError):
        open_image(path)


def test_a_chain_is_made_from_any_sources_in_order(tmp_path: Path) -> None:
    built = Built(tmp_path)
    base, leaf = (built.paths[name].read_bytes() for name in ("base.vhd", "leaf.avhd"))
    with chain_from_sources([io.BytesIO(base), BytesSource(leaf, name="leaf")]) as chain:
        assert chain.read(0, SIZE) == built.data
        assert [layer.found_by for layer in chain.layers] == [Rule.GIVEN, None]


def test_a_raw_base_may_be_given(tmp_path: Path) -> None:
    tree = ChainBuilder()
    base = tree.raw("base.img", size=SIZE)
    leaf = tree.snapshot(base, "leaf.vhd", block_size=4096)
    with chain_from_sources(tree.chain_sources(leaf)) as chain:
        assert chain.base.raw


def test_sources_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    built = Built(tmp_path, parent_unique_id=b"\xee" * 16)
    base, leaf = built.paths["base.vhd"], built.paths["leaf.avhd"]
    with pytest.raises(ChainError) as caught:
        chain_from_sources([base, leaf])
    assert _codes(caught.value) == ["VHD603"]
    with chain_from_sources([base, leaf], accept={"VHD603"}) as chain:
        assert chain.complete
    with pytest.raises(ChainError):
        chain_from_sources([leaf, base])
    with pytest.raises(ChainError):
        chain_from_sources([leaf])
    with pytest.raises(ChainError):
        chain_from_sources([])
    with chain_from_sources([leaf], partial=True) as chain:
        assert not chain.complete


def test_what_the_caller_gave_stays_open_where_nothing_came_of_it(tmp_path: Path) -> None:
    built = Built(tmp_path, parent_unique_id=b"\xee" * 16)
    before = open_descriptors()
    given = open_source(built.paths["leaf.avhd"])
    with pytest.raises(ChainError):
        chain_from_sources([built.paths["base.vhd"], given])
    assert given.read_at(0, 8) == b"conectix"
    (tmp_path / "junk").write_bytes(bytes(2000))
    junk = open_source(tmp_path / "junk")
    with pytest.raises(FormatError):
        open_image(junk)
    assert junk.read_at(0, 1) == b"\0"
    junk.close()
    given.close()
    assert open_descriptors() == before


def test_a_file_name_that_would_break_the_line_does_not(tmp_path: Path) -> None:
    built = Built(tmp_path, leaf="leaf\nerror: none.avhd")
    built.paths["base.vhd"].unlink()
    with pytest.raises(ChainError) as caught:
        built.open()
    assert str(caught.value).isprintable()
    assert caught.value.findings[0].location.path == str(tmp_path / "leaf\nerror: none.avhd")


@pytest.mark.corpus
def test_the_real_pairs_are_complete_chains(corpus: Path) -> None:
    for leaf in ("fat-pair/fat-differential.vhd", "win8-pair/win8-child.vhd"):
        with open_chain(corpus / leaf) as chain:
            assert [layer.found_by for layer in chain.layers] == [Rule.W2RU, None]


# --------------------------------------------------------------------------------------------------------------- bytes


def test_an_image_may_be_bytes(tmp_path: Path) -> None:
    built = Built(tmp_path)
    base, leaf = (built.paths[image.name].read_bytes() for image in (built.base, built.leaf))
    with open_image(base) as image:
        assert (image.virtual_size, image.name) == (SIZE, "<bytes>")
    with chain_from_sources([base, bytearray(leaf)]) as chain:
        assert chain.read(0, SIZE) == built.data


@pytest.mark.parametrize("one", ["base.vhd", b"conectix"])
def test_one_source_is_not_taken_for_several(one: str | bytes) -> None:
    with pytest.raises(ConfigError):
        chain_from_sources(one)  # type: ignore[arg-type]

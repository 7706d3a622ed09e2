"""Does ``vhdchain diff`` tell what differs, to people and to programs, and nothing where a chain is broken?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import vhdchain
from tests.cli.program import Ran, run
from tests.report.validation import strict, validate
from vhdchain.blockmap import union
from vhdchain.report.documents.diff import diff_pieces
from vhdchain.report.documents.diff_schema import DIFF_SCHEMA
from vhdchain.report.lines import plain_text
from vhdchain.report.text.diff import diff_lines
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Built

MIB = 1 << 20


def _document(*arguments: object) -> dict[str, Any]:
    ran = run("diff", "--json", *arguments)
    assert (ran.code, ran.err) == (0, "")
    validate(ran.document, strict(DIFF_SCHEMA))
    return ran.document


def _ranges(document: dict[str, Any]) -> list[tuple[int, int]]:
    return [(item["start"], item["length"]) for item in document["ranges"]]


def test_a_document_has_the_ranges_and_what_they_are_of(healthy: Built) -> None:
    document = _document(healthy.path("other.avhd"), healthy.path("leaf.avhd"))
    middle, leaf, other = (healthy.image(name) for name in ("middle.avhd", "leaf.avhd", "other.avhd"))
    assert _ranges(document) == [(0, 512), (2 * MIB + 1024, 512)]
    assert list(document) == [
        *("schema", "version", "virtual_size", "older", "newer", "common_ancestor", "common_ancestor_id"),
        *("exact", "block_size", "gap", "ranges", "bytes"),
    ]
    assert (document["schema"], document["virtual_size"], document["bytes"]) == ("vhdchain.diff", 4 * MIB, 1024)
    assert document["common_ancestor"] == healthy.path("middle.avhd")
    assert document["common_ancestor_id"] == middle.unique_id.hex()
    for side, image in (("older", other), ("newer", leaf)):
        assert document[side]["path"] == healthy.path(image.name)
        assert document[side]["unique_id"] == image.unique_id.hex()
        assert (document[side]["layers"], document[side]["layers_above"]) == (3, 1)


def test_options_shape_the_ranges(healthy: Built) -> None:
    names = healthy.path("other.avhd"), healthy.path("leaf.avhd")
    document = _document(*names, "--block-size", "4K")
    assert (_ranges(document), document["block_size"]) == ([(0, 4096), (2 * MIB, 4096)], 4096)
    document = _document(*names, "--gap", "4097s")
    assert (_ranges(document), document["gap"]) == ([(0, 2 * MIB + 1536)], 2 * MIB + 512)
    assert document["bytes"] == 2 * MIB + 1536
    document = _document(*names, "--exact")
    assert (_ranges(document), document["exact"]) == ([(0, 512), (2 * MIB + 1024, 512)], True)


@pytest.mark.parametrize("exact", [[], ["--exact"]])
@pytest.mark.parametrize("names", [("base.vhd", "leaf.avhd"), ("leaf.avhd", "base.vhd"), ("other.avhd", "middle.avhd")])
def test_the_ranges_are_those_of_the_api(names: tuple[str, str], exact: list[str], healthy: Built) -> None:
    paths = [healthy.path(name) for name in names]
    assert _ranges(_document(*paths, *exact)) == vhdchain.changed_ranges(*paths, exact=bool(exact)).tolist()


def test_nothing_between_a_disk_and_itself(healthy: Built) -> None:
    leaf = healthy.path("leaf.avhd")
    document = _document(leaf, leaf)
    assert (document["ranges"], document["bytes"], document["common_ancestor"]) == ([], 0, leaf)
    assert document["newer"]["layers_above"] == 0
    assert run("diff", leaf, leaf).out.splitlines()[-1] == "nothing differs"


def _of_other_sizes(folder: Path) -> tuple[Path, Path]:
    tree = ChainBuilder(seed="sizes")
    base = tree.dynamic("base.vhd", size=4 * MIB)
    tree.fill(tree.snapshot(base, "child.avhd", size=MIB), 0, MIB)
    tree.save(folder)
    return folder / "base.vhd", folder / "child.avhd"


def test_a_disk_that_was_made_smaller_or_larger_is_told(tmp_path: Path) -> None:
    base, child = _of_other_sizes(tmp_path)
    assert run("diff", base, child).out.splitlines()[-2:] == [
        "1,048,576 bytes (1 MiB) in 1 range may differ: 100.0% of the newer disk",
        "the newer disk ends 3,145,728 bytes (3 MiB) before the older one",
    ]
    assert run("diff", "--exact", child, base).out.splitlines()[-1] == (
        "1,048,576 bytes (1 MiB) in 1 range differ: 25.0% of the newer disk"
    )
    assert (_document(base, child)["virtual_size"], _document(child, base)["virtual_size"]) == (MIB, 4 * MIB)


def test_disks_without_a_common_file_are_told(healthy: Built, tmp_path: Path) -> None:
    tree = ChainBuilder(seed="stranger")
    tree.fixed("stranger.vhd", size=MIB)
    tree.save(tmp_path)
    document = _document(healthy.path("leaf.avhd"), tmp_path / "stranger.vhd")
    assert (document["common_ancestor"], document["common_ancestor_id"]) == (None, None)
    assert (document["older"]["layers_above"], document["newer"]["layers_above"]) == (3, 1)
    assert _ranges(document) == [(0, MIB)]
    text = run("diff", healthy.path("leaf.avhd"), tmp_path / "stranger.vhd").out
    assert "\nancestor  none: the two have no file in common\n" in text


def _broken(broken: Built, *arguments: str) -> list[Ran]:
    leaf, base = broken.path("leaf.avhd"), broken.path("base.vhd")
    return [run("diff", *pair, *arguments) for pair in ((leaf, base), (base, leaf))]


@pytest.mark.parametrize("option", [[], ["--json"], ["--exact"]])
def test_a_broken_chain_on_either_side_gives_nothing(option: list[str], broken: Built) -> None:
    for ran in _broken(broken, *option):
        assert (ran.code, ran.out) == (3, "")
        assert ran.error.startswith(f"{broken.path('leaf.avhd')}: the parent was not found")


def test_a_file_that_is_not_there_is_unprocessed(healthy: Built) -> None:
    ran = run("diff", healthy.path("leaf.avhd"), healthy.path("gone.vhd"))
    assert (ran.code, ran.out, ran.error) == (3, "", f"{healthy.path('gone.vhd')}: No such file or directory")


def test_lines_and_documents_are_the_same_however_the_ranges_are_cut(healthy: Built) -> None:
    rows = union([(np.array([0, 1024, 4096]), np.array([512, 2048, 8192]))])
    with vhdchain.open_chain(healthy.path("leaf.avhd")) as leaf:
        pair = leaf.chain, leaf.chain
        for cut in ([rows], [rows[:1], rows[1:]], [rows[:2], rows[2:]]):
            assert plain_text(diff_lines(*pair, cut)) == plain_text(diff_lines(*pair, [rows]))
            assert "".join(diff_pieces(*pair, cut)) == "".join(diff_pieces(*pair, [rows]))

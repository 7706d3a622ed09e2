"""Does ``vhdchain du`` answer, and with the right exit code?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.program import ROOT, run
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from pathlib import Path

HEALTHY, HOST = ROOT / "fixtures" / "healthy", ROOT / "fixtures" / "host"


def test_a_healthy_folder(tmp_path: Path) -> None:
    ran = run("du", HEALTHY, "--json")
    assert ran.code == 0
    document = ran.document
    assert document["schema"] == "vhdchain.du"
    sizes = sum(path.stat().st_size for path in HEALTHY.glob("*vhd"))
    assert document["file_size"] == sizes
    assert sum(image["file_size"] for family in document["families"] for image in family["images"]) == sizes
    assert document["snapshots"] == []
    assert run("du", tmp_path).out.splitlines()[-1] == "0 images of 0 bytes"


def test_a_host_tells_its_snapshots_by_name() -> None:
    ran = run("du", HOST, "--json")
    assert ran.code == 0
    assert [item["name"] for item in ran.document["snapshots"]] == ["first", "second", "branch"]
    assert {item["machine"] for item in ran.document["snapshots"]} == {"srv"}
    assert run("du", HOST).code == 0


@pytest.mark.parametrize("deep", [False, True])
def test_a_deep_account_tells_what_is_held_in_vain(deep: bool) -> None:
    document = run("du", HEALTHY, "--json", *(["--deep"] if deep else [])).document
    told = [image["repeated"] for family in document["families"] for image in family["images"]]
    assert (None in told) is not deep


def test_a_damaged_family_is_left_out_with_code_3(tmp_path: Path) -> None:
    tree = ChainBuilder(seed=1)
    base = tree.dynamic("base.vhd", size=65536, block_size=4096)
    tree.write(base, 0, b"data")
    raw = bytearray(bytes(tree.file(base).content))
    place = tree.file(base).header
    assert place is not None
    raw[place + 700] ^= 1  # the header's checksum no longer fits
    (tmp_path / "base.vhd").write_bytes(raw)
    ran = run("du", tmp_path, "--json")
    assert ran.code == 3
    (family,) = ran.document["families"]
    assert family["problem"] is not None
    ran = run("du", tmp_path, "--json", "--accept", "VHD202")
    assert ran.code == 0
    assert ran.document["families"][0]["problem"] is None

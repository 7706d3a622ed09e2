"""Does the kit make the same bytes with this Python, under any hash seed, as it did when the digests were written down?

`golden/kit-digests.json` is what ``python -m tests.testing.reproduced`` prints. A change of the kit that changes bytes
changes it; a change of Python, of NumPy or of the machine must not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.testing.reproduced import damages
from vhdchain.testing import ChainBuilder

ROOT = Path(__file__).resolve().parent.parent.parent
GIB = 1 << 30


@pytest.fixture(scope="module")
def printed() -> dict[str, str]:
    """What a Python prints whose hash seed is certainly another one than here."""
    hash_seed = "4711" if os.environ.get("PYTHONHASHSEED") != "4711" else "0"
    done = subprocess.run(
        [sys.executable, "-m", "tests.testing.reproduced", "damages"],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_the_bytes_are_those_of_every_other_python(printed: dict[str, str]) -> None:
    wanted = json.loads((ROOT / "tests" / "golden" / "kit-digests.json").read_text(encoding="utf-8"))
    assert {name: printed.get(name) for name in wanted} == wanted


@pytest.mark.slow
def test_damages_are_the_same_whatever_the_hash_seed(printed: dict[str, str]) -> None:
    here = damages()
    assert {name: printed[name] for name in here} == here


def test_disks_of_2040_gib_cost_what_they_hold() -> None:
    tree = ChainBuilder(seed=1)
    image = tree.dynamic("base.vhd", size=2040 * GIB)
    tree.fill(image, 2039 * GIB, 4096)
    for number in range(1, 40):
        image = tree.snapshot(image, f"layer{number}.avhd")
        tree.fill(image, number * GIB, 1024)
    contents = [tree.file(each).content for each in image.stack]
    # The unused entries of all BATs are one page; what is left are headers, the ends of BATs, locators and blocks.
    assert sum(content.size for content in contents) > 40 * 4 * (1 << 20)
    assert len({id(page) for content in contents for page in content._pages.values()}) < 40 * 12
    assert tree.expected(image).read(2039 * GIB, 15) == b"base.vhd sector"
    source = tree.source(image)
    assert source.read_at(source.size - 512, 8) == b"conectix"
    (table,) = {tree.file(each).table for each in image.stack[1:]}
    assert table is not None
    assert source.read_at(table, 4) == b"\xff" * 4


def test_a_page_of_ones_is_copied_before_it_changes() -> None:
    tree = ChainBuilder(seed=1)
    image = tree.dynamic("base.vhd", size=8 * GIB, block_size=1 << 20)
    first = tree.file(image).content
    twin = first.copy()
    twin.write(5000, b"x")
    twin.truncate(8000)
    assert (first.read(5000, 1), twin.read(5000, 1)) == (b"\xff", b"x")
    assert (first.read(8100, 1), twin.read(8100, 1)) == (b"\xff", b"\0")
    assert tree.file(tree.copy(image, "copy.vhd")).content.read(5000, 1) == b"\xff"

"""A process that may open few files opens long chains all the same."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from vhdchain.shell import descriptors
from vhdchain.shell.descriptors import DescriptorPool, default_limit
from vhdchain.shell.flatten import flatten_to_file
from vhdchain.shell.opening import open_chain
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LAYERS = 48
SPARE = 8  # how many descriptors more the process may open, at most


class Deep:
    """A chain of many layers, each with a sector of its own; letter case of the names must be looked up."""

    def __init__(self, folder: Path) -> None:
        tree = ChainBuilder(seed=5)
        image = tree.dynamic("0.vhd", size=64 * 1024, block_size=4096)
        for number in range(1, LAYERS):
            image = tree.snapshot(image, f"x{number}.avhd")
            tree.write(image, number * 512, bytes([number]) * 512)
        paths = tree.save(folder)
        self.leaf = paths[image.name]
        self.data = bytes(tree.expected(image))


@pytest.fixture
def deep(tmp_path: Path) -> Deep:
    folder = tmp_path / "deep"
    folder.mkdir()
    built = Deep(folder)
    for path in folder.glob("x*.avhd"):
        if path != built.leaf:
            path.rename(path.with_name(path.name.upper()))
    return built


@contextmanager
def few_descriptors() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(2)
    os.close(lowest_free)
    # The limit is one of numbers, not of how many are open.
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free + SPARE, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_idle_files_make_room_for_folders_and_for_what_is_written(
    deep: Deep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_chain(deep.leaf) as chain:  # imports what is imported late
        assert chain.read(0, len(deep.data)) == deep.data
    monkeypatch.setattr(
        descriptors, "POOL", DescriptorPool(limit=10 * LAYERS)
    )  # as if the limit had been lowered later
    with few_descriptors():
        with open_chain(deep.leaf) as chain:
            assert len(chain.layers) == LAYERS
            flatten_to_file(chain, tmp_path / "disk.raw")
        with scan_folder(deep.leaf.parent) as inventory:
            assert len(inventory.images) == LAYERS
            assert inventory.unreadable == ()
    assert (tmp_path / "disk.raw").read_bytes() == deep.data


@pytest.mark.parametrize(("limit", "kept"), [(24, 12), (64, 32), (4096, descriptors.MAX_DESCRIPTORS)])
def test_idle_files_never_take_more_than_half_of_the_limit(
    monkeypatch: pytest.MonkeyPatch, limit: int, kept: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    assert default_limit() == kept


def test_without_a_limit_the_usual_number_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert default_limit() == descriptors.MAX_DESCRIPTORS


def test_the_program_needs_few_descriptors(deep: Deep) -> None:
    command = [sys.executable, "-m", "vhdchain", "flatten", str(deep.leaf), "-"]
    limit = 'ulimit -n 20; exec "$@"'
    done = subprocess.run(["sh", "-c", limit, "sh", *command], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == deep.data

"""Disks that were mended, or got another parent, are read by other programs as by this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oracles.others import QEMU_IMG, SEVEN_ZIP
from vhdchain import audit, execute, open_chain, plan_repair, plan_reparent, scan_folder
from vhdchain.findings import Severity
from vhdchain.testing import ChainBuilder
from vhdchain.testing.dialects import BLKTAP, HYPER_V_2008_R2, VIRTUALBOX, Dialect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vhdchain.testing.oracles import Oracle

pytestmark = pytest.mark.oracle

SIZE, BLOCK = 1 << 20, 1 << 16


def _assert_same(oracle: Oracle, folder: Path, *names: str) -> None:
    paths = [folder / name for name in names]
    with open_chain(paths[-1], within=[folder]) as chain:
        assert len(chain.layers) == len(paths)
        assert oracle.read(paths) == chain.read(0, chain.virtual_size)
    with scan_folder(folder) as inventory:
        worse = [str(item) for item in audit(inventory, deep=True).findings if item.severity is not Severity.NOTE]
    assert worse == []


@pytest.mark.parametrize("dialect", [HYPER_V_2008_R2, VIRTUALBOX, BLKTAP], ids=lambda dialect: dialect.name)
def test_7zip_follows_the_new_locators(dialect: Dialect, tmp_path: Path, installed: Callable[[str], Oracle]) -> None:
    tree = ChainBuilder(seed=8, dialect=dialect)
    base = tree.dynamic("base.vhd", size=SIZE, block_size=BLOCK)
    tree.fill(base, 0, SIZE // 2)
    leaf = tree.snapshot(base, "leaf.avhd")
    tree.fill(leaf, 3 * BLOCK // 2, BLOCK)
    tree.save(tmp_path)
    (tmp_path / "base.vhd").rename(tmp_path / "renamed.vhd")
    execute(plan_reparent(tmp_path / "leaf.avhd", tmp_path / "renamed.vhd"))
    (tmp_path / "leaf.avhd.undo.json").unlink()
    _assert_same(installed(SEVEN_ZIP), tmp_path, "renamed.vhd", "leaf.avhd")


@pytest.mark.parametrize("name", [SEVEN_ZIP, QEMU_IMG])
def test_a_mended_disk_reads_the_same(name: str, tmp_path: Path, installed: Callable[[str], Oracle]) -> None:
    tree = ChainBuilder(seed=8)
    disk = tree.dynamic("disk.vhd", size=SIZE, block_size=BLOCK)
    tree.fill(disk, 0, SIZE // 2)
    tree.save(tmp_path)
    path = tmp_path / "disk.vhd"
    path.write_bytes(bytes(512) + path.read_bytes()[512:])
    execute(plan_repair(path))
    path.write_bytes(path.read_bytes()[:-512])
    execute(plan_repair(path))
    _assert_same(installed(name), tmp_path, "disk.vhd")

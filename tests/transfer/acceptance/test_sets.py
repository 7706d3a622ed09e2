"""Whatever an export was told to leave out, it is whole: by itself, and beside the host that it was made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.cli.program import run
from tests.transfer.acceptance.scenes import small_host
from vhdchain.audit.backup import backup_check
from vhdchain.findings import Severity
from vhdchain.shell.backup_set import all_files, backup_set, prove_with

if TYPE_CHECKING:
    from pathlib import Path

WAYS = {
    "with all": (),
    "without snapshots": ("--snapshots", "none"),
    "one that was taken off": ("--snapshots", "first"),
    "one that was taken running": ("--snapshots", "second"),
    "compact": ("--compact", "--snapshots", "none"),
    "one, compact": ("--compact", "--snapshots", "branch"),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_export_is_whole(way: str, tmp_path: Path) -> None:
    lab = small_host()
    lab.remove(lab.machines[1])
    lab.save(tmp_path / "host")
    ran = run("export", tmp_path / "host", tmp_path / "out", "--all", "--automate", "--no-probe", *WAYS[way])
    assert (ran.code, ran.err) == (0, "")
    with vc.scan_folder(tmp_path / "out") as held:
        alone = backup_check(held, others=all_files(held), prove=prove_with(1))
    (export,) = alone.exports
    assert export.findings == ()
    assert export.exact
    assert export.required == export.held == ran.document["machines"][0]["files"] - 1  # all but the record
    with vc.scan_folder(tmp_path / "host") as inventory, vc.scan_folder(tmp_path / "out") as held:
        compared = backup_check(inventory, held=backup_set(held, exact=True)).set
    assert compared is not None
    assert {(item.code, item.severity) for item in compared.findings} <= {("VHD833", Severity.NOTE)}
    assert bool(compared.findings) == (way != "with all")
    assert compared.required == compared.held

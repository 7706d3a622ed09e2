"""The tests of a backup tool: fixtures, recipes, properties, and the suite of traps."""

from __future__ import annotations

import gzip
import hashlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from rawbackup import backup

from vhdchain import ChainError
from vhdchain.structures import DiskType
from vhdchain.testing import ChainRecipe
from vhdchain.testing.conformance import Command, Reader, Verdict, chosen_cases, run_suite
from vhdchain.testing.given import GivenChain, GivenFolder
from vhdchain.testing.strategies import chains

TOOL = Path(__file__).resolve().parent.parent / "rawbackup.py"


def test_a_backup_holds_the_disk(vhd_chain: GivenChain, tmp_path: Path) -> None:
    backup(vhd_chain.path, tmp_path / "out.gz")
    assert vhd_chain.disk == gzip.decompress((tmp_path / "out.gz").read_bytes())


@pytest.mark.vhd_chain(layers=2, dialect="blktap 1.3")
def test_chains_of_xenserver_are_backed_up(vhd_chain: GivenChain, tmp_path: Path) -> None:
    backup(vhd_chain.path, tmp_path / "out.gz")
    assert vhd_chain.disk == gzip.decompress((tmp_path / "out.gz").read_bytes())


@pytest.mark.vhd_folder(recipe="lost_parent.toml")
def test_a_broken_chain_leaves_no_backup_and_a_whole_one_does(vhd_folder: GivenFolder, tmp_path: Path) -> None:
    with pytest.raises(ChainError):
        backup(vhd_folder.path / "srv_1.avhd", tmp_path / "srv.gz")
    assert not list(tmp_path.glob("srv.gz*"))
    backup(vhd_folder.path / "data.vhd", tmp_path / "data.gz")
    assert vhd_folder.expected is not None
    (disk,) = vhd_folder.expected["disks"]
    found = hashlib.sha256(gzip.decompress((tmp_path / "data.gz").read_bytes())).hexdigest()
    assert (disk["path"], disk["sha256"]) == ("data.vhd", found)


# A raw disk alone is no VHD.
@given(chains(max_layers=3, same_size=True, kinds=[DiskType.DYNAMIC, DiskType.FIXED]))
@settings(max_examples=20, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_chain_is_backed_up(recipe: ChainRecipe) -> None:
    tree, leaf = recipe.build()
    with TemporaryDirectory() as folder:
        paths = tree.save(Path(folder))
        backup(paths[leaf.name], Path(folder) / "out.gz")
        assert tree.expected(leaf) == gzip.decompress((Path(folder) / "out.gz").read_bytes())


def test_no_trap_catches_the_tool() -> None:
    # The tool writes gzip; the suite wants the disk itself.
    script = (
        "import gzip, pathlib, runpy, sys; leaf, out = sys.argv[1:]; sys.argv[1:] = [leaf, out + '.gz']; "
        f"runpy.run_path({str(TOOL)!r}, run_name='__main__'); "
        "pathlib.Path(out).write_bytes(gzip.decompress(pathlib.Path(out + '.gz').read_bytes()))"
    )
    command = Command(words=(sys.executable, "-c", script, "{leaf}", "{out}"), raw_out=True)
    report = run_suite(Reader(name="rawbackup", command=command), chosen_cases(traps=[1, 2, 4, 12]))
    assert {result.verdict for result in report.results} == {Verdict.RIGHT}

"""What `vhdchain flatten` does beyond a raw file: VHDs, digests, and going on where it was interrupted."""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.audit.folders import open_folder, unprivileged
from tests.cli.program import run
from vhdchain import CancelledError, execute, open_chain, open_image, plan_flatten
from vhdchain.structures import DiskType
from vhdchain.testing.faults.quick import QuickLayer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Built


def disk_of(built: Built) -> bytes:
    return bytes(built.tree.expected(built.image("leaf.avhd")))


def interrupt(leaf: str, out: Path, **options: object) -> None:
    """Leave what a run leaves that was stopped before its end."""
    asked = iter((False, True))
    with open_chain(leaf) as chain:
        plan = plan_flatten(chain, out, **options)  # type: ignore[arg-type]  # named as there
    with pytest.raises(CancelledError):
        execute(plan, cancel=lambda: next(asked, True), layer=QuickLayer())


@pytest.mark.parametrize("form", ["fixed", "dynamic"])
def test_a_vhd_is_written_and_its_digest_told(form: str, healthy: Built, tmp_path: Path) -> None:
    out = tmp_path / "out.vhd"
    ran = run("flatten", "--format", form, "--hash", "sha256", healthy.path("leaf.avhd"), out)
    digest = hashlib.sha256(disk_of(healthy)).hexdigest()
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [f"{out}: 4,194,304 bytes (4 MiB) as a {form} VHD", f"sha256 {digest}"]
    with open_chain(out) as chain:
        assert chain.leaf.disk_type is DiskType(form)
        assert chain.read(0, chain.virtual_size) == disk_of(healthy)


def test_the_document_says_what_was_made(healthy: Built, tmp_path: Path) -> None:
    out = tmp_path / "out.vhd"
    line = ["flatten", "--json", "--format", "dynamic", "--block-size", "512K", "--hash", "md5"]
    document = run(*line, healthy.path("leaf.avhd"), out).document
    with open_image(out) as image:
        assert document["unique_id"] == image.unique_id.hex()
        assert document["block_size"] == image.block_size == 512 << 10
    assert document["format"] == "dynamic"
    assert document["file_size"] == out.stat().st_size
    assert document["hash"] == {"name": "md5", "value": hashlib.md5(disk_of(healthy)).hexdigest()}


@pytest.mark.parametrize(
    "options",
    [
        ["OUT.vhd"],
        ["OUT.AVHD"],
        ["OUT.raw", "--block-size", "4096"],
        ["OUT.vhd", "--format", "fixed", "--block-size", "4096"],
        ["OUT.vhd", "--format", "vhdx"],
        ["OUT.raw", "--hash", "crc32"],
        ["-", "--format", "dynamic"],
        ["-", "--hash", "sha256"],
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_a_usage_error(options: list[str], healthy: Built, tmp_path: Path) -> None:
    ran = run("flatten", healthy.path("leaf.avhd"), *(text.replace("OUT", str(tmp_path / "out")) for text in options))
    assert (ran.code, ran.out) == (2, "")
    assert list(tmp_path.iterdir()) == []


def test_a_raw_file_may_be_called_a_vhd_by_those_who_say_so(healthy: Built, tmp_path: Path) -> None:
    assert run("flatten", "--format", "raw", healthy.path("leaf.avhd"), tmp_path / "out.vhd").code == 0
    assert (tmp_path / "out.vhd").read_bytes() == disk_of(healthy)


def test_a_block_size_that_is_none_is_told_in_one_line(healthy: Built, tmp_path: Path) -> None:
    ran = run("flatten", "--format", "dynamic", "--block-size", "5000", healthy.path("leaf.avhd"), tmp_path / "o.vhd")
    assert ran.code == 3
    assert ran.error == "block_size: 5000 is no power of two from 512 bytes to 256 MiB"


# -------------------------------------------------------------------------------------------------------- interruptions


@pytest.mark.parametrize("form", ["raw", "dynamic"])
def test_the_same_command_goes_on_and_says_so(form: str, healthy: Built, tmp_path: Path) -> None:
    out = tmp_path / "out.img"
    interrupt(healthy.path("leaf.avhd"), out, form=form, digest="sha256")
    line = ["flatten", "--format", form, "--hash", "sha256", healthy.path("leaf.avhd"), out]
    ran = run(*line)
    assert (ran.code, ran.error) == (0, f"{out}: goes on where an interrupted run stopped")
    assert ran.out.splitlines()[1] == f"sha256 {hashlib.sha256(disk_of(healthy)).hexdigest()}"
    assert [path.name for path in tmp_path.iterdir()] == ["out.img"]


def test_a_document_tells_that_a_run_went_on(healthy: Built, tmp_path: Path) -> None:
    out = tmp_path / "out.raw"
    interrupt(healthy.path("leaf.avhd"), out)
    ran = run("flatten", "-q", "--json", healthy.path("leaf.avhd"), out)
    assert (ran.code, ran.err, ran.document["resumed"]) == (0, "", True)


@pytest.mark.parametrize(
    "other", [["--format", "dynamic"], ["--hash", "sha256"], ["--footer", "end"]], ids=lambda words: words[0]
)
def test_another_command_does_not_go_on(other: list[str], healthy: Built, tmp_path: Path) -> None:
    out = tmp_path / "out.img"
    interrupt(healthy.path("leaf.avhd"), out)
    before = sorted((path.name, path.stat().st_mtime_ns) for path in tmp_path.iterdir())
    ran = run("flatten", *other, healthy.path("leaf.avhd"), out)
    assert (ran.code, ran.out) == (1, "")
    assert ran.error.startswith(f"{out}: an interrupted run was writing something else there (raw, ")
    assert sorted((path.name, path.stat().st_mtime_ns) for path in tmp_path.iterdir()) == before


def test_another_leaf_does_not_go_on(healthy: Built, tmp_path: Path) -> None:
    out = tmp_path / "out.img"
    interrupt(healthy.path("middle.avhd"), out)
    assert run("flatten", healthy.path("leaf.avhd"), out).code == 1
    assert run("flatten", "--restart", healthy.path("leaf.avhd"), out).code == 0
    assert out.read_bytes() == disk_of(healthy)
    assert [path.name for path in tmp_path.iterdir()] == ["out.img"]


def test_restart_begins_anew_and_may_be_asked_for_in_vain(healthy: Built, tmp_path: Path) -> None:
    out = tmp_path / "out.img"
    interrupt(healthy.path("leaf.avhd"), out)
    for _ in range(2):
        document = run(
            "flatten", "--restart", "--force", "--json", "--format", "fixed", healthy.path("leaf.avhd"), out
        ).document
        assert document["resumed"] is False
    with open_chain(out) as chain:
        assert chain.read(0, chain.virtual_size) == disk_of(healthy)


def test_a_leaf_that_changed_is_refused_in_one_line_and_restart_helps(healthy: Built, tmp_path: Path) -> None:
    out = tmp_path / "out.raw"
    leaf = healthy.folder / "leaf.avhd"
    interrupt(str(leaf), out)
    status = leaf.stat()
    os.utime(leaf, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))
    try:
        ran = run("flatten", "-q", leaf, out)
        assert (ran.code, ran.out) == (1, "")
        assert ran.error.startswith(f"{leaf}: it was modified since the plan was made")
        assert run("flatten", "--restart", leaf, out).code == 0
    finally:
        os.utime(leaf, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert out.read_bytes() == disk_of(healthy)


def test_a_folder_that_denies_is_told_with_what_grants_it(healthy: Built) -> None:
    with open_folder() as folder:
        shutil.copytree(healthy.folder, folder / "vms")
        (folder / "vms").chmod(0o755)
        # What is loaded later might lie where only root may read.
        assert run("flatten", "-q", folder / "vms" / "leaf.avhd", folder / "warm.raw").code == 0
        folder.chmod(0o555)
        with unprivileged():
            ran = run("flatten", folder / "vms" / "leaf.avhd", folder / "out.raw")
        folder.chmod(0o755)
        assert (ran.code, ran.out) == (3, "")
        assert ran.error.startswith(f"{folder}: access is denied: ")
        assert "has no right to write this folder" in ran.error
        assert f":rwx {folder}, or chown " in ran.error
        assert sorted(path.name for path in folder.iterdir()) == ["vms", "warm.raw"]

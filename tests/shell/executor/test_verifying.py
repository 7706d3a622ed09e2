"""What was copied is proved: by a digest on the way, by reading it back, and by opening its chain."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.shell.executor.plans import QUICK, contents, plan_of
from vhdchain.plan import CopyFile, DigestFile, Fill, VerifyFile, WriteDisk, WriteRecord
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.edits import BLOCK_SIZE
from vhdchain.testing.folder import write_folder

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20
CONTENT = bytes(range(256)) * 1000 + b"end"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.vhd"
    path.write_bytes(CONTENT)
    return path


def test_the_digest_is_made_while_the_file_is_copied(source: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.vhd"
    outcome = vc.execute(plan_of(tmp_path, CopyFile(source=str(source), path=str(copy), hash="sha256")), layer=QUICK)

    assert copy.read_bytes() == CONTENT
    assert outcome.facts == {f"sha256:{copy}": DIGEST, f"size:{copy}": len(CONTENT)}
    assert copy.stat().st_mtime_ns == source.stat().st_mtime_ns


def test_a_copy_of_another_content_than_expected_is_refused_and_leaves_nothing(source: Path, tmp_path: Path) -> None:
    step = CopyFile(source=str(source), path=str(tmp_path / "copy.vhd"), hash="sha256", expected="0" * 64)
    with pytest.raises(vc.PlanRefusedError) as caught:
        vc.execute(plan_of(tmp_path, step), layer=QUICK)

    assert str(caught.value) == (
        f"{source}: its sha256 is {DIGEST}; {'0' * 64} was expected: it is not the file that it should be"
    )
    assert contents(tmp_path) == {"source.vhd": CONTENT}


def test_a_copy_is_read_back_and_a_record_tells_what_was_made(source: Path, tmp_path: Path) -> None:
    copy, record = tmp_path / "copy.vhd", tmp_path / "record.json"
    blank = b'{"digest":"' + b" " * 64 + b'","size":' + b" " * 12 + b"}"
    vc.execute(
        plan_of(
            tmp_path,
            CopyFile(source=str(source), path=str(copy), hash="sha256"),
            VerifyFile(path=str(copy), size=len(CONTENT), hash="sha256"),
            WriteRecord(
                path=str(record),
                content=blank,
                fills=(
                    Fill(offset=11, length=64, fact=f"sha256:{copy}"),
                    Fill(offset=84, length=12, fact=f"size:{copy}"),
                ),
                why="what was copied",
            ),
        ),
        layer=QUICK,
    )

    assert record.read_bytes() == b'{"digest":"' + DIGEST.encode() + b'","size":' + b"      256003" + b"}"


def test_the_digest_of_a_dynamic_image_is_made_when_it_is_whole(tmp_path: Path) -> None:
    tree = ChainBuilder(seed="digest")
    base = tree.dynamic("base.vhd", size=4 * BLOCK_SIZE, block_size=BLOCK_SIZE)
    tree.fill(base, BLOCK_SIZE, BLOCK_SIZE)
    write_folder(tree.files(), tmp_path)
    image = tmp_path / "new.vhd"
    write = WriteDisk(
        layers=(str(tmp_path / "base.vhd"),),
        path=str(image),
        form="dynamic",
        disk_size=4 * BLOCK_SIZE,
        unique_id=bytes(range(16)),
        block_size=BLOCK_SIZE,
    )
    outcome = vc.execute(plan_of(tmp_path, write, DigestFile(path=str(image), hash="sha256")), layer=QUICK)

    assert outcome.facts == {
        f"sha256:{image}": hashlib.sha256(image.read_bytes()).hexdigest(),
        f"size:{image}": image.stat().st_size,
    }

"""What was copied is proved: by a digest on the way, by reading it back, and by opening its chain."""

from __future__ import annotations

import hashlib
import os
import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from tests.shell.executor.plans import QUICK, contents, interrupt, journal_in, plan_of
from vhdchain.plan import (
    CopyFile,
    CreateFile,
    DigestFile,
    Fill,
    SetModified,
    VerifyChain,
    VerifyFile,
    WriteDisk,
    WriteRecord,
)
from vhdchain.shell.executor import copying
from vhdchain.shell.executor.digest import Digest
from vhdchain.testing import ChainBuilder
from vhdchain.testing.edits import BLOCK_SIZE
from vhdchain.testing.faults import QuickLayer
from vhdchain.testing.faults.quick import QuickFile
from vhdchain.testing.folder import write_folder

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Buffer

    from vhdchain.plan import Step

KIB, MIB = 1 << 10, 1 << 20
CONTENT = bytes(range(256)) * 1000 + b"end"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
OTHER = "0" * 64


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.vhd"
    path.write_bytes(CONTENT)
    return path


def refused(folder: Path, *steps: Step, layer: QuickLayer = QUICK) -> str:
    """Return the line with which a plan of these steps is refused, after which everything is as it was."""
    before = contents(folder)
    with pytest.raises(vc.PlanRefusedError) as caught:
        vc.execute(plan_of(folder, *steps), layer=layer)
    assert contents(folder) == before
    assert not hasattr(caught.value, "__notes__")
    return str(caught.value)


# ------------------------------------------------------------------------------------------------------------- copies


@pytest.mark.parametrize("name", ["sha256", "md5", "blake2b"])
def test_the_digest_is_made_while_the_file_is_copied(source: Path, tmp_path: Path, name: str) -> None:
    copy = tmp_path / "copy.vhd"
    expected = hashlib.new(name, CONTENT).hexdigest()
    step = CopyFile(source=str(source), path=str(copy), hash=name, expected=expected.upper())
    outcome = vc.execute(plan_of(tmp_path, step), layer=QUICK)

    assert copy.read_bytes() == CONTENT
    assert outcome.facts == {f"{name}:{copy}": expected, f"size:{copy}": len(CONTENT)}
    assert copy.stat().st_mtime_ns == source.stat().st_mtime_ns


def test_holes_stay_holes_and_count_as_zeros(tmp_path: Path) -> None:
    source, copy = tmp_path / "source.vhd", tmp_path / "copy.vhd"
    with source.open("wb") as file:
        for at in (2 * MIB, 9 * MIB):
            file.seek(at)
            file.write(b"data" * KIB)
        file.truncate(16 * MIB)
    outcome = vc.execute(plan_of(tmp_path, CopyFile(source=str(source), path=str(copy), hash="sha256")), layer=QUICK)

    assert outcome.facts[f"sha256:{copy}"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert copy.read_bytes() == source.read_bytes()
    assert copy.stat().st_blocks <= source.stat().st_blocks


@pytest.mark.parametrize("content", [b"", b"x"])
def test_the_smallest_files_have_digests(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "source").write_bytes(content)
    copy = tmp_path / "copy"
    steps = (
        CopyFile(source=str(tmp_path / "source"), path=str(copy), hash="sha1"),
        VerifyFile(path=str(copy), size=len(content), hash="sha1"),
    )
    assert vc.execute(plan_of(tmp_path, *steps), layer=QUICK).facts == {
        f"sha1:{copy}": hashlib.sha1(content).hexdigest(),  # no secret
        f"size:{copy}": len(content),
    }


def test_a_copy_of_another_content_than_expected_is_refused_and_leaves_nothing(source: Path, tmp_path: Path) -> None:
    step = CopyFile(source=str(source), path=str(tmp_path / "copy.vhd"), hash="sha256", expected=OTHER)

    assert refused(tmp_path, step) == (
        f"{source}: its sha256 is {DIGEST}; {OTHER} was expected: it is not the file that it should be"
    )


def test_a_resumed_copy_of_another_content_than_expected_is_taken_back_as_well(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_PIECE", 16 * KIB)
    monkeypatch.setattr(copying, "_SAFE", 64 * KIB)
    step = CopyFile(source=str(source), path=str(tmp_path / "copy.vhd"), hash="sha256", expected=OTHER)
    interrupt(plan_of(tmp_path, step), after=9)
    with pytest.raises(vc.PlanRefusedError, match=f"its sha256 is {DIGEST}; {OTHER} was expected"):
        vc.resume(journal_in(tmp_path), layer=QUICK)

    assert contents(tmp_path) == {"source.vhd": CONTENT}


@pytest.mark.parametrize("after", [4, 9, 14])
def test_a_copy_that_was_stopped_has_the_digest_of_all_of_it(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(copying, "_PIECE", 16 * KIB)
    monkeypatch.setattr(copying, "_SAFE", 64 * KIB)
    copy = tmp_path / "copy.vhd"
    interrupt(plan_of(tmp_path, CopyFile(source=str(source), path=str(copy), hash="sha256")), after=after)
    told: list[tuple[int, int]] = []
    outcome = vc.resume(copy, layer=QUICK, progress=lambda done, total: told.append((done, total)))

    assert outcome.facts[f"sha256:{copy}"] == DIGEST
    assert copy.read_bytes() == CONTENT
    assert told == sorted(told)
    assert told[-1] == (len(CONTENT), len(CONTENT))


@pytest.mark.parametrize("digest", ["", "sha256"])
def test_a_file_that_changes_while_it_is_copied_is_no_copy(source: Path, tmp_path: Path, digest: str) -> None:
    asked = iter(range(100))

    def cancel() -> bool:
        if next(asked) == 1:  # before the step began to copy was 0
            os.utime(source, ns=(0, time.time_ns()))
        return False

    step = CopyFile(source=str(source), path=str(tmp_path / "copy.vhd"), hash=digest)
    with pytest.raises(vc.PlanRefusedError, match="was changed since it began to be copied"):
        vc.execute(plan_of(tmp_path, step), layer=QUICK, cancel=cancel)
    assert contents(tmp_path) == {"source.vhd": CONTENT}


def test_a_copy_that_is_written_to_later_may_be_written_to_by_its_owner(source: Path, tmp_path: Path) -> None:
    source.chmod(0o444)
    plain, patched = tmp_path / "plain.vhd", tmp_path / "patched.vhd"
    steps = (
        CopyFile(source=str(source), path=str(plain)),
        CopyFile(source=str(source), path=str(patched)),
        SetModified(path=str(patched), seconds=1),
    )
    vc.execute(plan_of(tmp_path, *steps), layer=QUICK)

    assert plain.stat().st_mode & 0o777 == 0o444
    assert patched.stat().st_mode & 0o777 == 0o644


def test_a_digest_that_is_not_wanted_any_more_does_not_work_off_what_waits() -> None:
    def begin_and_stop() -> None:
        with Digest("sha256") as digest:
            for _ in range(4):
                digest.add_zeros(1 << 40)
            time.sleep(0.1)
            raise KeyboardInterrupt

    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        begin_and_stop()

    assert time.monotonic() - begin < 30


# -------------------------------------------------------------------------------------------------------- reading back


class _Forgetful(QuickFile):
    """A file whose disk does not keep a byte that is written."""

    __slots__ = ()

    def write_at(self, offset: int, data: Buffer) -> None:
        changed = bytearray(memoryview(data).cast("B"))
        if len(changed) > 1000 and not changed.startswith(b'{"check"'):
            changed[100] ^= 1
        super().write_at(offset, bytes(changed))


class _BadDisk(QuickLayer):
    file_class = _Forgetful


def test_a_disk_that_does_not_keep_what_was_written_is_found_out(source: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.vhd"
    steps = (
        CopyFile(source=str(source), path=str(copy), hash="sha256"),
        VerifyFile(path=str(copy), size=len(CONTENT), hash="sha256"),
    )
    kept = bytearray(CONTENT)
    kept[100] ^= 1

    assert refused(tmp_path, *steps, layer=_BadDisk()) == (
        f"{copy}: read back, its sha256 is {hashlib.sha256(kept).hexdigest()}; {DIGEST} was written: the disk did not "
        "keep what it was given"
    )


@pytest.mark.parametrize("known", [True, False])
def test_what_is_cached_of_a_file_is_let_go_of_before_it_is_read_back(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    asked: list[tuple[int, int, int]] = []
    if known:
        monkeypatch.setattr(os, "posix_fadvise", lambda _, *what: asked.append(what))
    else:
        monkeypatch.delattr(os, "posix_fadvise")
    step = VerifyFile(path=str(source), size=len(CONTENT), hash="sha256", digest=DIGEST)
    vc.execute(plan_of(tmp_path, step), layer=QUICK)

    assert asked == ([(0, 0, os.POSIX_FADV_DONTNEED)] if known else [])


def test_a_file_of_another_size_or_content_is_refused(source: Path, tmp_path: Path) -> None:
    size = VerifyFile(path=str(source), size=5, hash="sha256", digest=DIGEST)
    digest = VerifyFile(path=str(source), size=len(CONTENT), hash="sha256", digest=OTHER)

    assert refused(tmp_path, size) == f"{source}: {len(CONTENT)} bytes found, 5 expected"
    assert refused(tmp_path, digest) == f"{source}: read back, its sha256 is {DIGEST}; {OTHER} was expected"


def test_reading_back_tells_how_far_it_is_and_can_be_stopped_and_gone_on_with(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_PIECE", 16 * KIB)
    step = VerifyFile(path=str(source), size=len(CONTENT), hash="sha256", digest=DIGEST)
    interrupt(plan_of(tmp_path, step), after=5)
    assert contents(tmp_path).keys() == {"source.vhd", "source.vhd.vhdchain-journal"}
    told: list[tuple[int, int]] = []
    vc.resume(source, layer=QUICK, progress=lambda done, total: told.append((done, total)))

    assert told[:2] == [(16 * KIB, len(CONTENT)), (32 * KIB, len(CONTENT))]
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert contents(tmp_path) == {"source.vhd": CONTENT}


def test_what_is_read_back_after_a_restart_is_compared_with_what_was_written_before(
    source: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.vhd"
    steps = (
        CopyFile(source=str(source), path=str(copy), hash="sha256"),
        VerifyFile(path=str(copy), size=len(CONTENT), hash="sha256"),
    )
    interrupt(plan_of(tmp_path, *steps), after=2)
    assert copy.exists()
    with copy.open("r+b") as file:
        file.write(b"damaged")
    with pytest.raises(vc.PlanRefusedError, match=f"{DIGEST} was written: the disk did not keep"):
        vc.resume(copy, layer=QUICK)

    assert contents(tmp_path) == {"source.vhd": CONTENT}


@pytest.mark.parametrize("name", ["sha256", "md5"])
def test_memory_stays_flat_however_long_a_file_is(tmp_path: Path, name: str) -> None:
    source, copy = tmp_path / "source.vhd", tmp_path / "copy.vhd"
    with source.open("wb") as file:
        for _ in range(48):
            file.write(b"\x5a" * MIB)
    steps = (
        CopyFile(source=str(source), path=str(copy), hash=name),
        VerifyFile(path=str(copy), size=48 * MIB, hash=name),
    )
    plan = plan_of(tmp_path, *steps)
    tracemalloc.start()
    try:
        vc.execute(plan, layer=QUICK)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 20 * MIB


# -------------------------------------------------------------------------------------------------------------- chains


@pytest.fixture
def chain(tmp_path: Path) -> tuple[Path, Path]:
    tree = ChainBuilder(seed=3)
    base = tree.dynamic("base.vhd", size=64 * KIB, block_size=16 * KIB)
    tree.snapshot(base, "leaf.avhd", block_size=16 * KIB)
    paths = tree.save(tmp_path / "disks")
    return paths["base.vhd"], paths["leaf.avhd"]


def test_a_chain_that_is_as_planned_is_proved(chain: tuple[Path, Path], tmp_path: Path) -> None:
    step = VerifyChain(layers=tuple(map(str, chain)), within=(str(tmp_path / "disks"),))
    outcome = vc.execute(plan_of(tmp_path, step), layer=QUICK)

    assert not outcome.undone


def test_a_chain_of_other_files_is_refused(chain: tuple[Path, Path], tmp_path: Path) -> None:
    base, leaf = chain
    step = VerifyChain(layers=(str(leaf),), within=(str(tmp_path / "disks"),))

    assert refused(tmp_path, step) == f"{leaf}: its chain is {base}, {leaf}; expected is {leaf}"


def test_a_chain_whose_parent_lies_elsewhere_is_refused_in_one_line(chain: tuple[Path, Path], tmp_path: Path) -> None:
    base, leaf = chain
    (tmp_path / "elsewhere").mkdir()
    step = VerifyChain(layers=(str(base), str(leaf)), within=(str(tmp_path / "elsewhere"),))
    line = refused(tmp_path, step)

    assert line.startswith(f"{leaf}: ")
    assert "\n" not in line


def test_a_damaged_layer_refuses_the_chain_by_the_name_that_the_plan_has(
    chain: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain[0].write_bytes(b"no disk" * 512)
    monkeypatch.chdir(tmp_path)
    step = VerifyChain(layers=("disks/base.vhd", "disks/leaf.avhd"), within=("disks",))
    line = refused(tmp_path, step)

    assert "disks/base.vhd" in line
    assert str(tmp_path) not in line


# ------------------------------------------------------------------------------------------------------------- records


def test_a_record_is_filled_with_what_was_found_out_also_before_a_restart(source: Path, tmp_path: Path) -> None:
    copy, record = tmp_path / "copy.vhd", tmp_path / "record.json"
    steps = (
        CopyFile(source=str(source), path=str(copy), hash="sha256"),
        CreateFile(path=str(tmp_path / "between"), content=b"x", why="a step between"),
        WriteRecord(
            path=str(record),
            content=b'{"digest":"' + b" " * 64 + b'","size":' + b" " * 12 + b"}",
            fills=(
                Fill(offset=11, length=64, fact=f"sha256:{copy}"),
                Fill(offset=84, length=12, fact=f"size:{copy}"),
            ),
            why="what was copied",
        ),
    )
    interrupt(plan_of(tmp_path, *steps), after=3)
    assert copy.exists()
    assert not record.exists()
    vc.resume(copy, layer=QUICK)

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


def test_a_record_whose_place_is_too_small_is_refused(source: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.vhd"
    steps = (
        CopyFile(source=str(source), path=str(copy), hash="md5"),
        WriteRecord(
            path=str(tmp_path / "record"),
            content=b" " * 40,
            fills=(Fill(offset=8, length=31, fact=f"md5:{copy}"),),
            why="",
        ),
    )

    assert refused(tmp_path, *steps) == (f"{tmp_path}/record @0x8: md5:{copy} has 32 bytes, and room is for 31")


@pytest.mark.parametrize(
    "step",
    [
        WriteRecord(path="record", content=b" " * 9, fills=(Fill(offset=0, length=9, fact="size:later"),), why=""),
        VerifyFile(path="later", size=1, hash="sha256"),
    ],
)
def test_a_step_that_needs_what_only_a_later_one_finds_out_is_refused_before_anything_is_begun(
    source: Path, tmp_path: Path, step: Step
) -> None:
    plan = plan_of(tmp_path, step, CopyFile(source=str(source), path="later", hash="sha256"))
    with pytest.raises(vc.ConfigError, match=r"plan\.steps\[0\]: needs '.*:later', which no earlier step finds out"):
        vc.execute(plan, layer=QUICK)


@pytest.mark.parametrize(
    ("name", "message"),
    [("crc7", "hash: 'crc7' is not known here"), ("shake_128", "hash: shake_128 has no length of its own")],
)
def test_a_digest_that_cannot_be_made_is_refused_before_anything_is_begun(
    source: Path, tmp_path: Path, name: str, message: str
) -> None:
    with pytest.raises(vc.ConfigError, match=message):
        vc.execute(plan_of(tmp_path, CopyFile(source=str(source), path=str(tmp_path / "b"), hash=name)), layer=QUICK)

    assert contents(tmp_path) == {"source.vhd": CONTENT}

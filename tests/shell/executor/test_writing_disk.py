"""The disk of a chain is written as one image, whatever happens on the way."""

from __future__ import annotations

import hashlib
import os
import resource
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from vhdchain.plan import WriteDisk
from vhdchain.read import pieces
from vhdchain.shell import contents
from vhdchain.shell.executor.table import HANDLERS
from vhdchain.shell.executor.writing_disk import WriteDiskHandler
from vhdchain.testing import ChainBuilder
from vhdchain.testing.faults.harness import check_crashes, check_failures
from vhdchain.testing.faults.quick import QuickLayer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vhdchain.plan import Plan

KIB = 1024
MIB = 1024 * KIB
QUICK = QuickLayer()
FORMS = ("raw", "fixed", "dynamic")


def chain_in(folder: Path) -> tuple[Path, bytes]:
    """Write a chain of three layers; return its leaf, and what its disk holds."""
    tree = ChainBuilder(seed=11)
    base = tree.dynamic("base.vhd", size=300 * KIB + 512, block_size=16 * KIB)
    tree.fill(base, 0, 40 * KIB)
    tree.fill(base, 200 * KIB, 30 * KIB)
    middle = tree.snapshot(base, "middle.avhd", block_size=32 * KIB)
    for at in range(64 * KIB, 128 * KIB, 5 * 512):
        tree.fill(middle, at, 512)
    leaf = tree.snapshot(middle, "leaf.avhd", block_size=16 * KIB)
    tree.fill(leaf, 100 * KIB, 7 * KIB)
    tree.fill(leaf, 300 * KIB, 512)
    paths = tree.save(folder)
    return paths["leaf.avhd"], bytes(tree.expected(leaf))


def planned(leaf: Path, out: Path, form: str = "raw", **options: object) -> Plan:
    with vc.open_chain(leaf) as chain:
        return vc.plan_flatten(chain, out, form=form, **options)  # type: ignore[arg-type]  # named as there


def disk_of(image: Path, form: str) -> bytes:
    if form == "raw":
        return image.read_bytes()
    with vc.open_chain(image) as chain:
        return chain.read(0, chain.virtual_size)


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pieces, and a checkpoint after every few of them."""
    monkeypatch.setitem(HANDLERS, WriteDisk, WriteDiskHandler(safe=12 * KIB))
    monkeypatch.setattr(pieces, "LONG", 8 * KIB)
    monkeypatch.setattr(pieces, "_SPAN", 16 * KIB)
    monkeypatch.setattr(contents, "_PORTION", 8 * KIB)
    monkeypatch.setattr(contents, "_LONGEST_HOLE", 32 * KIB)


class StopAt:
    """A ``cancel`` that asks to stop at the n-th time that it is asked."""

    def __init__(self, count: int) -> None:
        self.left = count

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize("form", FORMS)
def test_the_image_holds_the_disk_and_nothing_else_is_left(form: str, tmp_path: Path) -> None:
    leaf, disk = chain_in(tmp_path / "chain")
    out = tmp_path / "out.vhd"
    outcome = vc.execute(planned(leaf, out, form, digest="sha256"), layer=QUICK)
    assert disk_of(out, form) == disk
    assert outcome.facts == {f"sha256:{out}": hashlib.sha256(disk).hexdigest(), f"size:{out}": out.stat().st_size}
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["out.vhd"]


@pytest.mark.parametrize("form", ["fixed", "dynamic"])
def test_an_audit_finds_nothing_wrong_with_the_image(form: str, tmp_path: Path) -> None:
    leaf, _ = chain_in(tmp_path / "chain")
    (tmp_path / "made").mkdir()
    vc.execute(planned(leaf, tmp_path / "made" / "out.vhd", form), layer=QUICK)
    report = vc.audit(vc.scan_folder(tmp_path / "made"), deep=True)
    # Blocks of 16 KiB are no fault, nor is what fills the BAT's last sector: both are told of as notes.
    assert [item.code for item in report.findings if item.severity != vc.Severity.NOTE] == []
    assert {item.code for item in report.findings} <= {"VHD212", "VHD410"}


def test_each_image_is_a_disk_of_its_own(tmp_path: Path) -> None:
    leaf, _ = chain_in(tmp_path / "chain")
    seen = set()
    for name in ("one.vhd", "other.vhd"):
        vc.execute(planned(leaf, tmp_path / name, "dynamic"), layer=QUICK)
        with vc.open_image(tmp_path / name) as image:
            seen.add(image.unique_id)
            assert not image.is_differencing
    with vc.open_image(leaf) as image:
        seen.add(image.unique_id)
    assert len(seen) == 3


def test_a_dynamic_image_has_no_block_for_zeros(tmp_path: Path) -> None:
    tree = ChainBuilder(seed=5)
    base = tree.dynamic("base.vhd", size=8 * MIB, block_size=MIB)
    tree.fill(base, 0, MIB)
    tree.write(base, 2 * MIB, bytes(3 * MIB))
    tree.fill(base, 7 * MIB, 512)
    paths = tree.save(tmp_path)
    out = tmp_path / "out.vhd"
    vc.execute(planned(paths["base.vhd"], out, "dynamic"), layer=QUICK)
    with vc.open_image(out) as image:
        assert image.bat is not None
        assert [block for block, entry in enumerate(image.bat.entries.tolist()) if entry != 0xFFFFFFFF] == [0, 7]
    assert out.stat().st_size == 512 + 1024 + 512 + 2 * (512 + MIB) + 512
    # The last block holds one sector: the rest of it is a hole.
    assert out.stat().st_blocks * 512 <= MIB + 8 * 4 * KIB


def test_a_raw_image_takes_no_room_for_zeros(tmp_path: Path) -> None:
    tree = ChainBuilder(seed=5)
    base = tree.fixed("base.vhd", size=64 * MIB)
    tree.fill(base, 5 * MIB, 100 * KIB)
    leaf = tree.snapshot(base, "leaf.avhd")
    tree.fill(leaf, 40 * MIB, 100 * KIB)
    tree.write(leaf, 20 * MIB, bytes(4 * MIB))
    out = tmp_path / "out.raw"
    paths = tree.save(tmp_path)
    plan = planned(paths["leaf.avhd"], out)
    vc.execute(plan, layer=QUICK)
    assert out.stat().st_size == 64 * MIB
    assert out.stat().st_blocks * 512 <= 2 * 104 * KIB
    assert out.stat().st_blocks * 512 <= plan.needs[0].peak <= 6 * MIB


# -------------------------------------------------------------------------------------------------------- interruptions


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("count", [1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20])
def test_a_run_that_was_stopped_goes_on_to_the_same_bytes_and_digest(form: str, count: int, tmp_path: Path) -> None:
    leaf, disk = chain_in(tmp_path / "chain")
    out, whole = tmp_path / "out.vhd", tmp_path / "whole.vhd"
    plan = planned(leaf, out, form, digest="sha256")
    with pytest.raises(vc.CancelledError):
        vc.execute(plan, cancel=StopAt(count), layer=QUICK)
    assert not out.exists()
    told: list[tuple[int, int]] = []
    outcome = vc.resume(out, within=[tmp_path], layer=QUICK, progress=lambda done, total: told.append((done, total)))
    assert outcome.facts == {f"sha256:{out}": hashlib.sha256(disk).hexdigest(), f"size:{out}": out.stat().st_size}
    assert disk_of(out, form) == disk
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (len(disk), len(disk))
    (step,) = plan.steps
    assert isinstance(step, WriteDisk)
    another = WriteDisk(**{name: getattr(step, name) for name in step.__slots__} | {"path": str(whole)})
    vc.execute(vc.Plan(action="flatten", summary="", steps=(another,), files=plan.files), layer=QUICK)
    assert out.read_bytes() == whole.read_bytes()


@pytest.mark.usefixtures("often")
def test_a_run_goes_on_from_its_last_checkpoint_and_not_from_the_beginning(tmp_path: Path) -> None:
    leaf, _ = chain_in(tmp_path / "chain")
    out = tmp_path / "out.raw"
    with pytest.raises(vc.CancelledError):
        vc.execute(planned(leaf, out), cancel=StopAt(18), layer=QUICK)
    told: list[int] = []
    vc.resume(out, within=[tmp_path], layer=QUICK, progress=lambda done, _: told.append(done))
    assert told[0] > 64 * KIB


@pytest.mark.usefixtures("often")
def test_a_run_whose_sources_changed_does_not_go_on_and_can_be_taken_back(tmp_path: Path) -> None:
    leaf, disk = chain_in(tmp_path / "chain")
    out = tmp_path / "out.raw"
    with pytest.raises(vc.CancelledError):
        vc.execute(planned(leaf, out), cancel=StopAt(12), layer=QUICK)
    status = leaf.stat()
    os.utime(leaf, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    with pytest.raises(vc.PlanRefusedError, match=r"leaf\.avhd: it was modified"):
        vc.resume(out, within=[tmp_path], layer=QUICK)
    vc.undo(out, within=[tmp_path], layer=QUICK)
    assert [path.name for path in tmp_path.iterdir()] == ["chain"]
    vc.execute(planned(leaf, out), layer=QUICK)
    assert out.read_bytes() == disk


@pytest.mark.slow
@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("replaced", [False, True])
def test_every_crash_leaves_the_chain_alone_and_can_be_gone_on_with(
    form: str, tmp_path: Path, record_property: Callable[[str, object], None], *, replaced: bool
) -> None:
    leaf, disk = chain_in(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    if replaced:
        (tmp_path / "out.vhd").write_bytes(b"mine")
    plan = planned(leaf, tmp_path / "out.vhd", form, force=replaced, digest="sha256")

    def nothing_is_lost(folder: Path) -> None:
        for name, content in before.items():
            assert (folder / name).read_bytes() == content
        out = folder / "out.vhd"
        if out.exists():
            assert (replaced and out.read_bytes() == b"mine") or disk_of(out, form) == disk
        else:
            assert not replaced

    counts = check_crashes(
        tmp_path,
        plan,
        invariant=nothing_is_lost,
        after_resume=lambda folder: _assert_is(disk_of(folder / "out.vhd", form), disk),
        twice=2,
    )
    record_property(*counts.as_property(f"flatten to {form}{', replacing' if replaced else ''}"))
    assert counts.states > 60
    assert counts.resumed > counts.states // 2


@pytest.mark.slow
@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("form", FORMS)
def test_every_error_leaves_nothing_or_what_can_be_gone_on_with(
    form: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    leaf, disk = chain_in(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def nothing_is_lost(folder: Path) -> None:
        assert {name: (folder / name).read_bytes() for name in before} == before

    counts = check_failures(
        tmp_path,
        planned(leaf, tmp_path / "out.vhd", form),
        invariant=nothing_is_lost,
        after_resume=lambda folder: _assert_is(disk_of(folder / "out.vhd", form), disk),
        every=2,
    )
    record_property(*counts.as_property(f"flatten to {form}"))
    assert counts.resumed
    assert counts.undone


def _assert_is(found: bytes, expected: bytes) -> None:
    assert found == expected


# --------------------------------------------------------------------------------------------------------------- bounds


def test_memory_does_not_grow_with_the_disk(tmp_path: Path) -> None:
    tree = ChainBuilder(seed=3)
    base = tree.dynamic("base.vhd", size=1 << 40)
    for at in range(0, 1 << 40, 1 << 36):
        tree.fill(base, at, 4 * MIB)
    paths = tree.save(tmp_path)
    plan = planned(paths["base.vhd"], tmp_path / "out.vhd", "dynamic")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    vc.execute(plan, layer=QUICK)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * KIB  # in KiB: 64 MiB
    assert (tmp_path / "out.vhd").stat().st_blocks * 512 < 16 * 4 * MIB + 4 * MIB


def test_a_disk_that_became_another_is_refused(tmp_path: Path) -> None:
    leaf, disk = chain_in(tmp_path)
    plan = planned(leaf, tmp_path / "out.raw")
    (step,) = plan.steps
    assert isinstance(step, WriteDisk)
    wrong = WriteDisk(**{name: getattr(step, name) for name in step.__slots__} | {"disk_size": len(disk) + 512})
    with pytest.raises(vc.PlanRefusedError):
        vc.execute(vc.Plan(action="flatten", summary="", steps=(wrong,), files=plan.files), layer=QUICK)
    assert not (tmp_path / "out.raw").exists()

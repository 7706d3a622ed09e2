"""Every planted fault gives exactly its codes, once; a clean folder is clean; what was looked at is on record."""

from __future__ import annotations

import hashlib
import os
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

import vhdchain
from tests.audit.folders import audited, healthy_codes, planted
from tests.matrix.planting import cells
from vhdchain.audit import AuditRecord, Summary, audit
from vhdchain.errors import CancelledError, ConfigError
from vhdchain.findings import CODES, Severity, worst_first
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.damage import LOOKED_AT, RECIPES, Recipe, healthy_name
from vhdchain.testing.damage_folder import BASE, FOLDER_RECIPES, LEAF, LONE, FolderRecipe, Link, healthy_folder
from vhdchain.testing.dialects import BLKTAP
from vhdchain.testing.edits import edit_entry, edit_footer, end_footer, header_of, healthy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vhdchain.findings import Finding

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def _told(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    """Return (code, file name) of all errors and warnings: what notes healthy files have is told by other tests."""
    bad = (item for item in findings if item.severity is not Severity.NOTE)
    return [(item.code, item.location.path.rpartition("/")[2]) for item in bad]


# ------------------------------------------------------------------------------------------------------- what is told


def test_a_healthy_folder_has_neither_errors_nor_warnings(tmp_path: Path) -> None:
    report = audited(healthy_folder(), tmp_path)
    assert {item.severity for item in report.findings} == {Severity.NOTE}
    (skipped,) = [item for item in report.findings if item.code == "VHD002"]
    assert skipped.location.path == ""
    assert report.summary == Summary(note=len(report.findings))
    assert report.skipped == (skipped.message,)
    assert report.exit_code() == 0


@pytest.mark.parametrize("recipe", FOLDER_RECIPES.values(), ids=FOLDER_RECIPES)
def test_a_planted_fault_has_exactly_the_stated_codes(
    recipe: FolderRecipe, record_property: Callable[[str, object], None]
) -> None:
    folder, report = planted(recipe)
    known = healthy_codes(recipe.host, deep=recipe.deep)
    assert {item.code for item in report.findings} - known == recipe.codes
    assert recipe.code not in known
    own = [item for item in report.findings if item.code == recipe.code]
    assert len(own) == 1
    assert own[0].severity is CODES[recipe.code].severity
    assert own[0].location.path.startswith(str(folder))
    record_property("matrix", (recipe.code[:4], 1))


@pytest.mark.parametrize("recipe", [recipe for recipe in RECIPES.values() if not recipe.children], ids=lambda r: r.code)
def test_a_damaged_file_is_told_in_its_folder(recipe: Recipe, tmp_path: Path) -> None:
    kind, dialect = next(cells(recipe))
    name = f"damaged/{recipe.file_name(kind)}"
    raw = recipe.healthy(kind, dialect)
    # Its parent is not there; what follows from that is not the recipe's.
    options: dict[str, Any] = {"ignore": ["VHD6"], "now": LOOKED_AT, "deep": recipe.deep}
    untouched = f"damaged/{healthy_name(kind)}"
    known = {item.code for item in audited({untouched: raw}, tmp_path / "healthy", **options).findings}
    report = audited({**healthy_folder(), name: recipe.damage(raw)}, tmp_path / "folder", **options)
    own = {item.code for item in report.findings if item.location.path.endswith(name)}
    assert own - known == recipe.codes - {"VHD002"} - {code for code in recipe.codes if code.startswith("VHD6")}
    rest = {item.code for item in report.findings if not item.location.path.endswith(name)}
    assert rest <= healthy_codes(deep=recipe.deep)
    errors = any(item.severity is Severity.ERROR for item in report.findings)
    assert report.exit_code(Severity.ERROR) == int(errors)


def test_copies_with_children_are_an_error(tmp_path: Path) -> None:
    files = healthy_folder()
    report = audited({**files, f"backup/{BASE}": files[BASE]}, tmp_path)
    (item,) = [item for item in report.findings if item.code == "VHD702"]
    assert item.severity is Severity.ERROR
    assert {path.removeprefix(f"{tmp_path}/") for path in item.related} == {BASE, f"backup/{BASE}"}


def test_an_error_of_an_ancestor_is_told_once_and_passed_on_to_every_leaf(tmp_path: Path) -> None:
    tree = ChainBuilder(seed=1)
    base = tree.dynamic("base.vhd", size=1 << 20, block_size=4096)
    middle = tree.snapshot(base, "middle.avhd")
    for leaf in (tree.snapshot(middle, "b.avhd"), tree.snapshot(middle, "a.avhd"), tree.snapshot(base, "c.avhd")):
        tree.write(leaf, 0, b"x")
    files: dict[str, bytes | Link] = {image.name: bytes(tree.file(image).content) for image in tree.images}
    files["base.vhd"] = edit_entry(bytes(tree.file(base).content), 7, 0)
    files["middle.avhd"] = edit_footer(bytes(tree.file(middle).content), file_format_version=0x00020000)
    report = audited(files, tmp_path)
    assert _told(report.findings) == [
        ("VHD615", "a.avhd"),
        ("VHD615", "b.avhd"),
        ("VHD403", "base.vhd"),
        ("VHD615", "c.avhd"),
        ("VHD109", "middle.avhd"),
    ]
    related = {item.location.path.rpartition("/")[2]: item.related for item in report.findings if item.code == "VHD615"}
    base_path, middle_path = str(tmp_path / "base.vhd"), str(tmp_path / "middle.avhd")
    assert related == {
        "a.avhd": (middle_path, base_path),
        "b.avhd": (middle_path, base_path),
        "c.avhd": (base_path,),
    }


def test_a_leaf_above_a_missing_parent_or_a_cycle_is_told(tmp_path: Path) -> None:
    cycle = FOLDER_RECIPES["VHD701"].damage(healthy_folder())
    tree = ChainBuilder(seed="above", start=datetime(2011, 6, 1, tzinfo=UTC))
    leaf = end_footer(_raw(cycle, LEAF))
    above = tree.snapshot(tree.fixed(LEAF, size=leaf.current_size, unique_id=leaf.unique_id), "above.avhd")
    files = {**cycle, "above.avhd": bytes(tree.file(above).content)}
    assert ("VHD615", "above.avhd") in _told(audited(files, tmp_path / "cycle").findings)
    orphan = {name: content for name, content in files.items() if name != BASE}
    report = audited(orphan, tmp_path / "orphan")
    assert _told(report.findings) == [("VHD615", "above.avhd"), ("VHD601", LEAF)]


def _raw(files: object, name: str) -> bytes:
    assert isinstance(files, dict)
    content = files[name]
    assert isinstance(content, bytes)
    return content


def test_a_warning_of_an_ancestor_is_not_passed_on(tmp_path: Path) -> None:
    files = healthy_folder()
    files[BASE] = edit_footer(_raw(files, BASE), end=False, creator_version=1)
    assert _told(audited(files, tmp_path).findings) == [("VHD141", BASE)]


def test_order_and_content_are_the_same_in_every_run(tmp_path: Path) -> None:
    files = {**healthy_folder(), "x/second.vhd": RECIPES["VHD403"].damage(healthy(min(RECIPES["VHD403"].kinds)))}
    files = {**files, "copy.vhd": files[LONE], "loop.avhd": Link("loop.avhd"), "empty.vhd": b""}
    report = audited(files, tmp_path, now=NOW)
    assert report.findings == worst_first(report.findings)
    with scan_folder(tmp_path) as inventory:
        assert audit(inventory, now=NOW) == report
    assert [item.severity.rank for item in report.findings] == sorted(item.severity.rank for item in report.findings)


@pytest.mark.corpus
def test_real_disks_are_clean(corpus: Path) -> None:
    with scan_folder(corpus) as inventory:
        report = audit(inventory)
    disks = {image.name for image in inventory.images}
    assert _told(tuple(item for item in report.findings if item.location.path in disks)) == []
    assert len(report.inputs) == 10 + 1
    assert len(disks) == 10


@pytest.mark.corpus
def test_a_real_configuration_without_its_disks(corpus: Path) -> None:
    path = corpus / "config" / "vm_2012r2_ascii_declared_utf16.xml"
    with scan_folder(path) as inventory:
        report = audit(inventory)
    found = {(item.code, item.severity.value, item.location.field) for item in report.findings}
    assert {("VHD815", "note", "encoding"), ("VHD820", "warning", "properties/global_id")} <= found
    # Its disk is not here; whatever else is told of it is told of that.
    assert {code for code, _, _ in found} - {"VHD002", "VHD801", "VHD815", "VHD820"} == set()
    (read,) = report.inputs
    raw = path.read_bytes()
    assert (read.size, read.metadata_sha256) == (len(raw), hashlib.sha256(raw).hexdigest())


# -------------------------------------------------------------------------------------------------------- exit codes


@pytest.mark.parametrize(
    ("code", "at_error", "at_warning", "at_note"),
    [("VHD704", 0, 0, 1), ("VHD702", 0, 1, 1), ("VHD601", 1, 1, 1), ("VHD001", 3, 3, 3)],
)
def test_the_exit_code_follows_the_threshold(code: str, at_error: int, at_warning: int, at_note: int) -> None:
    _, report = planted(FOLDER_RECIPES[code])
    assert report.exit_code(Severity.ERROR) == at_error
    assert report.exit_code(Severity.WARNING) == report.exit_code() == at_warning
    assert report.exit_code(Severity.NOTE) == at_note


# --------------------------------------------------------------------------------------------------------- selection


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A folder with errors and warnings of several families: 001, 403, 557, 601, 615."""
    files = {**healthy_folder(), "lone/copy.vhd": healthy_folder()[LONE], "loop.avhd": Link("loop.avhd")}
    files[BASE] = edit_entry(_raw(files, BASE), 3, 0)
    tree = ChainBuilder(seed="orphan")
    orphan = tree.snapshot(tree.fixed("gone.vhd", size=4096), "orphan.avhd")
    audited({**files, "orphan.avhd": bytes(tree.file(orphan).content)}, tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("select", "ignore", "codes"),
    [
        ([], [], {"VHD001", "VHD403", "VHD557", "VHD601", "VHD615"}),
        (["VHD6"], [], {"VHD001", "VHD601", "VHD615"}),
        (["vhd60", "VHD403"], [], {"VHD001", "VHD403", "VHD601"}),
        (["VHD6"], ["VHD615"], {"VHD001", "VHD601"}),
        ([], ["VHD6", "VHD5", "VHD0"], {"VHD403"}),
        (["VHD"], ["VHD001"], {"VHD403", "VHD557", "VHD601", "VHD615"}),
        (["VHD701"], [], {"VHD001"}),
    ],
)
def test_codes_are_chosen_by_prefix(faulty: Path, select: list[str], ignore: list[str], codes: set[str]) -> None:
    with scan_folder(faulty) as inventory:
        report = audit(inventory, select=select, ignore=ignore)
    assert {code for code, _ in _told(report.findings)} == codes
    assert report.exit_code() == (3 if "VHD001" in codes else 1)
    chosen = [f"only findings of {', '.join(sorted(select))} were asked for"] if select else []
    left_out = [f"findings of {', '.join(sorted(ignore))} were left out"] if ignore else []
    assert list(report.skipped[1:]) == chosen + left_out


@pytest.mark.parametrize("selector", ["VHD99", "VHD6030", "603", "", "X"])
def test_a_selector_that_fits_no_code_is_refused(faulty: Path, selector: str) -> None:
    with scan_folder(faulty) as inventory:
        with pytest.raises(ConfigError):
            audit(inventory, select=[selector])
        with pytest.raises(ConfigError):
            audit(inventory, ignore=["VHD6", selector])


# ---------------------------------------------------------------------------------------------------------- baseline


def test_a_baseline_leaves_known_findings_out_and_counts_them(faulty: Path) -> None:
    with scan_folder(faulty) as inventory:
        before = audit(inventory)
        after = audit(inventory, baseline=before.fingerprints())
    assert after.findings == ()
    assert after.summary == Summary(suppressed=len(before.findings))
    assert after.exit_code(Severity.NOTE) == 0
    assert after.record.baseline == len(before.fingerprints())


def test_a_new_finding_shows_through_a_baseline(faulty: Path) -> None:
    with scan_folder(faulty) as inventory:
        known = audit(inventory).fingerprints()
    (faulty / LONE).unlink()
    (faulty / LONE).write_bytes(b"")
    with scan_folder(faulty) as inventory:
        report = audit(inventory, baseline=known)
    # The copy is no longer one, and nothing else changed.
    assert _told(report.findings) == [("VHD552", LONE.rpartition("/")[2])]


def test_fingerprints_are_readable_and_stay_when_the_folder_moves(faulty: Path, tmp_path: Path) -> None:
    with scan_folder(faulty) as inventory:
        report = audit(inventory)
    before = report.fingerprints()
    bad = {report.fingerprint(item) for item in report.findings if item.severity is not Severity.NOTE}
    assert sorted(bad) == [
        "VHD001 loop.avhd",
        "VHD403 base.vhd BAT#3",
        "VHD557 lone/copy.vhd footer.unique_id",
        "VHD601 orphan.avhd link",
        "VHD615 leaf.avhd chain",
    ]
    moved = tmp_path.with_name(f"{tmp_path.name}-moved")
    faulty.rename(moved)
    with scan_folder(moved) as inventory:
        assert audit(inventory).fingerprints() == before


def test_files_of_several_folders_are_not_mistaken_for_each_other(tmp_path: Path) -> None:
    for name in ("one", "two"):
        audited({"x.vhd": b""}, tmp_path / name)
    with scan_folder(tmp_path / "one") as inventory:
        assert audit(inventory, select=["VHD552"]).fingerprints() == ("VHD552 x.vhd",)
    with scan_folder(tmp_path / "one", tmp_path / "two") as inventory:
        report = audit(inventory, select=["VHD552"])
    assert report.fingerprints() == tuple(f"VHD552 {tmp_path}/{name}/x.vhd" for name in ("one", "two"))
    with scan_folder(tmp_path / "one" / "x.vhd") as inventory:
        assert audit(inventory, select=["VHD552"]).fingerprints() == ("VHD552 x.vhd",)


# ------------------------------------------------------------------------------------------------------------ record


def test_the_record_says_how_the_audit_was_made(tmp_path: Path) -> None:
    report = audited(healthy_folder(), tmp_path, select=["VHD6", "VHD4"], ignore=["VHD602"], now=NOW, baseline={"x"})
    assert report.record == AuditRecord(
        version=vhdchain.__version__,
        time=NOW,
        scanned=(str(tmp_path),),
        roots=(str(tmp_path),),
        select=("VHD4", "VHD6"),
        ignore=("VHD602",),
        baseline=1,
    )


def test_every_file_is_on_record_with_the_digest_of_its_metadata(tmp_path: Path) -> None:
    files = healthy_folder()
    audited(files, tmp_path)
    os.utime(tmp_path / LEAF, ns=(0, 1_300_000_000_123_456_789))
    (tmp_path / "alias.avhd").hardlink_to(tmp_path / LEAF)
    with scan_folder(tmp_path) as inventory:
        report = audit(inventory)
    by_name = {item.path.rpartition("/")[2]: item for item in report.inputs}
    # A file with two names is one image, called by the first of them.
    assert list(by_name) == ["alias.avhd", BASE, LONE.rpartition("/")[2]]
    leaf, raw = by_name["alias.avhd"], _raw(files, LEAF)
    assert (leaf.size, leaf.mtime_ns) == (len(raw), 1_300_000_000_123_456_789)
    assert leaf.modified == datetime(2011, 3, 13, 7, 6, 40, 123456, tzinfo=UTC)
    assert leaf.aliases == (str(tmp_path / LEAF),)
    assert leaf.metadata_sha256 == _digest(raw)
    assert by_name[LONE.rpartition("/")[2]].metadata_sha256 == hashlib.sha256(_raw(files, LONE)[-512:]).hexdigest()


def _digest(raw: bytes) -> str:
    header = header_of(raw)
    digest = hashlib.sha256(raw[-512:] + raw[:512] + raw[512:1536])
    for entry in header.locators:
        digest.update(raw[entry.platform_data_offset :][: entry.platform_data_length])
    digest.update(raw[header.table_offset :][: header.max_table_entries * 4])
    return digest.hexdigest()


def test_the_digest_changes_with_metadata_and_not_with_data(tmp_path: Path) -> None:
    files = healthy_folder()
    digests = []
    base = _raw(files, BASE)
    for number, raw in enumerate((base, edit_entry(base, 3, 9), base[:-600] + b"data" + base[-596:])):
        report = audited({BASE: raw}, tmp_path / str(number))
        digests.append(report.inputs[0].metadata_sha256)
    assert digests[0] == digests[2] != digests[1]


def test_a_raw_base_has_no_metadata(tmp_path: Path) -> None:
    tree = ChainBuilder(seed="raw", dialect=BLKTAP)  # of the known programs the one that builds on raw disks
    tree.snapshot(tree.raw("raw.vhd", size=8192), "leaf.avhd", block_size=4096)
    report = audited({image.name: bytes(tree.file(image).content) for image in tree.images}, tmp_path)
    assert _told(report.findings) == []
    assert [(item.size, item.metadata_sha256 is None) for item in report.inputs][-1] == (8192, True)


# -------------------------------------------------------------------------------------------------- long audits


def test_progress_is_told_and_an_audit_can_be_stopped(tmp_path: Path) -> None:
    audited(healthy_folder(), tmp_path)
    steps: list[tuple[int, int]] = []
    stop = threading.Event()
    with scan_folder(tmp_path) as inventory:
        audit(inventory, progress=lambda done, total: steps.append((done, total)), cancel=stop)
        assert steps == [(1, 3), (2, 3), (3, 3)]
        stop.set()
        with pytest.raises(CancelledError):
            audit(inventory, cancel=stop)

"""Does ``manifest`` do what it says: its options, its documents, its exit codes?"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import run, run_process
from tests.report.validation import strict, validate
from vhdchain.report.documents.manifest_schema import MANIFEST_SCHEMA, MANIFEST_VERIFY_SCHEMA

if TYPE_CHECKING:
    from tests.cli.conftest import Built

HOST = Path(__file__).resolve().parent.parent.parent / "fixtures" / "host"


@pytest.fixture
def copy(healthy: Built, tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    shutil.copytree(healthy.folder, folder)
    return folder


@pytest.mark.parametrize("options", [(), ("--content",), ("--content", "--chunk", "64K")])
@pytest.mark.parametrize("kind", ["healthy", "broken"])
def test_the_documents_are_what_their_schemas_say(
    kind: str, options: tuple[str, ...], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    built: Built = request.getfixturevalue(kind)
    made = run("manifest", "create", built.folder, *options)
    validate(made.document, strict(MANIFEST_SCHEMA))
    problems = kind == "broken" and bool(options)
    assert made.code == (3 if problems else 0)
    assert bool(made.err) == problems
    (tmp_path / "m.json").write_text(made.out)
    verified = run("manifest", "verify", "--json", built.folder, tmp_path / "m.json")
    validate(verified.document, strict(MANIFEST_VERIFY_SCHEMA))
    assert (verified.code, verified.document["same"]) == (3 if problems else 0, True)


def test_the_schema_knows_a_host_and_every_kind_of_change(tmp_path: Path) -> None:
    folder = tmp_path / "host"
    shutil.copytree(HOST, folder)
    manifest = tmp_path / "m.json"
    assert run("manifest", "create", folder, "--content", "-o", manifest).code == 0
    validate(json.loads(manifest.read_text()), strict(MANIFEST_SCHEMA))
    disks = folder / "Users/Public/Documents/Hyper-V/Virtual Hard Disks"
    (disks / "web.vhd").rename(folder / "web.vhd")
    (disks / "data_8B2A3451-B7AE-427E-9085-97372B34EF56.avhd").unlink()
    (folder / "expected.json").write_text("{}")
    (folder / "new.txt").touch()
    ran = run("manifest", "verify", "--json", folder, manifest)
    validate(ran.document, strict(MANIFEST_VERIFY_SCHEMA))
    assert ran.document["totals"] == {"same": 15, "changed": 1, "moved": 1, "gone": 1, "new": 1}
    # What builds on the snapshot that is gone cannot be read any more, and 3 wins over 1.
    assert ran.code == 3
    assert [Path(item["path"]).name[:7] for item in ran.document["unread"]] == ["data_A1"]


def test_a_change_is_exit_code_1_and_told(copy: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "m.json"
    assert run("manifest", "create", copy, "-o", manifest, "--content").out == (
        f"{manifest}: 4 images and 0 other files, with the contents of the disks\n"
    )
    assert run("manifest", "verify", copy, manifest).code == 0
    (copy / "leaf.avhd").unlink()
    ran = run("manifest", "verify", copy, manifest)
    assert ran.code == 1
    assert "  gone     leaf.avhd\n           no disk shows what its guest saw\n" in ran.out
    assert "same     other.avhd" not in ran.out
    assert "same     other.avhd" in run("manifest", "verify", copy, manifest, "--all").out


def test_fast_reads_no_contents(copy: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "m.json"
    run("manifest", "create", copy, "-o", manifest, "--content")
    document = run("manifest", "verify", "--json", "--fast", copy, manifest).document
    assert document["chunk_size"] is None
    assert {item["view"]["basis"] for item in document["files"]} == {"metadata"}


def test_another_time_counts_unless_it_is_ignored(copy: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "m.json"
    run("manifest", "create", copy, "-o", manifest)
    os.utime(copy / "leaf.avhd", ns=(1, 1))
    assert run("manifest", "verify", copy, manifest).code == 1
    assert run("manifest", "verify", copy, manifest, "--ignore-times").code == 0


def test_a_manifest_may_lie_in_its_folder_however_it_came_there(copy: Path) -> None:
    assert run("manifest", "create", copy, "-o", copy / "m.json").code == 0
    assert run("manifest", "verify", copy, copy / "m.json").code == 0
    (copy / "m.json").unlink()
    with (copy / "shell.json").open("w") as out:
        done = run_process("manifest", "create", copy, "--content", stdout=out)
    assert done.code == 0
    assert run("manifest", "verify", copy, copy / "shell.json").code == 0


def test_a_file_that_exists_is_replaced_by_force_only(copy: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "m.json"
    manifest.write_text("mine")
    ran = run("manifest", "create", copy, "-o", manifest)
    assert (ran.code, ran.error) == (3, f"{manifest}: exists already and is replaced only by force")
    assert manifest.read_text() == "mine"
    # Before anything is read: hashing may take hours.
    assert run("manifest", "create", "nowhere", "-o", manifest).error == ran.error
    missing = tmp_path / "no" / "m.json"
    assert run("manifest", "create", copy, "-o", missing).error == f"{missing}: there is no such folder"
    assert run("manifest", "create", copy, "-o", manifest, "--force", "-q").out == ""
    assert run("manifest", "verify", copy, manifest).code == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is no JSON document: Expecting value: line 1 column 1 (char 0)"),
        ("[" * 100_000, "it is no JSON document: "),
        ('{"schema": "vhdchain.manifest", "version": 7}', "manifest: schema 'vhdchain.manifest' of version 7 found; "),
        ('{"size": ' + "1" * 5000 + "}", "it is no JSON document: "),
    ],
)
def test_what_is_no_manifest_is_one_line_and_exit_code_3(
    text: str, message: str, healthy: Built, tmp_path: Path
) -> None:
    path = tmp_path / "m.json"
    path.write_text(text)
    ran = run("manifest", "verify", healthy.folder, path)
    assert ran.code == 3
    assert ran.error.startswith(f"{path}: {message}")


@pytest.mark.parametrize(
    "arguments",
    [("--chunk", "3K"), ("--chunk", "0"), ("--json", "-o", "x.json"), ("--chunk", "2G")],
)
def test_what_cannot_be_meant_is_a_usage_error(arguments: tuple[str, ...], healthy: Built) -> None:
    assert run("manifest", "create", healthy.folder, "--content", *arguments).code == 2


def test_without_a_command_of_its_own_it_says_so_in_one_line() -> None:
    ran = run("manifest")
    assert (ran.code, ran.error) == (2, "Missing command (see: vhdchain manifest --help)")


def test_a_file_or_nothing_is_no_folder(healthy: Built, tmp_path: Path) -> None:
    assert run("manifest", "create", healthy.folder / "base.vhd").code == 3
    assert run("manifest", "create", tmp_path / "nothing").code == 3

"""What is told of an account, as a document and for people?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from tests.report.validation import strict, validate
from vhdchain.report.documents.usage import usage_document
from vhdchain.report.documents.usage_schema import USAGE_SCHEMA
from vhdchain.report.lines import plain_text
from vhdchain.report.text.usage import usage_lines
from vhdchain.shell.scanning import scan_folder
from vhdchain.shell.usage import disk_usage
from vhdchain.testing import ChainBuilder, HostLab, LabDisk

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = 4096 + 512


def _host(folder: Path) -> HostLab:
    """Save a machine with a snapshot that one deletion left to be merged, and one above it."""
    lab = HostLab(seed=5)
    srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
    gone = lab.take(srv, "gone")
    lab.write(srv, 0, 20 * 4096, b"one")
    lab.take(srv, "kept")
    lab.write(srv, 0, 21 * 4096, b"two")
    lab.delete(srv, gone, merge=False)
    lab.save(folder)
    return lab


def _document(folder: Path, *, deep: bool = False) -> dict[str, Any]:
    with scan_folder(folder) as inventory:
        document: dict[str, Any] = usage_document(inventory, disk_usage(inventory, deep=deep))
    return document


def _text(folder: Path, *, deep: bool = False) -> list[str]:
    with scan_folder(folder) as inventory:
        lines = usage_lines(inventory, disk_usage(inventory, deep=deep), width=100, deep=deep)
        return plain_text(lines).splitlines()


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(USAGE_SCHEMA)


@pytest.mark.parametrize("deep", [False, True])
def test_the_document_holds_what_the_schema_describes_and_nothing_else(deep: bool, tmp_path: Path) -> None:
    _host(tmp_path)
    validate(_document(tmp_path, deep=deep), strict(USAGE_SCHEMA))


def test_the_document_of_a_host(tmp_path: Path) -> None:
    lab = _host(tmp_path)
    srv = lab.machines[0]
    base, middle, leaf = (str(tmp_path / lab.disk_path(image)) for image in srv.state.images[0].stack)
    document = _document(tmp_path)
    (family,) = document["families"]
    assert [image["path"] for image in family["images"]] == [base, middle, leaf]
    assert [image["view"] for image in family["images"]] == [False, True, True]
    for image in family["images"]:
        assert image["structures"] + image["bitmaps"] + image["data"] + image["other"] == image["file_size"]
        assert image["exclusive"] + image["shared"] + image["dead"] + image["clear"] == image["data"]
    (merge,) = document["owed"]["merges"]
    assert (merge["files"], merge["room"], merge["blocks"]) == ([base, middle], BLOCK, 1)
    (snapshot,) = document["snapshots"]
    assert (snapshot["machine"], snapshot["name"]) == ("srv", "kept")
    assert snapshot["disks"] == [{"path": middle, "fate": "merged", "reason": ""}]
    assert [item["files"] for item in snapshot["merges"]] == [[base, middle, leaf]]
    sizes = {image["path"]: image["file_size"] for image in family["images"]}
    assert snapshot["room"] == 2 * BLOCK
    assert snapshot["frees"] == sizes[middle] + sizes[leaf] - 2 * BLOCK + snapshot["state_size"]


def test_a_family_that_cannot_be_trusted_is_left_out(tmp_path: Path) -> None:
    tree = ChainBuilder(seed=1)
    base = tree.dynamic("base.vhd", size=65536, block_size=4096)
    tree.write(base, 0, b"data")
    tree.snapshot(base, "leaf.avhd")
    tree.dynamic("sound.vhd", size=65536, block_size=4096)
    paths = tree.save(tmp_path)
    content = bytearray(paths["base.vhd"].read_bytes())
    at = tree.file(base).table
    assert at is not None
    content[at : at + 4] = (1 << 20).to_bytes(4, "big")  # behind the end of the file
    paths["base.vhd"].chmod(0o600)
    paths["base.vhd"].write_bytes(content)
    document = _document(tmp_path)
    first, second = document["families"]
    assert first["problem"].startswith(str(tmp_path / "base.vhd"))
    assert [image["exclusive"] for image in first["images"]] == [None, None]
    assert second["problem"] is None
    validate(document, strict(USAGE_SCHEMA))
    assert any(line.startswith("  left out: ") for line in _text(tmp_path))


def test_the_text_of_a_host(tmp_path: Path) -> None:
    _host(tmp_path)
    text = _text(tmp_path)
    assert text[0] == str(tmp_path)
    assert text[2].split() == ["file", "exclusive", "shared", "dead", "clear", "metadata", "other", "one", "file"]
    assert "deleting a snapshot of srv" in text
    assert "merges that deleted snapshots left to be made" in text
    assert text[-1].startswith("3 images of ")


def test_the_text_tells_what_is_held_in_vain(tmp_path: Path) -> None:
    tree = ChainBuilder(seed=2)
    base = tree.dynamic("base.vhd", size=65536, block_size=4096)
    tree.write(base, 0, b"x" * 1024)
    leaf = tree.snapshot(base, "leaf.avhd")
    tree.write(leaf, 0, b"x" * 512)
    tree.write(leaf, 8192, bytes(1024))
    tree.save(tmp_path)
    (row,) = (line for line in _text(tmp_path, deep=True) if line.endswith("  leaf.avhd") and " KiB " in line)
    assert row.split()[-5:] == ["512", "B", "1", "KiB", "leaf.avhd"]

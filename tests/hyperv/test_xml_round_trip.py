"""Do real and annotated configurations survive a round trip, byte for byte and in what they say?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from vhdchain.hyperv import Key, Remark, build_document, check_document, is_configuration, parse_document

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = ["vm_2008r2_two_snapshots.xml", "snapshot_2008r2.xml"]


def _as_a_host(data: bytes) -> bytes:
    """Return UTF-8 text with line feeds as a host stores text."""
    return b"\xff\xfe" + data.decode("utf-8").replace("\n", "\r\n").encode("utf-16-le")


def _says(root: Key) -> list[tuple[str, str | None, object]]:
    """Return all that a configuration says, without layout and remarks."""
    return sorted(((path, key.type, key.value) for path, key in root.walk()), key=repr)


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("reencoded", [False, True])
def test_an_annotated_example_is_written_as_it_was_read(hyperv_examples: Path, name: str, reencoded: bool) -> None:
    data = (hyperv_examples / name).read_bytes()
    data = _as_a_host(data) if reencoded else data
    document = parse_document(data, name=name)
    assert document.to_bytes() == data
    assert document.encoding.agrees is reencoded
    assert [told.code for told in check_document(document, name)] == ([] if reencoded else ["VHD815"])
    assert is_configuration(data[:4096])


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_says_the_same_in_both_encodings_and_after_it_was_built(hyperv_examples: Path, name: str) -> None:
    data = (hyperv_examples / name).read_bytes()
    root = parse_document(data, name=name).root
    assert parse_document(_as_a_host(data), name=name).root == root
    built = build_document(root)
    assert _says(parse_document(built, name=name).root) == _says(root)
    assert build_document(parse_document(built, name=name).root) == built


def test_the_remarks_of_an_example_are_kept_beside_its_values(hyperv_examples: Path) -> None:
    data = (hyperv_examples / EXAMPLES[0]).read_bytes()
    document = parse_document(data, name=EXAMPLES[0])
    keys = [document.root, *[key for _, key in document.root.walk()]]
    remarks = [item for key in keys for item in key.items if isinstance(item, Remark)]
    assert len(remarks) + len(document.prolog) == data.count(b"<!--")
    assert document.root.integer_at("global_settings/snapshots/list/size") == 2
    assert document.root.bytes_at("properties/creation_time") == bytes.fromhex("8f78b3dbdefbcf01")
    assert document.root.bool_at("global_settings/disk_merge_pending") is False


@pytest.mark.corpus
def test_the_real_configuration_round_trips(corpus: Path) -> None:
    name = "vm_2012r2_ascii_declared_utf16.xml"
    data = (corpus / "config" / name).read_bytes()
    document = parse_document(data, name=name)
    assert document.to_bytes() == data
    assert (document.encoding.name, document.encoding.declared) == ("ascii", "UTF-16")
    assert [told.code for told in check_document(document, name)] == ["VHD815"]
    built = build_document(document.root)
    # What the host wrote is in canonical form already: nothing but the encoding was lost on its way.
    assert built == _as_a_host(data)
    assert parse_document(built, name=name).root == document.root


@pytest.mark.corpus
def test_every_value_of_the_real_configuration_is_understood(corpus: Path) -> None:
    data = (corpus / "config" / "vm_2012r2_ascii_declared_utf16.xml").read_bytes()
    root = parse_document(data, name="a.xml").root
    keys = [key for _, key in root.walk()]
    assert len(keys) == data.count(b"</") + data.count(b"/>") - 1
    assert all((key.value is None) is (key.type is None) for key in keys)
    disk = root.find("_83f8638b-8dca-4152-9eda-2ca8b33039b4_/controller0/drive0/pathname")
    assert disk is not None
    assert disk.value == r"C:\dev\vagrant\Win2k12R2\.vagrant\machines\default\hyperv\disk.vhd"
    created = int.from_bytes(root.bytes_at("properties/creation_time") or b"", "little")
    seconds = (datetime(2014, 11, 9, 5, 34, 40, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()
    assert created // 10_000_000 == seconds

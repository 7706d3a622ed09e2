"""A record is written and read back the same, its places hold what becomes known later, and nonsense is refused."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from vhdchain.errors import ConfigError
from vhdchain.transfer import ExportedFile, ExportedPart, ExportRecord, build_record, parse_record

G = "0A5B1D43-6C0E-4F6B-9B0E-6D7B0F0C2A11"
BASE = ExportedFile(
    path="Virtual Hard Disks/srv.vhd",
    part=ExportedPart.DISK,
    unique_id="00" * 15 + "01",
    size=1 << 40,
    mtime_ns=1_304_323_920_123_456_789,
    digest=hashlib.sha256(b"base").hexdigest(),
    stored=(r"C:\Disks\srv.vhd", "C:\\Disks\\\u017fpe\u00e7ial\udcff.vhd"),
)
LEAF = replace(BASE, path="Virtual Hard Disks/srv_1.avhd", unique_id="00" * 16, parent=BASE.path, stored=())
OWN = ExportedFile(
    path=f"Virtual Machines/{G}.xml",
    part=ExportedPart.CONFIGURATION,
    id=G,
    size=7,
    digest=hashlib.sha256(b"own").hexdigest(),
)
RECORD = ExportRecord(
    tool="vhdchain 0.1.0",
    machine_id=G,
    machine_name="srv \u0001\u4e16",
    exported="2026-01-02T03:04:05+00:00",
    files=(BASE, LEAF, OWN),
)


@pytest.mark.parametrize("record", [RECORD, replace(RECORD, files=(OWN,), compact=True, snapshots="none")])
def test_a_record_that_is_written_is_read_back_the_same(record: ExportRecord) -> None:
    text = build_record(record)
    assert text.places == ()
    assert parse_record(text.content) == record


@pytest.mark.parametrize("hash_name", ["sha256", "md5", "sha512"])
def test_what_becomes_known_later_has_places_of_its_width(hash_name: str) -> None:
    digests = {item.path: hashlib.new(hash_name, item.path.encode()).hexdigest() for item in RECORD.files}
    known = tuple(replace(item, digest=digests[item.path]) for item in RECORD.files)
    whole = replace(RECORD, hash=hash_name, files=known)
    open_files = tuple(replace(item, digest="", size=None if item is BASE else item.size) for item in RECORD.files)
    text = build_record(replace(whole, files=open_files))
    content = bytearray(text.content)
    assert [(place.path, place.field) for place in text.places] == [
        (BASE.path, "size"),
        (BASE.path, "digest"),
        (LEAF.path, "digest"),
        (OWN.path, "digest"),
    ]
    for place in text.places:
        value = str(BASE.size) if place.field == "size" else digests[place.path]
        content[place.offset : place.offset + place.length] = value.rjust(place.length).encode()
    assert bytes(content) == build_record(whole).content
    assert parse_record(bytes(content)) == whole


def test_a_record_with_open_places_is_none_yet() -> None:
    with pytest.raises(ConfigError, match=r"^x\.files\[0\]\.digest: "):
        parse_record(build_record(replace(RECORD, files=(replace(BASE, digest=""), OWN))).content, name="x")
    with pytest.raises(ConfigError, match=r"^x\.files\[0\]\.size: None found"):
        parse_record(build_record(replace(RECORD, files=(replace(BASE, size=None), OWN))).content, name="x")


def _changed(**changes: object) -> bytes:
    return json.dumps({**json.loads(build_record(RECORD).content), **changes}).encode()


def _with_file(number: int, **changes: object) -> bytes:
    document: dict[str, Any] = json.loads(build_record(RECORD).content)
    document["files"][number].update(changes)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"", "r: is no JSON"),
        (b"\xff\xfe\x00", "r: is no JSON"),
        (b"[" * 100_000, "r: is nested too deep"),
        (b'{"schema": ' + b"1" * 5000 + b"}", "r: is no JSON"),
        (b"[]", "r: "),
        (_changed(schema="vhdchain.plan"), "r: schema 'vhdchain.plan'"),
        (_changed(version=2), "r: schema "),
        (_changed(version=True, schema=1), "r: schema "),
        (_changed(hash="shake_128"), "r.hash: "),
        (_changed(hash="nothing"), "r.hash: "),
        (_changed(compact="false"), "r.compact: "),
        (_changed(machine={"id": 3, "name": "x"}), "r.machine.id: "),
        (_changed(files=[]), "r.files: 0 configurations"),
        (_changed(files={}), "r.files: "),
        (_with_file(0, size=-1), "r.files[0].size: "),
        (_with_file(0, size=1.5), "r.files[0].size: "),
        (_with_file(0, digest="00"), "r.files[0].digest: "),
        (_with_file(0, unique_id="zz" * 16), "r.files[0].unique_id: "),
        (_with_file(0, mtime_ns="yesterday"), "r.files[0].mtime_ns: "),
        (_with_file(0, mtime_ns=1 << 63), "r.files[0].mtime_ns: "),
        (_with_file(0, part="store of authorisations"), "r.files[0].part: "),
        (_with_file(0, stored="x"), "r.files[0].stored: "),
        (_with_file(0, stored=[1]), "r.files[0].stored: "),
        (_with_file(2, part="snapshot"), "r.files: 0 configurations"),
        (_with_file(0, part="configuration"), "r.files: 2 configurations"),
        (_with_file(1, path="virtual hard DISKS/SRV.vhd"), "r.files[1].path: "),
        (_with_file(1, parent=LEAF.path), "r.files[1].parent: "),
        (_with_file(0, parent=LEAF.path), "r.files[0].parent: "),
        (_with_file(2, parent=BASE.path), "r.files[2].parent: "),
        *(
            (_with_file(1, path=path), "r.files[1].path: ")
            for path in (
                "/etc/passwd",
                "../srv.vhd",
                "a/../../b",
                "a//b",
                "",
                ".",
                "...",
                "a/. /b",
                "C:\\x",
                "C:x",
                "a\\..\\b",
                "\\\\server\\share",
                "a\0b",
                "a\nb",
                "x" * 5000,
            )
        ),
        (_with_file(1, parent="../srv.vhd"), "r.files[1].parent: "),
    ],
)
def test_what_is_no_record_is_refused_with_its_place(content: bytes, where: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_record(content, name="r")
    assert str(caught.value).startswith(where)
    assert "\n" not in str(caught.value)


def test_a_mark_of_byte_order_and_fields_of_later_programs_are_no_fault() -> None:
    assert parse_record(b"\xef\xbb\xbf" + _changed(later={"x": 1})) == RECORD


def test_a_digest_that_is_none_is_refused_before_anything_is_written() -> None:
    with pytest.raises(ConfigError, match=r"^hash: "):
        build_record(replace(RECORD, hash="shake_256"))

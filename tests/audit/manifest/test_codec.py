"""Is a manifest that was edited, damaged or written by another version refused, with the place and in one line?"""

from __future__ import annotations

import copy
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vhdchain.audit.manifest import (
    Chunks,
    DiskContent,
    FileEntry,
    ImageEntry,
    Manifest,
    StateUse,
    Unread,
    manifest_document,
    manifest_from_document,
    view_sha256,
)
from vhdchain.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHUNK = 4096
SIZE = 10 * CHUNK


def _chunks(*numbers: int, fill: int = 1) -> Chunks:
    digests = np.full((len(numbers), 32), fill, dtype=np.uint8)
    return Chunks(numbers=np.array(numbers, dtype=np.int64), digests=digests)


def _image(path: str, chunks: Chunks, view: Chunks, *, parent: str | None = None) -> ImageEntry:
    return ImageEntry(
        path=path,
        size=100,
        mtime_ns=5,
        disk_type="dynamic",
        virtual_size=SIZE,
        unique_id="12" * 16,
        parent_unique_id=None,
        parent=parent,
        metadata_sha256="ab" * 32,
        used_by=(StateUse(machine="srv"), StateUse(machine="srv", snapshot="first")),
        content=DiskContent(
            parent=parent, chunks=chunks, sha256=view_sha256(view, virtual_size=SIZE, chunk_size=CHUNK)
        ),
    )


def _document() -> dict[str, Any]:
    base, own = _chunks(0, 3), _chunks(3, 9, fill=2)
    manifest = Manifest(
        tool_version="1",
        chunk_size=CHUNK,
        images=(_image("base.vhd", base, base), _image("leaf.avhd", own, own.above(base, 10), parent="base.vhd")),
        files=(FileEntry(path="a.xml", role="configuration", size=1, mtime_ns=2, sha256="cd" * 32),),
        unread=(Unread(path="locked.vhd", reason="permission denied"),),
    )
    return manifest_document(manifest)


def _set(place: str, value: object) -> Callable[[dict[str, Any]], object]:
    *way, last = place.split("/")

    def edit(document: dict[str, Any]) -> None:
        node: Any = document
        for name in way:
            node = node[int(name) if name.isdigit() and isinstance(node, list) else name]
        if value is ...:
            del node[last]
        else:
            node[last] = value

    return edit


def test_it_is_read_as_it_was_written() -> None:
    assert manifest_document(manifest_from_document(_document())) == _document()


def test_fields_that_a_later_program_adds_are_passed_over() -> None:
    document = _document()
    document["images"][0]["more"] = document["more"] = 1
    assert manifest_document(manifest_from_document(document)) == _document()


def test_a_child_may_stand_before_its_parent() -> None:
    document = _document()
    document["images"].reverse()
    assert [item.path for item in manifest_from_document(document).images] == ["leaf.avhd", "base.vhd"]


EDITED = "have another digest: the manifest was edited or damaged"
OTHER_DIGEST = "00" * 31 + "01"

EDITS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "another schema": (
        _set("schema", "vhdchain.audit"),
        "manifest: schema 'vhdchain.audit' of version 1 found; this program reads vhdchain.manifest of version 1",
    ),
    "a later version": (
        _set("version", 2),
        "manifest: schema 'vhdchain.manifest' of version 2 found; this program reads vhdchain.manifest of version 1",
    ),
    "a size as text": (_set("images/1/size", "12"), "manifest.images[1].size: '12' found, a whole number expected"),
    "a negative size": (_set("images/0/size", -1), "manifest.images[0].size: -1 found, a number of bytes expected"),
    "a size that is true": (
        _set("images/0/size", True),
        "manifest.images[0].size: True found, a whole number expected",
    ),
    "a field that is gone": (_set("images/0/path", ...), "manifest.images[0].path: is missing"),
    "a short digest": (
        _set("files/0/sha256", "ab"),
        "manifest.files[0].sha256: 'ab' found, 64 hexadecimal digits expected",
    ),
    "a digest in capitals": (
        _set("files/0/sha256", "CD" * 32),
        f"manifest.files[0].sha256: '{'CD' * 29}C… found, 64 hexadecimal digits expected",
    ),
    "a list that is none": (_set("files", None), "manifest.files: None found, a list expected"),
    "an entry that is none": (_set("unread", [1]), "manifest.unread[0]: 1 found, an object expected"),
    "a time that is none": (_set("time", "soon"), "manifest.time: 'soon' found, a time as in ISO 8601 expected"),
    "a chunk of no size": (
        _set("chunk_size", 0),
        "chunk_size: 0 found; a chunk has a multiple of 4,096 bytes, at most 1 GiB",
    ),
    "contents and no size of chunks": (
        _set("chunk_size", None),
        "manifest.images[0].content: contents are there, and manifest.chunk_size is null",
    ),
    "a chunk behind the disk": (
        _set("images/0/content/chunks/10", OTHER_DIGEST),
        "manifest.images[0].content.chunks: '10' found; numbers from 0 to 9 in order expected",
    ),
    "a chunk out of order": (
        _set("images/0/content/chunks/1", OTHER_DIGEST),
        "manifest.images[0].content.chunks: '1' found; numbers from 0 to 9 in order expected",
    ),
    "a chunk without a number": (
        _set("images/0/content/chunks/٣", OTHER_DIGEST),
        "manifest.images[0].content.chunks: '٣' found; numbers from 0 to 9 in order expected",
    ),
    "another chunk": (
        _set("images/1/content/chunks/9", OTHER_DIGEST),
        f"manifest.images[1].content.sha256: the chunks of 'leaf.avhd' {EDITED}",
    ),
    "another size of the disk": (
        _set("images/0/virtual_size", SIZE - 512),
        f"manifest.images[0].content.sha256: the chunks of 'base.vhd' {EDITED}",
    ),
    "a parent that is not there": (
        _set("images/1/content/parent", "lost.vhd"),
        "manifest.images[1].content.parent: 'lost.vhd' leads to no disk whose contents are listed",
    ),
    "a disk that builds on itself": (
        _set("images/1/content/parent", "leaf.avhd"),
        "manifest.images[1].content.parent: 'leaf.avhd' leads to no disk whose contents are listed",
    ),
    "a name twice": (_set("files/0/path", "base.vhd"), "manifest: 'base.vhd' is listed twice"),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_manifest_is_refused_with_the_place(name: str) -> None:
    edit, message = EDITS[name]
    document = copy.deepcopy(_document())
    edit(document)
    with pytest.raises(ConfigError) as raised:
        manifest_from_document(document)
    assert str(raised.value) == message


def _places(node: object, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield way
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, inner in items:
        yield from _places(inner, (*way, name))


_PLACES = [place for place in _places(_document()) if place]
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("ab" * 32),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.sampled_from("0123"), inner, max_size=3),
    max_leaves=5,
)


@given(place=st.sampled_from(_PLACES), value=_VALUES, document=st.builds(_document))
def test_whatever_stands_in_a_place_is_taken_or_refused_and_nothing_else(
    place: tuple[str | int, ...], value: object, document: dict[str, Any]
) -> None:
    node: Any = document
    for name in place[:-1]:
        node = node[name]
    node[place[-1]] = value
    with suppress(ConfigError):
        manifest = manifest_from_document(document)
        again = manifest_from_document(manifest_document(manifest))
        assert manifest_document(again) == manifest_document(manifest)


@pytest.mark.parametrize("document", [None, [], "x", 1])
def test_what_is_no_object_is_no_manifest(document: object) -> None:
    with pytest.raises(ConfigError, match="an object expected"):
        manifest_from_document(document)

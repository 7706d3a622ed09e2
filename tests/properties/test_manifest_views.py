"""Are the digests of a manifest those of what every guest sees, after any program of writes and snapshots?

The digests are computed again from the whole disks that the builder expects, without chains, bitmaps or deltas.
"""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.graph.inventories import inventory_of
from vhdchain.audit.manifest import (
    DiskContents,
    FileStatus,
    ImageEntry,
    Manifest,
    ViewOutcome,
    compare_manifests,
    manifest_document,
    manifest_from_document,
)
from vhdchain.testing.opening import built_image
from vhdchain.testing.programs import Program, run_program
from vhdchain.testing.strategies import programs

if TYPE_CHECKING:
    from vhdchain.testing.builder import ChainBuilder

CHUNKS = st.sampled_from([4096, 8192, 1 << 16])


def _tree(program: Program) -> ChainBuilder:
    return run_program(program, after_each=lambda _state, _step: None).tree


def _naive(disk: bytes, chunk_size: int) -> tuple[dict[int, str], str]:
    """Return the digests of the chunks that are not zeros, and that of the whole, as the documentation has them."""
    chunks = {}
    for start in range(0, len(disk), chunk_size):
        piece = disk[start : start + chunk_size]
        if any(piece):
            chunks[start // chunk_size] = hashlib.sha256(piece).hexdigest()
    whole = hashlib.sha256(len(disk).to_bytes(8, "big") + chunk_size.to_bytes(8, "big"))
    for number, digest in chunks.items():
        whole.update(number.to_bytes(8, "big") + bytes.fromhex(digest))
    return chunks, whole.hexdigest()


def _manifest(tree: ChainBuilder, chunk_size: int) -> Manifest:
    # As a scan has them: a raw base, too, that has no structure to be known by.
    images = tuple(sorted((built_image(tree, image) for image in tree.images), key=lambda image: image.name))
    inventory = dataclasses.replace(inventory_of(tree), images=images)
    disks = DiskContents(inventory, chunk_size)
    contents = disks.read()
    assert disks.problems == {}
    return Manifest(
        tool_version="0",
        chunk_size=chunk_size,
        images=tuple(
            ImageEntry(
                path=image.name,
                size=image.file_size,
                mtime_ns=0,
                disk_type=None,
                virtual_size=image.virtual_size,
                unique_id=image.unique_id.hex(),
                parent_unique_id=None,
                parent=inventory.graph.parent(image.name),
                metadata_sha256=None,
                content=contents[image.name],
            )
            for image in inventory.images
        ),
    )


@given(program=programs(), chunk_size=CHUNKS)
def test_every_disk_has_the_digests_of_what_its_guest_sees(program: Program, chunk_size: int) -> None:
    tree = _tree(program)
    manifest = _manifest(tree, chunk_size)
    for entry in manifest.images:
        chunks, whole = _naive(bytes(tree.expected(tree.image(entry.path))), chunk_size)
        assert entry.content is not None
        assert entry.content.sha256 == whole
        if entry.content.parent is None:
            held = entry.content.chunks.digests.any(axis=1)
            numbers = entry.content.chunks.numbers[held].tolist()
            digests = [row.tobytes().hex() for row in entry.content.chunks.digests[held]]
            assert dict(zip(numbers, digests, strict=True)) == chunks


@given(program=programs(), chunk_size=CHUNKS)
def test_a_manifest_that_is_written_and_read_says_the_same(program: Program, chunk_size: int) -> None:
    manifest = _manifest(_tree(program), chunk_size)
    document = manifest_document(manifest)
    again = manifest_from_document(document)
    assert manifest_document(again) == document
    comparison = compare_manifests(manifest, again)
    assert comparison.is_same
    assert all(item.view is not None and item.view.outcome is ViewOutcome.SAME for item in comparison.files)


@settings(max_examples=settings().max_examples // 2)
@given(program=programs(), data=st.data())
def test_a_write_changes_the_views_of_all_disks_that_show_it_and_of_no_other(
    program: Program, data: st.DataObject
) -> None:
    tree = _tree(program)
    before = _manifest(tree, 4096)
    disks = {image.name: bytes(tree.expected(image)) for image in tree.images}
    image = data.draw(st.sampled_from(tree.images))
    sector = data.draw(st.integers(0, image.size // 512 - 1))
    tree.write(image, sector * 512, data.draw(st.sampled_from([b"other", bytes(512)])), under_children=True)
    comparison = compare_manifests(before, _manifest(tree, 4096))
    changed = {name for name, disk in disks.items() if disk != bytes(tree.expected(tree.image(name)))}
    views = {item.path: item.view for item in comparison.files if item.view is not None}
    assert {name for name, view in views.items() if view.outcome is ViewOutcome.CHANGED} == changed
    for name in changed:
        one, other = (
            np.frombuffer(disk, dtype=np.uint8) for disk in (disks[name], bytes(tree.expected(tree.image(name))))
        )
        chunks = np.unique(np.flatnonzero(one != other) // 4096)
        assert (views[name].chunks, views[name].first) == (len(chunks), int(chunks[0]) * 4096)
    assert {item.status for item in comparison.files} <= {FileStatus.SAME, FileStatus.CHANGED}

"""Images in memory for the tests of deep checks, and what these checks find in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.deep import check_deep
from vhdchain.image import scan_image
from vhdchain.source import BytesSource
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.dialects import PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Buffer

    from vhdchain.chain import Chain
    from vhdchain.findings import Finding
    from vhdchain.source import ByteSource
    from vhdchain.testing.dialects import Layout
    from vhdchain.testing.images import BuiltImage

KIB = 1024
MIB = 1024 * KIB


class Switched:
    """A source that can become another one, as a file does that is read while others write."""

    def __init__(self, now: ByteSource) -> None:
        self.now = now

    @property
    def name(self) -> str:
        return self.now.name

    @property
    def size(self) -> int:
        return self.now.size

    def read_at(self, offset: int, length: int) -> bytes:
        return self.now.read_at(offset, length)

    def readinto_at(self, offset: int, buffer: Buffer) -> None:
        self.now.readinto_at(offset, buffer)

    def close(self) -> None:
        self.now.close()


def deep(
    raw: bytes | ByteSource,
    *,
    parent: Chain | None = None,
    behind: Callable[[ByteSource], ByteSource] = lambda source: source,
) -> dict[str, Finding]:
    """Return what a deep check finds in an image, by code; each is told once.

    ``behind`` replaces the source between the scan and the check.
    """
    source = Switched(BytesSource(raw, name="disk.vhd") if isinstance(raw, bytes) else raw)
    with scan_image(source) as image:
        source.now = behind(source.now)
        findings = check_deep(image, parent=parent)
    by_code = {item.code: item for item in findings}
    assert len(by_code) == len(findings)
    assert {item.location.path for item in findings} <= {"disk.vhd"}
    return by_code


def file_of(tree: ChainBuilder, image: BuiltImage) -> bytes:
    """Return the bytes of an image's file."""
    return bytes(tree.file(image).content)


def dynamic(
    size: int = 64 * KIB, block_size: int = 16 * KIB, layout: Layout = PLAIN
) -> tuple[ChainBuilder, BuiltImage]:
    """Return a tree with an empty dynamic image."""
    tree = ChainBuilder(seed="deep")
    return tree, tree.dynamic("disk.vhd", size=size, block_size=block_size, layout=layout)


def differencing(size: int = 64 * KIB, block_size: int = 16 * KIB) -> tuple[ChainBuilder, BuiltImage]:
    """Return a tree with an empty differencing image above a fixed one that is full of text."""
    tree = ChainBuilder(seed="deep")
    base = tree.fixed("base.vhd", size=size)
    tree.fill(base, 0, size)
    return tree, tree.differencing("disk.vhd", parent=base, block_size=block_size)

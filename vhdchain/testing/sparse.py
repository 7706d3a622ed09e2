"""How are a file of many gigabytes and its few bytes of content kept in memory?

`SparseBytes` stores pages of 4 KiB, only those that were written with something other than zeros. It serves for what a
guest wrote to an image and for the finished file alike, so that disks of terabytes cost what they hold. Pages of ones,
such as the unused entries of a BAT, are one page in memory: a thousand images of 2040 GiB have 4 GiB of them.
It knows nothing of VHD.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.source import check_range

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from typing_extensions import Buffer

_PAGE = 4096
_ONES = b"\xff" * _PAGE
_JOIN = 1 << 20


class SparseBytes:
    """Bytes of which most are zero; offsets and lengths in bytes.

    Attributes:
        size: The length; writing beyond it extends it.
    """

    __slots__ = ("_pages", "size")

    def __init__(self, data: bytes = b"") -> None:
        self._pages: dict[int, bytearray | bytes] = {}  # bytes are shared, and copied before they change
        self.size = 0
        self.write(0, data)

    def write(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Store ``data`` at ``offset``; zeros where nothing was stored cost nothing."""
        view = memoryview(data)
        self.size = max(self.size, offset + len(view))
        done = 0
        while done < len(view):
            number, start = divmod(offset + done, _PAGE)
            part = view[done : done + _PAGE - start]
            done += len(part)
            page = self._pages.get(number)
            if page is None and not any(part):
                continue
            if part == _ONES:
                self._pages[number] = _ONES
            else:
                self._own(number)[start : start + len(part)] = part

    def _own(self, number: int) -> bytearray:
        """Return the page ``number``, which may be changed."""
        page = self._pages.get(number)
        if not isinstance(page, bytearray):
            page = self._pages[number] = bytearray(_PAGE if page is None else page)
        return page

    def read(self, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset``; what was never written, also beyond `size`, is zero."""
        out = bytearray(length)
        first, last = offset // _PAGE, (offset + length - 1) // _PAGE
        numbers: object = range(first, last + 1)
        if last - first > len(self._pages):
            numbers = [number for number in self._pages if first <= number <= last]
        assert isinstance(numbers, range | list)
        for number in numbers:
            if (page := self._pages.get(number)) is not None:
                start = number * _PAGE - offset
                part = page[max(0, -start) : max(0, min(_PAGE, length - start))]
                out[max(0, start) : max(0, start) + len(part)] = part
        return bytes(out)

    def truncate(self, size: int) -> None:
        """Cut or extend to ``size`` bytes; what is cut is gone, also when the size grows again."""
        number, kept = divmod(size, _PAGE)
        if size < self.size:
            for beyond in [index for index in self._pages if index * _PAGE >= size]:
                del self._pages[beyond]
            if number in self._pages:
                self._own(number)[kept:] = bytes(_PAGE - kept)
        self.size = size

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """Yield (offset, bytes) of what is stored, in order, neighbours joined up to 1 MiB."""
        start, joined = 0, bytearray()
        for number in sorted(self._pages):
            offset = number * _PAGE
            if joined and (offset != start + len(joined) or len(joined) >= _JOIN):
                yield start, bytes(joined)
                joined.clear()
            if not joined:
                start = offset
            joined += self._pages[number][: self.size - offset]
        if joined:
            yield start, bytes(joined)

    def copy(self) -> SparseBytes:
        """Return an independent copy."""
        twin = SparseBytes()
        twin._pages = {n: page if isinstance(page, bytes) else bytearray(page) for n, page in self._pages.items()}
        twin.size = self.size
        return twin

    def save(self, path: Path) -> None:
        """Write a file of `size` bytes with holes where nothing is stored."""
        with path.open("wb") as file:
            for offset, data in self.pieces():
                file.seek(offset)
                file.write(data)
            file.truncate(self.size)

    def __bytes__(self) -> bytes:
        return self.read(0, self.size)


class SparseSource:
    """`SparseBytes` as a `vhdchain.source.ByteSource`; later writes to the bytes are seen by it."""

    __slots__ = ("_content", "_name", "_size")

    def __init__(self, content: SparseBytes, *, name: str) -> None:
        self._content = content
        self._name = name
        self._size = content.size

    @property
    def name(self) -> str:
        """What messages call this source."""
        return self._name

    @property
    def size(self) -> int:
        """Length in bytes when the source was made."""
        return self._size

    def read_at(self, offset: int, length: int) -> bytes:
        """See `vhdchain.source.ByteSource.read_at`."""
        check_range(self._name, self._size, offset, length)
        return self._content.read(offset, length)

    def readinto_at(self, offset: int, buffer: Buffer) -> None:
        """See `vhdchain.source.ByteSource.readinto_at`."""
        view = memoryview(buffer).cast("B")
        view[:] = self.read_at(offset, len(view))

    def close(self) -> None:
        """Do nothing: the bytes belong to the builder."""

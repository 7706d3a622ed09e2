"""What a scan reads where a header's `data_offset` leads on: everything, once, and never for long."""

from __future__ import annotations

from typing import Any

from vhdchain.image import scan_image
from vhdchain.image.record import FaultKind
from vhdchain.source import BytesSource
from vhdchain.structures import DiskType
from vhdchain.structures.dynamic_header import HEADER_LENGTH
from vhdchain.structures.header_chain import MAX_FURTHER_HEADERS, HeaderChainEnd
from vhdchain.testing.edits import edit_header, end_footer, healthy
from vhdchain.testing.shrinking import ShrunkSource

SPARSE = healthy(DiskType.DYNAMIC)
END = len(SPARSE) - 512


class _Counting(BytesSource):
    """A source that notes where headers were read."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.read: list[int] = []

    def read_at(self, offset: int, length: int) -> bytes:
        if length == HEADER_LENGTH:
            self.read.append(offset)
        return super().read_at(offset, length)


def _appended(*targets: int, cookies: dict[int, bytes] | None = None) -> bytes:
    """Put headers before the end footer, each leading to the next of ``targets``; the first is the file's own."""
    first = edit_header(SPARSE, data_offset=targets[0])
    out = first[:END]
    for number, target in enumerate(targets[1:]):
        cookie: dict[str, Any] = {"cookie": cookies[number]} if cookies and number in cookies else {}
        out += edit_header(SPARSE, data_offset=target, **cookie)[512 : 512 + HEADER_LENGTH]
    return out + SPARSE[END:]


def _places(count: int) -> list[int]:
    return [END + number * HEADER_LENGTH for number in range(count)]


def _scan(raw: bytes) -> tuple[list[int], HeaderChainEnd | None]:
    image = scan_image(BytesSource(raw))
    assert image.faults == ()
    assert all(item.raw == raw[item.offset : item.offset + HEADER_LENGTH] for item in image.further_headers)
    return [item.offset for item in image.further_headers], image.header_chain_end


def test_a_healthy_image_has_one_header_and_a_fixed_one_none() -> None:
    assert _scan(SPARSE) == ([], HeaderChainEnd.CLOSED)
    assert _scan(healthy(DiskType.FIXED)) == ([], None)


def test_every_further_header_is_recorded() -> None:
    places = _places(3)
    assert _scan(_appended(*places, 0xFFFFFFFF_FFFFFFFF)) == (places, HeaderChainEnd.CLOSED)


def test_the_chain_ends_where_it_leads_nowhere() -> None:
    for target in (0, 77, 1 << 50, END, 0xFFFFFFFF):
        assert _scan(edit_header(SPARSE, data_offset=target)) == ([], HeaderChainEnd.NOWHERE)
    places = _places(2)
    assert _scan(_appended(*places, 0)) == (places, HeaderChainEnd.NOWHERE)


def test_a_way_back_is_not_gone() -> None:
    own = end_footer(SPARSE).data_offset
    assert _scan(_appended(own)) == ([], HeaderChainEnd.LOOP)
    places = _places(2)
    assert _scan(_appended(*places, own)) == (places, HeaderChainEnd.LOOP)
    assert _scan(_appended(*places, places[0])) == (places, HeaderChainEnd.LOOP)
    assert _scan(_appended(*places, 4096)) == (places, HeaderChainEnd.BACKWARDS)


def test_what_is_no_header_is_recorded_and_not_followed() -> None:
    places = _places(2)
    raw = _appended(*places, 512, cookies={1: b"cxfuture"})
    assert _scan(raw) == (places, HeaderChainEnd.FOREIGN)
    assert scan_image(BytesSource(raw)).further_headers[-1].record.cookie == b"cxfuture"


def test_a_long_chain_is_left_after_sixteen() -> None:
    places = _places(40)
    source = _Counting(_appended(*places, 0))
    image = scan_image(source)
    assert MAX_FURTHER_HEADERS == 16
    assert [item.offset for item in image.further_headers] == places[:16]
    assert image.header_chain_end is HeaderChainEnd.LIMIT
    assert source.read == [512, *places[:16]]


def test_a_file_that_shrinks_meanwhile_leaves_a_fault() -> None:
    places = _places(2)
    raw = _appended(*places, 0)
    image = scan_image(ShrunkSource(BytesSource(raw), left=places[1]))
    assert FaultKind.SHORT_READ in {fault.kind for fault in image.faults}
    assert len(image.further_headers) <= 1

"""How is everything that one file says recorded, without judging it?

`scan_image` reads the footer, its copy, the dynamic header, the locators' texts, the BAT and blktap's batmap header,
each only as far as it lies inside the file and below the limits. Whatever the bytes are, it returns; what could not be
read is a `Fault` in the record. It refuses to know whether any of it is right: that is for the checks.

Which footer counts (docs/architecture.md): the end footer when it is valid; otherwise the copy at offset 0
when that is valid, because a writer replaces the end footer first while it grows a file; otherwise whichever exists.
A checksum that fits only without the reserved bytes is valid where the other footer's does not fit better. A file that
goes on behind its footer still has one (`scan_earlier`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.image.reading import Reads
from vhdchain.image.record import FooterPolicy, Image, Limits
from vhdchain.image.scan_earlier import earlier_fixed_footer, earlier_sparse_footer
from vhdchain.image.scan_sparse import (
    scan_bat,
    scan_batmap,
    scan_batmap_bits,
    scan_further_headers,
    scan_header,
    scan_locators,
)
from vhdchain.structures.footer import (
    FOOTER_COOKIE,
    FOOTER_LENGTH,
    POISON_COOKIE,
    SHORT_FOOTER_LENGTH,
    ChecksumFit,
    DiskTypeCode,
    checksum_fit,
    parse_footer,
)
from vhdchain.structures.stored import Stored
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from vhdchain.source import ByteSource
    from vhdchain.structures import Footer

_SPARSE = (DiskTypeCode.DYNAMIC, DiskTypeCode.DIFFERENCING)


def scan_image(source: ByteSource, *, footer: FooterPolicy = FooterPolicy.AUTO, limits: Limits | None = None) -> Image:
    """Return what can be read of the VHD in ``source``; never fails on content.

    Args:
        source: The file.
        footer: Which footer counts; by default the rule above.
        limits: How much is taken in at most.

    Raises:
        OSError: The operating system could not read.
    """
    reads = Reads(source, limits or Limits())
    end = _footer_end(reads)
    copy = _footer_copy(reads, end)
    if end is None and not _is_valid_copy(copy):
        end = earlier_fixed_footer(reads)
    chosen = _choose(end, copy, footer)
    counting = copy if chosen is FooterPolicy.COPY else end
    sparse = counting is not None and counting.record.disk_type_raw in _SPARSE
    header = scan_header(reads, counting.record) if counting is not None and sparse else None
    further, chain_end = scan_further_headers(reads, header) if header else ((), None)
    locators = scan_locators(reads, header.record) if header else ()
    bat = scan_bat(reads, header.record) if header else None
    if end is None and header is not None and copy is not None and _is_valid_copy(copy):
        end = earlier_sparse_footer(reads, copy.record, header, bat)
        chosen = _choose(end, copy, footer)
    batmap = scan_batmap(reads, header.record) if header else None
    head = _head(reads) if counting is None else b""
    data_end = end.offset if end is not None else source.size
    return Image(
        source=source,
        file_size=source.size,
        footer_end=end,
        footer_copy=copy,
        footer_source=chosen,
        header=header,
        further_headers=further,
        header_chain_end=chain_end,
        locators=locators,
        bat=bat,
        batmap=batmap,
        batmap_bits=scan_batmap_bits(reads, batmap.record, data_end) if batmap else None,
        faults=tuple(reads.faults),
        head=head,
    )


def raw_image(source: ByteSource) -> Image:
    """Return ``source`` as a raw disk: every byte of the file is disk data, as XenServer's raw parents are."""
    return Image(source=source, file_size=source.size, raw=True)


def footer_is_valid(stored: Stored[Footer] | None) -> bool:
    """Say whether a footer has its cookie and a checksum that fits its bytes in one of the known ways."""
    return _trust(stored) > 0


def _trust(stored: Stored[Footer] | None) -> int:
    """Return how far a footer is valid: 2 by the specification or as blktap did, 1 without reserved bytes, 0 not."""
    if stored is None or stored.record.cookie != FOOTER_COOKIE:
        return 0
    fit = checksum_fit(stored)
    if fit is ChecksumFit.NONE:
        return 0
    return 1 if fit is ChecksumFit.WITHOUT_RESERVED else 2


def _is_valid_copy(stored: Stored[Footer] | None) -> bool:
    # A fixed disk has no copy: what looks like one at offset 0 is the guest's own first sector.
    return stored is not None and stored.record.disk_type_raw in _SPARSE and footer_is_valid(stored)


def _choose(end: Stored[Footer] | None, copy: Stored[Footer] | None, policy: FooterPolicy) -> FooterPolicy | None:
    if policy is FooterPolicy.COPY and copy is not None:
        return FooterPolicy.COPY
    if policy is FooterPolicy.END and end is not None:
        return FooterPolicy.END
    trust = _trust(end)
    if trust == 2:
        return FooterPolicy.END
    if _is_valid_copy(copy) and _trust(copy) > trust:
        return FooterPolicy.COPY
    if end is not None:
        return FooterPolicy.END
    return FooterPolicy.COPY if copy is not None else None


def _footer_end(reads: Reads) -> Stored[Footer] | None:
    """Return the footer at the end: 512 bytes, or the 511 that programs before Virtual PC 2004 wrote."""
    size = reads.source.size
    for length in (FOOTER_LENGTH, SHORT_FOOTER_LENGTH):
        raw = reads.read("footer", size - length, length) if size >= length else None
        if raw is not None and (stored := _taken(size - length, raw)) is not None:
            return stored
    return None


def _footer_copy(reads: Reads, end: Stored[Footer] | None) -> Stored[Footer] | None:
    # In a file of just one footer, that footer is the one at the end.
    if reads.source.size < 2 * FOOTER_LENGTH:
        return None
    raw = reads.read("footer copy", 0, FOOTER_LENGTH)
    if raw is not None and end is not None and end.raw == raw:
        # As in nearly every file; taking a footer apart costs more than reading it.
        return Stored(offset=0, raw=raw, record=end.record)
    return None if raw is None else _taken(0, raw)


def _taken(offset: int, raw: bytes) -> Stored[Footer] | None:
    """Return the footer in ``raw`` if it has a footer's cookie, or the one of a disabled footer and is intact."""
    if not raw.startswith((FOOTER_COOKIE, POISON_COOKIE)):
        return None
    stored = Stored(offset=offset, raw=raw, record=parse_footer(raw))
    # A disabled footer says what the disk is as well as any other; a damaged one may be just some bytes.
    if stored.record.cookie == POISON_COOKIE and checksum_fit(stored) is ChecksumFit.NONE:
        return None
    return stored


def _head(reads: Reads) -> bytes:
    return reads.read("first bytes", 0, min(reads.source.size, SECTOR_SIZE)) or b""

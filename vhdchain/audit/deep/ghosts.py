"""Are there old footers in the gaps?

A file that grows overwrites its end footer with a block and writes a new one behind it. Where the block does not cover
all of the old one's place (it is aligned, or was moved later), the old footer stays, with the time and the size that
the disk had. Only a footer whose checksum fits counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vhdchain.audit.deep.reading import UNREADABLE
from vhdchain.audit.deep.tally import LISTED
from vhdchain.findings import Finding, Location, finding
from vhdchain.structures.footer import (
    FOOTER_CHECKSUM_OFFSET,
    FOOTER_COOKIE,
    FOOTER_LENGTH,
    footer_checksum,
    parse_footer,
)
from vhdchain.units import sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.audit.deep.gaps import Window
    from vhdchain.image import Image
    from vhdchain.structures import Footer

_COOKIE = np.uint64(int.from_bytes(FOOTER_COOKIE))


class GhostSearch:
    """Looks for old footers in the gaps of one image, window by window."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._count = 0
        self._found: list[tuple[int, Footer]] = []

    def add(self, window: Window) -> None:
        """Look through a window."""
        for sector in np.flatnonzero(window.heads[: window.sectors] == _COOKIE).tolist():
            offset = window.begin + sectors_to_bytes(sector)
            raw = self._footer_at(offset)
            if raw is not None:
                self._count += 1
                if len(self._found) < LISTED:
                    self._found.append((offset, parse_footer(raw)))

    def _footer_at(self, offset: int) -> bytes | None:
        try:
            raw = self._image.source.read_at(offset, FOOTER_LENGTH)
        except UNREADABLE:
            return None
        # A gap may be full of cookies, and to take a footer apart costs many times its sum.
        stored = int.from_bytes(raw[FOOTER_CHECKSUM_OFFSET : FOOTER_CHECKSUM_OFFSET + 4])
        return raw if stored == footer_checksum(raw) else None

    def findings(self) -> Iterator[Finding]:
        """Yield what was found."""
        if not self._count:
            return
        details = [
            f"at {offset}: made {footer.created:%Y-%m-%d %H:%M:%S} UTC, for a disk of {footer.current_size} bytes"
            for offset, footer in self._found
        ]
        subject = "an old footer lies" if self._count == 1 else f"{self._count} old footers lie"
        offset, first = self._found[0]
        message = f"{subject} where no structure is, the first one for a disk of {first.current_size} bytes"
        place = Location(path=self._image.name, structure="gap", offset=offset)
        yield finding("VHD415", place, message, found=self._count, details=details)

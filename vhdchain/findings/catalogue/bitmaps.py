"""Codes 451-460: what do the sector bitmaps and the data beneath them say?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vhdchain.findings.codes import CodeInfo

ROWS: tuple[CodeInfo, ...] = ()

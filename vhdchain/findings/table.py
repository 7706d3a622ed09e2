"""Which codes are there? The one table, in the order of the codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vhdchain.findings.codes import CodeInfo

CODES: Mapping[str, CodeInfo] = {}


def code_info(code: str) -> CodeInfo:
    """Return the row of ``code``.

    Raises:
        KeyError: There is no such code.
    """
    return CODES[code]

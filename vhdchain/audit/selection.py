"""Which findings does the caller want to see?

Codes are chosen by themselves or by a prefix (``VHD6``, ``VHD60``, ``VHD603``). A selector that fits no code is a
mistake and refused: it would silently hide nothing, or everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError
from vhdchain.findings import CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

UNPROCESSED = frozenset({"VHD001", "VHD004", "VHD551"})
"""Codes that say that an input could not be processed: a choice of other codes does not hide them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The codes that are reported.

    Attributes:
        selected: The codes chosen; all where the caller chose none.
        ignored: The codes left out.
    """

    selected: frozenset[str]
    ignored: frozenset[str]

    def keeps(self, code: str) -> bool:
        """Say whether findings of ``code`` are reported."""
        return code not in self.ignored and (code in self.selected or code in UNPROCESSED)


def selection_of(select: Iterable[str], ignore: Iterable[str]) -> Selection:
    """Return what the caller's selectors mean.

    Raises:
        ConfigError: A selector fits no code.
    """
    selected = _codes("select", select)
    return Selection(selected=selected or frozenset(CODES), ignored=_codes("ignore", ignore))


def _codes(option: str, selectors: Iterable[str]) -> frozenset[str]:
    chosen: set[str] = set()
    for selector in selectors:
        # "VHD" alone is every code, and an empty text would be, too: that one is a slip.
        fitting = {code for code in CODES if selector and code.startswith(selector.upper())}
        if not fitting:
            raise ConfigError(f"{option}: no code begins with {selector!r}; `vhdchain explain` lists all codes")
        chosen |= fitting
    return frozenset(chosen)

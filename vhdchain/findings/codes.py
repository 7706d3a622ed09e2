"""What does the table of codes say of one code?

A code is for ever: its number is never given to another condition, its name and meaning stay. The page travels in
the same row as the code, so that neither can exist without the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from vhdchain.findings.severity import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The text that explains a code; each field is one heading, in plain sentences.

    Attributes:
        finds: What it finds.
        matters: Why it matters.
        seen: Seen in the wild: which writers or events produce it.
        false_positives: When it can be raised although all is well.
        do: What to do.
    """

    finds: str
    matters: str
    seen: str
    false_positives: str
    do: str

    @property
    def sections(self) -> tuple[tuple[str, str], ...]:
        """The page as (heading, text), in the order in which every page has them."""
        return (
            ("What it finds", self.finds),
            ("Why it matters", self.matters),
            ("Seen in the wild", self.seen),
            ("False positives", self.false_positives),
            ("What to do", self.do),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeInfo:
    """One row of the table of codes.

    Attributes:
        code: ``VHD`` and three digits.
        name: A short kebab-case name, unique in the table.
        title: The condition in a few words, as a heading.
        severity: The default severity; a finding may carry another one and then says why.
        since: The version of this package that introduced the code.
        status: ``stable``, or ``preview`` while its conditions may still be sharpened.
        windows_error: The code of the Windows error that the host reports for this condition, e.g. 0xC03A000E.
        windows_text: The host's own words for it, where they are known; people search for them.
        page: The explanation.
    """

    code: str
    name: str
    title: str
    severity: Severity
    since: str
    status: Literal["stable", "preview"] = "stable"
    windows_error: int | None = None
    windows_text: str | None = None
    page: Page

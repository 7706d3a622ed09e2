"""How bad is a finding? Decided by its consequence, never by the command line."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """The consequence of a finding.

    * ``error``: guest data may be wrong or unreadable, or a plan must be refused.
    * ``warning``: rules are broken, but the data is still certain.
    * ``note``: worth knowing; healthy files have some.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """Return 0 for the worst severity and more for milder ones, to sort by."""
        return _RANKS[self]

    def at_least(self, threshold: Severity) -> bool:
        """Say whether this severity is as bad as ``threshold`` or worse."""
        return self.rank <= threshold.rank


_RANKS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}

"""What is a plan recipe: a folder, and the plan that is asked for and refused, or made with a warning?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vhdchain.errors import PlanRefusedError
from vhdchain.testing.folder import write_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from vhdchain.findings import Finding
    from vhdchain.plan import Plan
    from vhdchain.testing.folder import Files

__all__ = ["PlanRecipe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRecipe:
    """How to plant one condition that only a plan meets.

    Attributes:
        code: The code that it plants.
        what: What is asked for of which folder, as a clause.
        files: Makes the folder's files.
        ask: Asks for the plan in the folder, which holds the files, and allows nothing beyond what is usual.
        also: Codes that unavoidably follow, each with the reason.
        refused: Whether the plan is refused; otherwise it is made, and says so.
        modified: When files were modified, in seconds since 2000, where not as `write_folder` has it.
    """

    code: str
    what: str
    files: Callable[[], Files]
    ask: Callable[[Path], Plan]
    also: Mapping[str, str] = field(default_factory=dict)
    refused: bool = True
    modified: Mapping[str, int] = field(default_factory=dict)

    @property
    def codes(self) -> frozenset[str]:
        """All the codes that the plan, or its refusal, shows."""
        return frozenset({self.code, *self.also})

    def plant(self, folder: Path) -> None:
        """Write the files below ``folder``, which exists; they may be written to, as plans want it."""
        files = self.files()
        write_folder(files, folder, modified=self.modified, writable=frozenset(files))

    def told(self, folder: Path) -> tuple[Finding, ...]:
        """Return the findings with which the plan is refused or made, asked for in a planted folder.

        Raises:
            ValueError: A plan that must be refused is made, or the other way round.
        """
        try:
            plan = self.ask(folder)
        except PlanRefusedError as error:
            if not self.refused:
                raise ValueError(f"{self.code}: the plan is refused: {error}") from error
            return error.findings
        if self.refused:
            raise ValueError(f"{self.code}: the plan is made: {plan.summary}")
        return plan.findings

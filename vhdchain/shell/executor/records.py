"""How far is a plan, as its journal tells?

`History` is what the records of a journal amount to; records come one at a time, in the order in which they were
written. What cannot follow what was there before makes the journal a damaged one. No file is met here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vhdchain.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vhdchain.plan import Plan
    from vhdchain.shell.executor.handlers import State


@dataclass(slots=True, kw_only=True)
class History:
    """What was done of a plan so far.

    Attributes:
        begun: How many steps were begun.
        done: How many of these are done.
        states: The last checkpoint of steps that had one, by their index.
        facts: What steps found out, by name.
        committed: Whether every step is done, and what is left is to clear up.
        undoing: Whether the plan is being taken back.
        undone: The steps that are taken back already.
    """

    begun: int = 0
    done: int = 0
    states: dict[int, State] = field(default_factory=dict)
    facts: dict[str, int | str] = field(default_factory=dict)
    committed: bool = False
    undoing: bool = False
    undone: set[int] = field(default_factory=set)

    def take_in(self, record: Mapping[str, Any], steps: int) -> None:
        """Count one more record of a plan of ``steps`` steps.

        Raises:
            ConfigError: It makes no sense here; the message says what it is, and not where.
        """
        match dict(record):
            case {"kind": "begun", "step": int(step)} if step == self.begun == self.done < steps and self._forward:
                self.begun += 1
            case {"kind": "checkpoint", "step": int(step), "state": dict(state)} if (
                step == self.begun - 1 == self.done and self._forward
            ):
                self.states[step] = state
            case {"kind": "done", "step": int(step)} if step == self.done == self.begun - 1 and self._forward:
                self.done += 1
            case {"kind": "fact", "name": str(name), "value": int(value) | str(value)} if self._forward:
                self.facts[name] = value
            case {"kind": "committed"} if self.done == steps and self._forward:
                self.committed = True
            case {"kind": "undoing"} if self._forward:
                self.undoing = True
            case {"kind": "undone", "step": int(step)} if self.undoing and 0 <= step < self.begun:
                self.undone.add(step)
            case _:
                raise ConfigError(f"a record that makes no sense here: {str(dict(record))[:100]}")

    @property
    def _forward(self) -> bool:
        return not (self.committed or self.undoing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a journal begins with.

    Attributes:
        plan: What is carried out.
        cwd: The folder that the plan's relative paths start from.
        folder: The journal's own folder when it was made.
    """

    plan: Plan
    cwd: str
    folder: str

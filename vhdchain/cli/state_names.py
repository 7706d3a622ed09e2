"""Which state of which machine does the user mean?

``MACHINE`` is its present state, ``MACHINE:SNAPSHOT`` a snapshot, ``MACHINE:now`` the present state again; both parts
are names or ids, and the path of a configuration is a name, too. Names may hold colons, so every colon is tried as the
one in between, and none of them: exactly one state must fit. Nothing is guessed: what fits several is refused with
their paths, by which each of them can be named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vhdchain.hyperv import Machine, Machines, MachineState

PRESENT = "now"
_MOST_TOLD = 32


def find_state(machines: Machines, text: str) -> tuple[Machine, MachineState]:
    """Return the machine and its state that ``text`` names.

    Raises:
        click.UsageError: No state fits, or several; the message lists what there is to choose from.
    """
    known = [(machine, state) for machine in machines for state in machine.states]
    fitting = [(machine, state) for machine, state in known if _fits(text, machine, state)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise _refused(f"{text!r} names {len(fitting)} states", fitting)
    if not known:
        raise _refused(f"{text!r}: no machine was found here", ())
    own = [pair for pair in known if any(_is(name, pair[0].id, pair[0].name) for name in _heads(text))]
    raise _refused(f"no state is called {text!r}", own or known)


def state_name(machine: Machine, state: MachineState) -> str:
    """Return what `find_state` takes for a state, as far as names are unique."""
    return machine.name if state is machine.now else f"{machine.name}:{state.name}"


def _fits(text: str, machine: Machine, state: MachineState) -> bool:
    present = state is machine.now
    if text == state.path or (present and _is(text, machine.id, machine.name)):
        return True
    for at in _colons(text):
        if _is(text[:at], machine.id, machine.name):
            rest = text[at + 1 :]
            if (present and rest == PRESENT) or (not present and _is(rest, state.id, state.name)):
                return True
    return False


def _is(text: str, key: str, name: str) -> bool:
    return bool(text) and (text == name or text.strip("{}").upper() == key)


def _colons(text: str) -> Iterator[int]:
    return (at for at, letter in enumerate(text) if letter == ":")


def _heads(text: str) -> tuple[str, ...]:
    return (text, *(text[:at] for at in _colons(text)))


def _refused(what: str, states: Iterable[tuple[Machine, MachineState]]) -> click.UsageError:
    told = [f"{state_name(machine, state)!r} ({state.path})" for machine, state in states]
    more = f" and {len(told) - _MOST_TOLD} more" if len(told) > _MOST_TOLD else ""
    listed = f"; there are: {', '.join(told[:_MOST_TOLD])}{more}" if told else ""
    return click.UsageError(f"{what}{listed}", click.get_current_context(silent=True))

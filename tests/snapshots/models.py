"""Machines that are nowhere but in the model: states without files, and short names for what is new."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from vhdchain.snapshots import DiskFile, Policy, Power, Slot, State, parse_request, run_requests
from vhdchain.snapshots.policy import HYPER_V_2008_R2

if TYPE_CHECKING:
    from vhdchain.snapshots import Result


class ShortNames:
    """``s1``, ``s2`` for snapshots, ``d1.avhd`` for disks, in the order in which they are asked for."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def snapshot_id(self) -> str:
        return f"S{next(self._numbers)}"

    def snapshot_name(self, state: State) -> str:
        return f"{state.name} now"

    def disk(self, frozen: str, owner: str) -> str:
        return f"{frozen.partition('.')[0].partition('_')[0]}_{owner}{next(self._numbers)}.avhd"

    def configuration(self, state: State, snapshot: str) -> str:
        return f"Snapshots/{snapshot}.xml" if state.id != snapshot else state.configuration

    def state_file(self, state: State, owner: str, like: str) -> str:
        return f"{state.id}/{owner}{like[-4:]}"


def machine(*disks: str, power: Power = Power.OFF, **fields: object) -> State:
    """Return a machine with these bases (``srv.vhd``) as disks, at IDE 0:0 and so on, and no snapshot."""
    paths = disks or ("srv.vhd",)
    state = State(
        id="M",
        name="srv",
        configuration="M.xml",
        slots=tuple(Slot(place=f"IDE 0:{number}", path=path) for number, path in enumerate(paths)),
        disks={path: DiskFile(path=path, parent=None, content=(path,)) for path in paths},
        power=power,
        state_files=("M/M.bin", "M/M.vsv") if power is Power.SAVED else (),
    )
    return replace(state, **fields)  # type: ignore[arg-type]  # what a test says of it


def done(state: State, *requests: str, policy: Policy = HYPER_V_2008_R2) -> list[Result]:
    """Return the results of the operations, one after the other."""
    names = ShortNames()
    return list(run_requests(state, map(parse_request, requests), lambda _: names, policy))


def after(state: State, *requests: str, policy: Policy = HYPER_V_2008_R2) -> State:
    """Return the state after the operations."""
    results = done(state, *requests, policy=policy)
    return results[-1].state if results else state


def tree(state: State) -> dict[str, str | None]:
    """Return the names of snapshots with those of their parents, and ``now``."""
    names: dict[str | None, str | None] = {item.id: item.name for item in state.snapshots}
    names[None] = None
    return {item.name: names[item.parent] for item in state.snapshots} | {"now": names[state.parent]}


def chain(state: State, path: str) -> list[str]:
    """Return the files from ``path`` down to its base."""
    found: list[str] = []
    below: str | None = path
    while below is not None:
        found.append(below)
        below = state.disks[below].parent
    return found

"""What would happen if these operations were done, one after the other?

The machine of a scan becomes a state, every request leads to the next, and of each it is told what is done and lost,
down to the bytes that nobody sees any more. A request that is refused ends it, with its reasons. `foretell` says the
same of one operation, with the plan that carries it out. Nothing is changed by either.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vhdchain.errors import PlanRefusedError
from vhdchain.hyperv.windows_names import windows_names
from vhdchain.locate import path_map_of
from vhdchain.shell.snapshots.names import FolderNames
from vhdchain.shell.snapshots.planning import plan_operation
from vhdchain.snapshots import (
    HYPER_V_2008_R2,
    Losing,
    Simulation,
    Sizes,
    parse_request,
    run_request,
    run_requests,
    state_of,
    told_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.findings import Finding
    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Machine
    from vhdchain.locate import PathMapping
    from vhdchain.plan import Plan
    from vhdchain.progress import Cancel
    from vhdchain.snapshots import Loss, Policy, Power, Request, Result, State


def simulate(
    inventory: Inventory,
    machine: Machine,
    requests: Iterable[Request | str],
    *,
    policy: Policy = HYPER_V_2008_R2,
    power: Power | None = None,
    domain_controller: bool | None = None,
    now: datetime | None = None,
    cancel: Cancel | None = None,
) -> Simulation:
    """Return what ``requests`` would lead to; nothing is changed.

    Args:
        inventory: A scan; its images are open.
        machine: One of its machines.
        requests: What is done, in order, such as ``apply:first``; one that takes a snapshot first has two results.
        policy: The rules of its host.
        power: Whether the machine is on, where that is known better than its files tell.
        domain_controller: Whether its guest is a domain controller; None: where its notes say so.
        now: The time that names of new snapshots tell (aware); the present by default.
        cancel: Asked while bitmaps are read.

    Raises:
        KeyError: A request names a snapshot that is not there, or several; the message says which.
        ConfigError: A request cannot be understood.
        PlanRefusedError: What the machine is made of is not known for certain.
        CancelledError: ``cancel`` asked to stop.
    """
    wanted = [parse_request(item) if isinstance(item, str) else item for item in requests]
    also = [request.path for request in wanted if request.path]
    before = state_of(inventory, machine, power=power, domain_controller=domain_controller, also=also)
    moment = datetime.now(UTC) if now is None else now
    names = windows_names(machine)
    sizes = Sizes(inventory, windows=lambda path: names.of(path) or path, cancel=cancel)
    losing = Losing(inventory, cancel=cancel)
    results: list[Result] = []
    refused: tuple[Finding, ...] = ()
    try:
        for result in run_requests(before, wanted, lambda state: FolderNames(state, policy, moment), policy):
            lost = losing.lost(result.before, result.state)
            results.append(replace(result, losses=(*result.losses, *lost)))
    except PlanRefusedError as error:
        refused = error.findings
    return Simulation(
        before=before,
        results=tuple(results),
        rooms=tuple(map(sizes.room, results)),
        findings=tuple(told for result in results for told in told_of(result)),
        refused=refused,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """What one operation would do, and the plan for it: both give what is new the same names.

    Attributes:
        result: What it leads to; losses with the bytes that nobody sees any more.
        plan: What `vhdchain.execute` carries out.
    """

    result: Result
    plan: Plan

    @property
    def state(self) -> State:
        """The machine afterwards."""
        return self.result.state

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What is lost."""
        return self.result.losses


def foretell(
    inventory: Inventory,
    machine: Machine,
    request: Request | str,
    *,
    policy: Policy = HYPER_V_2008_R2,
    power: Power | None = None,
    domain_controller: bool | None = None,
    now: datetime | None = None,
    path_map: PathMapping | None = None,
    cancel: Cancel | None = None,
) -> Foretold:
    """Return what one operation would lead to and lose, and the plan that carries it out on the files.

    Args:
        inventory: See `simulate`.
        machine: See `simulate`.
        request: See `simulate`.
        policy: See `simulate`.
        power: See `simulate`.
        domain_controller: See `simulate`.
        now: The time that new files and configurations tell (aware); the present by default.
        path_map: What Windows calls the folders, where configurations do not tell.
        cancel: See `simulate`.

    Raises:
        KeyError: As of `simulate`.
        PlanRefusedError: The operation is refused, or only the host can do it.
        ConfigError: The request cannot be understood, or it is two operations (``take_first``), each with its own plan.
        CancelledError: ``cancel`` asked to stop.
    """
    moment = datetime.now(UTC) if now is None else now
    wanted = parse_request(request) if isinstance(request, str) else request
    also = [wanted.path] if wanted.path else []
    state = state_of(inventory, machine, power=power, domain_controller=domain_controller, also=also)
    result = run_request(state, wanted, FolderNames(state, policy, moment), policy)
    lost = Losing(inventory, cancel=cancel).lost(result.before, result.state)
    result = replace(result, losses=(*result.losses, *lost))
    plan = plan_operation(inventory, machine, result, now=moment, path_map=path_map_of(path_map))
    return Foretold(result=result, plan=plan)

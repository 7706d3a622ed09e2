"""``vhdchain simulate``: what would operations on snapshots do and lose? And, when asked, doing them."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from vhdchain.cli.bars import progress_bar
from vhdchain.cli.choosing import the_machine
from vhdchain.cli.exits import Exit
from vhdchain.cli.opening import settings_are_usage
from vhdchain.cli.options import Settings, file_options
from vhdchain.cli.scanning import scanned_folders
from vhdchain.cli.terminal import Terminal
from vhdchain.errors import ConfigError, PlanRefusedError
from vhdchain.locate import PathMap
from vhdchain.report.documents.simulation import simulation_document
from vhdchain.report.text.simulation import simulation_lines
from vhdchain.shell.executor.pending import find_journals
from vhdchain.shell.executor.run import execute
from vhdchain.shell.snapshots.simulating import foretell, simulate
from vhdchain.snapshots import POLICIES, Power, only_the_host, parse_request, parts_of, state_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Machine
    from vhdchain.snapshots import Policy, Request, Result, Simulation


@click.command("simulate")
@click.argument("folder", type=click.Path())
@click.argument("operations", nargs=-1, required=True, metavar="OPERATION...")
@click.option("--machine", metavar="NAME", help="Which machine, by name or id; not needed where there is one.")
@click.option(
    "--host",
    type=click.Choice(list(POLICIES)),
    default="2008 R2",
    show_default=True,
    help="Whose rules are followed.",
)
@click.option(
    "--power",
    type=click.Choice([str(item) for item in Power]),
    help="Whether the machine is on, where its files only allow a guess.",
)
@click.option("--domain-controller", is_flag=True, help="Its guest is a domain controller.")
@click.option(
    "--in-place",
    is_flag=True,
    help="Apply in place, without copies of what the snapshot keeps: later snapshots are lost.",
)
@click.option(
    "--take-first",
    is_flag=True,
    help="Take a snapshot of the present before each apply or revert, so that it is not lost.",
)
@click.option("--execute", "wanted", is_flag=True, help="Do it, after asking.")
@click.option("--yes", is_flag=True, help="With --execute: do not ask.")
@file_options
def command(
    folder: str,
    operations: tuple[str, ...],
    *,
    machine: str | None,
    host: str,
    power: str | None,
    domain_controller: bool,
    in_place: bool,
    take_first: bool,
    wanted: bool,
    yes: bool,
    settings: Settings,
) -> int:
    """Say what OPERATIONs on the snapshots of a machine in FOLDER would do, one after the other, and what is lost.

    An OPERATION is take, take:NAME, apply:SNAPSHOT, revert, delete:SNAPSHOT, delete-subtree:SNAPSHOT, start, stop,
    save, rename:SNAPSHOT=NAME, add-disk:PLACE=FILE or remove-disk:PLACE; snapshots by name or id. Nothing is changed
    unless --execute asks for it. The exit code is 1 where an operation is refused.
    """
    if yes and not wanted:
        raise click.UsageError("--yes goes with --execute", click.get_current_context())
    with settings_are_usage():
        requests = [replace(parse_request(text), take_first=take_first) for text in operations]
    policy = POLICIES[host]
    asked = _Asked(
        folder=folder,
        machine=machine,
        policy=replace(policy, copy_on_apply=False) if in_place else policy,
        power=None if power is None else Power(power),
        domain_controller=True if domain_controller else None,
        settings=settings,
    )
    terminal = Terminal(settings)
    simulation = asked.simulated(requests)
    if not settings.as_json:
        terminal.write(simulation_lines(simulation, width=terminal.width, unicode=terminal.unicode))
    done = False
    if wanted and not simulation.refused:
        _require_possible(folder, simulation)
        _ask(yes=yes)
        foretold = iter(simulation.results)
        for request in requests:
            asked.carried_out(request, foretold)
        done = True
    if settings.as_json:
        terminal.write_json(simulation_document(simulation, executed=done))
    return Exit.FINDINGS if simulation.refused else Exit.CLEAN


def _require_possible(folder: str, simulation: Simulation) -> None:
    """Refuse before the first operation what could not be carried out to the end.

    Raises:
        PlanRefusedError: Only the host can do one of them, or an earlier call was interrupted.
    """
    for journal in find_journals(folder):
        how = shlex.join(("vhdchain", "resume", journal, "--within", folder))
        what = f"an operation was interrupted here; '{how}' finishes it, and with --undo takes it back"
        raise PlanRefusedError(f"{journal}: {what}")
    for result in simulation.results:
        told = only_the_host(result)
        if told is not None:
            raise PlanRefusedError(f"{told.location.path}: {told.message}; nothing was done", findings=[told])


def _ask(*, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        what = "--execute asks first, and nobody is there to answer; give --yes"
        raise click.UsageError(what, click.get_current_context())
    click.confirm("Do this?", abort=True, err=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Of which machine something is asked, and by which rules."""

    folder: str
    machine: str | None
    policy: Policy
    power: Power | None
    domain_controller: bool | None
    settings: Settings

    def simulated(self, requests: list[Request]) -> Simulation:
        with scanned_folders([self.folder], self.settings) as inventory, settings_are_usage():
            try:
                return simulate(
                    inventory,
                    self._machine(inventory),
                    requests,
                    policy=self.policy,
                    power=self.power,
                    domain_controller=self.domain_controller,
                )
            except KeyError as error:
                raise ConfigError(error.args[0]) from None

    def carried_out(self, request: Request, foretold: Iterator[Result]) -> None:
        """Do what is asked for, each operation from a fresh scan, since the one before changed the files.

        Args:
            request: What is asked for.
            foretold: The results that are still to come: they know whether the machine is on.
        """
        with scanned_folders([self.folder], self.settings) as inventory:
            parts = parts_of(state_of(inventory, self._machine(inventory)), request)
        for part, result in zip(parts, foretold, strict=False):
            self._carried_out(part, result.before.power)

    def _carried_out(self, request: Request, power: Power) -> None:
        with scanned_folders([self.folder], self.settings) as inventory:
            plan = foretell(
                inventory,
                self._machine(inventory),
                request,
                policy=self.policy,
                power=power,
                domain_controller=self.domain_controller,
                path_map=PathMap.parse(self.settings.path_map),
            ).plan
        with progress_bar(str(request.operation), self.settings, in_bytes=True) as progress:
            execute(plan, progress=progress)

    def _machine(self, inventory: Inventory) -> Machine:
        return the_machine(inventory, self.machine, self.folder)

"""``vhdchain export``: machines with their snapshots into folders of their own."""

# ruff: noqa: PTH112, PTH118, PTH119, PTH120, PTH121 - paths are kept as the user wrote them, pathlib would tidy them

from __future__ import annotations

import os
import shlex
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from vhdchain.audit import audit
from vhdchain.cli.choosing import the_machines
from vhdchain.cli.failures import clear_denials
from vhdchain.cli.opening import settings_are_usage
from vhdchain.cli.options import Settings, file_options
from vhdchain.cli.scanning import scanned_folders
from vhdchain.cli.terminal import Terminal
from vhdchain.cli.transferring import (
    Course,
    Prepared,
    Situation,
    asked_otherwise,
    automate_option,
    clean_up_option,
    dry_run_option,
    finished_before,
    fitting,
    limit_option,
    of_one_call,
    speed_of,
    taken_back,
    what_is_denied,
)
from vhdchain.errors import ConfigError, PlanRefusedError, VhdChainError
from vhdchain.hyperv.folders import is_host_folder
from vhdchain.locate import PathMap
from vhdchain.plan import WriteRecord
from vhdchain.report.documents.transfer import export_document
from vhdchain.report.transfers import Transfer
from vhdchain.shell.executor.footprint import all_written
from vhdchain.shell.transfer.exporting import plan_export
from vhdchain.shell.transfer.probing import free_room
from vhdchain.shell.transfer.running import Job, common_folders
from vhdchain.shell.transfer.unfinished import marked, room_needed
from vhdchain.snapshots import POLICIES, Power

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.cli.exits import Exit
    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Machine
    from vhdchain.plan import Plan
    from vhdchain.report.transfers import Speed
    from vhdchain.shell.transfer.unfinished import Unfinished


@click.command("export")
@click.argument("vm", type=click.Path(readable=False))
@click.argument("destination", metavar="DEST", type=click.Path(readable=False))
@click.option(
    "--machine", "names", multiple=True, metavar="NAME", help="Which machine of VM, by name or id (repeatable)."
)
@click.option("--all", "everything", is_flag=True, help="Every machine of VM.")
@click.option(
    "--snapshots",
    metavar="all|none|SNAPSHOT",
    default="all",
    show_default=True,
    help="Which go along; one, by name or id, becomes a machine of its own.",
)
@click.option(
    "--compact", is_flag=True, help="Write one new file for each disk, without what nobody sees, instead of a copy."
)
@click.option(
    "--hash",
    "digest",
    type=click.Choice(["sha256", "sha512", "sha1", "blake2b"]),
    default="sha256",
    show_default=True,
    help="The digest that is made of every file while it is copied.",
)
@click.option("--verify", is_flag=True, help="Read every copy back from the disk, and compare.")
@limit_option
@click.option(
    "--host", type=click.Choice(list(POLICIES)), default="2008", show_default=True, help="Whose rules are followed."
)
@click.option(
    "--power",
    type=click.Choice([str(item) for item in Power]),
    help="Whether the machine is on, where its files only allow a guess.",
)
@click.option("--damaged", is_flag=True, help="Copy files as they are in spite of errors that an audit tells.")
@click.option("--probe/--no-probe", default=True, help="Whether to try for a second how fast DEST is.")
@dry_run_option
@clean_up_option
@automate_option
@file_options
def command(
    vm: str,
    destination: str,
    *,
    names: tuple[str, ...],
    everything: bool,
    limit: float | None,
    probe: bool,
    dry_run: bool,
    clean_up: bool,
    automate: bool,
    settings: Settings,
    **options: object,
) -> int:
    """Copy machines of VM with disks, snapshots and configurations into folders of their names in DEST.

    VM is a folder, or the configuration of one machine. The copy is exact, byte for byte; a record with the digest of
    every file is written last, and 'vhdchain import' brings the machine back. A machine must be off; with --host "2008
    R2" it may be saved. Nothing of VM is changed.

    What is interrupted leaves no export that looks whole: the same command again goes on where it stopped, --clean-up
    takes back what was begun.
    """
    if automate:
        settings = replace(settings, as_json=True, quiet=True)
    if everything and names:
        raise click.UsageError("--all and --machine contradict each other", click.get_current_context())
    wanted = _Wanted(**options)  # type: ignore[arg-type]  # click gives what is declared above
    course = Course(action="export", settings=settings, written=(destination,), limit=limit, dry_run=dry_run)
    work = _Work(vm=vm, destination=destination, wanted=wanted, course=course)
    with clear_denials(written=[destination]):
        if clean_up:
            transfers, code = taken_back(course, names, work.within, reading=[work.root])
            speed = None
        else:
            transfers, code, speed = work.done(names, everything=everything, probe=probe)
    if settings.as_json:
        Terminal(settings).write_json(export_document(vm, destination, transfers, speed=speed, dry_run=dry_run))
    return code


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What an export shall be."""

    snapshots: str
    compact: bool
    digest: str
    verify: bool
    host: str
    power: str | None
    damaged: bool

    @property
    def asked(self) -> str:
        """The options on which it depends what is written."""
        flags = [name for name in ("compact", "verify") if getattr(self, name)]
        return shlex.join(["--snapshots", self.snapshots, "--hash", self.digest, *(f"--{name}" for name in flags)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What is exported to where, and how."""

    vm: str
    destination: str
    wanted: _Wanted
    course: Course

    @property
    def root(self) -> str:
        """The folder that is scanned: VM, or that of the host to which a configuration belongs."""
        if not (self.vm.lower().endswith(".xml") and not os.path.isdir(self.vm)):
            return self.vm
        folder = os.path.dirname(self.vm) or os.curdir
        if is_host_folder(os.path.basename(os.path.realpath(folder))):
            return os.path.join(folder, os.pardir) if folder == os.curdir else os.path.dirname(folder) or os.curdir
        return folder

    @property
    def within(self) -> tuple[str, ...]:
        """The folders in which a plan that was interrupted may have files."""
        mapped = [entry.target for entry in PathMap.parse(self.course.settings.path_map).entries]
        return (self.root, self.destination, *self.course.settings.within, *map(str, mapped))

    def done(self, names: Sequence[str], *, everything: bool, probe: bool) -> tuple[list[Transfer], Exit, Speed | None]:
        """Export the machines; return what became of them, the exit code, and how fast the target is."""
        dry_run = self.course.dry_run
        with ExitStack() as made:
            with scanned_folders([self.root], self.course.settings) as inventory:
                machines = self._machines(inventory, names, everything=everything)
                left = [item for item in self.course.unfinished() if item.asked]
                # Of several, the one that was asked for like this.
                earlier = {
                    item.machine: item for item in sorted(left, key=lambda each: each.asked == self.wanted.asked)
                }
                fresh = [machine for machine in machines if (machine.id, machine.name) not in earlier]
                tried = probe and bool(fresh) and not dry_run
                speed = speed_of(self.destination, [inventory], self.course.limit) if tried else None
                if len(fresh) > 1 and not dry_run:
                    made.enter_context(common_folders([self.destination]))
                audited = audit(inventory) if len(fresh) > 1 else None
                now = Situation(speed=speed, over=finished_before(left), audited=audited)
                prepared = [
                    self._gone_on(machine, earlier[machine.id, machine.name])
                    if (machine.id, machine.name) in earlier
                    else self._prepared(inventory, machine, now)
                    for machine in machines
                ]
            prepared = of_one_call(fitting(self.course, prepared), left)
            return (*self.course.carried_out(prepared, speed=speed), speed)

    def _machines(self, inventory: Inventory, names: Sequence[str], *, everything: bool) -> list[Machine]:
        if self.root != self.vm and not names and not everything:
            own = [item for item in inventory.machines if item.now and os.path.samefile(item.now.path, self.vm)]
            if own:
                return own
            raise ConfigError(f"{self.vm}: is not the configuration of a machine; of a snapshot, name its machine")
        try:
            return the_machines(inventory, names, self.vm, everything=everything)
        except (KeyError, ConfigError) as error:
            denied = what_is_denied(inventory)
            if inventory.machines and not denied:
                raise click.UsageError(error.args[0], click.get_current_context()) from None
            raise ConfigError("; ".join(filter(None, [error.args[0], denied]))) from None

    def _prepared(self, inventory: Inventory, machine: Machine, now: Situation) -> Prepared:
        bare = self._bare(machine)
        try:
            with settings_are_usage():
                plan = self._plan(inventory, machine, now)
            transfer = self._promise(bare, plan, now.speed)
            writes = tuple(map(os.path.abspath, all_written(plan)))
            if not now.claims.take(writes):
                what = "another machine of this call goes there as well; export each of them to a folder of its own"
                raise PlanRefusedError(f"{transfer.folder}: {what}")
        except (VhdChainError, OSError) as error:
            if isinstance(error, FileExistsError) and machine.id in now.over:
                return Prepared(transfer=replace(bare, executed=True, resumed=True, folder=str(error.filename)))
            return self.course.refused(bare, error, denied=what_is_denied(inventory))
        plan = marked(plan, machine=(machine.id, machine.name), asked=self.wanted.asked)
        job = Job(plan=plan, weight=transfer.bytes)
        needs = sum(need.peak for need in plan.needs)
        return Prepared(transfer=transfer, job=job, counted=writes, machine=machine.id, needs=needs)

    def _bare(self, machine: Machine) -> Transfer:
        return Transfer(name=machine.name, id=machine.id, folder=self.destination)

    def _plan(self, inventory: Inventory, machine: Machine, now: Situation) -> Plan:
        wanted = self.wanted
        return plan_export(
            inventory,
            machine,
            self.destination,
            snapshots=wanted.snapshots,
            compact=wanted.compact,
            digest=wanted.digest,
            reread=wanted.verify,
            policy=POLICIES[wanted.host],
            power=None if wanted.power is None else Power(wanted.power),
            allow_damaged=wanted.damaged,
            holes=now.speed is None or now.speed.keeps_holes,
            audited=now.audited,
        )

    def _gone_on(self, machine: Machine, earlier: Unfinished) -> Prepared:
        bare = self._bare(machine)
        if (refusal := asked_otherwise(earlier, self.wanted.asked)) is not None:
            return self.course.refused(bare, refusal)
        job = Job(plan=earlier.plan, journal=earlier.journal, within=self.within)
        transfer = replace(self._promise(bare, earlier.plan, None), resumed=True)
        needs = room_needed(earlier)
        return Prepared(transfer=transfer, job=job, counted=earlier.files, machine=machine.id, needs=needs)

    def _promise(self, bare: Transfer, plan: Plan, speed: Speed | None) -> Transfer:
        facts = {name: value for name, value in plan.facts.items() if isinstance(value, int)}
        size = facts.get("bytes", facts.get("bytes_at_most", 0))
        held = facts.get("bytes_allocated", size)
        moved = held if speed is None or speed.keeps_holes else size
        rate = 0.0 if speed is None else speed.bytes_per_second
        record = next((step.path for step in plan.steps if isinstance(step, WriteRecord)), None)
        return replace(
            bare,
            folder=self.destination if record is None else os.path.dirname(record),
            plan=plan,
            files=facts.get("files", 0),
            bytes=size,
            bytes_allocated=held,
            room=free_room(self.destination),
            # What is read back goes over the same disk once more.
            estimate=moved * (2 if self.wanted.verify else 1) / rate if rate else None,
            hash=self.wanted.digest,
            findings=plan.findings,
        )

"""``vhdchain import``: machines from the folders of their exports, as copies or where they lie."""

# ruff: noqa: PTH118, PTH120 - paths are kept as the user wrote them, and pathlib would tidy them up

from __future__ import annotations

import os
import shlex
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from vhdchain.cli.asking import require_somebody
from vhdchain.cli.bars import progress_bar
from vhdchain.cli.failures import clear_denials
from vhdchain.cli.opening import settings_are_usage
from vhdchain.cli.options import Settings, output_options
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
from vhdchain.errors import PlanRefusedError, VhdChainError
from vhdchain.hyperv.folders import DISKS_FOLDER, MACHINES_FOLDER, SNAPSHOTS_FOLDER
from vhdchain.locate import PathMap
from vhdchain.plan import CopyFile
from vhdchain.report.documents.transfer import import_document
from vhdchain.report.transfers import Transfer
from vhdchain.shell.executor.footprint import all_written
from vhdchain.shell.transfer.importing import WindowsPlaces, plan_import
from vhdchain.shell.transfer.probing import free_room
from vhdchain.shell.transfer.running import Job, common_folders
from vhdchain.shell.transfer.unfinished import marked, room_needed
from vhdchain.transfer import safe_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.cli.exits import Exit
    from vhdchain.findings import Finding
    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Machine
    from vhdchain.plan import Plan
    from vhdchain.report.transfers import Speed
    from vhdchain.shell.transfer.unfinished import Unfinished


@click.command("import")
@click.argument("folders", nargs=-1, required=True, type=click.Path(readable=False), metavar="FOLDER...")
@click.option(
    "--to", "destination", metavar="DEST", type=click.Path(readable=False), help="Copy the machines below this folder."
)
@click.option("--in-place", is_flag=True, help="Use the files where they lie: the export becomes the machine.")
@click.option(
    "--disks",
    metavar="DIR",
    type=click.Path(readable=False),
    help="With --to: where the disks go. Default: 'Virtual Hard Disks' in DEST.",
)
@click.option(
    "--as",
    "windows",
    metavar="PATH",
    help=r"What Windows calls DEST (in place: FOLDER), e.g. 'D:\VMs'.",
)
@click.option(
    "--map",
    "path_map",
    multiple=True,
    metavar="FROM=TO",
    help=r"What Windows calls other folders, e.g. 'E:\Disks=/srv/disks' (repeatable).",
)
@click.option("--new-id", is_flag=True, help="Give the machine and its snapshots new ids; otherwise they must be free.")
@click.option("--verify/--no-verify", default=True, help="Whether contents are compared with the record of the export.")
@limit_option
@click.option("--probe/--no-probe", default=True, help="Whether to try for a second how fast DEST is.")
@dry_run_option
@click.option("-y", "--yes", is_flag=True, help="With --in-place: do not ask.")
@clean_up_option
@automate_option
@output_options
def command(
    folders: tuple[str, ...],
    *,
    destination: str | None,
    in_place: bool,
    limit: float | None,
    probe: bool,
    dry_run: bool,
    yes: bool,
    clean_up: bool,
    automate: bool,
    settings: Settings,
    **options: object,
) -> int:
    """Bring the machine of every export in FOLDER... back: copied below DEST, or where it lies.

    Every path in configurations and disks becomes one of the new place, every chain is checked there, and the machine's
    own configuration, which makes it known to a host, comes last. A copy is compared with the record of the export
    while it is made. An export that is damaged or not whole is refused, and nothing is written.

    In place, files are changed, which is asked about first. What is interrupted is gone on with by the same command, or
    taken back with --clean-up.
    """
    if automate:
        settings = replace(settings, as_json=True, quiet=True)
    wanted = _Wanted(destination=destination, in_place=in_place, **options)  # type: ignore[arg-type]  # declared above
    wanted.check(settings.path_map, folders)
    asks = in_place and not (yes or dry_run or clean_up)
    if asks:
        require_somebody(settings)
    course = Course(
        action="import",
        settings=settings,
        written=wanted.written(folders),
        limit=limit,
        keeps_source=not in_place,
        dry_run=dry_run,
        asks=asks,
    )
    work = _Work(folders=folders, wanted=wanted, course=course)
    speed = None
    with clear_denials(written=course.written):
        if clean_up:
            transfers, code = taken_back(course, (), work.within, reading=folders)
        else:
            transfers, code, speed = work.done(probe=probe)
    if settings.as_json:
        document = import_document(folders, destination, transfers, speed=speed, dry_run=dry_run)
        Terminal(settings).write_json(document)
    return code


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What an import shall be."""

    destination: str | None
    in_place: bool
    disks: str | None
    windows: str | None
    new_id: bool
    verify: bool

    def check(self, path_map: Sequence[str], folders: Sequence[str]) -> None:
        context = click.get_current_context()
        if (self.destination is None) is not self.in_place:
            raise click.UsageError("say where the machines go: --to DEST makes copies, --in-place makes none", context)
        if self.disks is not None and self.in_place:
            raise click.UsageError("--disks goes with --to: in place the disks stay where they are", context)
        if self.in_place and self.windows is not None and len(folders) > 1:
            what = "--as is what Windows calls one folder; of several in place, say it with --map for each"
            raise click.UsageError(what, context)
        with settings_are_usage():
            WindowsPlaces(self.destination or "", self.windows, PathMap.parse(path_map))

    def written(self, folders: Sequence[str]) -> tuple[str, ...]:
        """The folders in which something is changed."""
        if self.destination is None:
            return tuple(folders)
        return (self.destination, *(() if self.disks is None else (self.disks,)))

    @property
    def asked(self) -> str:
        """The options on which it depends what is written."""
        where = ["--in-place"] if self.destination is None else ["--to", os.path.realpath(self.destination)]
        disks = [] if self.disks is None else ["--disks", os.path.realpath(self.disks)]
        name = [] if self.windows is None else ["--as", self.windows]
        return shlex.join([*where, *disks, *name, *(["--new-id"] if self.new_id else [])])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What is imported to where, and how."""

    folders: tuple[str, ...]
    wanted: _Wanted
    course: Course

    @property
    def within(self) -> tuple[str, ...]:
        """The folders in which a plan that was interrupted may have files."""
        return (*self.folders, *self.course.written)

    def done(self, *, probe: bool) -> tuple[list[Transfer], Exit, Speed | None]:
        """Import the machines; return what became of them, the exit code, and how fast the target is."""
        # The export's own paths are those of the old place, whatever a map says of the new one.
        settings = replace(self.course.settings, path_map=())
        with ExitStack() as made, ExitStack() as scans:
            scanned = [(folder, scans.enter_context(scanned_folders([folder], settings))) for folder in self.folders]
            earlier = [
                item for item in self.course.unfinished() if item.asked and any(map(item.is_below, self.folders))
            ]
            fresh = [
                (folder, inventory, machine)
                for folder, inventory in scanned
                for machine in _machines(inventory, folder, earlier)
            ]
            tried = probe and bool(fresh) and not (self.wanted.in_place or self.course.dry_run)
            inventories = [inventory for _, inventory in scanned]
            speed = speed_of(self._disks, inventories, self.course.limit) if tried else None
            if len(fresh) > 1:
                made.enter_context(common_folders(self._common(), keep=lambda: bool(self.course.unfinished())))
            now = Situation(speed=speed, over=finished_before(earlier))
            prepared = [self._gone_on(item) for item in earlier]
            prepared += [self._prepared(*item, now) for item in fresh]
            scans.close()
            prepared = of_one_call(fitting(self.course, prepared), earlier)
            return (*self.course.carried_out(prepared, speed=speed), speed)

    def _common(self) -> list[str]:
        """Return the folders that all machines have in common."""
        root = self.wanted.destination
        if root is None or self.course.dry_run:
            return []
        return [root, *(os.path.join(root, name) for name in (MACHINES_FOLDER, SNAPSHOTS_FOLDER)), self._disks]

    @property
    def _disks(self) -> str:
        return self.wanted.disks or os.path.join(self.wanted.destination or "", DISKS_FOLDER)

    def _prepared(self, folder: str, inventory: Inventory, machine: Machine | None, now: Situation) -> Prepared:
        name, id_ = ("", "") if machine is None else (machine.name, machine.id)
        bare = Transfer(name=name, id=id_, folder=self.wanted.destination or folder)
        try:
            plan = self._plan(folder, inventory, machine, now)
            writes = tuple(map(os.path.abspath, all_written(plan)))
            if not now.claims.take(writes):  # machines call their disks alike
                own = os.path.join(self._disks, safe_name(name, id_))
                plan = self._plan(folder, inventory, machine, now, disks=own)
                writes = tuple(map(os.path.abspath, all_written(plan)))
                if not now.claims.take(writes):
                    what = "another machine of this call would have the same files; import them one after the other"
                    raise PlanRefusedError(f"{folder}: {name}: {what}")
        except (VhdChainError, OSError) as error:
            if id_ in now.over and isinstance(error, VhdChainError) and any(_is_there(item) for item in error.findings):
                return Prepared(transfer=replace(bare, executed=True, resumed=True))
            return self.course.refused(bare, error, denied=what_is_denied(inventory))
        plan = marked(plan, machine=(id_, name), asked=self.wanted.asked)
        transfer = self._promise(bare, plan, now.speed)
        counted = () if self.wanted.in_place else writes
        job, needs = Job(plan=plan, weight=transfer.bytes), sum(need.peak for need in plan.needs)
        return Prepared(transfer=transfer, job=job, counted=counted, machine=id_, needs=needs)

    def _plan(
        self, folder: str, inventory: Inventory, machine: Machine | None, now: Situation, *, disks: str | None = None
    ) -> Plan:
        wanted = self.wanted
        with progress_bar("comparing", self.course.settings, in_bytes=True) as progress:
            return plan_import(
                inventory,
                machine,
                folder,
                destination=wanted.destination,
                disks=disks or wanted.disks,
                windows=wanted.windows,
                path_map=PathMap.parse(self.course.settings.path_map),
                new_id=wanted.new_id,
                verify=wanted.verify,
                holes=now.speed is None or now.speed.keeps_holes,
                progress=progress,
            )

    def _gone_on(self, earlier: Unfinished) -> Prepared:
        id_, name = earlier.machine
        bare = Transfer(name=name, id=id_, folder=self.wanted.destination or os.path.dirname(earlier.journal))
        if (refusal := asked_otherwise(earlier, self.wanted.asked)) is not None:
            return self.course.refused(bare, refusal)
        transfer = replace(self._promise(bare, earlier.plan, None), resumed=True)
        counted = () if self.wanted.in_place else earlier.files
        job = Job(plan=earlier.plan, journal=earlier.journal, within=self.within)
        return Prepared(transfer=transfer, job=job, counted=counted, machine=id_, needs=room_needed(earlier))

    def _promise(self, bare: Transfer, plan: Plan, speed: Speed | None) -> Transfer:
        facts = {name: value for name, value in plan.facts.items() if isinstance(value, int)}
        lasting = sum(need.lasting for need in plan.needs)
        rate = 0.0 if speed is None else speed.bytes_per_second
        return replace(
            bare,
            id=str(plan.facts.get("machine", bare.id)),
            plan=plan,
            files=facts.get("files", 0),
            bytes=facts.get("bytes", 0),
            bytes_allocated=max(0, lasting),
            room=free_room(self._disks if self.wanted.destination is not None else bare.folder),
            estimate=lasting / rate if rate else None,
            hash=next((step.hash for step in plan.steps if isinstance(step, CopyFile)), ""),
            findings=plan.findings,
        )


def _machines(inventory: Inventory, folder: str, earlier: Sequence[Unfinished]) -> Iterator[Machine | None]:
    """Yield the machines of a folder but those whose import was interrupted; None where there is none at all."""
    begun = {item.machine for item in earlier}
    changed = {path for item in earlier for path in item.files}
    for machine in inventory.machines:
        own = any(os.path.realpath(state.path) in changed for state in machine.states)
        if not own and (machine.id, machine.name) not in begun:
            yield machine
    if not inventory.machines and not any(item.is_below(folder) for item in earlier):
        yield None


def _is_there(finding: Finding) -> bool:
    return finding.code == "VHD942"

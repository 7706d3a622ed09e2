"""``vhdchain backup-check``: how would these machines be backed up, and does a backup hold all of them?"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import click

from vhdchain.audit.backup import ANY_GUEST, backup_check, load_registry_export
from vhdchain.cli.bars import progress_bar
from vhdchain.cli.failures import complain
from vhdchain.cli.opening import settings_are_usage
from vhdchain.cli.options import Settings, file_options
from vhdchain.cli.scanning import scanned_folders
from vhdchain.cli.terminal import Terminal
from vhdchain.errors import ConfigError
from vhdchain.hyperv import FileRole
from vhdchain.report.documents.backup import backup_document
from vhdchain.report.text.backup import backup_lines
from vhdchain.shell.backup_set import all_files, backup_set, prove_with, require_apart
from vhdchain.shell.files import open_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.audit.backup import RegistryExport
    from vhdchain.graph import Inventory
    from vhdchain.report.documents.shape import Json


@click.command("backup-check")
@click.argument("folders", nargs=-1, required=True, type=click.Path(), metavar="FOLDER...")
@click.option(
    "--set",
    "held",
    type=click.Path(),
    metavar="DIR",
    help="Compare a backup set or the folder of an export with what FOLDER says that it must hold.",
)
@click.option(
    "--exact",
    is_flag=True,
    help="Compare the contents of the files as well, byte for byte; those of an export with its record.",
)
@click.option(
    "--registry",
    type=click.Path(),
    metavar="FILE",
    help="An export of the host's registry (.reg), for the value that Windows Server Backup needs.",
)
@click.option(
    "--guest-os",
    "guests",
    multiple=True,
    metavar="[NAME=]TEXT",
    help="Which system the guest of a machine has, by the machine's name or id, or that of all (repeatable).",
)
@file_options
def command(
    folders: tuple[str, ...],
    *,
    held: str | None,
    exact: bool,
    registry: str | None,
    guests: tuple[str, ...],
    settings: Settings,
) -> int:
    """Say how VSS would back up the machines of each FOLDER, and which files a backup of them must hold.

    Every condition is told as yes, no or unknown, with what says so. The exit code is 1 where a condition does not
    hold, a file is missing, or the set lacks one. That something is unknown does not count: files cannot prove all.

    Of the folder of an export is told, too, whether it holds what its record and its configurations name.
    """
    with settings_are_usage():
        told = _systems(guests)
        if held is not None:
            require_apart(folders, held)
    export = None if registry is None else _registry(registry)
    with (
        scanned_folders(folders, settings) as inventory,
        nullcontext() if held is None else scanned_folders([held], settings) as there,
    ):
        _require_machines(inventory, folders)
        if exact and held is None:
            _require_record(inventory)
        # One bar at a time: what takes long is to compare contents.
        with (
            progress_bar("looking at guests", settings, wanted=not exact) as looking,
            progress_bar("comparing", settings, in_bytes=True, wanted=exact) as comparing,
            settings_are_usage(),
        ):
            files = all_files(inventory)
            total = sum(file.size for file in files)
            report = backup_check(
                inventory,
                registry=export,
                guests=told,
                held=None if there is None else backup_set(there, exact=exact, progress=comparing),
                others=files,
                prove=prove_with(total, progress=comparing) if exact and there is None else None,
                progress=looking,
            )
    terminal = Terminal(settings)
    if settings.as_json:
        terminal.write_json(backup_document(report, _options(settings, told, registry)))
    else:
        terminal.write(backup_lines(report, width=terminal.width))
    return report.exit_code(settings.accept)


def _require_machines(inventory: Inventory, folders: Sequence[str]) -> None:
    """Refuse folders without machines, where a list without files would look like a healthy one."""
    if not inventory.machines:
        for file in inventory.host_files:
            for problem in file.problems:
                complain(f"{file.path}: {problem.message}")
        exported = any(file.role is FileRole.EXPORTED for file in inventory.host_files)
        why = "; what the files of an export of 2008 or 2008 R2 hold is not known" if exported else ""
        raise ConfigError(f"{', '.join(folders)}: there is no configuration of a machine, so nothing can be said{why}")


def _require_record(inventory: Inventory) -> None:
    """Refuse to compare contents where nothing says what they should be."""
    if not any(file.role is FileRole.RECORD for file in inventory.host_files):
        with settings_are_usage():
            raise ConfigError("--exact needs a set to compare with (--set DIR), or an export that has a record")


def _systems(texts: Sequence[str]) -> dict[str, str]:
    told: dict[str, str] = {}
    for text in texts:
        name, _, system = text.rpartition("=")
        name = name.strip() or ANY_GUEST
        if told.setdefault(name, system) != system:
            raise ConfigError(f"--guest-os: {name or 'all machines'} is told to have two systems")
    return told


def _registry(path: str) -> RegistryExport:
    source = open_source(path)
    try:
        return load_registry_export(source)
    finally:
        source.close()


def _options(settings: Settings, guests: dict[str, str], registry: str | None) -> dict[str, Json]:
    return {
        "within": list(settings.within),
        "map": list(settings.path_map),
        "accept": sorted(settings.accept),
        "footer": settings.footer,
        "guest_os": dict(guests),
        "registry": registry,
    }

"""``vhdchain audit``: what is wrong in these files and folders?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vhdchain.audit import audit
from vhdchain.cli.bars import progress_bar
from vhdchain.cli.exits import Exit, exit_for
from vhdchain.cli.opening import settings_are_usage
from vhdchain.cli.options import Settings, byte_count, file_options, notes_option
from vhdchain.cli.scanning import report_format, scanned_folders
from vhdchain.cli.terminal import Terminal
from vhdchain.errors import ConfigError
from vhdchain.findings import Severity
from vhdchain.report.documents.audit import audit_document, parse_baseline
from vhdchain.report.documents.sarif import sarif_document
from vhdchain.report.text.audit import audit_lines, is_general_skip

if TYPE_CHECKING:
    from vhdchain.audit import AuditReport
    from vhdchain.report.documents.shape import Json


@click.command("audit")
@click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="PATH...")
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif"]), help="[default: text]")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note", "never"]),
    default="warning",
    show_default=True,
    help="The mildest finding that makes the exit code 1.",
)
@click.option("--deep", is_flag=True, help="Read the bitmaps, the data and the gaps of every file, too.")
@click.option(
    "--domain-controller",
    "domain_controllers",
    multiple=True,
    metavar="NAME",
    help="The guest of this machine, by name or id, is a domain controller (repeatable).",
)
@click.option(
    "--free",
    "free_space",
    type=byte_count,
    metavar="SIZE",
    help="So much is free where disks are merged (such as 20G): report merges that need more.",
)
@click.option("--select", multiple=True, metavar="CODE", help="Report these codes or prefixes only (repeatable).")
@click.option("--ignore", multiple=True, metavar="CODE", help="Leave these codes or prefixes out (repeatable).")
@click.option(
    "--baseline",
    type=click.Path(),
    metavar="FILE",
    help="Report only what FILE, an earlier --json report, does not hold.",
)
@notes_option
@file_options
def command(
    paths: tuple[str, ...],
    *,
    form: str | None,
    fail_on: str,
    deep: bool,
    domain_controllers: tuple[str, ...],
    free_space: int | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    baseline: str | None,
    notes: bool,
    settings: Settings,
) -> int:
    """Report everything that is wrong in each PATH: files as they are, folders with all disks below them.

    Findings with an accepted code are reported; the exit code does not count them.
    """
    form = report_format(form, settings)
    with settings_are_usage():
        known = _read_baseline(baseline) if baseline is not None else frozenset()
    with (
        scanned_folders(paths, settings) as inventory,
        progress_bar("reading" if deep else "checking", settings, in_bytes=deep) as progress,
        settings_are_usage(),
    ):
        now = datetime.now(UTC)
        report = audit(
            inventory,
            select=select,
            ignore=ignore,
            baseline=known,
            now=now,
            deep=deep,
            domain_controllers=domain_controllers,
            free_space=free_space,
            progress=progress,
        )
    terminal = Terminal(settings)
    if form == "json":
        terminal.write_json(audit_document(report, _options(settings, fail_on)))
    elif form == "sarif":
        terminal.write_json(sarif_document(report, _options(settings, fail_on)))
    else:
        terminal.write(audit_lines(report, width=terminal.width, notes=notes))
    return _exit_code(report, fail_on, settings)


def _exit_code(report: AuditReport, fail_on: str, settings: Settings) -> int:
    if report.exit_code(Severity.ERROR) == Exit.UNPROCESSED:
        return Exit.UNPROCESSED
    told = (finding for finding in report.findings if not is_general_skip(finding))
    # Several children of one missing parent are one finding, and whoever accepts each accepts all.
    accepted = settings.accept | ({"VHD708"} if "VHD601" in settings.accept else set())
    counting = (finding for finding in told if finding.code not in accepted)
    return exit_for(counting, None if fail_on == "never" else Severity(fail_on))


def _options(settings: Settings, fail_on: str) -> dict[str, Json]:
    return {
        "within": list(settings.within),
        "map": list(settings.path_map),
        "accept": sorted(settings.accept),
        "footer": settings.footer,
        "fail_on": fail_on,
    }


def _read_baseline(path: str) -> frozenset[str]:
    try:
        return parse_baseline(json.loads(Path(path).read_bytes()))
    except (ConfigError, ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, ConfigError) else "it is no JSON document"
        raise ConfigError(f"{path}: {reason}") from error

"""Hosts whose machines are exported and imported by the commands, and runs that are stopped or fail on the way."""

from __future__ import annotations

import functools
import json
from itertools import count
from typing import TYPE_CHECKING, Any

import jsonschema

from tests.cli.program import run
from vhdchain.report.documents.transfer_schema import EXPORT_SCHEMA, IMPORT_SCHEMA
from vhdchain.shell.executor.run import execute
from vhdchain.shell.transfer import running
from vhdchain.testing.faults.quick import QuickLayer
from vhdchain.testing.lab.kinds import host_lab

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.cli.program import Ran
    from vhdchain.plan import Plan
    from vhdchain.progress import Cancel, Progress
    from vhdchain.shell.executor.layer import FileLayer
    from vhdchain.shell.executor.pace import Pace
    from vhdchain.shell.executor.run import Outcome

SRV, WEB = "4930E040-98BA-4470-A783-BBB0C691E8C2", "799E4806-4FDD-4060-95B5-381C78C6EE1C"
"""The ids of the machines of `saved_host`."""


def saved_host(folder: Path) -> Path:
    """Write a host with the machines ``srv`` (two disks, three snapshots) and ``web`` (one disk, none)."""
    host_lab().save(folder)
    return folder


def saved_exports(folder: Path) -> Path:
    """Return a folder with the exports of both machines of `saved_host`, which is written beside it."""
    saved_host(folder / "host")
    assert run("export", "-q", folder / "host", folder / "out", "--all").code == 0
    return folder / "out"


def files_of(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return every file below a folder: when it was modified, its length, its bytes."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.stat().st_size, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def contents_of(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file below a folder."""
    return {name: content for name, (_, _, content) in files_of(folder).items()}


def machine_of(ran: Ran, name: str) -> dict[str, Any]:
    """Return what a document says of one machine; it must be as its schema has it."""
    schema = EXPORT_SCHEMA if ran.document["schema"] == "vhdchain.export" else IMPORT_SCHEMA
    jsonschema.validate(ran.document, schema, cls=jsonschema.Draft202012Validator)
    (found,) = [item for item in ran.document["machines"] if item["name"] == name]
    assert isinstance(found, dict)
    return found


def stop_after(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    """Let every plan be stopped, in its first run, when it has asked so often whether to stop."""

    def stopped(plan: Plan, *, progress: Progress | None, cancel: Cancel | None, pace: Pace | None) -> Outcome:
        del cancel
        asked = count()
        return execute(plan, progress=progress, cancel=lambda: next(asked) >= steps, pace=pace, layer=QuickLayer())

    monkeypatch.setattr(running, "execute", stopped)


def run_on(monkeypatch: pytest.MonkeyPatch, layer: FileLayer) -> None:
    """Let plans be carried out through ``layer``."""
    monkeypatch.setattr(running, "execute", functools.partial(execute, layer=layer))


def record_of(folder: Path) -> dict[str, Any]:
    """Return the record of an export."""
    record = json.loads((folder / "vhdchain-export.json").read_text())
    assert isinstance(record, dict)
    return record

"""Hosts that are exported in tests, and what is compared afterwards."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import vhdchain as vc
from vhdchain.snapshots import HYPER_V_2008_R2
from vhdchain.testing.faults import QuickLayer
from vhdchain.testing.folder import write_folder
from vhdchain.transfer import RECORD_NAME, ExportRecord, parse_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from vhdchain.graph import Inventory
    from vhdchain.plan import Plan
    from vhdchain.testing.lab import HostLab


@contextmanager
def scanned(lab: HostLab, folder: Path) -> Iterator[Inventory]:
    """Write a host, pages of zeros as holes, and scan it."""
    folder.mkdir(parents=True, exist_ok=True)
    write_folder(lab.contents(), folder, modified=lab.modified(), sparse=True)
    for empty in lab.folders():
        (folder / empty).mkdir(parents=True, exist_ok=True)
    with vc.scan_folder(folder) as inventory:
        yield inventory


def seen(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Return length, time and digest of every file below a folder, by its name; folders without any of it."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status, name = path.lstat(), path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = (status.st_size, status.st_mtime_ns, str(path.readlink()))
        elif path.is_file():
            found[name] = (status.st_size, status.st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        else:
            found[name] = (0, 0, "")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """An export that was made.

    Attributes:
        plan: Its plan.
        folder: The machine's folder.
        record: What it says of itself.
    """

    plan: Plan
    folder: Path
    record: ExportRecord


def export(inventory: Inventory, name: str, destination: Path, **options: Any) -> Exported:  # passed on
    """Export a machine, and hold what is there then against what was promised, and against the record."""
    options.setdefault("policy", HYPER_V_2008_R2)
    plan = vc.plan_export(inventory, inventory.machines[name], destination, **options)
    vc.execute(plan, layer=QuickLayer())
    (folder,) = (path for path in destination.iterdir() if path.is_dir())
    record = parse_record((folder / RECORD_NAME).read_bytes())
    files = {name: value for name, value in seen(folder).items() if (folder / name).is_file()}
    total = sum(size for size, _, _ in files.values())
    assert list(destination.iterdir()) == [folder]
    assert plan.facts["files"] == len(files)
    assert total == plan.facts["bytes"] if "bytes" in plan.facts else total <= int(plan.facts["bytes_at_most"])
    assert {item.path for item in record.files} == files.keys() - {RECORD_NAME}
    for item in record.files:
        content = (folder / item.path).read_bytes()
        assert (item.size, item.digest) == (len(content), hashlib.new(record.hash, content).hexdigest())
    assert sum(path.stat().st_blocks for path in folder.rglob("*")) <= plan.needs[0].lasting // 512
    return Exported(plan=plan, folder=folder, record=record)

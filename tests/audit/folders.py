"""Folders on disk for the tests of audits."""

from __future__ import annotations

import contextlib
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vhdchain.audit import AuditReport, audit
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.damage_folder import Files, FolderRecipe, healthy_folder, write_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vhdchain.progress import Progress
    from vhdchain.testing.lab import HostLab

_NOBODY = 65534


def audited(files: Files, folder: Path, **options: Any) -> AuditReport:
    """Write ``files`` below ``folder`` and audit it; ``options`` are those of `audit`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_folder(files, folder)
    with scan_folder(folder) as inventory:
        return audit(inventory, **options)


def planted(recipe: FolderRecipe) -> tuple[Path, AuditReport]:
    """Return where the recipe's fault was planted, and the audit that looked at it."""
    with open_folder() as folder:
        recipe.plant(folder)
        for name in recipe.denied:
            (folder / name).chmod(0)
        within = None if recipe.within is None else [folder / name for name in recipe.within]
        account = unprivileged() if recipe.denied else contextlib.nullcontext()
        scanned = [folder / name for name in recipe.scanned]
        touch = _touching([folder / name for name in recipe.touched])
        path_map = {source: folder / target for source, target in recipe.path_map.items()}
        with account, scan_folder(*scanned, within=within, path_map=path_map, progress=touch) as inventory:
            return folder, audit(
                inventory, deep=recipe.deep, domain_controllers=recipe.domain_controllers, free_space=recipe.free_space
            )


@cache
def healthy_codes(host: Callable[[], HostLab] | None = None, *, deep: bool = False) -> frozenset[str]:
    """Return the codes that the healthy folder, or that of a host, shows; they are notes (test_audit.py)."""
    with open_folder() as folder:
        if host is not None:
            host().save(folder)
            with scan_folder(folder) as inventory:
                return frozenset(item.code for item in audit(inventory, deep=deep).findings)
        return frozenset(item.code for item in audited(healthy_folder(), folder, deep=deep).findings)


def _touching(paths: list[Path]) -> Progress:
    """Return a callback of a scan that writes to ``paths`` when everything has been read."""

    def touch(done: int, total: int) -> None:
        if done == total:
            for path in paths:
                # A time that is told, because two writes may fall into one tick of the file system's clock.
                os.utime(path, ns=(0, 1))

    return touch


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """Give a folder that every account may enter; pytest's own belong to the one that runs it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder


@contextlib.contextmanager
def unprivileged() -> Iterator[None]:
    """Let go of root's right to open everything, where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)

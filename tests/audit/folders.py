"""Folders on disk for the tests of audits."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vhdchain.audit import AuditReport, audit
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.damage_folder import Files, FolderRecipe, healthy_folder, write_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOBODY = 65534


def audited(files: Files, folder: Path, **options: Any) -> AuditReport:
    """Write ``files`` below ``folder`` and audit it; ``options`` are those of `audit`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_folder(files, folder)
    with scan_folder(folder) as inventory:
        return audit(inventory, **options)


def planted(recipe: FolderRecipe) -> tuple[Path, AuditReport]:
    """Return where the recipe's fault was planted, and the audit that looked at it."""
    with _open_folder() as folder:
        write_folder(recipe.damage(healthy_folder()), folder)
        for name in recipe.denied:
            (folder / name).chmod(0)
        within = None if recipe.within is None else [folder / name for name in recipe.within]
        account = _unprivileged() if recipe.denied else contextlib.nullcontext()
        with account, scan_folder(*[folder / name for name in recipe.scanned], within=within) as inventory:
            return folder, audit(inventory)


@contextlib.contextmanager
def _open_folder() -> Iterator[Path]:
    """Give a folder that every account may enter; pytest's own belong to the one that runs it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder


@contextlib.contextmanager
def _unprivileged() -> Iterator[None]:
    """Let go of root's right to open everything, where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)

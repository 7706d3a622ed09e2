"""Folders that plans are carried out in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.shell.executor.plans import make_folder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file for each of the simple steps."""
    made = tmp_path / "folder"
    make_folder(made)
    return made

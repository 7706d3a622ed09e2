"""The whole content of a small file is replaced by one step, whichever of the two is longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from vhdchain.plan import FileState, Plan
from vhdchain.plan.replacing import replaced_content
from vhdchain.testing.faults import QuickLayer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("old", "new"), [(b"short", b"longer by far"), (b"longer by far", b"short"), (b"", b"new")])
def test_the_file_holds_the_new_bytes_and_nothing_else(old: bytes, new: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes(old)
    step = replaced_content(str(path), old, new, why="a test")
    state = FileState(path=str(path), size=len(old))
    vc.execute(Plan(action="test", summary="replace", steps=(step,), files=(state,)), layer=QuickLayer())

    assert path.read_bytes() == new

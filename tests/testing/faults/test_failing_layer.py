"""One operation fails, by half where that is asked for, and a full disk stays full."""

from __future__ import annotations

import errno
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from vhdchain.testing.faults.failing import FailingLayer

if TYPE_CHECKING:
    from pathlib import Path


def test_the_operation_that_was_named_fails_and_no_other(tmp_path: Path) -> None:
    layer = FailingLayer(at=1, error=errno.EIO)
    layer.make_folder(str(tmp_path / "f"))
    with pytest.raises(OSError, match="Input/output error") as caught:
        layer.remove_folder(str(tmp_path / "f"))
    layer.remove_folder(str(tmp_path / "f"))

    assert (caught.value.errno, caught.value.filename) == (errno.EIO, str(tmp_path / "f"))
    assert layer.count == 3


@pytest.mark.parametrize(("short", "written"), [(True, b"ab"), (False, b"")])
def test_a_short_write_is_there_by_half(tmp_path: Path, short: bool, written: bytes) -> None:
    layer = FailingLayer(at=1, error=errno.ENOSPC, short=short)
    with closing(layer.create(str(tmp_path / "a"))) as file, pytest.raises(OSError, match="No space"):
        file.write_at(0, b"abcd")

    assert (tmp_path / "a").read_bytes() == written


def test_on_a_full_disk_nothing_grows_any_more_and_everything_else_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abcd")
    layer = FailingLayer(at=0, error=errno.ENOSPC, full=True)
    with pytest.raises(OSError, match="No space"):
        layer.create(str(tmp_path / "b"))
    with pytest.raises(OSError, match="No space"):
        layer.create(str(tmp_path / "b"))
    with closing(layer.open(str(tmp_path / "a"))) as file:
        with pytest.raises(OSError, match="No space"):
            file.write_at(2, b"xyz")
        file.write_at(1, b"xyz")
    layer.rename(str(tmp_path / "a"), str(tmp_path / "c"))

    assert (tmp_path / "c").read_bytes() == b"axyz"

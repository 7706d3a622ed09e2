"""What is told of a missing right: the path that denies, which right, to whom, and what grants it."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from tests.audit.folders import open_folder, unprivileged
from vhdchain.shell.denied import (
    Account,
    Denial,
    Right,
    clearer,
    denial_of,
    denial_text,
    present_account,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOBODY = Account(name="nobody", number=65534)
ROOT = Account(name="root", number=0)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with ``a/b/file`` below it."""
    with open_folder() as place:
        (place / "a" / "b").mkdir(parents=True)
        (place / "a" / "b" / "file").write_bytes(b"x")
        yield place
        (place / "a").chmod(0o755)


def denied(path: Path, *, writing: bool = False) -> Denial:
    with unprivileged():
        return denial_of(path, writing=writing)


def test_a_closed_folder_far_above_is_what_denies(folder: Path) -> None:
    (folder / "a").chmod(0)
    denial = denied(folder / "a" / "b" / "file")
    assert (denial.path, denial.right, denial.is_folder) == (str(folder / "a"), Right.SEARCH, True)
    assert denial.mode == "d---------"


def test_the_account_that_asks_and_the_one_that_owns_are_named(folder: Path) -> None:
    (folder / "a" / "b" / "file").chmod(0)
    denial = denied(folder / "a" / "b" / "file")
    with unprivileged():
        assert denial.account == present_account()
        assert denial.account.number == os.geteuid()
    assert denial.owner is not None
    assert denial.owner.number == os.geteuid()


@pytest.mark.parametrize(
    ("name", "mode", "writing", "right"),
    [
        ("a/b/file", 0o000, False, Right.READ),
        ("a/b/file", 0o444, True, Right.WRITE),
        ("a/b", 0o555, True, Right.WRITE),
        ("a/b", 0o111, False, Right.READ),
        ("a/b", 0o444, False, Right.SEARCH),
        ("a/b/file", 0o444, False, Right.UNKNOWN),
    ],
)
def test_the_right_that_is_missing_is_the_one_that_was_needed(
    name: str, mode: int, writing: bool, right: Right, folder: Path
) -> None:
    (folder / name).chmod(mode)
    denial = denied(folder / name, writing=writing)
    (folder / name).chmod(0o755)
    assert (denial.path, denial.right) == (str(folder / name), right)


@pytest.mark.parametrize("name", ["new", "new/deeper", "file"])
def test_what_cannot_be_made_or_removed_is_denied_by_its_folder(name: str, folder: Path) -> None:
    (folder / "a" / "b" / "file").chmod(0o666)
    (folder / "a" / "b").chmod(0o555)
    denial = denied(folder / "a" / "b" / name, writing=True)
    (folder / "a" / "b").chmod(0o755)
    assert (denial.path, denial.right) == (str(folder / "a" / "b"), Right.WRITE)


def test_nothing_is_denied_where_every_right_is_there(folder: Path) -> None:
    assert denial_of(folder / "a" / "b" / "file", writing=False).right is Right.UNKNOWN
    (folder / "a").chmod(0)
    assert denied(folder / "a" / "b" / "file").right is not Right.UNKNOWN


def test_an_error_says_where_which_right_and_how_to_grant_it(folder: Path) -> None:
    (folder / "a" / "b").chmod(0o555)
    with unprivileged(), pytest.raises(PermissionError) as caught:
        (folder / "a" / "b" / "new").mkdir()
    caught.value.add_note("nothing was begun")
    with unprivileged():
        better = clearer(caught.value, written=[folder / "a"])
        account = present_account()
    (folder / "a" / "b").chmod(0o755)
    assert isinstance(better, PermissionError)
    assert (better.filename, better.__notes__) == (str(folder / "a" / "b" / "new"), ["nothing was begun"])
    place = folder / "a" / "b"
    assert better.strerror is not None
    assert f"{account} has no right to write the folder '{place}'" in better.strerror
    assert f"setfacl -m u:{account.name or account.number}:rwx {place}" in better.strerror
    assert "0x80070005" in better.strerror


@pytest.mark.parametrize(
    ("right", "is_folder", "grant"),
    [
        (Right.SEARCH, True, "setfacl -m u:nobody:x /x/y, or chown nobody /x/y"),
        (Right.READ, True, "setfacl -m u:nobody:rx /x/y, or chown nobody /x/y"),
        (Right.READ, False, "setfacl -m u:nobody:r /x/y, or chown nobody /x/y"),
        (Right.WRITE, False, "setfacl -m u:nobody:rw /x/y, or chown nobody /x/y"),
    ],
)
def test_no_more_is_granted_than_is_needed(right: Right, is_folder: bool, grant: str) -> None:
    denial = Denial(path="/x/y", right=right, account=NOBODY, is_folder=is_folder, owner=ROOT, mode="drwx------")
    assert f"to grant it: {grant};" in denial_text(denial, "/x/y", windows=False)
    assert "it belongs to root (uid 0), drwx------" in denial_text(denial, "/x/y", windows=False)


def test_on_windows_icacls_grants_and_accounts_have_domains() -> None:
    host = Account(name="LAB\\backup")
    denial = Denial(path="D:\\VMs", right=Right.WRITE, account=host, is_folder=True)
    text = denial_text(denial, "D:\\VMs\\srv", windows=True)
    assert 'icacls "D:\\VMs" /grant "LAB\\backup:(OI)(CI)M"' in text
    assert "LAB\\backup has no right to write the folder" in text
    assert "DOMAIN\\HOST$" in text


def test_where_every_right_is_there_other_causes_are_named() -> None:
    denial = Denial(path="/x", right=Right.UNKNOWN, account=ROOT, is_folder=True, owner=ROOT, mode="drwxr-xr-x")
    text = denial_text(denial, "/x")
    assert "every right seems to be there" in text
    assert "lsattr" in text


def test_a_read_only_file_system_is_called_one(tmp_path: Path) -> None:
    better = clearer(OSError(errno.EROFS, "Read-only file system", str(tmp_path / "not" / "there")))
    assert better.errno == errno.EROFS
    assert better.strerror is not None
    assert "is read-only" in better.strerror


def test_other_errors_stay_as_they_are(tmp_path: Path) -> None:
    for error in (FileNotFoundError(errno.ENOENT, "no", str(tmp_path)), PermissionError("without a path")):
        assert clearer(error) is error

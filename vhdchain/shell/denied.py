r"""What does "permission denied" mean here: which path denies which right to whom, and what grants it?

The system names the path that was asked for. What denies it may be a folder far above, so the path is gone down name by
name, as this process's account (its effective ids, access lists included). A read-only file system is told from a
missing right. Nothing is opened and nothing is changed.

It is not known which share, security module or attribute forbids what every right seems to allow; that is said.
"""

# ruff: noqa: PTH100, PTH110, PTH112, PTH116, PTH118, PTH120, PTH206 - paths are kept as the caller wrote them

from __future__ import annotations

import errno
import importlib
import os
import shlex
import stat
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_DENIALS = frozenset({errno.EACCES, errno.EPERM})
_AS_EFFECTIVE = os.access in os.supports_effective_ids


class Right(StrEnum):
    """What is not allowed."""

    SEARCH = "search"
    READ = "read"
    WRITE = "write"
    UNKNOWN = "unknown"
    """Every right seems to be there."""


_HOST = r"a Windows host calls this 0x80070005; its own export to a share asks as the host's account, DOMAIN\HOST$"
_NEEDED = {Right.SEARCH: "x", Right.READ: "rx", Right.WRITE: "rwx"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    r"""Who asks, or owns.

    Attributes:
        name: As the system calls it, on Windows ``DOMAIN\user``; empty where it has no name for it.
        number: The user id; None on Windows.
    """

    name: str
    number: int | None = None

    def __str__(self) -> str:
        """Return the name with the number: ``nobody (uid 65534)``."""
        if self.number is None:
            return self.name or "an unknown account"
        return f"{self.name} (uid {self.number})" if self.name else f"uid {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """A path that denies.

    Attributes:
        path: The file or folder whose rights are in the way.
        right: Which one is missing.
        account: Who asked.
        is_folder: Whether ``path`` is a folder.
        owner: Who may change the rights; None where the system does not tell.
        mode: Its rights as ``ls`` writes them; empty likewise.
    """

    path: str
    right: Right
    account: Account
    is_folder: bool
    owner: Account | None = None
    mode: str = ""


def clearer(error: OSError, *, written: Iterable[str | os.PathLike[str]] = ()) -> OSError:
    """Return ``error`` in words that say what denies and what to do, with its notes; itself where it is another one.

    Args:
        error: What the system said.
        written: Folders in which the work writes; everything else is only read.
    """
    path = error.filename
    if error.errno is None or not isinstance(path, str | bytes):
        return error
    told = os.fsdecode(path)
    if error.errno == errno.EROFS:
        text = read_only_text(told)
    elif error.errno in _DENIALS:
        place, roots = os.path.realpath(told), [os.path.realpath(root) for root in written]
        # In a folder around them something may have to be made as well.
        writing = any(_is_inside(place, root) or _is_inside(root, place) for root in roots)
        denial = denial_of(told, writing=writing)
        text = denial_text(denial, told)
    else:
        return error
    better = OSError(error.errno, text, told)
    for note in getattr(error, "__notes__", ()):
        better.add_note(note)
    return better


def denial_of(path: str | os.PathLike[str], *, writing: bool) -> Denial:
    """Return what denies ``path`` to this process: itself, or the first folder above it without the right.

    Args:
        path: What was asked for; it need not exist.
        writing: Whether it was to be made, changed or removed; otherwise it was to be read.
    """
    told = os.fspath(path)
    whole = os.path.abspath(told)
    for folder in _folders_above(whole):
        if not _may(folder, os.X_OK):
            return _denial(folder, Right.SEARCH)
        below = _next_below(folder, whole)
        if not os.path.lexists(below):
            return _denial(folder, Right.WRITE if not _may(folder, os.W_OK) else Right.UNKNOWN)
    right = _missing_right(whole, writing=writing)
    if right is Right.UNKNOWN and writing and not _may(os.path.dirname(whole), os.W_OK):
        return _denial(os.path.dirname(whole), Right.WRITE)
    return _denial(whole, right, told)


def denial_text(denial: Denial, wanted: str, *, windows: bool = os.name == "nt") -> str:
    """Return a denial as a clause behind the path that was wanted: what is missing to whom, and what grants it."""
    owner = f"; it belongs to {denial.owner}, {denial.mode}" if denial.owner is not None else ""
    if denial.right is Right.UNKNOWN:
        return (
            f"access is denied to {denial.account}, although every right seems to be there{owner}; what forbids it may "
            f"be an attribute (lsattr), a security module, or a share, which may take you for another account; {_HOST}"
        )
    kind = "folder" if denial.is_folder else "file"
    itself = os.path.abspath(wanted) == os.path.abspath(denial.path)
    what = f"this {kind}" if itself else f"the {kind} {denial.path!r}"
    return (
        f"access is denied: {denial.account} has no right to {denial.right} {what}{owner}; to grant it: "
        f"{_grant(denial, windows=windows)}; {_HOST}"
    )


def read_only_text(path: str) -> str:
    """Return what is said of a path on a file system that is mounted to be read only."""
    return f"the file system at {_mount_point(path)!r} is read-only; mount it for writing, or name another folder"


def present_account() -> Account:
    """Return the account that this process asks as."""
    if not hasattr(os, "geteuid"):
        domain, user = os.environ.get("USERDOMAIN", ""), os.environ.get("USERNAME", "")
        return Account(name=f"{domain}\\{user}" if domain and user else user)
    return _account(os.geteuid())


def _account(number: int) -> Account:
    try:
        name = str(importlib.import_module("pwd").getpwuid(number).pw_name)
    except (ImportError, KeyError):
        name = ""
    return Account(name=name, number=number)


def _grant(denial: Denial, *, windows: bool) -> str:
    if windows:
        rights = "M" if denial.right is Right.WRITE else "RX"
        inherited = "(OI)(CI)" if denial.is_folder else ""
        return f'icacls "{denial.path}" /grant "{denial.account.name}:{inherited}{rights}"'
    who = denial.account.name or str(denial.account.number)
    rights = _NEEDED[denial.right] if denial.is_folder else _NEEDED[denial.right].replace("x", "")
    path = shlex.quote(os.path.abspath(denial.path))
    return f"setfacl -m u:{who}:{rights} {path}, or chown {who} {path}"


def _missing_right(path: str, *, writing: bool) -> Right:
    if not _may(path, os.R_OK):
        return Right.READ
    if os.path.isdir(path) and not _may(path, os.X_OK):
        return Right.SEARCH
    return Right.WRITE if writing and not _may(path, os.W_OK) else Right.UNKNOWN


def _denial(path: str, right: Right, told: str = "") -> Denial:
    try:
        status = os.stat(path)
    except OSError:
        return Denial(path=told or path, right=right, account=present_account(), is_folder=False)
    return Denial(
        path=told or path,
        right=right,
        account=present_account(),
        is_folder=stat.S_ISDIR(status.st_mode),
        owner=_account(status.st_uid) if hasattr(os, "geteuid") else None,
        mode=stat.filemode(status.st_mode),
    )


def _may(path: str, mode: int) -> bool:
    return os.access(path, mode, effective_ids=_AS_EFFECTIVE)


def _folders_above(path: str) -> list[str]:
    """Return the folders that lead to ``path``, the highest first."""
    above: list[str] = []
    folder = os.path.dirname(path)
    while folder not in above:
        above.append(folder)
        folder = os.path.dirname(folder)
    return above[::-1]


def _next_below(folder: str, path: str) -> str:
    rest = path[len(os.path.join(folder, "")) :]
    return os.path.join(folder, rest.split(os.sep)[0])


def _nearest(path: str) -> str:
    whole = os.path.abspath(path)
    while not os.path.exists(whole) and os.path.dirname(whole) != whole:
        whole = os.path.dirname(whole)
    return whole


def _mount_point(path: str) -> str:
    place = os.path.realpath(_nearest(path))
    while not os.path.ismount(place) and os.path.dirname(place) != place:
        place = os.path.dirname(place)
    return place


def _is_inside(path: str, root: str) -> bool:
    return path == root or path.startswith(os.path.join(root, ""))

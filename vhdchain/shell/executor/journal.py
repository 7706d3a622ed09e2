"""How is it written down what is being done, so that whoever comes after a crash can go on or take it back?

One line a record, JSON with a check of its own that covers the line before as well, so that no line is read twice, out
of order or from another journal. The first line is the whole plan. The file gets its name when that line is safe; a
record counts when it is synced, and a line that was torn is as if never written.

Room for the records is taken when the journal is made, line breaks that are written over: what takes a plan back needs
no more of it, also on a full disk.
"""

# ruff: noqa: PTH116, PTH117, PTH120 - paths are kept as the caller wrote them

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from typing import TYPE_CHECKING, Any

from vhdchain.errors import ConfigError, PlanRefusedError
from vhdchain.plan import plan_document, plan_from_document
from vhdchain.shell.executor.names import JOURNAL, UNBORN_JOURNAL, name_beside
from vhdchain.shell.executor.records import Header, History
from vhdchain.shell.files import open_source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vhdchain.plan import Plan
    from vhdchain.shell.executor.layer import FileLayer, WritableFile
    from vhdchain.shell.executor.locks import Locks

VERSION = 1
MOST_BYTES = 256 << 20
"""Of a journal that is read; plans hold small files whole, never disks."""

_DIGITS = 16
_BEFORE_CHECK, _BEFORE_RECORD, _BEHIND = b'{"check":"', b'","record":', b"}"
_ROOM, _ROOM_A_STEP = 16 << 10, 512  # for what is written on the way forward; more is taken when it is used up
_KEPT, _KEPT_A_STEP = 4 << 10, 128  # for what takes the plan back: never used on the way forward


class Journal:
    """A journal that is being written.

    Attributes:
        path: Where it lies.
        header: Its first line.
        history: What its records amount to.
        found: Whether it was there before this run; what it says is input then.
        gone: Whether this run removed it.
    """

    def __init__(
        self, file: WritableFile, path: str, header: Header, history: History, *, end: int, check: str, found: bool
    ) -> None:
        self.path = path
        self.header = header
        self.history = history
        self.found = found
        self.gone = False
        self._file = file
        self._end = end
        self._check = check
        self._size = file.size()
        self._kept = _KEPT + _KEPT_A_STEP * len(header.plan.steps)

    def append(self, kind: str, *, sync: bool = True, **fields: object) -> None:
        """Write one record; it counts when it is synced, at the latest with the next one that is."""
        record = {"kind": kind, **fields}
        line, check = _line(self._check, record)
        reserve = 0 if self.history.undoing or kind == "undoing" else self._kept
        if self._end + len(line) + reserve > self._size:
            self._take_room(len(line))
        self._file.write_at(self._end, line)
        if sync:
            self._file.sync()
        self.history.take_in(json.loads(json.dumps(record)), len(self.header.plan.steps))
        self._end += len(line)
        self._check = check

    def take_over(self) -> None:
        """Make safe what an earlier run wrote, and write line breaks over what follows the last record that counts.

        A run that ended because a sync failed left records that can be read here and may not be on the disk; they are
        written once more.
        """
        records = self._file.read_at(0, self._end)
        self._file.write_at(0, records + b"\n" * (self._size - self._end))
        if self._size - self._end < self._kept:
            with contextlib.suppress(OSError):  # a full disk: there is what there is
                self._take_room(0)
        self._file.sync()

    def _take_room(self, wanted: int) -> None:
        room = b"\n" * (wanted + _ROOM + self._kept)
        self._file.write_at(self._size, room)
        self._file.sync()
        self._size += len(room)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def journal_path(path: str) -> str:
    """Return the path of the journal beside ``path``."""
    return name_beside(path, JOURNAL)


def begin_journal(plan: Plan, home: str, *, cwd: str, layer: FileLayer, locks: Locks) -> Journal:
    """Make the journal of ``plan`` beside ``home``, an absolute path; what goes wrong leaves none behind.

    Raises:
        PlanRefusedError: There is one already, or somebody is making it.
        OSError: It cannot be written.
    """
    path, unborn, folder = journal_path(home), name_beside(home, UNBORN_JOURNAL), os.path.dirname(home)
    header = Header(plan=plan, cwd=cwd, folder=folder)
    _require_none(path)
    _clear_unborn(unborn, layer, locks)
    file: WritableFile | None = None
    ours = [unborn]
    try:
        file = layer.create(unborn)
        locks.take(unborn, exclusive=True)
        line, check = _line("", _header_record(header))
        steps = len(plan.steps)
        kept = b"\n" * (_ROOM + _KEPT + (_ROOM_A_STEP + _KEPT_A_STEP) * steps)
        file.write_at(0, line + kept)
        file.sync()
        _require_none(path)
        ours.append(path)  # from here on nobody else can make it: they would need the lock
        layer.rename(unborn, path)
        layer.sync_folder(folder)
    except BaseException:
        if file is not None:
            file.close()
            for name in ours:
                with contextlib.suppress(OSError):
                    layer.unlink(name)
        raise
    return Journal(file, path, header, History(), end=len(line), check=check, found=False)


def _require_none(path: str) -> None:
    if os.path.lexists(path):
        raise PlanRefusedError(unfinished(path))


def _clear_unborn(unborn: str, layer: FileLayer, locks: Locks) -> None:
    """Remove a journal that was never whole; whoever is making it holds its lock."""
    if os.path.lexists(unborn):
        locks.take(unborn, exclusive=True)
        layer.unlink(unborn)
        locks.release(unborn)


def unfinished(path: str) -> str:
    """Return the line about a journal that is in the way."""
    return f"{path}: an earlier plan was interrupted and is not finished; 'vhdchain resume' goes on or takes it back"


def read_journal(path: str) -> tuple[Header, History, int, str]:
    """Return what a journal holds: header, history, where its last record ends, and that record's check.

    Raises:
        ConfigError: It is damaged, or none.
        OSError: It cannot be read.
    """
    source = open_source(path, follow=False, devices=False)
    try:
        if source.size > MOST_BYTES:
            raise ConfigError(f"{path}: {source.size} bytes found; no journal has more than {MOST_BYTES}")
        content = source.read_at(0, source.size)
    finally:
        source.close()
    header: Header | None = None
    history, check, end, number = History(), "", 0, 0
    while (behind := content.find(b"\n", end) + 1) > 0:
        line, number = content[end : behind - 1], number + 1
        record = _record(line, check)
        if record is None:  # torn, or room that was never written to
            break
        try:
            if header is None:
                header = _header(record)
            else:
                history.take_in(record, len(header.plan.steps))
        except ConfigError as error:
            raise ConfigError(f"{path}: line {number}: {error}") from None
        check, end = _checked(line), behind
    if header is None:
        raise ConfigError(
            f"{path}: line 1: its check does not fit: the journal is damaged, or none, and says nothing; "
            "look at the files beside it, and delete it when they are in order"
        )
    return header, history, end, check


def open_journal(path: str, layer: FileLayer, locks: Locks) -> Journal:
    """Return the journal at ``path``, locked, to go on with; nothing is written to it before `Journal.take_over`.

    Raises:
        ConfigError: It is damaged, or none.
        PlanRefusedError: Somebody else is at work on it.
        OSError: It cannot be opened.
    """
    locks.take(path, exclusive=True)
    header, history, end, check = read_journal(path)
    return Journal(layer.open(path), path, header, history, end=end, check=check, found=True)


def is_regular(path: str) -> bool:
    """Say whether there is a regular file of this very name."""
    try:
        return stat.S_ISREG(os.stat(path, follow_symlinks=False).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _header_record(header: Header) -> dict[str, Any]:
    return {
        "kind": "plan",
        "version": VERSION,
        "cwd": header.cwd,
        "folder": header.folder,
        "plan": plan_document(header.plan),
    }


def _header(record: Mapping[str, Any]) -> Header:
    match dict(record):
        case {"kind": "plan", "version": int(version), "cwd": str(cwd), "folder": str(folder), "plan": plan}:
            if version != VERSION:
                raise ConfigError(f"a journal of version {version}; this program reads version {VERSION}")
            for path in (cwd, folder):
                if not os.path.isabs(path) or "\0" in path:
                    raise ConfigError(f"{path!r} is no absolute path")
            return Header(plan=plan_from_document(plan), cwd=cwd, folder=folder)
    raise ConfigError("it does not begin with a plan")


def _line(before: str, record: Mapping[str, Any]) -> tuple[bytes, str]:
    body = json.dumps(record, separators=(",", ":")).encode("ascii")
    check = _check_of(before, body)
    return b"%b%b%b%b%b\n" % (_BEFORE_CHECK, check.encode(), _BEFORE_RECORD, body, _BEHIND), check


def _check_of(before: str, body: bytes) -> str:
    return hashlib.sha256(before.encode() + body).hexdigest()[:_DIGITS]


def _checked(line: bytes) -> str:
    return line[len(_BEFORE_CHECK) : len(_BEFORE_CHECK) + _DIGITS].decode("latin-1")


def _record(line: bytes, before: str) -> Mapping[str, Any] | None:
    """Return the record of a line, None where its check does not fit."""
    start = len(_BEFORE_CHECK) + _DIGITS + len(_BEFORE_RECORD)
    body = line[start : -len(_BEHIND)]
    if line[: len(_BEFORE_CHECK)] != _BEFORE_CHECK or _check_of(before, body) != _checked(line):
        return None
    try:
        record = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None

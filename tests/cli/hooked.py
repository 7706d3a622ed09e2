"""The program with a witness: ``python hooked.py REPORT LINE...`` writes what each command line did to REPORT.

An audit hook cannot be removed and sees every file that the interpreter opens, so it runs in a process of its own.
``VHDCHAIN_TEST_SIGNAL`` names a signal that the process sends itself when the size of the flattened file is set: the
moment when the temporary file has all its bytes and not yet its name.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
from pathlib import Path

from vhdchain.cli import main

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# fmt: off
CHANGING = frozenset({
    "os.chflags", "os.chmod", "os.chown", "os.exec", "os.fork", "os.forkpty", "os.kill", "os.link", "os.mkdir",
    "os.posix_spawn", "os.remove", "os.removexattr", "os.rename", "os.rmdir", "os.setxattr", "os.spawn",
    "os.startfile", "os.symlink", "os.system", "os.truncate", "os.utime",
})
# fmt: on
WATCHED = ("shutil.", "subprocess.", "socket.", "tempfile.", "mmap.")


def watch(opened: list[tuple[str, int]], events: list[str]) -> None:
    wanted = os.environ.get("VHDCHAIN_TEST_SIGNAL")

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            assert isinstance(flags, int)
            opened.append((os.fsdecode(path) if isinstance(path, str | bytes) else repr(path), flags))
        elif event in CHANGING or event.startswith(WATCHED):
            events.append(event)
        if event == "os.truncate" and wanted:
            os.kill(os.getpid(), getattr(signal, wanted))

    sys.addaudithook(hook)


def witness(path: Path, lines: list[str]) -> int:
    """Run the program on each line, report on each, and return the last exit code."""
    opened: list[tuple[str, int]] = []
    events: list[str] = []
    found: dict[str, dict[str, object]] = {}
    watch(opened, events)
    code = 0
    try:
        for line in lines:
            opened.clear()
            events.clear()
            found[line] = {}
            try:
                code = found[line]["code"] = main(shlex.split(line))
            finally:
                found[line] |= {
                    "read": sorted({name for name, flags in opened if not flags & WRITING}),
                    "written": [name for name, flags in opened if flags & WRITING],
                    "events": list(events),
                }
    finally:
        path.write_text(json.dumps(found), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(witness(Path(sys.argv[1]), sys.argv[2:]))

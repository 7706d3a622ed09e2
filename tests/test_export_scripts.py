"""Do the scripts below ``docs/examples/exports`` do what the page about scripted exports says of them?"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from tests.transfer.acceptance.scenes import guests_of, small_host, state_of
from vhdchain.cli import application

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "docs" / "examples" / "exports"
CRON = SCRIPTS / "export-machines.sh"
HOST = SCRIPTS / "Export-Machine.ps1"


def _options_of(name: str) -> set[str]:
    assert isinstance(application, click.Group)
    command = application.get_command(click.Context(application), name)
    assert command is not None
    return {text for parameter in command.params for text in (*parameter.opts, *parameter.secondary_opts)}


def _without_comments(text: str) -> str:
    text = re.sub(r"<#.*?#>", "", text, flags=re.DOTALL)
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def _used(text: str) -> set[str]:
    """Return the long options that a script hands to vhdchain."""
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", _without_comments(text)))


def test_the_scripts_use_options_that_exist() -> None:
    known = _options_of("export") | _options_of("audit")
    of_others = {"--nonblock"}  # flock
    assert _used(CRON.read_text(encoding="utf-8")) - of_others <= known
    assert _used(HOST.read_text(encoding="utf-8")) <= _options_of("export")
    assert {"--machine", "--limit-rate", "--verify", "--automate", "--clean-up", "--power", "--host"} <= _used(
        CRON.read_text(encoding="utf-8")
    )


def test_the_search_for_options_sees_them() -> None:
    assert _used("vhdchain export a b --no-such-option --xy 2\n# --not-this\n$x --and-this=1") == {
        "--no-such-option",
        "--xy",
        "--and-this",
    }


def test_the_page_names_options_that_exist() -> None:
    page = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8")
    for heading, name in (("## Export\n", "export"), ("## Back again\n", "import")):
        rows = page.partition(heading)[2].partition("\n\n**")[0].partition("\n\nNothing is")[0]
        cells = [line.split(" | ")[0] for line in rows.splitlines() if line.startswith("| `")]
        told = {option for cell in cells for option in re.findall(r"--[a-z-]+", cell)}
        assert told, heading
        assert told <= _options_of(name)


# ----------------------------------------------------------------------------------------------------------- from cron


def test_bash_can_read_the_script() -> None:
    subprocess.run(["bash", "-n", str(CRON)], check=True)
    assert os.access(CRON, os.X_OK)


class Night:
    """A host, a folder for exports, and a script that runs between them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host, self.backups, self.programs = folder / "host", folder / "backups", folder / "bin"
        small_host().save(self.host)
        self.programs.mkdir()
        vhdchain = self.program("vhdchain", f'exec "{sys.executable}" -m vhdchain.cli "$@"')
        self.settings = {
            "VMS": str(self.host),
            "BACKUPS": str(self.backups),
            "VHDCHAIN": str(vhdchain),
            "LIMIT_RATE": "0",
        }

    def program(self, name: str, text: str) -> Path:
        """Put a program of this name first in the path."""
        path = self.programs / name
        path.write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    def at(self, day: str) -> None:
        """Let it be this day."""
        self.program("date", f'[[ $1 == +%Y-%m-%d ]] && echo {day} || exec /bin/date "$@"')

    def start(self, **settings: str) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            **self.settings,
            **settings,
        }
        return subprocess.Popen(
            [str(CRON)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, **settings: str) -> tuple[int, str, str]:
        process = self.start(**settings)
        out, error = process.communicate(timeout=120)
        return process.returncode, out, error

    @property
    def days(self) -> list[str]:
        return sorted(path.name for path in self.backups.iterdir() if not path.name.startswith("."))


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return Night(tmp_path)


def test_a_night_gives_a_day_with_every_machine(night: Night) -> None:
    before = state_of(night.host)
    night.at("2011-06-01")
    code, out, error = night.run()
    assert (code, error) == (0, "")
    assert sorted(line.partition(":")[0] for line in out.splitlines()) == ["srv", "web"]
    assert night.days == ["2011-06-01"]
    day = night.backups / "2011-06-01"
    assert sorted(path.name for path in day.iterdir()) == ["report.json", "srv", "web"]
    assert guests_of(day / "srv") == guests_of(night.host)
    assert state_of(night.host) == before
    # A second one on the same day finds that there is nothing to do.
    code, _, error = night.run()
    assert code == 0
    assert "2011-06-01 was exported already" in error


def test_old_days_go_only_after_a_new_one_is_whole(night: Night) -> None:
    for number in (3, 4):
        night.at(f"2011-06-0{number}")
        assert night.run(KEEP="2", MACHINES="web")[0] == 0
    assert night.days == ["2011-06-03", "2011-06-04"]
    (night.backups / "2011-05-31").mkdir()  # somebody's own: it holds no report
    (disk,) = night.host.rglob("web.vhd")
    content = disk.read_bytes()
    disk.unlink()
    sent = night.folder / "mail"
    night.program("mail", f'{{ echo "$@"; cat; }} > "{sent}"')
    night.at("2011-06-05")
    code, _, error = night.run(KEEP="1", MACHINES="web", MAILTO="root")
    assert code in (1, 3)
    assert error.startswith("export-machines: vhdchain export ended with")
    assert night.days == ["2011-05-31", "2011-06-03", "2011-06-04"]
    assert sent.read_text(encoding="utf-8").startswith("-s export failed on ")
    assert "root\n" in sent.read_text(encoding="utf-8")
    disk.write_bytes(content)
    night.at("2011-06-06")
    assert night.run(KEEP="1", MACHINES="web")[0] == 0
    assert night.days == ["2011-05-31", "2011-06-06"]
    assert not list(night.backups.glob(".under-way-*"))


def test_one_run_at_a_time(night: Night) -> None:
    night.at("2011-06-01")
    night.backups.mkdir()
    with subprocess.Popen(["flock", str(night.backups / ".lock"), "sleep", "60"]) as other:
        try:
            while subprocess.run(["flock", "-n", str(night.backups / ".lock"), "true"], check=False).returncode == 0:
                pass
            code, _, error = night.run()
        finally:
            other.terminate()
    assert code == 75
    assert "another run is still at work" in error
    assert night.days == []


@pytest.mark.slow
@pytest.mark.parametrize("then", ["same day", "next day", "after the machine ran"])
def test_what_was_interrupted_goes_on_where_it_can_and_else_begins_anew(then: str, night: Night) -> None:
    night.at("2011-06-01")
    process = night.start(MACHINES="srv", LIMIT_RATE="100000")
    while process.poll() is None and not list(night.backups.rglob("*.vhdchain-journal")):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    (journal,) = night.backups.rglob("*.vhdchain-journal")
    assert night.days == []
    known = guests_of(night.host)
    if then == "after the machine ran":
        (disk,) = night.host.rglob("data.vhd")
        os.utime(disk, (time.time(), time.time()))
    day = "2011-06-02" if then == "next day" else "2011-06-01"
    night.at(day)
    code, _, error = night.run(MACHINES="srv")
    assert (code, error) == (0, "")
    assert night.days == [day]
    assert not journal.exists()
    assert sorted(path.name for path in (night.backups / day).iterdir()) == ["report.json", "srv"]
    report = json.loads((night.backups / day / "report.json").read_text(encoding="utf-8"))
    assert report["machines"][0]["resumed"] == (then == "same day")
    assert guests_of(night.backups / day / "srv") == known


def test_a_setting_that_lacks_or_makes_no_sense_is_told(night: Night) -> None:
    assert night.run(VMS="")[0] == 64
    code, _, error = night.run(KEEP="0")
    assert (code, error) == (64, "export-machines: KEEP must be a number of days, not '0'\n")


# -------------------------------------------------------------------------------------------------------- from the host


def _tokens(text: str) -> Iterator[str]:
    """Yield the brackets of a PowerShell script that stand neither in a text nor in a comment."""
    pattern = re.compile(r"<#.*?#>|#[^\n]*|'(?:[^']|'')*'|\"(?:`.|\"\"|[^\"`])*\"|[{}()\[\]]", re.DOTALL)
    for match in pattern.finditer(text):
        if match[0] in "{}()[]":
            yield match[0]


def _is_balanced(text: str) -> bool:
    open_ones: list[str] = []
    for token in _tokens(text):
        if token in "{([":
            open_ones.append(token)
        elif not open_ones or open_ones.pop() + token not in ("{}", "()", "[]"):
            return False
    return not open_ones


def test_powershell_can_read_the_script_of_the_host() -> None:
    text = HOST.read_text(encoding="utf-8")
    assert _is_balanced(text)
    assert not _is_balanced(text.replace("}", "", 1))
    shell = shutil.which("pwsh")
    if shell is None:  # its brackets and its options were looked at
        return
    parse = (
        "$errors = $null; [void][System.Management.Automation.Language.Parser]::ParseFile"
        f"('{HOST}', [ref]$null, [ref]$errors); $errors | ForEach-Object {{ $_.Message }}; exit $errors.Count"
    )
    done = subprocess.run([shell, "-NoProfile", "-Command", parse], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_machine_that_was_stopped_is_started_whatever_happened() -> None:
    text = _without_comments(HOST.read_text(encoding="utf-8"))
    work = text.partition("\ntry {\n")[2]
    assert "Stop-Machine" in work.partition("\ncatch {")[0]
    assert "Start-Machine" in work.partition("\nfinally {")[2]
    # What newer versions alone have may be used where it was looked for only.
    newer = [line for line in text.splitlines() if re.search(r"\b(?:Get|Stop|Start|Save)-VM\b", line)]
    assert newer
    assert all("HasModule" in line or "(Get-VM -Name $Machine)" in line for line in newer)

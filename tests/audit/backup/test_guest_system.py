"""What people call the systems of guests, and whether that is Windows Server 2003 or later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.audit.backup.labs import checked, running_lab
from vhdchain.audit.backup import Answer, BackupReport, ConditionName, guest_system
from vhdchain.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.testing.lab import HostLab

SYSTEMS = {
    Answer.YES: (
        "Windows Server 2003",
        "windows server 2003 r2 sp2 (x64)",
        "Microsoft Windows Server 2008 R2 Standard",
        "Windows Server(R) 2008",
        "Windows 2012",
        "Server 2016",
        "2019",
        "2008 R2",
        "2008 R2 SP1",
        "W2K3",
        "w2k8r2",
        "Win2k8",
    ),
    Answer.NO: (
        "Windows 2000",
        "Windows 2000 Advanced Server SP4",
        "W2K",
        "Win2K Server",
        "Windows NT 4.0 Server",
        "NT4",
        "Windows NT 3.51",
        "Windows XP",
        "Windows XP Professional SP3",
        "XP",
        "Windows 98 SE",
        "Windows Me",
        "Win95",
        "Windows 3.11",
        "MS-DOS 6.22",
        "2000",
        "2000 Server SP4",
        "SQL Server 2008 on Windows 2000",
    ),
    Answer.UNKNOWN: (
        "",
        "  ",
        "Windows",
        "Windows Server",
        "Windows XP Professional x64 Edition",
        "Windows XP 64-bit",
        "Windows Vista",
        "Windows 7",
        "Windows 10",
        "CentOS 5.5",
        "Red Hat Enterprise Linux 5",
        "SLES 11 SP1",
        "Debian GNU/Linux",
        "FreeBSD 8",
        "Solaris 10",
        "OS/2",
        "Novell NetWare 6.5",
        "Windows 2000, later Windows Server 2003",
        "2000 or 2003",
        "Home Server",
        "Exchange 2003",
        "build 2003",
    ),
}
CASES = [(text, answer) for answer, texts in SYSTEMS.items() for text in texts]


@pytest.mark.parametrize(("text", "answer"), CASES, ids=[text or "empty" for text, _ in CASES])
def test_a_system_is_recognised_or_unknown(text: str, answer: Answer) -> None:
    assert guest_system(text).answer is answer


def test_nothing_told_is_unknown_and_the_option_is_named() -> None:
    judgement = guest_system(None)
    assert judgement.answer is Answer.UNKNOWN
    assert judgement.evidence == ("no file of the host says which system the guest has (--guest-os)",)


def test_what_was_told_is_shown_printable_and_cut() -> None:
    (clause,) = guest_system("Windows 2000 \x1b[2J" + "x" * 10_000).evidence
    assert clause.isprintable()
    assert len(clause) < 300


def _two() -> HostLab:
    lab = running_lab()
    lab.machine("Web Server")
    return lab


def _systems(report: BackupReport) -> dict[str, Answer]:
    return {
        machine.name: next(item.answer for item in machine.conditions if item.name is ConditionName.GUEST_SYSTEM)
        for machine in report.machines
    }


def test_one_system_for_all_gives_way_to_that_of_a_name_or_id(tmp_path: Path) -> None:
    lab = _two()
    srv = lab.machines[0]
    old, new = "Windows 2000", "Windows Server 2008"
    for guests, expected in (
        ({}, (Answer.UNKNOWN, Answer.UNKNOWN)),
        ({"": new}, (Answer.YES, Answer.YES)),
        ({"": new, "SRV": old}, (Answer.NO, Answer.YES)),
        ({srv.id.lower(): old}, (Answer.NO, Answer.UNKNOWN)),
        ({f"{{{srv.id}}}": old, "web server": new}, (Answer.NO, Answer.YES)),
    ):
        found = _systems(checked(lab, tmp_path / str(len(list(tmp_path.iterdir()))), guests=guests))
        assert (found["srv"], found["Web Server"]) == expected


def test_a_name_that_no_machine_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'srw'.*srv"):
        checked(running_lab(), tmp_path, guests={"srw": "Windows 2000"})


def test_a_name_that_two_machines_have_means_both(tmp_path: Path) -> None:
    lab = running_lab()
    lab.machine("srv")
    report = checked(lab, tmp_path, guests={"srv": "NT4"})
    answers = [item.answer for machine in report.machines for item in machine.conditions if item.name == "guest-system"]
    assert answers == [Answer.NO, Answer.NO]

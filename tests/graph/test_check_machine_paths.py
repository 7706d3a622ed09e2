r"""Disks that configurations name and that are not here, are not certain, or are several."""

from __future__ import annotations

from tests.graph.machine_records import disk, machine, scanned, state
from vhdchain.findings import Finding, Severity
from vhdchain.graph.check_machine_paths import check_machine_paths
from vhdchain.hyperv import ControllerKind, Machine, PathAttempt, PathOutcome, PathRule
from vhdchain.testing import ChainBuilder


def _told(*machines: Machine) -> list[Finding]:
    return list(check_machine_paths(scanned(ChainBuilder(), *machines)))


def test_disks_that_were_found_for_certain_are_quiet() -> None:
    assert _told(machine(state("srv", "srv.avhd"), state("first", "srv.vhd")), machine(state("empty"))) == []


def test_a_missing_disk_of_the_present_is_an_error_with_the_way_out() -> None:
    attempts = (
        PathAttempt(rule=PathRule.SAME_PLACE),
        PathAttempt(rule=PathRule.SUFFIX, detail="below the configuration's own root"),
        PathAttempt(rule=PathRule.SUFFIX),
        PathAttempt(rule=PathRule.SUFFIX),
    )
    gone = disk(None, stored=r"D:\VMs\srv\srv.vhd", slot=1, attempts=attempts)
    (item,) = _told(machine(state("srv", "other.vhd", gone)))
    assert (item.code, item.severity, item.location.path) == ("VHD801", Severity.ERROR, "srv.xml")
    assert (item.location.structure, item.location.field) == ("configuration", gone.drive.field)
    assert (item.expected, item.found, item.related) == (r"D:\VMs\srv\srv.vhd", None, ())
    assert item.message == (
        r"the disk of srv at IDE 0:1 is not here: D:\VMs\srv\srv.vhd; scan its folder as well, or say where it lies "
        r"with --map 'D:\VMs\srv=DIR'"
    )
    assert item.details == (
        "same place relative to the configuration: no file",
        "common end of the path: no file (below the configuration's own root)",
        "common end of the path: no file",
    )


def test_a_disk_that_several_snapshots_keep_is_told_once_and_the_present_apart() -> None:
    upper, lower = disk(None, stored=r"D:\VMs\SRV.vhd"), disk(None, stored=r"d:\vms\srv.vhd")
    found = _told(machine(state("srv", upper), state("first", upper), state("second", lower), state("third", upper)))
    assert [(item.code, item.location.path, item.related) for item in found] == [
        ("VHD801", "srv.xml", ()),
        ("VHD802", "first.xml", ("second.xml", "third.xml")),
    ]
    assert "3 snapshots of srv" in found[1].message


def test_two_machines_without_the_same_path_are_two_errors() -> None:
    gone = disk(None, stored=r"D:\VMs\srv.vhd")
    found = _told(machine(state("one", gone)), machine(state("two", gone)))
    assert [(item.code, item.location.path) for item in found] == [("VHD801", "one.xml"), ("VHD801", "two.xml")]


def test_a_path_that_is_never_followed_says_why() -> None:
    problem = "device paths are never opened"
    device = disk(
        None, stored=r"\\.\PHYSICALDRIVE1", outcome=PathOutcome.REFUSED, problem=problem, kind=ControllerKind.SCSI
    )
    (item,) = _told(machine(state("srv"), state("first", device)))
    assert (item.code, item.severity) == ("VHD802", Severity.ERROR)
    assert item.message == (
        r"the disk that snapshot first of srv keeps at SCSI 0:0 was not looked for, because device paths are never "
        r"opened: \\.\PHYSICALDRIVE1"
    )


def test_a_disk_of_another_format_is_a_note() -> None:
    other = disk(
        None, stored=r"D:\VMs\srv.vhdx", outcome=PathOutcome.REFUSED, problem="disks of this format are not read"
    )
    (item,) = _told(machine(state("srv", other)))
    assert (item.code, item.severity, item.details) == ("VHD801", Severity.NOTE, ())
    assert item.message == (
        r"the disk of srv at IDE 0:0 was not looked for, because disks of this format are not read: D:\VMs\srv.vhdx"
    )


def test_an_option_that_is_too_long_for_the_message_stands_in_the_details() -> None:
    stored = "D:\\" + "x" * 190 + "\\srv.vhd"
    (item,) = _told(machine(state("srv", disk(None, stored=stored))))
    assert "--map" not in item.message
    assert item.details == ("--map 'D:\\" + "x" * 190 + "=DIR'",)


def test_an_ambiguous_path_names_the_candidates_and_the_option_for_each() -> None:
    either = disk(
        None,
        stored=r"D:\VMs\srv.vhd",
        outcome=PathOutcome.AMBIGUOUS,
        candidates=("copy 1/VMs/srv.vhd", "copy 2/VMs/srv.vhd"),
    )
    (item,) = _told(machine(state("srv", either), state("first", either)))
    assert (item.code, item.severity, item.location.path) == ("VHD837", Severity.ERROR, "srv.xml")
    assert item.expected == r"D:\VMs\srv.vhd"
    assert item.related == ("copy 1/VMs/srv.vhd", "copy 2/VMs/srv.vhd", "first.xml")
    assert item.details == (r"--map 'D:\VMs=copy 1/VMs'", r"--map 'D:\VMs=copy 2/VMs'")
    assert item.message == (
        r"2 files fit equally well as the disk of srv at IDE 0:0, D:\VMs\srv.vhd: say which, with --map "
        r"'D:\VMs=copy 1/VMs' or another such option"
    )


def test_what_lies_elsewhere_is_told_with_the_rule_that_led_to_it() -> None:
    attempts = (PathAttempt(rule=PathRule.SAME_PLACE), PathAttempt(rule=PathRule.NAME, candidates=("all/srv.vhd",)))
    moved = disk("all/srv.vhd", stored=r"D:\VMs\srv.vhd", exact=False, rule=PathRule.NAME, attempts=attempts)
    (item,) = _told(machine(state("srv", "now.avhd"), state("first", moved), state("second", moved)))
    assert (item.code, item.severity, item.location.path) == ("VHD809", Severity.WARNING, "first.xml")
    assert (item.expected, item.found) == (r"D:\VMs\srv.vhd", "all/srv.vhd")
    assert item.related == ("all/srv.vhd", "second.xml")
    assert item.message == (
        r"the disk that 2 snapshots of srv keep at IDE 0:0 is not where the configuration says, D:\VMs\srv.vhd; taken "
        r"for it is all/srv.vhd (name alone); --map 'D:\VMs=all' makes it certain"
    )
    assert item.details == (
        "same place relative to the configuration: no file",
        "name alone: all/srv.vhd",
        r"--map 'D:\VMs=all'",
    )

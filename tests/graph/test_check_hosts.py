"""Configurations and saved states taken together: ids, lists, what nothing names, and what was passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.hostile.wording import badly_worded
from tests.hyperv.machines import (
    MACHINES,
    RUNNING,
    SNAPSHOTS,
    SRV,
    WEB,
    configuration,
    drive,
    found,
    machine,
    saved,
    snapshot,
    snapshot_id,
    state,
)
from vhdchain.errors import ConfigError
from vhdchain.findings import Location, Severity
from vhdchain.findings.catalogue import configurations, machines
from vhdchain.graph import Inventory, build_graph, check_machines
from vhdchain.graph.check_hosts import check_hosts
from vhdchain.graph.check_machines import machines_called
from vhdchain.hyperv import FileRole, HostFile, Machines, PathOutcome, malformed

if TYPE_CHECKING:
    from vhdchain.findings import Finding
    from vhdchain.hyperv import Machine

NOW = f"{MACHINES}/{SRV}.xml"
_OWN = {row.code for row in (*configurations.ROWS, *machines.ROWS)}


def _inventory(*machines: Machine, files: tuple[HostFile, ...] = (), digest: str | None = None) -> Inventory:
    """Return an inventory of machines, of whose configurations all have the digest, and of further files."""
    own = [_file(item.path, digest, configuration=item.configuration) for each in machines for item in each.states]
    return Inventory(
        images=(),
        resolutions=(),
        graph=build_graph((), ()),
        roots=("host",),
        host_files=tuple(sorted((*own, *files), key=lambda file: file.path)),
        machines=Machines(machines),
    )


def _file(path: str, digest: str | None = None, role: FileRole = FileRole.CONFIGURATION, **fields: Any) -> HostFile:
    return HostFile(path=path, role=role, mtime_ns=0, sha256=digest, **{"size": 100, **fields})


def _state_file(path: str) -> HostFile:
    return _file(path, role=FileRole.STATE)


def _told(inventory: Inventory) -> list[Finding]:
    return list(check_hosts(inventory))


def test_a_scan_without_configurations_shows_nothing() -> None:
    assert list(check_machines(_inventory())) == []
    left = _state_file(f"{MACHINES}/{SRV}/{SRV}.bin")
    assert list(check_machines(_inventory(files=(left,)))) == []


def test_what_could_not_be_read_is_handed_on() -> None:
    problem = malformed("x.xml", "the file is empty").findings
    assert _told(_inventory(files=(_file("x.xml", problems=problem),))) == list(problem)


# ------------------------------------------------------------------------------------------------------------------ ids


def test_two_configurations_with_one_id_are_told_once() -> None:
    copies = [machine(configuration(path=f"{folder}/{SRV}.xml", name=folder)) for folder in ("a", "b", "c")]
    (item,) = _told(_inventory(*copies, machine(configuration(id=WEB, machine_id=WEB))))
    assert (item.code, item.severity, item.found) == ("VHD818", Severity.ERROR, SRV)
    assert item.location == Location(path=f"a/{SRV}.xml", structure="configuration", field="properties/global_id")
    assert item.related == tuple(f"{folder}/{SRV}.xml" for folder in ("a", "b", "c"))


@pytest.mark.parametrize(
    ("digest", "disks", "severity"),
    [
        ("5" * 64, ("srv.vhd", "srv.vhd"), Severity.NOTE),
        ("5" * 64, ("srv.vhd", "copy.vhd"), Severity.ERROR),
        (None, ("srv.vhd", "srv.vhd"), Severity.ERROR),
    ],
)
def test_one_configuration_in_two_places_is_no_second_machine(
    digest: str | None, disks: tuple[str, str], severity: Severity
) -> None:
    twice = [
        machine(state(configuration(path=f"{folder}/{SRV}.xml"), disks=(disk,)))
        for folder, disk in zip("ab", disks, strict=True)
    ]
    (item,) = _told(_inventory(*twice, digest=digest))
    assert (item.code, item.severity) == ("VHD818", severity)


def test_configurations_without_an_id_are_not_the_same() -> None:
    none = [machine(configuration(path=f"{name}.xml", id="", machine_id="")) for name in "ab"]
    assert _told(_inventory(*none)) == []


# ---------------------------------------------------------------------------------------------------------------- lists


@pytest.mark.parametrize(("listed", "told"), [(None, False), (0, True), (1, True), (2, False), (3, True), (-1, True)])
def test_the_list_of_snapshots_and_the_snapshots_here(listed: int | None, told: bool) -> None:
    found = _told(_inventory(machine(configuration(listed_snapshots=listed), snapshot(1), snapshot(2))))
    assert [(item.code, item.severity, item.expected, item.found) for item in found] == (
        [("VHD817", Severity.WARNING, 2, listed)] if told else []
    )
    for item in found:
        assert item.location.field == "global_settings/snapshots/list/size"
        assert item.related == tuple(f"{SNAPSHOTS}/{snapshot_id(number)}.xml" for number in (1, 2))


def test_what_a_snapshot_lists_does_not_count() -> None:
    assert _told(_inventory(machine(configuration(listed_snapshots=1), snapshot(1, listed_snapshots=7)))) == []


def test_snapshots_of_a_machine_that_is_here_twice_are_counted_for_both() -> None:
    first = machine(configuration(path=f"a/{SRV}.xml", listed_snapshots=2), snapshot(1), snapshot(2))
    second = machine(configuration(path=f"b/{SRV}.xml", listed_snapshots=2))
    copied = machine(configuration(path=f"b/{SRV}.xml", listed_snapshots=2), snapshot(1, path="b/1.xml"))
    assert [item.code for item in _told(_inventory(first, second))] == ["VHD818"]
    assert [item.code for item in _told(_inventory(first, copied))] == ["VHD818"]
    assert [item.code for item in _told(_inventory(second, first))] == ["VHD818"]


# --------------------------------------------------------------------------------------------------------- saved states


def test_files_of_a_saved_state_that_nothing_names_are_told_together() -> None:
    folder = f"{MACHINES}/{WEB}"
    files = [_state_file(f"{folder}/{WEB}.bin"), _state_file(f"{folder}/{WEB}.vsv")]
    (item,) = _told(_inventory(machine(configuration()), files=tuple(files)))
    assert (item.code, item.severity, item.found) == ("VHD823", Severity.NOTE, 200)
    assert item.location == Location(path=f"{folder}/{WEB}.bin")
    assert item.related == (f"{folder}/{WEB}.bin", f"{folder}/{WEB}.vsv")


def test_files_that_a_configuration_names_or_may_name_are_not_told() -> None:
    named = _state_file("host/x.bin"), _state_file("host/x.vsv")
    assert _told(_inventory(machine(configuration(saved_state=saved())), files=named)) == []
    assert _told(_inventory(machine(configuration(), snapshot(1, saved_state=saved())), files=named)) == []
    either = found(r"C:\VMs\x.bin", PathOutcome.AMBIGUOUS, "host/x.bin", "host/x.vsv")
    now = state(configuration(saved_state=saved()), memory=either, devices=None)
    assert _told(_inventory(machine(now), files=named)) == []


def test_a_host_keeps_files_ready_while_a_machine_runs() -> None:
    reserve = (_state_file(f"{MACHINES}/{SRV}/{SRV.lower()}.bin"),)
    assert _told(_inventory(machine(configuration(power=RUNNING)), files=reserve)) == []
    assert [item.code for item in _told(_inventory(machine(configuration()), files=reserve))] == ["VHD823"]


def test_names_that_hold_the_folders_of_windows_are_taken_apart() -> None:
    reserve = (_state_file(rf"host/Virtual Machines\{SRV}\{SRV}.bin"),)
    assert _told(_inventory(machine(configuration(power=RUNNING)), files=reserve)) == []
    files = (*reserve, _state_file(rf"host/Virtual Machines\{WEB}\{WEB}.bin"))
    assert [item.found for item in _told(_inventory(machine(configuration()), files=files))] == [100, 100]
    (item,) = _told(_inventory(machine(configuration()), files=(_file(rf"x\{SRV}.xml", role=FileRole.LINK, size=0),)))
    assert NOW in item.details[0]


# ---------------------------------------------------------------------------------------------------------- passed over


def test_a_folder_of_cached_configurations_is_one_note() -> None:
    files = tuple(
        _file(f"host/{folder}/{snapshot_id(number)}.xml", role=FileRole.CACHED)
        for folder in ("Snapshots Cache", "Virtual Machines Cache")
        for number in (1, 2)
    )
    told = _told(_inventory(machine(configuration()), files=files))
    assert [(item.code, item.severity, item.location.path, item.found) for item in told] == [
        ("VHD835", Severity.NOTE, "host/Snapshots Cache", 2),
        ("VHD835", Severity.NOTE, "host/Virtual Machines Cache", 2),
    ]
    assert told[0].related == (files[0].path, files[1].path)
    assert told[0].details == ()


def test_links_are_told_with_what_they_lead_to_as_far_as_it_is_here() -> None:
    links = tuple(_file(f"default/{key}.xml", role=FileRole.LINK, size=0) for key in (SRV.lower(), WEB))
    (item,) = _told(_inventory(machine(configuration()), files=links))
    assert (item.code, item.location.path, item.found) == ("VHD835", "default", 2)
    assert item.related == tuple(file.path for file in links)
    (detail,) = item.details
    assert SRV.lower() in detail
    assert NOW in detail


def test_files_of_an_export_are_told_for_each_folder() -> None:
    paths = ("export/srv/config.xml", f"export/srv/Virtual Machines/{SRV}.exp", f"export/srv/Snapshots/{WEB}.exp")
    told = _told(_inventory(files=tuple(_file(path, role=FileRole.EXPORTED) for path in sorted(paths))))
    assert {(item.code, item.location.path) for item in told} == {
        ("VHD835", "export/srv"),
        ("VHD835", "export/srv/Virtual Machines"),
        ("VHD835", "export/srv/Snapshots"),
    }
    assert {item.location.structure for item in told} == {"exported configuration"}


@pytest.mark.parametrize(("path", "folder"), [("x.xml", "."), ("/x.xml", "/"), ("a/x.xml", "a")])
def test_the_place_of_what_was_passed_over_is_its_folder(path: str, folder: str) -> None:
    (item,) = _told(_inventory(files=(_file(path, role=FileRole.CACHED),)))
    assert item.location.path == folder


def test_many_links_are_not_all_listed() -> None:
    snapshots = [snapshot(number) for number in range(1, 21)]
    links = tuple(_file(f"default/{item.id}.xml", role=FileRole.LINK) for item in snapshots)
    item = next(item for item in _told(_inventory(machine(configuration(), *snapshots), files=links)))
    assert len(item.related) == 20
    assert len(item.details) == 9
    assert item.details[-1] == "12 more"


# -------------------------------------------------------------------------------------- snapshots without their machine


def test_snapshots_whose_machine_is_not_here_are_told_once() -> None:
    kept = [snapshot(1), snapshot(2), snapshot(1, path=f"copy/{snapshot_id(1)}.xml")]
    (item,) = _told(_inventory(machine(None, *kept)))
    assert (item.code, item.severity, item.found) == ("VHD836", Severity.WARNING, SRV)
    assert item.location == Location(path=kept[0].path, structure="configuration", field="settings/global/logical_id")
    assert item.related == tuple(each.path for each in kept)
    assert item.details == ()


def test_snapshots_that_name_no_machine() -> None:
    (item,) = _told(_inventory(machine(None, snapshot(1, machine_id=""))))
    assert (item.code, item.found) == ("VHD836", None)


def test_what_has_the_machines_id_and_is_no_configuration_is_named() -> None:
    problem = malformed(NOW, "the file is empty").findings
    files = (
        _file(f"a/{SRV}.xml", role=FileRole.LINK),
        _file(f"b/{SRV.lower()}.exp", role=FileRole.EXPORTED),
        _file(f"c/{SRV}.xml", role=FileRole.CACHED),
        _file(NOW, problems=problem),
        _state_file(f"{MACHINES}/{SRV}/{SRV}.bin"),
    )
    (item,) = [item for item in _told(_inventory(machine(None, snapshot(1)), files=files)) if item.code == "VHD836"]
    assert [detail.rpartition(": ")[2] for detail in item.details] == [file.path for file in files[:4]]


def test_a_snapshot_under_the_name_of_its_machine_is_not_the_machine() -> None:
    (item,) = _told(_inventory(machine(None, snapshot(1, path=NOW))))
    assert (item.code, item.details) == ("VHD836", ())


# --------------------------------------------------------------------------------------------------- domain controllers


@pytest.mark.parametrize("name", ["srv", "SRV", SRV, SRV.lower(), f"{{{SRV}}}", " srv "])
def test_a_domain_controller_is_called_by_name_or_id(name: str) -> None:
    inventory = _inventory(
        machine(configuration(), snapshot(1)),
        machine(configuration(id=WEB, machine_id=WEB, name="web", path=f"{MACHINES}/{WEB}.xml")),
    )
    told = [item for item in check_machines(inventory, domain_controllers=[name, name]) if item.code == "VHD828"]
    assert [item.location.path for item in told] == [NOW]


def test_every_machine_of_a_name_is_meant() -> None:
    both = Machines([machine(configuration()), machine(configuration(id=WEB, machine_id=WEB))])
    assert machines_called(both, ["SRV"]) == tuple(both)


@pytest.mark.parametrize("name", ["dc", "", "  ", "{}", SRV[:-1]])
def test_a_name_that_no_machine_has_is_refused_at_once(name: str) -> None:
    with pytest.raises(ConfigError):
        check_machines(_inventory(machine(configuration(), snapshot(1))), domain_controllers=["srv", name])
    with pytest.raises(ConfigError):
        check_machines(_inventory(machine(configuration(id="", machine_id=""))), domain_controllers=[name])
    with pytest.raises(ConfigError):
        check_machines(_inventory(), domain_controllers=[name])


# -------------------------------------------------------------------------------------------------------------- wording


def test_what_is_told_stays_a_sentence_whatever_the_files_say() -> None:
    evil = "a\x1b[2J\n\u202e\x9b" * 500
    stored = saved(memory=f"C:\\{evil}", devices=rf"\\?\Volume\{evil}", in_progress=True)
    fields: dict[str, Any] = {
        "id": evil,
        "machine_id": evil,
        "name": evil,
        "saved_state": stored,
        "drives": (drive(kind=evil, path=evil),),
        "services": {},
        "merge_pending": True,
        "listed_snapshots": 10**60,
    }
    kept = [state(snapshot(number, **{**fields, "id": f"{number}"}), here=False) for number in range(51)]
    twice = [
        machine(state(configuration(**fields, path=f"{name}.xml"), here=PathOutcome.REFUSED), *kept) for name in "ab"
    ]
    running = machine(configuration(**{**fields, "power": RUNNING, "id": "r"}))
    alone = machine(None, *(snapshot(number, **{**fields, "machine_id": f"x{evil}"}) for number in (1, 2)))
    files = (
        _file(f"{evil}/{evil}.xml", role=FileRole.LINK),
        _file(f"x/x{evil}.xml", role=FileRole.LINK),
        _state_file(f"y/{evil}.bin"),
    )
    told = list(check_machines(_inventory(*twice, running, alone, files=files), domain_controllers=[evil]))
    codes = "807 813 817 818 820 821 822 823 824 827 828 830 831 835 836"
    assert " ".join(sorted({item.code[3:] for item in told if item.code in _OWN})) == codes
    assert badly_worded(item for item in told if item.code in _OWN) == []

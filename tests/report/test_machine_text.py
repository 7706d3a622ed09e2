"""Does the text about machines say what is where, and what is wrong with it? Hosts are made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hyperv.machines import drive, found, saved
from tests.report.machines import chain, host, kept, key, machine_of, now, slot_of
from vhdchain.findings import CODES, Location, Severity, finding
from vhdchain.graph import Unreadable
from vhdchain.hyperv import (
    NOW,
    ControllerKind,
    FileRole,
    FoundPath,
    HostFile,
    Machine,
    MachineState,
    PathOutcome,
    PathRule,
    PowerGuess,
    PowerState,
    SnapshotTree,
)
from vhdchain.report.lines import Role, plain_text
from vhdchain.report.text.tree import tree_lines

if TYPE_CHECKING:
    from vhdchain.findings import Finding
    from vhdchain.graph import Inventory
    from vhdchain.report.lines import Line

LINE = {"a.vhd": None, "b.avhd": "a.vhd", "c.avhd": "b.avhd"}


def lines_of(inventory: Inventory, *findings: Finding, width: int | None = 80, **options: bool) -> list[Line]:
    return list(tree_lines(inventory, findings, width=width, **options))


def text_of(inventory: Inventory, *findings: Finding, width: int | None = 80, **options: bool) -> list[str]:
    return plain_text(lines_of(inventory, *findings, width=width, **options)).splitlines()


def history(inventory: Inventory, *findings: Finding, **options: bool) -> list[str]:
    """Return what stands below the facts of the only machine, up to the next part."""
    lines = text_of(inventory, *findings, **options)
    begins = ("  ○ ", "  ● ", "  o ", "  @ ", "  parent unknown", "  these snapshots")
    start = next(number for number, text in enumerate(lines) if text.startswith(begins))
    return lines[start : lines.index("")]


def at(state: MachineState, code: str, field: str | None = None) -> Finding:
    place = Location(path=state.path, structure="configuration", field=field)
    return finding(code, place, "details", severity=Severity.ERROR)


def test_a_machine_is_its_name_its_facts_and_its_history() -> None:
    machine = machine_of(now("c.avhd"), kept(1, "a.vhd", created=129487680000000000), kept(2, "b.avhd"))
    assert text_of(host(LINE, machine)) == [
        "f",
        "srv  probably off when copied, 2 snapshots",
        f"  power guess    {now().configuration.power.reason}",
        "  controllers    IDE (1 disk)",
        f"  configuration  {now().path}",
        "  snapshots in   host/Snapshots",
        "  ○ snapshot 1  2011-05-02 00:00:00 UTC, while off",
        "  │   IDE 0:0    a.vhd  dynamic, disk of 4 MiB, file of 2.5 KiB",
        "  ○ snapshot 2  while off",
        "  │   IDE 0:0    b.avhd  3.5 KiB",
        "  ● now",
        "      IDE 0:0    c.avhd  3.5 KiB",
        "",
        "1 machine, 2 snapshots, 3 images, 1 leaf, 1 base",
    ]


def test_branches_lead_aside_and_the_line_to_the_present_goes_on() -> None:
    disks = {"a.vhd": None, "b.avhd": "a.vhd", "c.avhd": "a.vhd", "d.avhd": "b.avhd", "e.avhd": "c.avhd"}
    machine = machine_of(now("d.avhd"), kept(1, "a.vhd"), kept(2, "b.avhd"), kept(3, "c.avhd"), kept(4, "e.avhd"))
    drawn = history(host(disks, machine))
    assert [text.rstrip()[:20] for text in drawn] == [
        "  ○ snapshot 1  whil",
        "  │   IDE 0:0    a.v",
        "  ├─○ snapshot 3  wh",
        "  │ │   IDE 0:0    c",
        "  │ ○ snapshot 4  wh",
        "  │     IDE 0:0    e",
        "  ○ snapshot 2  whil",
        "  │   IDE 0:0    b.a",
        "  ● now",
        "      IDE 0:0    d.a",
    ]
    ascii_only = history(host(disks, machine), unicode=False)
    assert all(text.isascii() for text in ascii_only)
    assert [text[:6] for text in ascii_only] == [
        "  o sn",
        "  |   ",
        "  |-o ",
        "  | | ",
        "  | o ",
        "  |   ",
        "  o sn",
        "  |   ",
        "  @ no",
        "      ",
    ]


def test_now_is_marked_by_its_role_too() -> None:
    (line,) = [each for each in lines_of(host(LINE, machine_of(now("a.vhd")))) if each and each[-1].text == "● now"]
    assert line[-1].role is Role.GOOD


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (PowerState.RUNNING, "probably running when copied"),
        (PowerState.SAVED, "probably saved when copied"),
        (PowerState.OFF, "probably off when copied"),
        (PowerState.UNKNOWN, "running or not is unknown"),
    ],
)
def test_power_is_told_as_a_guess_with_its_reason(state: PowerState, text: str) -> None:
    lines = text_of(host({}, machine_of(now(power=PowerGuess(state=state, reason="so it seems")))))
    assert lines[1:3] == [f"srv  {text}, no snapshot", "  power guess    so it seems"]


def test_controllers_are_told_with_what_is_attached() -> None:
    scsi = {"controller": ControllerKind.SCSI}
    drives = [
        slot_of(3, kind="ISO"),
        slot_of(2, kind="NONE", path=""),
        drive(**scsi, section="one", kind="VHD", slot=1, field="_one_/controller0/drive1/pathname"),
        drive(**scsi, section="one", kind="HDD", path="", slot=2, field="_one_/controller0/drive2/pathname"),
        drive(**scsi, section="two", kind="NONE", path=""),
        drive(controller=ControllerKind.FLOPPY, section="floppy", kind="VFD", path=""),
    ]
    present = now("a.vhd", drives=drives, scsi_controllers=("three", "one", "two"))
    lines = text_of(host(LINE, machine_of(present)), width=None)
    told = "IDE (1 disk, 1 DVD drive), SCSI 1 (1 disk, 1 disk of the host), SCSI 2 (empty), SCSI 0 (empty)"
    assert f"  controllers    {told}" in lines
    assert "      SCSI 1:2   a disk of the host (HDD), in no file" in lines


def test_machines_come_by_name_whatever_its_letter_case() -> None:
    machines = [machine_of(now(), name=name, id=name) for name in ("beta", "Alpha", "gamma", "alpha")]
    lines = text_of(host({}, *machines))
    assert [text.partition("  ")[0] for text in lines if "probably" in text] == ["Alpha", "alpha", "beta", "gamma"]


def test_the_folder_of_most_disks_is_told_once_and_other_disks_have_theirs() -> None:
    disks = {"x/a.vhd": None, "x/b.avhd": "x/a.vhd", "x/y/c.avhd": "x/b.avhd", "d.avhd": "x/y/c.avhd"}
    machine = machine_of(now("d.avhd"), kept(1, "x/a.vhd"), kept(2, "x/b.avhd"), kept(3, "x/y/c.avhd"))
    lines = text_of(host(disks, machine))
    assert "  disks in       x" in lines
    files = [text.split("    ")[-1].partition("  ")[0] for text in lines if " IDE 0:0 " in text]
    assert files == ["a.vhd", "b.avhd", "x/y/c.avhd", "./d.avhd"]


def test_files_below_the_folders_of_snapshots_are_named_by_the_end_of_the_folder() -> None:
    """As hosts of 2008 have them."""
    roots = "a/long/way/to/the/folders/of/a/host/that/nobody/wants/to/read"
    below = "/".join(kept(1).path.rpartition(".")[0].split("/")[-2:])
    disks = {"d/a.vhd": None, f"{roots}/{below}/b.avhd": "d/a.vhd"}
    snapshot = kept(1, "d/a.vhd", path=f"f/{roots}/{below}.xml")
    inventory = host(disks, machine_of(now(f"{roots}/{below}/b.avhd"), snapshot))
    assert text_of(inventory, width=80)[-4:-2] == [
        "      IDE 0:0    b.avhd  3.5 KiB",
        f"                 in .../{below}",
    ]
    assert text_of(inventory, width=120)[-3] == f"      IDE 0:0    .../{below}/b.avhd  3.5 KiB"


def test_a_long_path_of_a_configuration_is_told_on_two_lines() -> None:
    folder = "very/" * 12 + "long"
    lines = text_of(host(LINE, machine_of(now("a.vhd", path=f"{folder}/x.xml"))))
    assert lines[4:7] == ["  configuration  x.xml", f"                 in {folder}", "  ● now"]


# ---------------------------------------------------------------------------------------------------------------- files


def test_files_between_a_disk_and_the_state_above_stand_below_it() -> None:
    disks = {"a.vhd": None, "b.avhd": "a.vhd", "c.avhd": "b.avhd", "d.avhd": "c.avhd"}
    assert history(host(disks, machine_of(now("d.avhd"), kept(1, "a.vhd")))) == [
        "  ○ snapshot 1  while off",
        "  │   IDE 0:0    a.vhd  dynamic, disk of 4 MiB, file of 2.5 KiB",
        "  ● now",
        "      IDE 0:0    d.avhd  3.5 KiB",
        "                 ← c.avhd  3.5 KiB, left by a deleted snapshot",
        "                 ← b.avhd  3.5 KiB, left by a deleted snapshot",
    ]


def test_a_file_that_has_its_place_already_is_named_and_not_gone_through_again() -> None:
    disks = {"a.vhd": None, "b.avhd": "a.vhd", "c.avhd": "b.avhd", "d.avhd": "b.avhd"}
    drawn = history(host(disks, machine_of(now("d.avhd"), kept(1, "a.vhd"), kept(2, "c.avhd"))))
    assert drawn[-2:] == ["      IDE 0:0    d.avhd  3.5 KiB", "                 ← b.avhd  see above"]


def test_a_chain_that_ends_early_says_what_is_missing() -> None:
    drawn = history(host({"x": "?gone.vhd", "y": "x"}, machine_of(now("y"))))
    assert drawn == [
        "  ● now",
        "      IDE 0:0    y  3.5 KiB",
        "                 ← x  disk of 4 MiB, file of 3.5 KiB",
        "                 ← gone.vhd  missing",
    ]


def test_a_chain_in_a_circle_ends() -> None:
    drawn = history(host({"p": "q", "q": "p"}, machine_of(now("p"))))
    assert [text.strip() for text in drawn[-3:]] == ["IDE 0:0    p  3.5 KiB", "← q  3.5 KiB", "← p  a circle"]


def test_an_endless_chain_below_a_disk_is_cut_and_what_is_wrong_deep_in_it_is_still_told() -> None:
    disks, _ = chain(100)
    error = finding("VHD404", Location(path="f/d_0007.avhd"), "details")
    lines = text_of(host(disks, machine_of(now("d_0100.avhd"))), error)
    below = [text.strip() for text in lines if "←" in text]
    assert (len(below), below[0], below[-1]) == (
        61,
        "← d_0099.avhd  3.5 KiB, left by a deleted snapshot",
        "← and more: --disks shows all",
    )
    place = lines.index("files without a place above")
    assert lines[place : place + 3] == [
        "files without a place above",
        "d_0007.avhd",
        f"  error VHD404  {CODES['VHD404'].title}",
    ]


def test_a_disk_that_is_missing_says_what_was_stored() -> None:
    drawn = history(host(LINE, machine_of(now("?gone.avhd"), kept(1, "a.vhd"))))
    assert drawn[-3:] == ["  ● now", "      IDE 0:0    gone.avhd  missing", "                 stored in C:\\VMs"]


def test_a_path_that_is_refused_says_why() -> None:
    search = FoundPath(stored=r"\\.\PhysicalDrive0", outcome=PathOutcome.REFUSED, problem="a device")
    drawn = history(host(LINE, machine_of(now(search))))
    assert drawn[-3:] == [
        "      IDE 0:0    PhysicalDrive0  refused",
        "                 a device",
        "                 stored in \\\\.",
    ]


def test_a_disk_that_several_files_fit_lists_them() -> None:
    candidates = tuple(f"f/{number}/a.vhd" for number in range(10))
    search = FoundPath(stored=r"D:\x\a.vhd", outcome=PathOutcome.AMBIGUOUS, candidates=candidates)
    drawn = history(host(LINE, machine_of(now(search))))
    assert drawn[-11:] == [
        "      IDE 0:0    a.vhd  10 files fit: --map says which",
        "                 stored in D:\\x",
        *(f"                 fits f/{number}/a.vhd" for number in range(8)),
        "                 and 2 more",
    ]


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (PathRule.NAME, "2.5 KiB, found by its name alone"),
        (PathRule.SUFFIX, "2.5 KiB, found by the end of its path"),
        (PathRule.DISKS_FOLDER, "2.5 KiB, found in Virtual Hard Disks"),
        (PathRule.BESIDE, "2.5 KiB, found beside the configuration"),
    ],
)
def test_a_file_that_does_not_lie_in_its_place_says_how_it_was_found(rule: PathRule, text: str) -> None:
    search = FoundPath(stored=r"D:\a.vhd", outcome=PathOutcome.FOUND, path="f/a.vhd", rule=rule, exact=False)
    assert history(host(LINE, machine_of(now(search))))[-1] == f"      IDE 0:0    a.vhd  {text}"


def test_what_has_no_room_beside_a_name_stands_below_it_and_sizes_get_shorter() -> None:
    name = "a" * 40 + ".vhd"
    machines = [machine_of(now(name), name="m" * 20, id=str(number)) for number in range(2)]

    def drawn(width: int) -> list[str]:
        lines = text_of(host({name: None}, *machines), width=width)
        return [text.strip() for text in lines[lines.index("  ● now") + 1 : lines.index("")]]

    whole, size, others = f"IDE 0:0    {name}", "dynamic, disk of 4 MiB, file of 2.5 KiB", "also of " + "m" * 20
    assert drawn(150) == [f"{whole}  {size}, {others}"]
    assert drawn(110) == [f"{whole}  2.5 KiB, {others}"]
    assert drawn(91) == [f"{whole}  {others}"]
    assert drawn(80) == [f"{whole}  2.5 KiB", others]
    assert drawn(65) == [whole, others]


def test_a_file_that_could_not_be_read_says_so() -> None:
    assert history(host(LINE, machine_of(now("locked.vhd"))))[-1] == "      IDE 0:0    locked.vhd  not read"


def test_a_file_of_several_machines_names_the_others() -> None:
    machines = [machine_of(now("a.vhd"), name=f"m{number}", id=str(number)) for number in range(3)]
    files = [text for text in text_of(host(LINE, *machines)) if "IDE 0:0" in text]
    assert files == [
        f"      IDE 0:0    a.vhd  dynamic, disk of 4 MiB, file of 2.5 KiB, also of {others}"
        for others in ("m1, m2", "m0, m2", "m0, m1")
    ]


def test_a_saved_state_in_its_usual_place_is_one_line_and_otherwise_each_file_has_one() -> None:
    usual = kept(1, "a.vhd").path.removesuffix(".xml")
    name = usual.rpartition("/")[2]
    state = saved()
    both = {
        "memory": FoundPath(stored=state.memory, outcome=PathOutcome.FOUND, path=f"{usual}/{name}.bin"),
        "devices": FoundPath(stored=state.devices, outcome=PathOutcome.FOUND, path=f"{usual}/{name}.vsv"),
    }

    def told(**files: FoundPath) -> list[str]:
        snapshot = kept(1, "a.vhd", saved_state=state)
        whole = MachineState(configuration=snapshot.configuration, disks=snapshot.disks, **(both | files))
        return history(host(LINE, machine_of(None, whole)))[2:]

    assert told() == [f"      state      {name}.bin and .vsv"]
    assert told(devices=found(state.devices, PathOutcome.MISSING), memory=found(state.memory)) == [
        "      memory     host/x.bin",
        "      devices    x.vsv  missing",
        "                 stored in C:\\VMs",
    ]


# ------------------------------------------------------------------------------------------------------- what is wrong


def test_marks_stand_at_the_machine_the_snapshot_the_slot_and_the_file() -> None:
    state = saved()
    present, snapshot = now("c.avhd", "?gone.avhd"), kept(1, "a.vhd", saved_state=state)
    snapshot = MachineState(
        configuration=snapshot.configuration, disks=snapshot.disks, devices=found(state.devices, PathOutcome.MISSING)
    )
    slot = present.disks[1].drive.field
    findings = [
        at(present, "VHD827"),
        at(present, "VHD816", slot),
        at(present, "VHD821", slot.replace("pathname", "type")),
        at(snapshot, "VHD815"),
        at(snapshot, "VHD822", "savedstate/vsvlocation"),
        finding("VHD404", Location(path="f/b.avhd"), "details"),
        finding("VHD704", Location(path="f/a.vhd"), "a note"),
    ]

    def mark(code: str) -> str:
        return f"error {code}  {CODES[code].title}"

    lines = text_of(host(LINE, machine_of(present, snapshot)), *findings, width=None)
    start = lines.index("  snapshots in   host/Snapshots") + 1
    assert lines[start:] == [
        f"  {mark('VHD827')}",
        "  ○ snapshot 1  while off",
        f"  │   {mark('VHD815')}",
        "  │   IDE 0:0    a.vhd  dynamic, disk of 4 MiB, file of 2.5 KiB",
        "  │   devices    x.vsv  missing",
        "  │              stored in C:\\VMs",
        f"  │              {mark('VHD822')}",
        "  ● now",
        "      IDE 0:0    c.avhd  3.5 KiB",
        "                 ← b.avhd  3.5 KiB, left by a deleted snapshot",
        f"                   {mark('VHD404')}",
        "      IDE 0:1    gone.avhd  missing",
        "                 stored in C:\\VMs",
        f"                 {mark('VHD816')}",
        f"                 {mark('VHD821')}",
        "",
        "1 machine, 1 snapshot, 3 images, 1 leaf, 1 base",
        "6 errors: vhdchain audit tells more",
    ]


def test_snapshots_without_their_machine_say_so() -> None:
    lines = text_of(host(LINE, machine_of(None, kept(1, "a.vhd"), name="ID")))
    assert lines[1:5] == [
        "ID  1 snapshot",
        "  its configuration is not here: only snapshots of it",
        "  snapshots in   host/Snapshots",
        "  ○ snapshot 1  while off",
    ]


def test_unknown_parents_stand_below_their_reason() -> None:
    tree = SnapshotTree(parents={key(1): None}, unknown={key(2): "nobody knows", NOW: "nobody knows"})
    machine = machine_of(now("c.avhd"), kept(1, "a.vhd"), kept(2), tree=tree)
    lines = lines_of(host(LINE, machine, derive=False))
    texts = [text.partition("  w")[0].strip() for text in plain_text(lines).splitlines()]
    start = texts.index("parent unknown: nobody knows")
    assert texts[start : start + 3] == ["parent unknown: nobody knows", "○ snapshot 2", "● now"]
    assert lines[start][-1].role is Role.WARNING


def test_snapshots_in_a_circle_are_shown_once() -> None:
    tree = SnapshotTree(parents={key(1): key(2), key(2): key(1)})
    assert history(host({}, machine_of(None, kept(1), kept(2), tree=tree), derive=False)) == [
        "  these snapshots were made from each other",
        "  ○ snapshot 1  while off, made from snapshot 2",
        "  ○ snapshot 2  while off",
    ]


def test_snapshots_of_one_name_are_told_apart_by_their_ids() -> None:
    machine = machine_of(None, kept(1, name="x"), kept(2, name="x"), kept(3, name="y"))
    heads = [text for text in history(host({}, machine)) if "○" in text]
    assert heads == [
        f"  ○ x  while off, id {kept(1).id}",
        f"  ○ x  while off, id {kept(2).id}",
        "  ○ y  while off",
    ]


# -------------------------------------------------------------------------------------------------------- other parts


def test_disks_of_no_machine_come_behind_the_machines() -> None:
    disks = {**LINE, "stray.avhd": "a.vhd", "more.avhd": "stray.avhd", "free.vhd": None, "lost.avhd": "?gone.vhd"}
    lines = text_of(host(disks, machine_of(now("c.avhd"), kept(1, "a.vhd"))))
    assert lines[lines.index("disks of no machine") :] == [
        "disks of no machine",
        "free.vhd  leaf",
        "   dynamic, disk of 4,194,304 bytes (4 MiB), file of 2,560 bytes (2.5 KiB)",
        "a.vhd  of srv",
        "└─ stray.avhd  file of 3,584 bytes (3.5 KiB)",
        "   └─ more.avhd  leaf  file of 3,584 bytes (3.5 KiB)",
        "gone.vhd  missing",
        "└─ lost.avhd  leaf",
        "      disk of 4,194,304 bytes (4 MiB), file of 3,584 bytes (3.5 KiB)",
        "",
        "1 machine, 1 snapshot, 7 images, 4 leaves, 2 bases, 1 orphan",
    ]


def test_all_disks_are_shown_as_a_forest_when_that_is_asked_for() -> None:
    inventory = host(LINE, machine_of(now("c.avhd")))
    lines = text_of(inventory, width=None, disks=True)
    assert lines[lines.index("all disks") + 1 : -2] == text_of(host(LINE), width=None)[1:-2]
    assert "all disks" not in text_of(inventory)


def role_file(path: str, role: FileRole) -> HostFile:
    return HostFile(path=path, role=role, size=1, mtime_ns=0)


def test_other_files_of_the_host_are_told_by_folder_and_what_is_wrong_by_file() -> None:
    files = (
        role_file("f/InitialStore.xml", FileRole.STORE),
        *(role_file(f"f/Snapshots Cache/{number}.xml", FileRole.CACHED) for number in range(3)),
        role_file("f/Virtual Machines/1.xml", FileRole.CONFIGURATION),
        role_file("f/Virtual Machines/2.xml", FileRole.CONFIGURATION),
        role_file("f/Virtual Machines/3.xml", FileRole.LINK),
        role_file("f/export/config.xml", FileRole.EXPORTED),
        role_file("f/x/y.bin", FileRole.STATE),
        role_file("f/x/y.vsv", FileRole.STATE),
    )
    error = finding("VHD816", Location(path="f/Virtual Machines/2.xml"), "details")
    lines = text_of(host({}, machine_of(now()), host_files=files), error, width=None)
    assert lines[lines.index("other files of the host") : -3] == [
        "other files of the host",
        "InitialStore.xml  store of authorisations, belongs in a backup of the host",
        "Snapshots Cache  3 copies of configurations, kept by the host for itself: left out",
        "Virtual Machines/2.xml  configuration, not understood",
        f"  error VHD816  {CODES['VHD816'].title}",
        "Virtual Machines  1 configuration, not understood",
        "Virtual Machines/3.xml  registration of a configuration that is not here",
        "export/config.xml  file of an export, contents not known",
        "x  2 files of saved states, named by no configuration here",
    ]


def test_a_registration_names_what_it_registers() -> None:
    present, snapshot = now("b.avhd"), kept(1, "a.vhd")
    files = tuple(
        role_file(f"f/links/{state.path.rpartition('/')[2].lower()}", FileRole.LINK) for state in (present, snapshot)
    )
    lines = text_of(host(LINE, machine_of(present, snapshot), host_files=files), width=None)
    told = [text.partition("  ")[2] for text in lines if text.startswith("links/")]
    assert told == ["registration of srv", "registration of a snapshot of srv"]


def test_the_files_of_machines_are_no_other_files() -> None:
    present = now("a.vhd")
    memory = FoundPath(stored="x", outcome=PathOutcome.FOUND, path="f/m.bin")
    whole = MachineState(configuration=present.configuration, disks=present.disks, memory=memory)
    files = (role_file(present.path, FileRole.CONFIGURATION), role_file("f/m.bin", FileRole.STATE))
    assert "other files of the host" not in text_of(host(LINE, machine_of(whole), host_files=files))


def test_a_host_folder_without_machines_has_its_parts_and_a_folder_of_disks_none() -> None:
    files = (role_file("f/InitialStore.xml", FileRole.STORE),)
    unread = (Unreadable(path="f/x.vhd", reason="locked"),)
    lines = text_of(host({"a.vhd": None}, host_files=files, unreadable=unread), width=None)
    assert [text for text in lines if "  " not in text] == [
        "f",
        "",
        "disks",
        "",
        "other files of the host",
        "",
        "not read",
        "",
        "1 image, 1 leaf, 1 base",
    ]
    assert text_of(host({"a.vhd": None}, unreadable=unread), width=None)[1:3] == [
        "a.vhd  leaf  dynamic, disk of 4,194,304 bytes (4 MiB), file of 2,560 bytes (2.5 KiB)",
        "f/x.vhd  not read: locked",
    ]


# ------------------------------------------------------------------------------------------------- widths, hostile text


def test_fifty_one_snapshots_fit_into_eighty_columns() -> None:
    disks, machine = chain(51)
    drawn = history(host(disks, machine))
    assert len(drawn) == 2 * 52
    assert max(map(len, drawn)) <= 80
    assert [text.split()[2] for text in drawn[:-2:2]] == [str(number) for number in range(51)]


def test_lines_keep_to_the_width_where_no_path_is_longer() -> None:
    name = "taken before the update of the mail server, which nobody wanted to do on a Friday in December"
    machine = machine_of(now("c.avhd"), kept(1, "a.vhd", name=name), kept(2, "b.avhd"))
    for width in (60, 80, 120):
        lines = text_of(host(LINE, machine), width=width)
        assert max(len(text) for text in lines if "/" not in text and ".xml" not in text) <= width


HOSTILE = "\x1b]0;owned\x07\x1b[2J\r\n\u202e\u2028[bold]\udcff\x00"


def hostile() -> Machine:
    """Return a machine of which every text is more than a text, and very long."""
    text = HOSTILE + "x" * 5000
    search = FoundPath(stored=text, outcome=PathOutcome.MISSING)
    fitting = FoundPath(stored=f"C:\\{text}", outcome=PathOutcome.AMBIGUOUS, candidates=(text, text))
    tree = SnapshotTree(parents={key(1): key(2), key(2): key(1)}, unknown={NOW: text})
    present = now(search, fitting, drives=[slot_of(3, kind=text, path=text)], name=text, id=text)
    return machine_of(present, kept(1, name=text, id=text), kept(2, name=text), name=text, id=text, tree=tree)


def test_nothing_hostile_reaches_the_text_and_no_line_is_endless() -> None:
    inventory = host({"a.vhd": None}, hostile(), derive=False)
    for width in (None, 80):
        lines = lines_of(inventory, width=width)
        assert all(part.text.isprintable() for each in lines for part in each)
    assert max(len(text) for text in text_of(inventory)) < 6000

"""Does the tree's document hold machines as they are, each finding once, and what its schema says?"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from tests.hyperv.machines import drive, found, saved
from tests.report.machines import host, kept, key, machine_of, now, slot_of
from tests.report.test_machine_text import LINE, hostile, role_file
from tests.report.validation import strict, validate
from vhdchain.audit import audit
from vhdchain.findings import Location, finding
from vhdchain.hyperv import (
    NOW,
    ControllerKind,
    FileRole,
    FoundPath,
    HostFile,
    MachineState,
    PathAttempt,
    PathOutcome,
    PathRule,
    Service,
    SnapshotTree,
)
from vhdchain.report.documents.tree import tree_document
from vhdchain.report.documents.tree_schema import TREE_SCHEMA
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.lab import HEALTHY_LABS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vhdchain.findings import Finding
    from vhdchain.graph import Inventory


def document_of(inventory: Inventory, *findings: Finding) -> dict[str, Any]:
    """Return the document as a reader gets it, held to its schema."""
    document: dict[str, Any] = json.loads(json.dumps(tree_document(inventory, findings)))
    validate(document, strict(TREE_SCHEMA))
    return document


def test_a_machine_is_what_its_configuration_says() -> None:
    present = now(
        "c.avhd",
        version=512,
        notes="beware",
        owner="S-1-5-21",
        snapshot_root=r"C:\VMs",
        services={Service.VSS: True, Service.TIME: False},
        host_startup=1,
        host_shutdown=2,
        merge_pending=True,
        listed_snapshots=2,
    )
    (machine,) = document_of(host(LINE, machine_of(present, kept(1, "a.vhd"))))["machines"]
    states = {name: machine.pop(name) for name in ("now", "snapshots")}
    assert machine == {
        "id": present.id,
        "name": "srv",
        "configuration": present.path,
        "power": {"state": "off", "reason": present.configuration.power.reason},
        "version": 512,
        "notes": "beware",
        "owner": "S-1-5-21",
        "generation_id": None,
        "data_root": None,
        "snapshot_root": r"C:\VMs",
        "services": {"backup": True, "time synchronisation": False},
        "actions": {"host_startup": 1, "host_shutdown": 2, "unexpected_termination": None},
        "merge_pending": True,
        "listed_snapshots": 2,
        "tree_known": True,
        "leftovers": ["f/b.avhd"],
    }
    assert states["now"]["parent"] == states["snapshots"][0]["path"] == key(1)


def test_a_machine_without_its_configuration_has_snapshots_alone() -> None:
    (machine,) = document_of(host(LINE, machine_of(None, kept(1, "a.vhd"))))["machines"]
    gone = ("configuration", "power", "now", "version", "notes", "services", "actions", "merge_pending")
    assert {name: machine[name] for name in gone} == dict.fromkeys(gone)
    assert [state["path"] for state in machine["snapshots"]] == [key(1)]


def test_a_state_says_what_it_was_made_from_or_why_that_is_not_known() -> None:
    tree = SnapshotTree(parents={key(1): None, key(2): key(1)}, unknown={NOW: "nobody knows"})
    created = 129487680000000000
    machine = machine_of(now(), kept(1, created=created, powered_on=0), kept(2), tree=tree)
    (told,) = document_of(host({}, machine, derive=False))["machines"]
    states = [*told["snapshots"], told["now"]]
    fields = ("name", "parent", "parent_id", "parent_known", "reason", "created")
    assert [[state[name] for name in fields] for state in states] == [
        ["snapshot 1", None, None, True, None, "2011-05-02T00:00:00+00:00"],
        ["snapshot 2", key(1), kept(1).id, True, None, None],
        ["srv", None, None, False, "nobody knows", None],
    ]
    assert states[0]["powered_on"] is None
    assert told["tree_known"] is False


def test_a_disk_has_its_slot_and_every_try() -> None:
    tries = (
        PathAttempt(rule=PathRule.SAME_PLACE),
        PathAttempt(rule=PathRule.NAME, candidates=("f/a.vhd",), detail="the only one"),
    )
    search = FoundPath(
        stored=r"D:\a.vhd",
        outcome=PathOutcome.FOUND,
        path="f/a.vhd",
        rule=PathRule.NAME,
        exact=False,
        attempts=tries,
    )
    scsi = drive(controller=ControllerKind.SCSI, section="two", slot=5, kind="NONE", path="")
    present = now(search, "?gone.vhd", drives=[scsi], scsi_controllers=("one", "two"))
    (machine,) = document_of(host(LINE, machine_of(present)))["machines"]
    first, second = machine["now"]["disks"]
    assert first == {
        "place": "IDE 0:0",
        "controller": "IDE",
        "number": 0,
        "slot": 0,
        "field": present.disks[0].drive.field,
        "stored": r"D:\a.vhd",
        "path": "f/a.vhd",
        "outcome": "found",
        "rule": "name alone",
        "exact": False,
        "problem": None,
        "candidates": [],
        "attempts": [
            {"rule": "same place relative to the configuration", "candidates": [], "detail": ""},
            {"rule": "name alone", "candidates": ["f/a.vhd"], "detail": "the only one"},
        ],
    }
    assert (second["outcome"], second["path"], second["rule"]) == ("missing", None, None)
    drives = machine["now"]["drives"]
    assert [(slot["place"], slot["kind"], slot["stored"]) for slot in drives] == [
        ("IDE 0:0", "VHD", r"D:\a.vhd"),
        ("IDE 0:1", "VHD", r"C:\VMs\gone.vhd"),
        ("SCSI 1:5", "NONE", ""),
    ]


def test_a_saved_state_has_its_files() -> None:
    state = saved(in_progress=True)
    present = now(saved_state=state)
    whole = MachineState(configuration=present.configuration, devices=found(state.devices, PathOutcome.MISSING))
    (machine,) = document_of(host({}, machine_of(whole)))["machines"]
    told = machine["now"]["saved_state"]
    assert (told["type"], told["in_progress"], told["memory"]) == ("Normal", True, None)
    assert (told["devices"]["stored"], told["devices"]["outcome"]) == (state.devices, "missing")


def test_every_finding_stands_once_where_it_belongs() -> None:
    present, snapshot = now("c.avhd"), kept(1, "a.vhd")
    files = (
        role_file(present.path, FileRole.CONFIGURATION),
        role_file("f/bad.xml", FileRole.CONFIGURATION),
    )
    paths = ["f/b.avhd", present.path, snapshot.path, "f/bad.xml", "f/elsewhere", ""]
    findings = [finding("VHD816", Location(path=path), f"about {path}") for path in paths]
    document = document_of(host(LINE, machine_of(present, snapshot), host_files=files), *findings)
    (machine,) = document["machines"]
    places: dict[str, list[dict[str, Any]]] = {
        "f/b.avhd": document["disks"][1]["findings"],
        present.path: machine["now"]["findings"],
        snapshot.path: machine["snapshots"][0]["findings"],
        "f/bad.xml": document["host_files"][1]["findings"],
    }
    assert {path: [item["location"]["path"] for item in told] for path, told in places.items()} == {
        path: [path] for path in places
    }
    assert [item["location"]["path"] for item in document["findings"]] == ["f/elsewhere", ""]
    assert document["host_files"][0]["findings"] == []


def test_a_host_file_is_what_was_met() -> None:
    present = now()
    file = HostFile(
        path=present.path,
        role=FileRole.CONFIGURATION,
        size=7,
        mtime_ns=1304294400_000001000,
        sha256="ab" * 32,
        configuration=present.configuration,
    )
    (told,) = document_of(host({}, machine_of(present), host_files=(file,)))["host_files"]
    assert told == {
        "path": present.path,
        "role": "configuration",
        "size": 7,
        "mtime": "2011-05-02T00:00:00.000001+00:00",
        "mtime_ns": 1304294400_000001000,
        "sha256": "ab" * 32,
        "kind": "machine",
        "id": present.id,
        "findings": [],
    }


def test_hostile_texts_and_numbers_are_told_exactly() -> None:
    number = 10**4000
    snapshot = kept(3, created=number, powered_on=-number, version=number)
    present = now(version=number, host_startup=-number, listed_snapshots=number, drives=[slot_of(9, kind="\x00")])
    machine = machine_of(present, snapshot, name="srv")
    document = document_of(host({}, machine, hostile(), derive=False))
    first, second = document["machines"]
    assert (first["version"], first["now"]["drives"][0]["kind"]) == (number, "\x00")
    assert [state["created"] for state in first["snapshots"]] == [None]
    name = hostile().name
    assert (second["name"], second["now"]["disks"][0]["stored"]) == (name, name)
    # Snapshots in a circle are told as they are: the document has no order that they could break.
    assert [state["parent"] for state in second["snapshots"]] == [key(2), key(1)]
    text = json.dumps(tree_document(host({}, hostile(), derive=False), []))
    assert text.isascii()
    assert text.isprintable()


# --------------------------------------------------------------------------------------------------------- the schema


@pytest.mark.parametrize("kind", HEALTHY_LABS)
def test_the_trees_of_labs_hold_what_the_schema_describes_and_nothing_else(kind: str, tmp_path: Path) -> None:
    lab = HEALTHY_LABS[kind]()
    lab.save(tmp_path / "host")
    with scan_folder(tmp_path / "host") as inventory:
        document = document_of(inventory, *audit(inventory).findings)
    told = {machine["id"]: machine for machine in document["machines"]}
    # What the files of a 2008 R2 export hold is not known, so that there is no machine.
    exported = any(file["role"] == "exported configuration" for file in document["host_files"])
    assert set(told) == {machine.id for machine in lab.machines if not exported}
    for machine in lab.machines if told else ():
        states = told[machine.id]["snapshots"]
        parents = {state["id"]: state["parent_id"] for state in states} | {"": told[machine.id]["now"]["parent_id"]}
        if told[machine.id]["tree_known"]:
            assert parents == machine.expected_tree()
        assert all(disk["outcome"] == "found" for state in states for disk in state["disks"])


def test_a_folder_of_disks_has_no_machines() -> None:
    document = document_of(host(LINE))
    assert (document["machines"], document["host_files"]) == ([], [])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda tree: tree.pop("machines"),
        lambda tree: tree["machines"][0].pop("now"),
        lambda tree: tree["machines"][0]["now"].update(parent_known=None),
        lambda tree: tree["machines"][0]["now"]["power"].update(state="sleeping"),
        lambda tree: tree["machines"][0]["now"]["disks"][0].update(outcome="lost"),
        lambda tree: tree["machines"][0]["now"]["disks"][0]["attempts"].append({"rule": "a guess"}),
        lambda tree: tree["machines"][0]["services"].update(backup="yes"),
        lambda tree: tree["host_files"][0].update(role="other"),
        lambda tree: tree["disks"][0].update(virtual_size=-1),
        lambda tree: tree.update(version=2),
    ],
)
def test_the_schema_refuses_what_is_no_tree(wrong: Callable[[dict[str, Any]], object]) -> None:
    present = now("c.avhd")
    files = (role_file(present.path, FileRole.CONFIGURATION),)
    document = copy.deepcopy(document_of(host(LINE, machine_of(present), host_files=files)))
    wrong(document)
    with pytest.raises(jsonschema.ValidationError):
        validate(document, TREE_SCHEMA)

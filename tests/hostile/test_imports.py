"""Whatever an export holds, asking for its import gives a plan or one of this package's errors, and writes nothing."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING

import pytest

import vhdchain as vc
from vhdchain.testing.lab import HostLab, LabDisk
from vhdchain.testing.lab.own_exports import own_export
from vhdchain.transfer import RECORD_NAME

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 150
_PATHS = (
    b'"path": "../../x"',
    b'"path": "CON"',
    b'"size": 99999999999999999999999',
    b'"hash": "shake_128"',
    b'"parent": "Virtual Machines"',
    b'"stored": [null]',
    b"\x00" * 40,
    b'"files": {}',
)


def _export() -> dict[str, bytes]:
    lab = HostLab(seed="hostile import")
    machine = lab.machine("srv", disks=[LabDisk("srv.vhd", size=16 << 10)])
    lab.take(machine, "first", power="running")
    lab.turn_off(machine)
    lab.fill(machine, 0, 4096, 512)
    return dict(own_export(lab, machine).files)


FILES = _export()


def mutated(number: int) -> dict[str, bytes]:
    """Return the export with a few bytes of one or two files changed, by a number."""
    chance = Random(number)  # no secret
    files = dict(FILES)
    if chance.random() < 0.5:
        del files[RECORD_NAME]  # otherwise digests give nearly everything away
    elif chance.random() < 0.5:
        return {**files, RECORD_NAME: _other_record(chance)}
    for name in chance.sample(sorted(files), chance.choice((1, 1, 2))):
        content = bytearray(files[name])
        for _ in range(chance.choice((1, 3, 30))):
            at = chance.randrange(len(content))
            match chance.randrange(4):
                case 0:
                    content[at] = chance.randrange(256)
                case 1:
                    del content[at : at + chance.choice((1, 2, 100))]
                case 2:
                    content[at:at] = content[chance.randrange(len(content)) :][: chance.choice((1, 2, 300))]
                case _:
                    piece = chance.choice(_PATHS)
                    content[at : at + len(piece)] = piece
            if not content:
                content = bytearray(b"\0")
        files[name] = bytes(content)
    return files


def _other_record(chance: Random) -> bytes:
    """Return a record that is one, and tells of other files than there are."""
    document = json.loads(FILES[RECORD_NAME])
    items = document["files"]
    for _ in range(chance.choice((1, 2, 5))):
        one, other = chance.choice(items), chance.choice(items)
        match chance.randrange(5):
            case 0 if len(items) > 2:
                items.remove(one)
            case 1:
                chance.shuffle(items)
            case 2:
                field = chance.choice(("path", "part", "id", "unique_id", "size", "digest", "stored", "parent"))
                one[field], other[field] = other[field], one[field]
            case 3:
                one["path"] = chance.choice(("x", "Virtual Machines/x.xml", one["path"].upper(), RECORD_NAME))
            case _:
                one["parent"] = None
    return json.dumps(document).encode()


def tried(number: int, folder: Path) -> str:
    """Ask for the import of a mutated export; return what came of it."""
    home = folder / "export"
    home.mkdir()
    for name, content in mutated(number).items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    before = sorted(folder.rglob("*"))
    error = _planned(number, home, folder / "target" if number % 2 else None)
    assert sorted(folder.rglob("*")) == before
    if error is None:
        return "planned"
    assert "\n" not in str(error)
    return type(error).__name__


def _planned(number: int, home: Path, destination: Path | None) -> vc.VhdChainError | None:
    with vc.scan_folder(home) as inventory:
        machine = next(iter(inventory.machines), None)
        try:
            vc.plan_import(
                inventory,
                machine,
                home,
                destination=destination,
                windows=r"D:\VMs",
                new_id=number % 3 == 0,
                verify=number % 5 != 0,
            )
        except vc.VhdChainError as error:
            return error
    return None


@pytest.mark.parametrize("start", range(0, COUNT, 10))
def test_a_mutated_export_is_planned_with_or_refused(start: int, tmp_path: Path) -> None:
    for number in range(start, start + 10):
        (tmp_path / str(number)).mkdir()
        tried(number, tmp_path / str(number))


def test_mutations_are_refused_and_planned_with(tmp_path: Path) -> None:
    found = set()
    for number in range(1000, 1040):
        (tmp_path / str(number)).mkdir()
        found.add(tried(number, tmp_path / str(number)))

    assert found >= {"planned", "PlanRefusedError", "ConfigError"}

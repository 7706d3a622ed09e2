"""Is what a lab of a host gives the same every time, and does it say what was done?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vhdchain.hyperv.xml import parse_document
from vhdchain.testing import HEALTHY_LABS, HostLab, LabDisk, host_lab

if TYPE_CHECKING:
    from pathlib import Path

_WITHOUT_CONFIGURATIONS = "export, 2008 R2"  # what a host's .exp files hold is not known


@pytest.mark.parametrize("kind", HEALTHY_LABS)
def test_the_same_calls_give_the_same_bytes_and_times(kind: str) -> None:
    one, other = HEALTHY_LABS[kind](), HEALTHY_LABS[kind]()
    assert one.files() == other.files()
    assert (one.links(), one.folders(), one.modified()) == (other.links(), other.folders(), other.modified())


@pytest.mark.parametrize("kind", sorted(HEALTHY_LABS.keys() - {_WITHOUT_CONFIGURATIONS}))
def test_configurations_come_back_as_they_were(kind: str) -> None:
    lab = HEALTHY_LABS[kind]()
    owners = [owner for machine in lab.machines for owner in machine.owners]
    for owner in owners:
        path = lab.configuration_path(owner)
        content = lab.files()[path]
        document = parse_document(content, name=path)
        assert document.root == lab.configuration(owner)
        assert document.to_bytes() == content


@pytest.mark.parametrize("kind", HEALTHY_LABS)
def test_a_lab_is_small(kind: str) -> None:
    assert sum(len(content) for content in HEALTHY_LABS[kind]().files().values()) < 1_000_000


def test_another_seed_gives_other_ids_and_disks() -> None:
    labs = [HostLab(seed=seed) for seed in (1, 2)]
    machines = [lab.machine("srv", disks=[LabDisk("srv.vhd")]) for lab in labs]
    assert machines[0].id != machines[1].id
    assert labs[0].files()[labs[0].disk_path(machines[0])] != labs[1].files()[labs[1].disk_path(machines[1])]


def test_everything_is_saved_read_only_with_its_times_and_empty_folders(tmp_path: Path) -> None:
    lab = host_lab()
    paths = lab.save(tmp_path / "copy")
    assert {name: path.read_bytes() for name, path in paths.items()} == lab.files()
    assert {name: path.stat().st_mtime - 946684800 for name, path in paths.items()} == lab.modified()
    assert {path.stat().st_mode & 0o222 for path in paths.values()} == {0}
    assert lab.folders()
    assert all((tmp_path / "copy" / folder).is_dir() for folder in lab.folders())

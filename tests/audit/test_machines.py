"""Machines in an audit: what is on record of their configurations, and what only the caller knows of them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from vhdchain.audit import audit
from vhdchain.errors import ConfigError
from vhdchain.findings import Severity
from vhdchain.hyperv import FileRole
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.damage_folder import FOLDER_RECIPES
from vhdchain.testing.lab import HEALTHY_LABS, host_lab

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.findings import Finding


def _found(folder: Path, code: str, **options: str | list[str]) -> list[Finding]:
    with scan_folder(folder) as inventory:
        return [item for item in audit(inventory, **options).findings if item.code == code]  # type: ignore[arg-type]


def test_every_configuration_is_on_record_with_the_digest_of_its_bytes(tmp_path: Path) -> None:
    lab = host_lab()
    paths = lab.save(tmp_path)
    broken = tmp_path / "Virtual Machines" / "0A5B1D43-6C0E-4F6B-9B0E-6D7B0F0C2A11.xml"
    broken.parent.mkdir()
    broken.write_bytes(b"<configuration>")
    with scan_folder(tmp_path) as inventory:
        report = audit(inventory)
        disks = {image.name for image in inventory.images}
    assert [item.path for item in report.inputs] == sorted(item.path for item in report.inputs)
    read = {item.path: item for item in report.inputs if item.path not in disks}
    owners = [owner for machine in lab.machines for owner in machine.owners]
    files = [paths[lab.configuration_path(owner)] for owner in owners] + [broken]
    assert set(read) == {str(path) for path in files}
    for path in files:
        status, item = path.stat(), read[str(path)]
        assert (item.size, item.mtime_ns, item.aliases) == (status.st_size, status.st_mtime_ns, ())
        assert item.metadata_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_is_no_configuration_is_not_on_record(tmp_path: Path) -> None:
    HEALTHY_LABS["caches and links"]().save(tmp_path)
    with scan_folder(tmp_path) as inventory:
        report = audit(inventory)
        roles = {file.path: file.role for file in inventory.host_files}
    assert {roles.get(item.path) for item in report.inputs} == {None, FileRole.CONFIGURATION}


def test_the_record_names_the_domain_controllers(tmp_path: Path) -> None:
    host_lab().save(tmp_path)
    with scan_folder(tmp_path) as inventory:
        assert audit(inventory, domain_controllers=["web", "SRV"]).record.domain_controllers == ("SRV", "web")
        assert audit(inventory).record.domain_controllers == ()


def test_only_a_domain_controller_with_snapshots_is_told(tmp_path: Path) -> None:
    lab = host_lab()
    lab.save(tmp_path)
    srv, web = lab.machines
    assert _found(tmp_path, "VHD828", domain_controllers=["web"]) == []
    for name in ("srv", srv.id.lower()):
        (item,) = _found(tmp_path, "VHD828", domain_controllers=[name, web.id])
        assert item.severity is Severity.WARNING
        assert item.location.path == str(tmp_path / lab.configuration_path(srv))
        assert len(item.related) == len(srv.snapshots)


def test_a_host_of_2012_protects_its_domain_controllers(tmp_path: Path) -> None:
    HEALTHY_LABS["2012 R2"]().save(tmp_path)
    assert _found(tmp_path, "VHD828", domain_controllers=["srv"]) == []


def test_a_domain_controller_that_is_no_machine_is_refused(tmp_path: Path) -> None:
    host_lab().save(tmp_path)
    with scan_folder(tmp_path) as inventory, pytest.raises(ConfigError):
        audit(inventory, domain_controllers=["dc1"])


@pytest.mark.parametrize("code", ["VHD813", "VHD815", "VHD822", "VHD835", "VHD836"])
def test_what_is_told_of_machines_is_chosen_and_known_again_like_the_rest(code: str, tmp_path: Path) -> None:
    FOLDER_RECIPES[code].plant(tmp_path)
    with scan_folder(tmp_path) as inventory:
        report = audit(inventory, select=[code])
        assert {item.code for item in report.findings} == {code}
        assert audit(inventory, ignore=["VHD8"]).summary.error == 0
        assert audit(inventory, baseline=report.fingerprints(), select=[code]).findings == ()


def test_machines_that_are_copied_as_they_are_say_the_same_elsewhere(tmp_path: Path) -> None:
    recipe = FOLDER_RECIPES["VHD807"]
    folders = [tmp_path / "here", tmp_path / "far" / "away"]
    marks = []
    for folder in folders:
        folder.mkdir(parents=True)
        recipe.plant(folder)
        with scan_folder(folder) as inventory:
            marks.append(audit(inventory, select=["VHD8"]).fingerprints())
    assert marks[0] == marks[1]

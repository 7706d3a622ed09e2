"""Are the hosts of ``fixtures/`` what their recipes make, and does the package find what stands beside them?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from vhdchain import scan_folder
from vhdchain.audit import audit
from vhdchain.findings import Severity
from vhdchain.hyperv import NOW
from vhdchain.testing import EXPECTED_NAME
from vhdchain.testing.fixture_hosts import BROKEN_MACHINES, build_hosts

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.hyperv import Machine

HOSTS = ("host", "host-broken")


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _expected(folder: Path) -> list[dict[str, Any]]:
    document = json.loads((folder / EXPECTED_NAME).read_text(encoding="utf-8"))
    machines = document["machines"]
    assert isinstance(machines, list)
    return machines


@pytest.mark.parametrize("host", HOSTS)
def test_building_again_gives_the_same_bytes(project_root: Path, tmp_path: Path, host: str) -> None:
    build_hosts(tmp_path)
    assert _files(tmp_path / host) == _files(project_root / "fixtures" / host)
    build_hosts(tmp_path)  # over what is there
    assert _files(tmp_path / host) == _files(project_root / "fixtures" / host)


@pytest.mark.parametrize("host", HOSTS)
def test_machines_and_their_trees_are_found(project_root: Path, host: str) -> None:
    folder = project_root / "fixtures" / host
    with scan_folder(folder) as inventory:
        assert {machine.name for machine in inventory.machines} == {item["name"] for item in _expected(folder)}
        for item in _expected(folder):
            machine = inventory.machines[item["id"]]
            assert {state.id: state.name for state in machine.snapshots} == item["snapshots"]
            if machine.tree.is_known:
                assert _parents(machine) == item["parents"]
            else:
                assert item["codes"]


def _parents(machine: Machine) -> dict[str, str | None]:
    ids: dict[str | None, str | None] = {state.path: state.id for state in machine.snapshots}
    ids |= {NOW: "", None: None}
    return {ids[state] or "": ids[parent] for state, parent in machine.tree.parents.items()}


@pytest.mark.parametrize("host", HOSTS)
def test_an_audit_tells_what_is_expected_and_nothing_worse(project_root: Path, host: str) -> None:
    folder = project_root / "fixtures" / host
    with scan_folder(folder) as inventory:
        findings = audit(inventory).findings
    worse = sorted(item.code for item in findings if item.severity is not Severity.NOTE)
    assert worse == sorted(code for item in _expected(folder) for code in item["codes"])


def test_the_readme_names_every_machine_and_its_codes(project_root: Path) -> None:
    rows = (project_root / "fixtures" / "README.md").read_text(encoding="utf-8").splitlines()
    for name, codes in BROKEN_MACHINES.items():
        assert any(f"`{name}`" in row and row.endswith(f"| {', '.join(codes)} |") for row in rows)

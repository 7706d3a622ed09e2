"""What an audit says of machines, on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.program import run
from vhdchain.testing.lab import host_lab

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def host(tmp_path: Path) -> Path:
    host_lab().save(tmp_path)
    return tmp_path


def test_a_healthy_host_is_clean(host: Path) -> None:
    assert run("audit", host).code == 0


def test_a_domain_controller_is_told_by_name_or_id(host: Path) -> None:
    machine = host_lab().machines[0]
    for name in ("srv", machine.id):
        ran = run("audit", "--json", host, "--domain-controller", name, "--domain-controller", "web")
        assert ran.code == 1
        assert [item["code"] for item in ran.document["findings"] if item["severity"] == "warning"] == ["VHD828"]
        assert ran.document["record"]["domain_controllers"] == sorted([name, "web"])


def test_a_domain_controller_that_is_no_machine_is_a_usage_error(host: Path) -> None:
    ran = run("audit", host, "--domain-controller", "dc1\n")
    assert (ran.code, ran.out) == (2, "")
    assert ran.error.isprintable()


def test_configurations_are_among_the_inputs(host: Path) -> None:
    document = run("audit", "--json", host).document
    lab = host_lab()
    paths = {str(host / lab.configuration_path(owner)) for machine in lab.machines for owner in machine.owners}
    assert paths < {item["path"] for item in document["inputs"]}
    sarif = run("audit", "--format", "sarif", host).document
    assert len(sarif["runs"][0]["artifacts"]) == len(document["inputs"])

"""One configuration's file: its encoding, and its name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.hyperv.machines import SRV, configuration, snapshot, snapshot_id
from vhdchain.findings import Location, Severity
from vhdchain.hyperv import check_configuration
from vhdchain.hyperv.encoding import HOST_ENCODING


def test_what_a_host_writes_shows_nothing() -> None:
    assert list(check_configuration(configuration())) == []
    assert list(check_configuration(snapshot(1))) == []


def test_a_configuration_in_another_encoding_than_it_declares() -> None:
    stored = replace(HOST_ENCODING, name="utf-8", bom=False)
    (item,) = check_configuration(configuration(encoding=stored))
    assert (item.code, item.severity, item.expected, item.found) == ("VHD815", Severity.NOTE, "UTF-16", "utf-8")


@pytest.mark.parametrize("name", ["srv.xml", f"{SRV} - copy.xml", f"{SRV}", f"{{{SRV}}}.xml"])
def test_a_file_that_is_not_called_by_the_id(name: str) -> None:
    path = f"host/Virtual Machines/{name}"
    (item,) = check_configuration(configuration(path=path))
    assert item.location == Location(path=path, structure="configuration", field="properties/global_id")
    assert (item.code, item.severity) == ("VHD820", Severity.WARNING)
    assert (item.expected, item.found) == (f"{SRV}.xml", name)


def test_the_contents_of_another_snapshot_under_this_name() -> None:
    (item,) = check_configuration(snapshot(1, path=f"host/Snapshots/{snapshot_id(2)}.xml"))
    assert (item.code, item.expected) == ("VHD820", f"{snapshot_id(1)}.xml")


@pytest.mark.parametrize(
    "path", [f"{SRV.lower()}.XML", f"a.b/{SRV}.xml", f"/{SRV}.xml", rf"a/Virtual Machines\{SRV}.xml"]
)
def test_letter_case_and_folders_do_not_matter(path: str) -> None:
    assert list(check_configuration(configuration(path=path))) == []


def test_without_an_id_nothing_is_said_of_the_name() -> None:
    assert list(check_configuration(configuration(id="", path="anything.xml"))) == []

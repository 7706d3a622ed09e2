"""Does a name on the command line mean exactly one state of a machine, or an error that tells the choices?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from tests.cli.program import run
from tests.graph.machine_records import machine, state
from vhdchain.cli.state_names import find_state
from vhdchain.hyperv import Machine, Machines
from vhdchain.testing.lab import HostLab, LabDisk

if TYPE_CHECKING:
    from pathlib import Path

SRV = machine(state("srv"), state("first"), state("now"), state("a:b"), state("twice", path="1.xml"))
TWICE = state("twice", id="OTHER-ID", path="2.xml")
SRV = Machine(id=SRV.id, name=SRV.name, now=SRV.now, snapshots=(*SRV.snapshots, TWICE))
COLON = machine(state("srv:first:x"), state("srv"))
OWN = machine(state("a"), state("b:c"), name="a")
CLASH = machine(state("a:b"), state("c"), name="a:b")
GONE = machine(None, state("only"), name="gone")


def _path(text: str, *machines: Machine) -> str:
    return find_state(Machines(machines), text)[1].path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("srv", "srv.xml"),
        ("srv:first", "first.xml"),
        ("srv:a:b", "a:b.xml"),
        ("srv:1.xml", None),
        ("1.xml", "1.xml"),
        ("srv:OTHER-ID", "2.xml"),
        ("srv:{other-id}", "2.xml"),
        (SRV.id, "srv.xml"),
        (f"{{{SRV.id.lower()}}}:first", "first.xml"),
        (f"{SRV.id}:now", None),
        ("srv:first:x", "srv:first:x.xml"),
        ("srv:first:x:now", "srv:first:x.xml"),
        ("srv:first:x:srv", "srv.xml"),
        ("gone:only", "only.xml"),
        ("gone", None),
        ("gone:now", None),
        ("srv:twice", None),
        ("SRV", None),
        ("srv:", None),
        (":first", None),
        ("", None),
    ],
)
def test_names(text: str, path: str | None) -> None:
    machines = (SRV, COLON, GONE)
    if path is None:
        with pytest.raises(click.UsageError):
            _path(text, *machines)
    else:
        assert _path(text, *machines) == path


def test_what_fits_several_states_is_refused_with_their_paths() -> None:
    with pytest.raises(click.UsageError) as raised:
        _path("a:b:c", OWN, CLASH)
    assert raised.value.message == "'a:b:c' names 2 states; there are: 'a:b:c' (b:c.xml), 'a:b:c' (c.xml)"
    assert _path("c.xml", OWN, CLASH) == "c.xml"


def test_a_snapshot_that_is_called_now_is_not_taken_for_the_present() -> None:
    with pytest.raises(click.UsageError, match=r"names 2 states.*'srv' \(srv\.xml\), 'srv:now' \(now\.xml\)"):
        _path("srv:now", SRV)
    assert _path(f"srv:{SRV.snapshots[1].id}", SRV) == "now.xml"


def test_an_unknown_snapshot_tells_those_of_the_machine_and_an_unknown_machine_all() -> None:
    with pytest.raises(click.UsageError) as raised:
        _path("a:x", OWN, GONE)
    assert raised.value.message == "no state is called 'a:x'; there are: 'a' (a.xml), 'a:b:c' (b:c.xml)"
    with pytest.raises(click.UsageError) as raised:
        _path("x", OWN, GONE)
    assert raised.value.message.endswith("'a:b:c' (b:c.xml), 'gone:only' (only.xml)")
    with pytest.raises(click.UsageError) as raised:
        _path("x")
    assert raised.value.message == "'x': no machine was found here"


def test_a_long_list_ends() -> None:
    many = machine(state("m"), *(state(f"s{number}") for number in range(50)), name="m")
    with pytest.raises(click.UsageError) as raised:
        _path("m:x", many)
    assert raised.value.message.endswith("(s30.xml) and 19 more")


HOSTILE = ("a:b", "a\u202e\u2028b", "[bold red]:skull:", "{x}", "日本")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_names_and_nothing_more(name: str, tmp_path: Path) -> None:
    lab = HostLab(seed=3)
    vm = lab.machine("srv", disks=[LabDisk("sys.vhd", size=1 << 18, block_size=16384)])
    lab.take(vm, "first")
    lab.edit(vm.snapshots[0], "properties/name", name)
    lab.edit(vm, "properties/name", name)
    lab.save(tmp_path)
    told = run("diff", "--in", tmp_path, f"{name}:{name}", name)
    assert (told.code, told.err) == (0, "")
    assert all(each.isprintable() for each in told.out.split("\n"))
    document = run("diff", "--json", "--in", tmp_path, f"{name}:{name}", name).document
    assert (document["older"]["snapshot"], document["newer"]["machine"]) == (name, name)
    wrong = run("diff", "--in", tmp_path, name, f"{name}:gone")
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.error.isprintable()

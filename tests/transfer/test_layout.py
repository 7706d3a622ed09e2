"""Names are safe wherever an export is made, and stay what they were where they are; no two files share a place."""

from __future__ import annotations

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vhdchain.locate import fold_case, parse_path
from vhdchain.transfer import DiskPlaces, configuration_place, safe_name, state_place

ID = "0A5B1D43-6C0E-4F6B-9B0E-6D7B0F0C2A11"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("srv", "srv"),
        ("Web Server (2)", "Web Server (2)"),
        ("B\u00fcro \u4e16\u754c", "B\u00fcro \u4e16\u754c"),
        ("../../etc/passwd", "_._.._etc_passwd"),
        ("..\\..\\x", "_._.._x"),
        (".", "_"),
        ("..", "__"),
        (".hidden", "_hidden"),
        (" a ", "_a_"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1", "_com1"),
        ("CONSOLE", "CONSOLE"),
        ("a/b", "a_b"),
        ("C:", "C_"),
        ('<>:"|?*', "_______"),
        ("a\nb\x00\x7f\x1b[2J", "a_b___[2J"),
        ("\u202egpj.exe", "_gpj.exe"),
        ("\udcff", "_"),
        ("", ID),
        (" \t ", ID),
        ("x" * 300, "x" * 100),
        ("x" * 99 + ". y", "x" * 99 + "_"),
    ],
)
def test_a_name_is_made_safe(name: str, safe: str) -> None:
    assert safe_name(name, ID) == safe


def test_a_machine_without_name_and_id_has_a_folder_too() -> None:
    assert safe_name("", "") == "machine"
    assert safe_name("", "../x") == "_._x"


@given(st.text(max_size=300), st.text(max_size=10))
def test_a_safe_name_is_one_name_for_every_system(name: str, otherwise: str) -> None:
    safe = safe_name(name, otherwise)
    parsed = parse_path(safe)
    assert parsed.problem is None
    assert parsed.parts == (safe,)
    assert 1 <= len(safe.encode("utf-8")) <= 201
    assert safe_name(safe) == safe


def test_parts_of_a_machine_lie_where_hosts_since_2012_put_them() -> None:
    assert configuration_place(f"{ID}.xml", snapshot=False) == f"Virtual Machines/{ID}.xml"
    assert configuration_place(f"{ID}.xml", snapshot=True) == f"Snapshots/{ID}.xml"
    assert state_place(f"{ID}.bin", ID, snapshot=False) == f"Virtual Machines/{ID}/{ID}.bin"
    assert state_place("", ID, snapshot=True) == f"Snapshots/{ID}"


def _placed(*paths: str) -> list[str]:
    places = DiskPlaces()
    return [places.place(path).removeprefix("Virtual Hard Disks/") for path in paths]


def test_disks_keep_their_names_and_the_later_of_two_gets_a_folder() -> None:
    assert _placed("/a/srv.vhd", "/b/SRV.VHD", "/c/b/srv.vhd", "/d/b/other.vhd", "/d/b/srv.vhd") == [
        "srv.vhd",
        "b/SRV.VHD",
        "b 2/srv.vhd",
        "other.vhd",
        "b 3/srv.vhd",
    ]


def test_a_folder_and_a_disk_of_one_name_are_kept_apart() -> None:
    assert _placed("/b.vhd/x.vhd", "/2/b.vhd/x.vhd", "/3/B.VHD") == ["x.vhd", "b.vhd/x.vhd", "3/B.VHD"]
    assert _placed("/1/B.VHD", "/1/x.vhd", "/2/b.vhd/x.vhd") == ["B.VHD", "x.vhd", "b.vhd 2/x.vhd"]


def test_a_disk_whose_name_windows_could_not_have_gets_another_one() -> None:
    assert _placed("/a/C:x.vhd", "/a/con.vhd", "/a/x.", "/a/a\\b.vhd") == ["C_x.vhd", "_con.vhd", "x_", "a_b.vhd"]


def test_a_disk_without_a_folder_has_a_place() -> None:
    assert _placed("srv.vhd", "/srv.vhd") == ["srv.vhd", "disks/srv.vhd"]


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "x", "X", "a 2"]), st.sampled_from(["x", "a", "B", "b"]))))
def test_no_two_disks_have_one_place(named: list[tuple[str, str]]) -> None:
    places = _placed(*(f"/{number}/{folder}/{name}" for number, (folder, name) in enumerate(named)))
    folded = [fold_case(place) for place in places]
    assert len(set(folded)) == len(folded)
    assert not set(folded) & {posixpath.dirname(place) for place in folded}
    assert [posixpath.basename(place) for place in places] == [name for _, name in named]

"""The gate: where stored paths lead on a real file system, and what is never opened, listed or looked at."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.shell.tracing import traced
from vhdchain.errors import ConfigError, FormatError
from vhdchain.image import FaultKind, FooterPolicy, Image, Limits, scan_image
from vhdchain.locate import Candidate, Outcome, PathMap, Refusal, parse_file_url, parse_path
from vhdchain.shell.files import open_source
from vhdchain.shell.gate import MAX_LINKS, DirectoryGate, root_of
from vhdchain.structures.footer import NULL_ID
from vhdchain.testing import ChainBuilder


@pytest.fixture
def vms(tmp_path: Path) -> Path:
    """``vms/base/base.vhd`` and its child ``vms/snap/leaf.avhd``; beside ``vms``, a secret."""
    tree = ChainBuilder(windows_folder=r"D:\VMs")
    base = tree.dynamic("base/base.vhd", size=1 << 20)
    tree.snapshot(base, "snap/leaf.avhd")
    tree.save(tmp_path / "vms")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "passwd").write_bytes(b"root")
    return tmp_path / "vms"


class Door:
    """A gate with ``roots``, asked for what a child's text leads to."""

    def __init__(self, child: Path, *roots: Path, path_map: PathMap | None = None) -> None:
        self.gate = DirectoryGate([root_of(root) for root in roots], path_map=path_map)
        self.child: Image = scan_image(open_source(child))

    def find(self, text: str) -> Candidate | Refusal:
        return self.gate.find(self.child, parse_path(text))

    def path(self, text: str) -> str:
        found = self.find(text)
        assert isinstance(found, Candidate), found
        return found.path

    def refusal(self, text: str) -> Refusal:
        found = self.find(text)
        assert isinstance(found, Refusal), found
        return found


@pytest.fixture
def door(vms: Path) -> Door:
    return Door(vms / "snap" / "leaf.avhd", vms)


# ------------------------------------------------------------------------------------------------------- what is found


@pytest.mark.parametrize(
    "text",
    [
        r"..\base\base.vhd",
        "../base/base.vhd",
        r".\..\base\.\base.vhd",
        r"no-such-folder\..\..\base\base.vhd",
        "file://../base/base.vhd",
    ],
)
def test_a_relative_path_starts_in_the_childs_folder(vms: Path, door: Door, text: str) -> None:
    assert door.path(text) == str(vms / "base" / "base.vhd")


def test_what_was_found_is_opened_and_told_apart_by_file(vms: Path, door: Door) -> None:
    os.link(vms / "base" / "base.vhd", vms / "base" / "hard.vhd")
    found, again = door.find(r"..\base\base.vhd"), door.find(r"..\base\hard.vhd")
    assert isinstance(found, Candidate)
    assert isinstance(again, Candidate)
    assert found.key == again.key
    with door.gate.open(found) as image:
        assert image.name == found.path
        assert door.gate.key(image) == found.key
        assert image.footer is not None


def test_parents_are_scanned_with_the_callers_footer_and_limits(vms: Path, door: Door) -> None:
    limits = Limits(max_bat_entries=0)
    gate = DirectoryGate([root_of(vms)], footer=FooterPolicy.COPY, limits=limits)
    found = gate.find(door.child, parse_path(r"..\base\base.vhd"))
    assert isinstance(found, Candidate)
    image = gate.open(found)
    assert image.footer_source is FooterPolicy.COPY
    assert [(fault.kind, fault.structure) for fault in image.faults] == [(FaultKind.LIMIT, "BAT")]


def test_names_are_shown_as_the_caller_wrote_the_root(vms: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(vms.parent)
    door = Door(Path("vms/snap/leaf.avhd"), Path("vms"))
    assert door.path(r"..\base\base.vhd") == "vms/base/base.vhd"


@pytest.mark.parametrize("text", [r"..\BASE\Base.VHD", r"..\Base\base.vhd"])
def test_letter_case_is_ignored_where_one_file_matches(vms: Path, door: Door, text: str) -> None:
    found = door.find(text)
    assert isinstance(found, Candidate)
    assert found.path == str(vms / "base" / "base.vhd")
    assert found.note


def test_an_exact_name_wins_over_other_letter_cases(vms: Path, door: Door) -> None:
    (vms / "base" / "BASE.VHD").write_bytes(b"")
    found = door.find(r"..\base\base.vhd")
    assert isinstance(found, Candidate)
    assert (found.path, found.note) == (str(vms / "base" / "base.vhd"), "")


def test_several_names_in_other_letter_cases_are_ambiguous(vms: Path, door: Door) -> None:
    (vms / "base" / "BASE.VHD").write_bytes(b"")
    assert door.refusal(r"..\base\Base.vhd").outcome is Outcome.AMBIGUOUS


def test_a_root_may_be_spelled_in_another_letter_case(vms: Path) -> None:
    door = Door(vms / "snap" / "leaf.avhd", vms / "base")
    found = door.find(r"..\BASE\base.vhd")
    assert isinstance(found, Candidate)
    assert found.note


def test_decomposed_letters_are_the_same_name(vms: Path, door: Door) -> None:
    (vms / "snap" / "Mu\u0308ller.vhd").write_bytes(b"")
    assert door.path("Müller.vhd") == str(vms / "snap" / "Mu\u0308ller.vhd")


def test_a_missing_file_says_what_is_not_there(door: Door) -> None:
    refusal = door.refusal(r"..\bases\base.vhd")
    assert (refusal.outcome, refusal.outside) == (Outcome.MISSING, False)
    assert door.refusal(r"..\base\base.vhd\x.vhd").outcome is Outcome.MISSING
    assert door.refusal("x" * 300 + ".vhd").outcome is Outcome.MISSING


# --------------------------------------------------------------------------------------------------------- path maps


def test_a_mapped_path_leads_into_its_folder(vms: Path) -> None:
    door = Door(vms / "snap" / "leaf.avhd", vms, path_map=PathMap({r"D:\VMs": str(vms)}))
    assert door.path(r"d:\vms\base\base.vhd") == str(vms / "base" / "base.vhd")
    assert door.path(r"\VMs\base\base.vhd") == str(vms / "base" / "base.vhd")


def test_a_map_alone_does_not_lead_out_of_the_roots(vms: Path) -> None:
    secret = vms.parent / "secret"
    door = Door(vms / "snap" / "leaf.avhd", vms, path_map=PathMap({r"D:\VMs": str(secret)}))
    refusal = door.refusal(r"D:\VMs\passwd")
    assert (refusal.outcome, refusal.outside) == (Outcome.REFUSED, True)


def test_a_map_through_a_link_is_compared_in_its_real_form(vms: Path) -> None:
    (vms.parent / "alias").symlink_to(vms)
    door = Door(vms / "snap" / "leaf.avhd", vms, path_map=PathMap({"D:": str(vms.parent / "alias")}))
    assert door.path(r"D:\base\base.vhd") == str(vms / "base" / "base.vhd")


@pytest.mark.parametrize("text", [r"C:\VMs\base.vhd", r"\VMs\base.vhd"])
def test_a_drive_that_nothing_maps_leads_nowhere(door: Door, text: str) -> None:
    assert door.refusal(text).outcome is Outcome.UNMAPPED


def test_a_unc_path_is_refused_unless_it_is_mapped_to_a_copy(vms: Path, door: Door) -> None:
    assert door.refusal(r"\\server\share\base.vhd").outcome is Outcome.REFUSED
    mapped = Door(vms / "snap" / "leaf.avhd", vms, path_map=PathMap({r"\\server\share": str(vms / "base")}))
    assert mapped.path(r"\\SERVER\Share\base.vhd") == str(vms / "base" / "base.vhd")


def test_a_posix_path_counts_inside_the_roots(vms: Path, door: Door) -> None:
    assert door.path(str(vms / "base" / "base.vhd")) == str(vms / "base" / "base.vhd")
    assert door.refusal(str(vms.parent / "secret" / "passwd")).outside


# ------------------------------------------------------------------------------------------------------------- links


def test_a_link_inside_is_followed_to_its_own_name(vms: Path, door: Door) -> None:
    (vms / "snap" / "base.vhd").symlink_to("../base/base.vhd")
    (vms / "snap" / "folder").symlink_to(vms / "base")
    assert door.path("base.vhd") == str(vms / "base" / "base.vhd")
    assert door.path(r"folder\base.vhd") == str(vms / "base" / "base.vhd")
    assert door.path(r"FOLDER\base.vhd") == str(vms / "base" / "base.vhd")


@pytest.mark.parametrize("target", ["../../secret/passwd", "/etc/passwd", "../../../../../../../../etc/passwd"])
def test_a_link_out_of_the_roots_is_refused(vms: Path, door: Door, target: str) -> None:
    (vms / "snap" / "base.vhd").symlink_to(target)
    refusal = door.refusal("base.vhd")
    assert (refusal.outcome, refusal.outside) == (Outcome.REFUSED, True)


def test_a_link_to_a_folder_outside_is_refused(vms: Path, door: Door) -> None:
    (vms / "snap" / "out").symlink_to(vms.parent / "secret")
    assert door.refusal(r"out\passwd").outside


def test_links_that_lead_to_each_other_end(vms: Path, door: Door) -> None:
    (vms / "snap" / "a.vhd").symlink_to("b.vhd")
    (vms / "snap" / "b.vhd").symlink_to("a.vhd")
    (vms / "snap" / "self").symlink_to("self")
    assert door.refusal("a.vhd").outcome is Outcome.REFUSED
    assert door.refusal(r"self\base.vhd").outcome is Outcome.REFUSED


def test_as_many_links_are_followed_as_linux_follows(vms: Path, door: Door) -> None:
    target = vms / "base" / "base.vhd"
    for number in range(MAX_LINKS + 1):
        (vms / "snap" / f"{number}.vhd").symlink_to(target)
        target = vms / "snap" / f"{number}.vhd"
    assert MAX_LINKS == 40
    assert door.path(f"{MAX_LINKS - 1}.vhd") == str(vms / "base" / "base.vhd")
    assert door.refusal(f"{MAX_LINKS}.vhd").outcome is Outcome.REFUSED


def test_a_link_that_names_the_root_as_the_caller_did_is_followed(vms: Path, tmp_path: Path) -> None:
    (tmp_path / "spelled").symlink_to(vms)
    (vms / "snap" / "link.vhd").symlink_to(tmp_path / "spelled" / "base" / "base.vhd")
    door = Door(vms / "snap" / "leaf.avhd", tmp_path / "spelled")
    assert door.path("link.vhd") == str(tmp_path / "spelled" / "base" / "base.vhd")


def test_roots_that_differ_in_letter_case_alone_are_not_guessed_between(tmp_path: Path) -> None:
    tree = ChainBuilder()
    tree.dynamic("base.vhd", size=1 << 20)
    for name in ("VMS", "Vms"):
        tree.save(tmp_path / name)
    door = Door(tmp_path / "VMS" / "base.vhd", tmp_path / "VMS", tmp_path / "Vms")
    assert door.path(str(tmp_path / "Vms" / "BASE.vhd")) == str(tmp_path / "Vms" / "base.vhd")
    refusal = door.refusal(str(tmp_path / "vms" / "base.vhd"))
    assert (refusal.outcome, refusal.outside) == (Outcome.REFUSED, True)


def test_a_child_named_by_a_link_counts_in_its_real_folder(vms: Path) -> None:
    link = vms.parent / "link.avhd"
    link.symlink_to(vms / "snap" / "leaf.avhd")
    assert Door(link, vms).path(r"..\base\base.vhd") == str(vms / "base" / "base.vhd")


# ------------------------------------------------------------------------------------------- what is no regular file


def test_a_fifo_a_socket_and_a_folder_are_refused(vms: Path, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(vms / "snap" / "fifo.vhd")
    (vms / "snap" / "folder.vhd").mkdir()
    monkeypatch.chdir(vms / "snap")  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.vhd")
        for name in ("fifo.vhd", "folder.vhd", "socket.vhd", r"..\snap"):
            refusal = door.refusal(name)
            assert (refusal.outcome, refusal.outside) == (Outcome.REFUSED, False), name


def test_a_file_that_is_swapped_for_another_one_is_not_read(vms: Path, door: Door) -> None:
    found = door.find(r"..\base\base.vhd")
    assert isinstance(found, Candidate)
    other = vms / "other"
    other.write_bytes(b"x" * 4096)
    other.replace(vms / "base" / "base.vhd")
    with pytest.raises(FormatError):
        door.gate.open(found)


def test_a_file_that_is_swapped_for_a_link_or_a_fifo_is_not_opened(vms: Path, door: Door) -> None:
    found = door.find(r"..\base\base.vhd")
    assert isinstance(found, Candidate)
    base = vms / "base" / "base.vhd"
    base.unlink()
    base.symlink_to(vms.parent / "secret" / "passwd")
    with traced() as trace, pytest.raises(FormatError):
        door.gate.open(found)
    base.unlink()
    os.mkfifo(base)
    with traced() as after, pytest.raises(FormatError):
        door.gate.open(found)
    assert (trace.paths, after.paths) == ([], [])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_entered_is_access_denied(vms: Path, door: Door) -> None:
    (vms / "base").chmod(0)
    try:
        assert door.refusal(r"..\base\base.vhd").outcome is Outcome.ACCESS_DENIED
    finally:
        (vms / "base").chmod(stat.S_IRWXU)


def test_a_gate_opens_only_what_it_found(door: Door) -> None:
    with pytest.raises(KeyError):
        door.gate.open(Candidate(key=(0, 0), path="/etc/passwd"))


def test_a_root_is_a_folder_that_exists(vms: Path) -> None:
    for path in (vms / "nowhere", vms / "base" / "base.vhd"):
        with pytest.raises(ConfigError):
            root_of(path)


# ------------------------------------------------------------------------------------------------ nothing leads outside

HOSTILE = [
    r"..\..\..\etc\passwd",
    r"..\..\secret\passwd",
    r"..\..\..\..\..\..\..\..\..\..\etc\passwd",
    "../../secret/passwd",
    "/etc/passwd",
    "/dev/zero",
    "/proc/self/environ",
    r"\\server\share\x.vhd",
    "//server/share/x.vhd",
    r"\\?\PhysicalDrive0",
    r"\\.\PhysicalDrive0",
    r"\\.\pipe\x",
    r"\\?\UNC\server\share\x.vhd",
    r"C:\Windows\win.ini",
    r"\Windows\win.ini",
    "C:x.vhd",
    "NUL",
    "base.vhd:stream",
    "a\0b",
    "",
    r"out\passwd",
    "out.vhd",
    r"OUT\passwd",
    "fifo.vhd",
    "loop.vhd",
    "file:///etc/passwd",
    "file://localhost/dev/zero",
    "file://server/share/x.vhd",
    "file://./%2e%2e/%2e%2e/secret/passwd",
    "file://../../secret/passwd",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_path_is_refused_with_nothing_opened_outside(vms: Path, text: str) -> None:
    os.mkfifo(vms / "snap" / "fifo.vhd")
    (vms / "snap" / "loop.vhd").symlink_to("loop.vhd")
    (vms / "snap" / "out").symlink_to(vms.parent / "secret")
    (vms / "snap" / "out.vhd").symlink_to(vms.parent / "secret" / "passwd")
    door = Door(vms / "snap" / "leaf.avhd", vms)
    with traced() as trace:
        found = [door.find(text), door.gate.find(door.child, parse_file_url(text))]
    assert all(isinstance(item, Refusal) for item in found)
    assert all(item.detail for item in found if isinstance(item, Refusal))
    inside = [str(vms), "base", "snap", "."]
    assert [path for path in trace.paths if path not in inside] == []
    assert trace.writing == []


_PIECES = [
    "..",
    "\\",
    "/",
    "base",
    "snap",
    "base.vhd",
    "BASE",
    "out",
    "loop.vhd",
    "secret",
    "passwd",
    "etc",
    "C:",
    "file:",
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(st.sampled_from(_PIECES) | st.text(max_size=3), max_size=10).map("".join))
def test_no_path_at_all_leads_outside(vms: Path, text: str) -> None:
    for name, target in (("out", vms.parent / "secret"), ("loop.vhd", Path("loop.vhd"))):
        if not (vms / "snap" / name).is_symlink():
            (vms / "snap" / name).symlink_to(target)
    door = Door(vms / "snap" / "leaf.avhd", vms, path_map=PathMap({"C:": str(vms / "base")}))
    with traced() as trace:
        found = door.find(text)
    if isinstance(found, Candidate):
        assert found.path in {str(vms / "base" / "base.vhd"), str(vms / "snap" / "leaf.avhd")}
    names = {"base", "snap", "."}
    assert [path for path in trace.paths if path != str(vms) and path not in names] == []


# --------------------------------------------------------------------------------------------------------- identifiers


def test_the_index_finds_a_disk_by_its_identifier_alone(vms: Path, door: Door) -> None:
    (vms / "base" / "base.vhd").rename(vms / "snap" / "renamed.VHD")
    wanted = door.child.parent_unique_id
    assert wanted is not None
    (found,) = door.gate.indexed(wanted).candidates
    assert found.path == str(vms / "snap" / "renamed.VHD")
    with door.gate.open(found) as image:
        assert image.unique_id == wanted


def test_a_file_with_two_names_is_in_the_index_once_and_links_are_not(vms: Path, door: Door) -> None:
    os.link(vms / "base" / "base.vhd", vms / "base" / "hard.vhd")
    (vms / "base" / "soft.vhd").symlink_to("base.vhd")
    wanted = door.child.parent_unique_id or NULL_ID
    assert [item.path for item in door.gate.indexed(wanted).candidates] == [str(vms / "base" / "base.vhd")]


def test_copies_are_in_the_index_one_by_one_in_the_order_of_their_names(vms: Path, door: Door) -> None:
    data = (vms / "base" / "base.vhd").read_bytes()
    for name in ("z.vhd", "snap/a.avhd"):
        (vms / name).write_bytes(data)
    wanted = door.child.parent_unique_id or NULL_ID
    paths = [item.path for item in door.gate.indexed(wanted).candidates]
    assert paths == [str(vms / name) for name in ("z.vhd", "base/base.vhd", "snap/a.avhd")]


def test_the_index_reads_nothing_outside_and_nothing_that_is_not_named_like_a_disk(vms: Path, door: Door) -> None:
    (vms / "snap" / "out").symlink_to(vms.parent / "secret")
    (vms / "snap" / "out.vhd").symlink_to(vms.parent / "secret" / "passwd")
    (vms / "snap" / "notes.txt").write_bytes(b"")
    os.mkfifo(vms / "snap" / "fifo.vhd")
    with traced() as trace:
        assert door.gate.indexed(b"x" * 16).candidates == ()
    folders = {str(vms), str(vms / "base"), str(vms / "snap")}
    assert set(trace.paths) == folders | {str(vms / "base" / "base.vhd"), str(vms / "snap" / "leaf.avhd")}


def test_the_index_is_built_once(vms: Path, door: Door) -> None:
    door.gate.indexed(NULL_ID)
    with traced() as trace:
        door.gate.indexed(b"x" * 16)
    assert trace.events == []

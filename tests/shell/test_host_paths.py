"""Where files lie that messages call by paths as the caller wrote them, and what a path map leads to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from vhdchain.hyperv import PathOutcome, PathRule
from vhdchain.hyperv.known_files import names_of
from vhdchain.locate import Candidate, Outcome, PathMap, Refusal
from vhdchain.shell.host_paths import LocalPlaces, MappedPaths

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("spelled", ["real", "link", ".", "", "real/", "./real", "real/../real", "{}/real"])
def test_places_are_real_whatever_the_caller_wrote(
    spelled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real/sub").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path / "real" if spelled in (".", "") else tmp_path)
    folder = spelled.format(tmp_path)
    place_of = LocalPlaces([folder])
    real = os.path.realpath(tmp_path / "real")
    for name in ("x.vhd", "sub/x.vhd", "sub/deep/er/x.vhd", r"a\b.vhd"):
        assert place_of(os.path.join(folder, name)) == names_of(f"{real}/{name}")  # noqa: PTH118 - as a walk does


def test_places_outside_of_the_folders_are_real_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    monkeypatch.chdir(tmp_path / "real")
    place_of = LocalPlaces([])
    assert place_of("x.xml") == names_of(os.path.realpath(tmp_path / "real/x.xml"))
    assert place_of("/x.xml") == ("/", "X.XML")
    assert place_of("/a/b/x.xml") == ("/", "A", "B", "X.XML")


def test_a_map_is_followed_once_for_every_path() -> None:
    asked: list[tuple[str, str]] = []

    def follow(local: str, stored: str) -> Candidate | Refusal:
        asked.append((local, stored))
        if "gone" in local:
            return Refusal(outcome=Outcome.MISSING, detail="there is no gone.vhd")
        return Candidate(key=(1, 2), path="shown.vhd", note="letter case differs")

    mapped = MappedPaths(PathMap({r"D:\VMs": "/x"}), follow)
    for _ in range(2):
        found = mapped(r"D:\VMs\a.vhd")
        assert found is not None
        assert (found.outcome, found.path, found.rule, found.exact) == (
            PathOutcome.FOUND,
            "shown.vhd",
            PathRule.MAP,
            True,
        )
        assert found.attempts[0].detail == "letter case differs"
        gone = mapped(r"D:\VMs\gone.vhd")
        assert gone is not None
        assert (gone.outcome, gone.path, gone.attempts[0].rule) == (PathOutcome.MISSING, None, PathRule.MAP)
        assert "there is no gone.vhd" in gone.attempts[0].detail
        assert mapped(r"E:\VMs\a.vhd") is None
    assert asked == [("/x/a.vhd", r"D:\VMs\a.vhd"), ("/x/gone.vhd", r"D:\VMs\gone.vhd")]


def test_without_a_map_nothing_is_asked() -> None:
    def follow(local: str, stored: str) -> Candidate | Refusal:
        raise AssertionError(local)

    assert MappedPaths(PathMap(), follow)(r"D:\VMs\a.vhd") is None

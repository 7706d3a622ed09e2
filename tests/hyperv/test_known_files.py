"""The index of files by place, end and name: what it answers, and that many namesakes cost no more than they are."""

from __future__ import annotations

import random

import pytest

from vhdchain.hyperv import KnownFiles
from vhdchain.hyperv.known_files import MOST_TOLD, Fit, NearFiles, common_end, common_start, names_of


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("a/B/c.vhd", ("A", "B", "C.VHD")),
        ("/a//./b/", ("/", "A", "B")),
        ("./a/x", ("A", "X")),
        (r"a\b/c", ("A", "B", "C")),
        ("ß/ä", ("ß", "Ä")),
        ("a\u0308", ("Ä",)),
        ("", ()),
        ("/", ("/",)),
    ],
)
def test_a_path_has_names(path: str, names: tuple[str, ...]) -> None:
    assert names_of(path) == names


@pytest.mark.parametrize(
    ("one", "other", "start", "end"),
    [("abc", "abd", 2, 0), ("abc", "xbc", 0, 2), ("", "a", 0, 0), ("ab", "ab", 2, 2), ("a", "aba", 1, 1)],
)
def test_paths_have_beginnings_and_ends_in_common(one: str, other: str, start: int, end: int) -> None:
    assert (common_start(one, other), common_start(other, one)) == (start, start)
    assert (common_end(one, other), common_end(other, one)) == (end, end)


def _known(*paths: str) -> KnownFiles:
    return KnownFiles({path: path for path in paths})


def test_files_are_found_at_their_places_whatever_the_letter_case() -> None:
    known = _known("a/B/x.vhd", "a/b/X.VHD", "a/b/x.vhd/x.vhd", "x.vhd")
    assert set(known.at(("A", "B", "X.VHD"))) == {"a/B/x.vhd", "a/b/X.VHD"}
    assert known.at(("X.VHD",)) == ("x.vhd",)
    assert known.at(("A", "X.VHD")) == ()
    assert known.at(()) == ()


def test_a_file_with_several_places_is_one_file() -> None:
    known = KnownFiles({"a/x.vhd": "a/x.vhd", "A/X.vhd": "a/x.vhd", "b/x.vhd": "a/x.vhd"})
    assert known.at(("A", "X.VHD")) == ("a/x.vhd",)
    assert known.named("X.VHD").some == ("a/x.vhd",)
    assert known.named("X.VHD").nearest(("C",)) == Fit(files=("a/x.vhd",))


def test_the_longest_common_end_counts_and_a_name_alone_is_none() -> None:
    known = _known("p/vms/srv/x.vhd", "q/srv/x.vhd", "x.vhd")
    assert known.ending(("VMS", "SRV", "X.VHD"), folder=()).files == ("p/vms/srv/x.vhd",)
    assert known.ending(("ELSE", "SRV", "X.VHD"), folder=("Q",)) == Fit(files=("q/srv/x.vhd",), nearest=True)
    assert known.ending(("ELSE", "X.VHD"), folder=()) == Fit()
    assert known.ending(("VMS", "SRV", "X.VHD"), folder=(), below=("Q",)).files == ("q/srv/x.vhd",)
    assert known.ending(("SRV", "Y.VHD"), folder=()) == Fit()
    assert known.ending((), folder=()) == Fit()


def test_ends_longer_than_looked_at_are_all_alike() -> None:
    tail = "1/2/3/4/5/6/7/x.vhd"
    known = _known(f"a/0/{tail}", f"b/1/{tail}")
    assert set(known.ending(names_of(f"a/0/{tail}"), folder=()).files) == {f"a/0/{tail}", f"b/1/{tail}"}


def test_the_nearest_has_most_folders_in_common_then_the_fewest_of_its_own() -> None:
    known = _known("a/b/c/x", "a/b/d/e/x", "a/x", "z/x").named("X")
    assert known.nearest(("A", "B", "C", "D")).files == ("a/b/c/x",)
    assert known.nearest(("A", "B")).files == ("a/b/c/x",)
    assert known.nearest(("A", "Q")).files == ("a/x",)
    assert known.nearest(("Q",)) == Fit(files=("a/x", "z/x"), nearest=True)
    assert known.nearest(("Q",), below=("A", "B", "D")) == Fit(files=("a/b/d/e/x",))
    assert known.nearest(("Q",), below=("Q",)) == Fit()


def test_no_more_are_told_than_a_person_reads() -> None:
    known = _known(*(f"{number}/x" for number in range(100))).named("X")
    assert (len(known.some), len(known.nearest(("Q",)).files)) == (MOST_TOLD, MOST_TOLD)


def test_a_folder_holds_what_lies_anywhere_below_it() -> None:
    known = _known("a/b/c/x.vhd")
    assert [known.holds(folder) for folder in (("A",), ("A", "B", "C"), ())] == [True] * 3
    assert [known.holds(folder) for folder in (("B",), ("A", "B", "C", "X.VHD"), ("A", "BB"))] == [False] * 3
    assert not KnownFiles({}).holds(())


def test_what_becomes_known_later_counts_everywhere() -> None:
    known = _known("a/x.vhd")
    assert known.named("X.VHD").some == ("a/x.vhd",)
    assert known.ending(("B", "X.VHD"), folder=()).files == ()
    assert not known.holds(("B",))
    known.add(("B", "X.VHD"), "b/x.vhd")
    assert known.at(("B", "X.VHD")) == ("b/x.vhd",)
    assert known.ending(("B", "X.VHD"), folder=()).files == ("b/x.vhd",)
    assert known.holds(("B",))
    assert sorted(known) == [(("A", "X.VHD"), "a/x.vhd"), (("B", "X.VHD"), "b/x.vhd")]


def test_bisection_finds_what_looking_at_every_file_finds() -> None:
    source = random.Random(1)
    for _ in range(300):
        places = [tuple(source.choice("ABC") for _ in range(source.randrange(5))) for _ in range(12)]
        entries = sorted({((*place, "X"), "/".join(place)) for place in places})
        folder = tuple(source.choice("ABC") for _ in range(source.randrange(5)))
        below = folder[: source.randrange(len(folder) + 1)] if source.random() < 0.5 else ()
        fit = NearFiles(entries).nearest(folder, below=below)
        inside = [(place, file) for place, file in entries if place[: len(below)] == below]
        ranks = {file: (-common_start(place[:-1], folder), len(place)) for place, file in inside}
        best = [file for file, rank in ranks.items() if rank == min(ranks.values())]
        assert sorted(fit.files) == sorted(best)
        assert fit.nearest is (len(best) < len(ranks))

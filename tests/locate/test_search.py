"""The search for a parent: who wins, what is refused, what the trace says."""

from __future__ import annotations

import errno

import pytest

from tests.locate.scripted import Place, ScriptedGate
from vhdchain.errors import FormatError
from vhdchain.image import Image, scan_image
from vhdchain.locate import Candidate, Located, Outcome, PathKind, Refusal, Resolution, Rule, locate_parent
from vhdchain.source import ByteSource, BytesSource
from vhdchain.structures import PlatformCode
from vhdchain.structures.footer import NULL_ID
from vhdchain.testing import ChainBuilder
from vhdchain.testing.dialects import Locator, NameForm

RELATIVE, ABSOLUTE = r".\base.vhd", r"C:\VMs\base.vhd"
LOCATORS = (Locator(code=PlatformCode.W2KU), Locator(code=PlatformCode.W2RU))


class World:
    """A base, its leaf, another disk and a copy of the base, and a gate to them."""

    def __init__(
        self,
        places: dict[str, Place],
        *,
        index: list[str] | None = None,
        note: str = "",
        locators: tuple[Locator, ...] = LOCATORS,
        name_form: NameForm = NameForm.EMPTY,
        wanted: bytes | None = None,
        more: dict[str, ByteSource | Exception] | None = None,
    ) -> None:
        tree = ChainBuilder(windows_folder=r"C:\VMs")
        self.base = tree.dynamic("base.vhd", size=1 << 20)
        self.other = tree.dynamic("other.vhd", size=1 << 20)
        tree.dynamic("nobody.vhd", size=1 << 20, unique_id=NULL_ID)
        tree.copy(self.base, "copy.vhd")
        leaf = tree.snapshot(
            self.base,
            "leaf.avhd",
            locators=locators,
            name_form=name_form,
            parent_unique_id=self.base.unique_id if wanted is None else wanted,
        )
        self.leaf: Image = scan_image(tree.source(leaf))
        junk = BytesSource(bytes(2048), name="junk.bin")
        self.gate = ScriptedGate(
            {**tree.sources(), "junk.bin": junk, **(more or {})},
            places,
            index={self.leaf.parent_unique_id or b"": index or []},
            note=note,
        )

    def search(self, *, accept_mismatch: bool = False) -> Located:
        return locate_parent(self.leaf, self.gate, accept_mismatch=accept_mismatch)


def _trace(resolution: Resolution) -> list[tuple[Rule, str | None, Outcome]]:
    return [(item.rule, item.candidate, item.outcome) for item in resolution.attempts]


def test_the_parent_is_found_and_every_reference_is_tried() -> None:
    world = World({RELATIVE: "base.vhd", ABSOLUTE: "base.vhd"})
    located = world.search()
    assert located.parent is not None
    assert located.parent.unique_id == world.base.unique_id
    assert located.key == "base.vhd"
    assert located.resolution.found_by is Rule.W2RU
    assert (located.resolution.outcome, located.resolution.parent) == (Outcome.FOUND, "base.vhd")
    assert (located.resolution.fallback, located.resolution.agrees) == (False, True)
    assert _trace(located.resolution) == [
        (Rule.W2RU, "base.vhd", Outcome.FOUND),
        (Rule.W2KU, "base.vhd", Outcome.FOUND),
    ]
    assert [item.slot for item in located.resolution.attempts] == [1, 0]


def test_one_file_is_opened_once_however_many_references_lead_to_it() -> None:
    world = World({RELATIVE: "base.vhd", ABSOLUTE: "base.vhd"})
    world.search()
    assert (world.gate.opened, world.gate.discarded, world.gate.asked) == (["base.vhd"], [], [])


@pytest.mark.parametrize(
    ("relative", "absolute", "found_by"),
    [("other.vhd", "base.vhd", Rule.W2KU), ("base.vhd", "other.vhd", Rule.W2RU)],
)
def test_the_file_whose_identifier_agrees_wins_whatever_the_order(relative: str, absolute: str, found_by: Rule) -> None:
    world = World({RELATIVE: relative, ABSOLUTE: absolute})
    resolution = world.search().resolution
    assert (resolution.parent, resolution.found_by, resolution.fallback) == ("base.vhd", found_by, False)
    assert {item.outcome for item in resolution.attempts if item.candidate == "other.vhd"} == {Outcome.MISMATCH}
    assert world.gate.discarded == ["other.vhd"]


@pytest.mark.parametrize("stale", [RELATIVE, ABSOLUTE])
def test_a_stale_reference_does_not_hide_the_one_that_works(stale: str) -> None:
    works = ABSOLUTE if stale == RELATIVE else RELATIVE
    resolution = World({works: "base.vhd"}).search().resolution
    assert resolution.parent == "base.vhd"
    assert (Rule.W2RU if stale == RELATIVE else Rule.W2KU, stale, Outcome.MISSING) in _trace(resolution)


def test_of_two_copies_the_more_trusted_reference_has_its_way() -> None:
    resolution = World({RELATIVE: "copy.vhd", ABSOLUTE: "base.vhd"}).search().resolution
    assert (resolution.parent, resolution.found_by) == ("copy.vhd", Rule.W2RU)


def test_another_disk_in_the_parents_place_is_a_mismatch() -> None:
    world = World({RELATIVE: "other.vhd"})
    located = world.search()
    assert (located.parent, located.resolution.outcome) == (None, Outcome.MISMATCH)
    first = located.resolution.attempts[0]
    assert (first.candidate, first.unique_id) == ("other.vhd", world.other.unique_id)
    assert located.resolution.wanted == world.base.unique_id
    assert world.gate.discarded == ["other.vhd"]


def test_a_mismatch_counts_where_the_caller_accepts_it() -> None:
    world = World({RELATIVE: "other.vhd"})
    located = world.search(accept_mismatch=True)
    assert (located.resolution.parent, located.resolution.agrees) == ("other.vhd", False)
    assert located.resolution.found_by is Rule.W2RU
    assert world.gate.discarded == []


def test_an_accepted_mismatch_never_beats_the_file_that_agrees() -> None:
    world = World({RELATIVE: "other.vhd"}, index=["base.vhd"])
    resolution = world.search(accept_mismatch=True).resolution
    assert (resolution.parent, resolution.agrees) == ("base.vhd", True)


def test_the_index_is_asked_where_no_reference_agrees() -> None:
    world = World({}, index=["base.vhd"])
    resolution = world.search().resolution
    assert world.gate.asked == [world.base.unique_id]
    assert (resolution.parent, resolution.found_by, resolution.fallback) == ("base.vhd", Rule.UUID_INDEX, True)


def test_several_files_in_the_index_are_ambiguous() -> None:
    world = World({}, index=["base.vhd", "copy.vhd"])
    located = world.search()
    assert (located.parent, located.resolution.outcome) == (None, Outcome.AMBIGUOUS)
    assert located.resolution.candidates(Outcome.AMBIGUOUS) == ("base.vhd", "copy.vhd")
    assert world.gate.opened == []


def test_the_child_itself_is_no_answer_of_the_index() -> None:
    resolution = World({}, index=["leaf.avhd", "base.vhd"]).search().resolution
    assert resolution.parent == "base.vhd"


def test_an_index_that_is_incomplete_says_so() -> None:
    resolution = World({}, note="the index lacks 2 files").search().resolution
    assert "the index lacks 2 files" in resolution.attempts[-1].detail


def test_nothing_found_is_missing() -> None:
    resolution = World({}).search().resolution
    assert resolution.outcome is Outcome.MISSING
    assert not resolution.is_outside
    assert resolution.attempts[-1].rule is Rule.UUID_INDEX


def test_a_file_that_is_no_vhd_is_told() -> None:
    assert World({RELATIVE: "junk.bin"}).search().resolution.outcome is Outcome.NOT_A_VHD


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), Outcome.ACCESS_DENIED),
        (OSError(errno.EIO, "Input/output error"), Outcome.UNREADABLE),
        (FormatError("replaced"), Outcome.UNREADABLE),
    ],
)
def test_a_file_that_cannot_be_opened_says_why(error: Exception, outcome: Outcome) -> None:
    resolution = World({RELATIVE: "locked.vhd"}, more={"locked.vhd": error}).search().resolution
    assert (resolution.outcome, resolution.attempts[0].outcome) == (outcome, outcome)
    assert resolution.attempts[0].detail


def test_another_copy_is_found_behind_a_file_that_cannot_be_opened() -> None:
    denied = PermissionError(errno.EACCES, "Permission denied")
    resolution = World({RELATIVE: "x.vhd", ABSOLUTE: "base.vhd"}, more={"x.vhd": denied}).search().resolution
    assert resolution.parent == "base.vhd"


def test_a_place_that_may_not_be_looked_at_is_refused() -> None:
    outside = Refusal(outcome=Outcome.REFUSED, detail="outside", path="/etc/base.vhd", outside=True)
    resolution = World({RELATIVE: outside}).search().resolution
    assert (resolution.outcome, resolution.is_outside) == (Outcome.REFUSED, True)


def test_a_guess_that_fails_does_not_hide_that_the_recorded_place_was_not_looked_at() -> None:
    outside = Refusal(outcome=Outcome.REFUSED, detail="outside", path="/x/base.vhd", outside=True)
    resolution = World({RELATIVE: outside, "base.vhd": "other.vhd"}, name_form=NameForm.BASENAME).search().resolution
    assert (resolution.outcome, resolution.is_outside) == (Outcome.REFUSED, True)


def test_another_machines_posix_path_does_not_hide_that_the_parent_is_missing() -> None:
    outside = Refusal(outcome=Outcome.REFUSED, detail="outside", path="/VMs/base.vhd", outside=True)
    resolution = World({"/VMs/base.vhd": outside}, name_form=NameForm.SLASHES).search().resolution
    assert resolution.outcome is Outcome.MISSING


def test_a_recorded_place_that_is_the_child_itself_is_told() -> None:
    resolution = World({RELATIVE: "leaf.avhd"}).search().resolution
    assert (resolution.outcome, resolution.attempts[0].outcome) == (Outcome.SELF, Outcome.SELF)


def test_a_parent_with_the_childs_own_name_in_another_folder_is_just_missing() -> None:
    world = World({"base.vhd": "leaf.avhd"}, name_form=NameForm.BASENAME)
    assert world.search().resolution.outcome is Outcome.MISSING


def test_a_bare_name_that_is_all_there_is_and_names_the_child_is_told() -> None:
    world = World({"base.vhd": "leaf.avhd"}, name_form=NameForm.BASENAME, locators=())
    assert world.search().resolution.outcome is Outcome.SELF


def test_a_bare_name_is_a_fallback() -> None:
    resolution = World({"base.vhd": "base.vhd"}, name_form=NameForm.BASENAME, locators=()).search().resolution
    assert (resolution.found_by, resolution.fallback) == (Rule.HEADER_NAME, True)


def test_the_trace_keeps_what_the_checks_ask_for() -> None:
    far = Candidate(key="base.vhd", path="base.vhd", other_volume=True)
    bent = Candidate(key="other.vhd", path="other.vhd", note="letter case differs")
    trace = World({RELATIVE: bent, ABSOLUTE: far, "base.vhd": "base.vhd"}, name_form=NameForm.BASENAME).search()
    relative, absolute, name = trace.resolution.attempts
    assert (relative.kind, relative.bent, relative.guess, relative.file) == (
        PathKind.RELATIVE,
        True,
        False,
        "other.vhd",
    )
    assert (absolute.kind, absolute.bent, absolute.other_volume) == (PathKind.DRIVE, False, True)
    assert (name.guess, name.is_recorded, relative.is_recorded, absolute.is_recorded) == (True, False, True, True)
    assert trace.resolution.leading == (absolute, name)


def test_the_index_is_a_guess_of_no_kind() -> None:
    resolution = World({}, index=["base.vhd"]).search().resolution
    (index,) = (item for item in resolution.attempts if item.rule is Rule.UUID_INDEX)
    assert (index.kind, index.guess, index.file) == (None, True, "base.vhd")
    assert resolution.leading == (index,)


def test_a_search_that_found_nothing_was_led_nowhere() -> None:
    assert World({RELATIVE: "other.vhd"}).search().resolution.leading == ()


def test_two_names_of_the_parent_led_there_both() -> None:
    alias = Candidate(key="base.vhd", path="alias.vhd")
    resolution = World({RELATIVE: "base.vhd", ABSOLUTE: alias}).search().resolution
    assert [item.candidate for item in resolution.leading] == ["base.vhd", "alias.vhd"]


def test_another_letter_case_is_a_fallback_unless_another_reference_is_exact() -> None:
    bent = Candidate(key="base.vhd", path="base.vhd", note="letter case differs")
    alone = World({RELATIVE: bent}).search().resolution
    assert (alone.found_by, alone.fallback) == (Rule.W2RU, True)
    beside = World({RELATIVE: bent, ABSOLUTE: "base.vhd"}).search().resolution
    assert (beside.found_by, beside.fallback) == (Rule.W2KU, False)


def test_a_null_identifier_asks_for_a_raw_disk() -> None:
    world = World({RELATIVE: "junk.bin"}, wanted=NULL_ID)
    located = world.search()
    assert located.parent is not None
    assert (located.parent.raw, located.parent.virtual_size) == (True, 2048)
    assert world.gate.asked == []


def test_a_null_identifier_takes_a_vhd_without_one() -> None:
    located = World({RELATIVE: "nobody.vhd"}, wanted=NULL_ID).search()
    assert located.parent is not None
    assert (located.parent.raw, located.parent.name) == (False, "nobody.vhd")


def test_a_null_identifier_does_not_take_a_vhd_that_has_one() -> None:
    assert World({RELATIVE: "base.vhd"}, wanted=NULL_ID).search().resolution.outcome is Outcome.MISMATCH


@pytest.mark.parametrize("head", [b"vhdxfile", b"v_poison", b"QFI\xfb\0\0\0\3", b"KDMV\1\0\0\0"])
def test_another_image_format_is_no_raw_disk(head: bytes) -> None:
    image = BytesSource(head.ljust(4096, b"\0"), name="x")
    assert World({RELATIVE: "x"}, wanted=NULL_ID, more={"x": image}).search().resolution.outcome is Outcome.NOT_A_VHD


def test_a_sparse_vhd_that_lost_its_footers_is_no_raw_disk() -> None:
    image = BytesSource(bytes(512) + b"cxsparse".ljust(4096, b"\0"), name="x")
    assert World({RELATIVE: "x"}, wanted=NULL_ID, more={"x": image}).search().resolution.outcome is Outcome.NOT_A_VHD


def test_an_empty_file_is_a_raw_disk_of_no_bytes() -> None:
    located = World({RELATIVE: "x"}, wanted=NULL_ID, more={"x": BytesSource(b"", name="x")}).search()
    assert located.parent is not None
    assert located.parent.virtual_size == 0


def test_a_null_identifier_is_never_looked_for_in_the_index() -> None:
    world = World({}, wanted=NULL_ID, index=["nobody.vhd"])
    assert world.search().resolution.outcome is Outcome.MISSING
    assert world.gate.asked == []


def test_a_raw_parent_has_no_identifier_in_the_trace() -> None:
    resolution = World({RELATIVE: "junk.bin"}, wanted=NULL_ID).search().resolution
    assert [item.unique_id for item in resolution.attempts if item.outcome is Outcome.FOUND] == [None]


def test_a_header_at_the_very_end_of_a_file_is_seen() -> None:
    image = BytesSource(bytes(512) + b"cxsparse".ljust(1024, b"\0"), name="x")
    assert World({RELATIVE: "x"}, wanted=NULL_ID, more={"x": image}).search().resolution.outcome is Outcome.NOT_A_VHD


def test_an_accepted_mismatch_counts_also_where_the_index_has_several() -> None:
    world = World({RELATIVE: "other.vhd"}, index=["base.vhd", "copy.vhd"])
    assert world.search().resolution.outcome is Outcome.AMBIGUOUS
    accepted = world.search(accept_mismatch=True).resolution
    assert (accepted.outcome, accepted.parent, accepted.agrees) == (Outcome.FOUND, "other.vhd", False)


@pytest.mark.parametrize(
    ("first", "second"), [("base.vhd", "copy.vhd"), ("base.vhd", "junk.bin"), ("base.vhd", "other.vhd")]
)
def test_whatever_was_opened_and_not_taken_is_given_back(first: str, second: str) -> None:
    world = World({RELATIVE: first, ABSOLUTE: second})
    located = world.search()
    assert located.parent is not None
    assert (located.parent.name, world.gate.discarded) == ("base.vhd", [second])


AMBIGUOUS_NAME = Refusal(outcome=Outcome.AMBIGUOUS, detail="2 names differ from it in letter case alone", path="x")
NO_ENTRY = Refusal(outcome=Outcome.ACCESS_DENIED, detail="access is denied", path="x")
OUTSIDE = Refusal(outcome=Outcome.REFUSED, detail="outside", path="/VMs/base.vhd", outside=True)
UNC = Refusal(outcome=Outcome.REFUSED, detail="UNC paths are never opened")


@pytest.mark.parametrize(
    ("places", "outcome"),
    [
        (("other.vhd", AMBIGUOUS_NAME), Outcome.MISMATCH),
        (("other.vhd", "junk.bin"), Outcome.MISMATCH),
        (("junk.bin", NO_ENTRY), Outcome.NOT_A_VHD),
        ((NO_ENTRY, AMBIGUOUS_NAME), Outcome.ACCESS_DENIED),
        ((AMBIGUOUS_NAME, UNC), Outcome.AMBIGUOUS),
        ((UNC, UNC), Outcome.REFUSED),
        ((UNC, None), Outcome.MISSING),
    ],
)
def test_what_says_most_is_told_in_either_order(places: tuple[Place | None, ...], outcome: Outcome) -> None:
    for texts in ((RELATIVE, ABSOLUTE), (ABSOLUTE, RELATIVE)):
        there = {text: place for text, place in zip(texts, places, strict=True) if place is not None}
        assert World(there).search().resolution.outcome is outcome


def test_a_posix_path_outside_is_refused_where_it_is_all_there_is() -> None:
    resolution = World({"/VMs/base.vhd": OUTSIDE}, name_form=NameForm.SLASHES, locators=()).search().resolution
    assert (resolution.outcome, resolution.is_outside) == (Outcome.REFUSED, True)

"""A plan is told for people, and written as a document that fits its schema and is read back."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import jsonschema
import pytest

from tests.report.validation import strict, validate
from vhdchain.findings import Location, finding
from vhdchain.plan import (
    STEP_KINDS,
    CopyFile,
    CreateFile,
    DeleteFile,
    DigestFile,
    FileState,
    Fill,
    MakeFolder,
    MergeBlocks,
    Patch,
    PatchFile,
    Plan,
    RemoveFolder,
    RenameFile,
    ReplaceFile,
    SetModified,
    Step,
    VerifyChain,
    VerifyFile,
    VolumeNeed,
    WriteDisk,
    WriteRecord,
    plan_document,
    plan_from_document,
)
from vhdchain.plan.interruption import Interruption, Point
from vhdchain.report.documents.plan_schema import PLAN_SCHEMA, RESUME_SCHEMA
from vhdchain.report.lines import plain_text
from vhdchain.report.text.plan import interruption_line, plan_lines
from vhdchain.report.text.steps import step_words

PATCH = Patch(offset=0x240, old=b"\0" * 16, new=b"\1" * 16, why="parent_unique_id of the dynamic header")
MERGE = MergeBlocks(
    destination="base.vhd",
    layers=("a.avhd", "b.avhd"),
    below=(),
    old_size=4096,
    new_size=4096 + 2048,
    sectors=3,
    new_blocks=1,
    overwritten=2,
)
WORDS: tuple[tuple[Step, str], ...] = (
    (PatchFile(path="a", patches=(PATCH,)), "change 1 place of a"),
    (PatchFile(path="a", patches=(PATCH, PATCH), size=512), "change 2 places of a, which is 512 bytes long then"),
    (ReplaceFile(path="a", patches=(PATCH,)), "put a copy with 1 place changed in the place of a"),
    (CreateFile(path="a", content=b"xyz", why="a configuration"), "make a, 3 bytes: a configuration"),
    (CopyFile(source="a", path="b"), "copy a to b"),
    (CopyFile(source="a", path="b", hash="sha256"), "copy a to b, and make its sha256"),
    (CopyFile(source="a", path="b", hash="sha1", expected="0" * 40), "copy a to b, and compare its sha1"),
    (VerifyFile(path="a", size=3, hash="sha256"), "read a back, 3 bytes, and compare its sha256"),
    (DigestFile(path="a", hash="sha256"), "read a back, and make its sha256"),
    (VerifyChain(layers=("a", "b"), within=(".",)), "open the chain of b, and find its 2 files"),
    (
        WriteRecord(path="a", content=b"xyz", fills=(Fill(offset=0, length=3, fact="size:b"),), why="a record"),
        "make a, 3 bytes: a record",
    ),
    (RenameFile(path="a", to="b"), "rename a to b"),
    (DeleteFile(path="a"), "delete a"),
    (MakeFolder(path="a"), "make the folder a"),
    (RemoveFolder(path="a"), "remove the folder a"),
    (SetModified(path="a", seconds=86_400), "set the time of a to 2000-01-02 00:00:00 UTC"),
    (SetModified(path="a", seconds=1 << 80), f"set the time of a to {1 << 80} s after the beginning of 2000"),
    (
        MERGE,
        "write 1,536 bytes (1.5 KiB) of a.avhd, b.avhd into base.vhd, which gets 1 block and 2,048 bytes (2 KiB) more",
    ),
    (
        dataclasses.replace(MERGE, new_size=4096, new_blocks=0),
        "write 1,536 bytes (1.5 KiB) of a.avhd, b.avhd into base.vhd",
    ),
    (
        WriteDisk(layers=("a", "b"), path="c", form="dynamic", disk_size=512),
        "write the disk of b to c as a dynamic VHD",
    ),
)


@pytest.mark.parametrize(("step", "words"), WORDS, ids=[words for _, words in WORDS])
def test_each_step_has_its_words(step: Step, words: str) -> None:
    assert "".join(part.text for part in step_words(step)) == words


def test_words_are_tried_for_every_kind_of_step() -> None:
    assert {type(step) for step, _ in WORDS} == set(STEP_KINDS.values())


PLAN = Plan(
    action="merge",
    summary="a.avhd and b.avhd into base.vhd",
    steps=(MERGE, ReplaceFile(path="c.avhd", patches=(PATCH,)), DeleteFile(path="b.avhd"), DeleteFile(path="a.avhd")),
    files=(FileState(path="base.vhd", size=4096, mtime_ns=5, identity=(1, 2)), FileState(path="a.avhd", size=3)),
    needs=(VolumeNeed(folder=".", peak=10_240, lasting=-512),),
    facts={"bytes_to_move": 1536, "new_blocks": 1000, "hash": "sha256"},
    findings=(finding("VHD711", Location(path="base.vhd"), "a merge needs room"),),
)


def test_a_plan_is_told_with_its_steps_figures_room_and_findings() -> None:
    assert plain_text(plan_lines(PLAN, width=None)).splitlines() == [
        "merge: a.avhd and b.avhd into base.vhd",
        (
            "  1. write 1,536 bytes (1.5 KiB) of a.avhd, b.avhd into base.vhd, which gets 1 block and "
            "2,048 bytes (2 KiB) more"
        ),
        "  2. put a copy with 1 place changed in the place of c.avhd",
        "     @0x240 16 bytes: parent_unique_id of the dynamic header",
        "  3. delete b.avhd",
        "  4. delete a.avhd",
        "  bytes to move       1,536 bytes (1.5 KiB)",
        "  new blocks          1,000",
        "  hash                sha256",
        "  room                up to 10,240 bytes (10 KiB) meanwhile, 512 bytes less in the end, in .",
        "  is gone afterwards  b.avhd",
        "  is gone afterwards  a.avhd",
        "  base.vhd",
        "    warning  VHD711",
        "             a merge needs room",
    ]


def test_lines_keep_within_a_terminal_and_paths_stay_whole() -> None:
    lines = plain_text(plan_lines(PLAN, width=60)).splitlines()

    assert all(len(each) <= 60 for each in lines)


def test_many_places_are_summed_up() -> None:
    plan = Plan(action="repair", summary="", steps=(PatchFile(path="a", patches=(PATCH,) * 20),))
    lines = plain_text(plan_lines(plan, width=None)).splitlines()

    assert lines[-1] == "     and 8 more places"
    assert len(lines) == 15


def test_a_plan_without_steps_says_so() -> None:
    plan = Plan(action="repair", summary="a.vhd", steps=())

    assert plain_text(plan_lines(plan, width=None)) == "repair: a.vhd\n  nothing is to be done\n"


def found(point: Point, begun: int, done: int) -> str:
    at = Interruption(journal="j", plan=PLAN, point=point, begun=begun, done=done)
    return "".join(part.text for part in interruption_line(at))


def test_an_interruption_is_told_in_one_line() -> None:
    head = "j: merge: a.avhd and b.avhd into base.vhd: "

    assert found(Point.BEFORE, 0, 0) == head + "nothing of it was begun"
    assert found(Point.IN_STEPS, 3, 2) == head + "interrupted in step 3 of 4 (delete b.avhd)"
    assert found(Point.IN_STEPS, 2, 2) == head + "interrupted after step 2 of 4"
    assert found(Point.CLEARING_UP, 4, 4) == head + "all of its 4 steps are done, and it was clearing up"
    assert found(Point.TAKING_BACK, 2, 1) == head + "it was being taken back, from step 2 of 4"


def test_a_plan_of_every_step_fits_the_schema_and_nothing_is_left_out() -> None:
    plan = dataclasses.replace(PLAN, steps=tuple(step for step, _ in WORDS))
    document: dict[str, Any] = json.loads(json.dumps(plan_document(plan)))
    validate(document, strict(PLAN_SCHEMA))

    assert plan_from_document(document) == plan


@pytest.mark.parametrize("word", STEP_KINDS)
def test_the_schema_has_exactly_the_fields_of_the_record(word: str) -> None:
    definitions = PLAN_SCHEMA["$defs"]
    assert isinstance(definitions, dict)
    fields = definitions[word]["properties"]

    assert list(fields) == ["action", *(each.name for each in dataclasses.fields(STEP_KINDS[word]))]


def test_the_schema_refuses_what_is_no_plan() -> None:
    document = plan_document(PLAN)
    for changed in ({"action": 1}, {"steps": [{"action": "melt"}]}, {"steps": [{"action": "delete"}]}):
        with pytest.raises(jsonschema.ValidationError):
            validate({**document, **changed}, PLAN_SCHEMA)


def test_the_schemas_are_schemas() -> None:
    for schema in (PLAN_SCHEMA, RESUME_SCHEMA):
        jsonschema.Draft202012Validator.check_schema(schema)

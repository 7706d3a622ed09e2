"""A plan goes into a document and comes back, whatever is in it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vhdchain.errors import ConfigError
from vhdchain.findings import Location, Severity, finding
from vhdchain.plan import (
    STEP_KINDS,
    CopyFile,
    CreateFile,
    DeleteFile,
    FileState,
    Fill,
    MergeBlocks,
    Patch,
    PatchFile,
    Plan,
    ReplaceFile,
    VerifyChain,
    VolumeNeed,
    WriteDisk,
    WriteRecord,
    plan_document,
    plan_from_document,
)

PATCHES = st.binary(min_size=1, max_size=4).flatmap(
    lambda old: st.builds(
        Patch,
        offset=st.integers(0, 1 << 62),
        old=st.just(old),
        new=st.binary(min_size=len(old), max_size=len(old)),
        why=st.text(),
    )
)
SIZES = st.none() | st.integers(0, 1 << 62)
TEXTS = st.lists(st.text(), min_size=1, max_size=3).map(tuple)
FIELDS: dict[type, dict[str, st.SearchStrategy[Any]]] = {
    PatchFile: {"patches": st.lists(PATCHES, max_size=3).map(tuple), "size": SIZES},
    ReplaceFile: {"patches": st.lists(PATCHES, max_size=3).map(tuple), "size": SIZES},
    CopyFile: {"hash": st.sampled_from(["sha256", "md5"]), "expected": st.text()},
    VerifyChain: {"layers": TEXTS},
    WriteRecord: {
        "content": st.binary(min_size=20, max_size=30),
        "fills": st.lists(st.integers(0, 9), unique=True, max_size=3).map(
            lambda places: tuple(Fill(offset=2 * at, length=2, fact="sha256:a.vhd") for at in sorted(places))
        ),
    },
}
"""What the fields hold of steps that do not take anything."""

STEPS = st.one_of(*(st.builds(kind, **FIELDS.get(kind, {})) for kind in STEP_KINDS.values()))
FINDINGS = st.builds(
    finding,
    st.sampled_from(["VHD106", "VHD711"]),
    st.builds(Location, path=st.text(), offset=st.none() | st.integers(0, 1 << 62)),
    st.text(),
    expected=st.none() | st.text() | st.integers(),
    found=st.none() | st.text() | st.integers(),
    related=st.lists(st.text(), max_size=2),
    severity=st.none() | st.sampled_from(Severity),
)
PLANS = st.builds(
    Plan,
    action=st.text(),
    summary=st.text(),
    steps=st.lists(STEPS, max_size=4).map(tuple),
    files=st.lists(st.builds(FileState), max_size=2).map(tuple),
    needs=st.lists(st.builds(VolumeNeed), max_size=2).map(tuple),
    facts=st.dictionaries(st.text(), st.integers() | st.text(), max_size=3),
    findings=st.lists(FINDINGS, max_size=2).map(tuple),
)


@given(PLANS)
def test_a_plan_that_is_written_down_and_read_back_is_the_same_plan(plan: Plan) -> None:
    document = json.loads(json.dumps(plan_document(plan)))

    assert plan_from_document(document) == plan


def test_a_plan_is_written_by_the_names_of_its_fields() -> None:
    plan = Plan(
        action="repair",
        summary="the footer of a.vhd from its copy",
        steps=(PatchFile(path="a.vhd", patches=(Patch(offset=16, old=b"\0\1", new=b"\2\3", why="footer"),)),),
        files=(FileState(path="a.vhd", size=1536, mtime_ns=5, identity=(1, 2)),),
    )

    assert plan_document(plan) == {
        "schema": "vhdchain.plan",
        "version": 1,
        "action": "repair",
        "summary": "the footer of a.vhd from its copy",
        "steps": [
            {
                "action": "patch",
                "path": "a.vhd",
                "patches": [{"offset": 16, "old": "0001", "new": "0203", "why": "footer"}],
                "size": None,
            }
        ],
        "files": [{"path": "a.vhd", "size": 1536, "mtime_ns": 5, "identity": [1, 2]}],
        "needs": [],
        "facts": {},
        "findings": [],
    }


def test_every_kind_of_step_has_one_word() -> None:
    assert len(set(STEP_KINDS)) == len(set(STEP_KINDS.values()))
    assert {CreateFile, CopyFile, DeleteFile, MergeBlocks, WriteDisk} <= set(STEP_KINDS.values())


GOOD = plan_document(
    Plan(action="a", summary="s", steps=(DeleteFile(path="x"),), files=(FileState(path="x", size=1, identity=(1, 2)),))
)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ([], "plan: list found, an object expected"),
        (
            {**GOOD, "version": 2},
            "plan.schema: 'vhdchain.plan' version 2 found; this program reads vhdchain.plan version 1",
        ),
        ({**GOOD, "steps": 1}, "plan.steps: int found, a list expected"),
        (
            {**GOOD, "steps": [{"action": "melt"}]},
            f"plan.steps[0].action: 'melt' is no step; known are {', '.join(STEP_KINDS)}",
        ),
        ({**GOOD, "steps": [{"action": "delete"}]}, "plan.steps[0].path: is missing"),
        ({**GOOD, "steps": [{"action": "delete", "path": 1}]}, "plan.steps[0].path: 1 found, str expected"),
        (
            {**GOOD, "steps": [{"action": "delete", "path": "x", "at": 1}]},
            "plan.steps[0].at: DeleteFile has no such field",
        ),
        ({**GOOD, "files": [{"path": "x", "size": True}]}, "plan.files[0].size: True found, int expected"),
        (
            {**GOOD, "files": [{"path": "x", "size": 1, "identity": [1]}]},
            "plan.files[0].identity: 1 items found, 2 expected",
        ),
        ({**GOOD, "facts": {"bytes": None}}, "plan.facts.bytes: None found, a number or a text expected"),
        (
            {**GOOD, "steps": [{"action": "create", "path": "x", "content": "0g", "why": ""}]},
            "plan.steps[0].content: '0g' found, hexadecimal digits expected",
        ),
        (
            {
                **GOOD,
                "steps": [
                    {"action": "patch", "path": "x", "patches": [{"offset": 0, "old": "00", "new": "", "why": ""}]}
                ],
            },
            "plan.steps[0].patches[0]: a patch @0x0 of 1 bytes by 0",
        ),
        (
            {**GOOD, "findings": [{"code": "VHD106", "severity": "bad", "location": {"path": "x"}, "message": ""}]},
            "plan.findings[0].severity: 'bad' is none of error, warning, note",
        ),
    ],
)
def test_what_is_no_plan_is_told_by_the_place_of_the_fault(changed: object, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        plan_from_document(changed)

    assert str(caught.value) == message

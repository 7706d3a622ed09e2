"""Is what is reported of every real disk what was reviewed by hand, and is each finding explained?

The documents stand in ``golden/corpus``: facts of a file, what an audit tells of it, and beside each code the sentence
that says why it is right. After a change that is meant, ``VHDCHAIN_WRITE_GOLDEN=1 pytest tests/test_corpus_reports.py``
writes them again and keeps the explanations; a new code wants a new one. That findings hold is shown a second time from
the files' bytes, with nothing but ``struct`` (``corpus_by_hand.py``).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.corpus_by_hand import PROOFS
from tests.corpus_reports import (
    FILES,
    GOLDEN,
    codes_of,
    copy_corpus,
    document_of,
    golden_of,
    golden_path,
    write_golden,
)

if TYPE_CHECKING:
    from pathlib import Path

PARENTS = {
    "fat-pair/fat-differential.vhd": "fat-pair/fat-parent.vhd",
    "win8-pair/win8-child.vhd": "win8-pair/win8.vhd",
}

WARNINGS: list[tuple[str, str]] = []
"""The warnings about real disks as (file, code); each would be explained in its document."""


@pytest.fixture(scope="module")
def copied(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    copy_corpus(corpus, folder)
    return folder


@pytest.mark.corpus
@pytest.mark.parametrize("name", FILES)
def test_the_report_is_the_reviewed_one(copied: Path, name: str) -> None:
    document = document_of(name, copied)
    if os.environ.get("VHDCHAIN_WRITE_GOLDEN") == "1":
        write_golden(name, document)
    golden = golden_of(name)
    del golden["explained"]
    assert document == golden


@pytest.mark.corpus
def test_every_disk_of_the_collection_has_its_report(corpus: Path) -> None:
    assert {path.relative_to(corpus).as_posix() for path in corpus.rglob("*.vhd")} == set(FILES)
    assert set(GOLDEN.iterdir()) == {golden_path(name) for name in FILES}


@pytest.mark.parametrize("name", FILES)
def test_every_finding_is_explained(name: str) -> None:
    golden = golden_of(name)
    assert list(golden["explained"]) == codes_of(golden)
    assert [code for code, text in golden["explained"].items() if not text.endswith(".")] == []


def test_real_disks_have_no_error_and_only_these_warnings() -> None:
    told = [
        (name, item["code"], item["severity"])
        for name in FILES
        for item in (*golden_of(name)["findings"], *golden_of(name)["deep"])
        if item["severity"] != "note"
    ]
    assert told == [(name, code, "warning") for name, code in WARNINGS]


@pytest.mark.corpus
@pytest.mark.parametrize("name", FILES)
def test_findings_follow_from_the_bytes(corpus: Path, name: str) -> None:
    raw = (corpus / name).read_bytes()
    parent = (corpus / PARENTS[name]).read_bytes() if name in PARENTS else None
    golden = golden_of(name)
    for item in (*golden["findings"], *golden["deep"]):
        proven = PROOFS[item["code"]](raw, parent)
        assert proven == (item.get("offset"), item["expected"], item["found"]), item["code"]


def test_no_proof_is_left_over() -> None:
    assert set(PROOFS) == {code for name in FILES for code in codes_of(golden_of(name))}

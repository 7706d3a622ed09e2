"""Is every planted damage of a host marked in its tree, in a text that a terminal can show and a document that fits?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.report.validation import strict, validate
from vhdchain.audit import audit
from vhdchain.findings import Severity
from vhdchain.report.diagrams import dot_text, mermaid_text
from vhdchain.report.documents.tree import tree_document
from vhdchain.report.documents.tree_schema import TREE_SCHEMA
from vhdchain.report.lines import plain_text
from vhdchain.report.text.tree import tree_lines
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.damage_folder import FOLDER_RECIPES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLANTED = [code for code, recipe in FOLDER_RECIPES.items() if recipe.host and not recipe.denied and not recipe.touched]


@pytest.mark.parametrize("code", PLANTED)
def test_what_is_wrong_with_a_host_is_marked_in_its_tree(code: str, tmp_path: Path) -> None:
    recipe = FOLDER_RECIPES[code]
    recipe.plant(tmp_path)
    path_map = {source: tmp_path / target for source, target in recipe.path_map.items()}
    with scan_folder(*(tmp_path / name for name in recipe.scanned), path_map=path_map) as inventory:
        report = audit(inventory, domain_controllers=recipe.domain_controllers, free_space=recipe.free_space)
        text = plain_text(tree_lines(inventory, report.findings, width=80))
        document = tree_document(inventory, report.findings)
        diagrams = dot_text(inventory, report.findings), mermaid_text(inventory, report.findings)
    # What is about no file has no place in a tree; notes are for the audit to tell.
    marked = {
        f"{item.severity} {item.code} "
        for item in report.findings
        if item.location.path and item.severity is not Severity.NOTE
    }
    assert {mark for mark in marked if mark not in text} == set()
    validate(document, strict(TREE_SCHEMA))
    told = sorted(json.dumps(item, sort_keys=True) for item in findings_in(json.loads(json.dumps(document))))
    assert len(told) == len(set(told)) == len(report.findings)
    assert all(each.isprintable() for diagram in diagrams for each in diagram.splitlines())


def findings_in(value: object) -> Iterator[object]:
    """Yield the findings of a document, wherever they stand."""
    if isinstance(value, list):
        for item in value:
            yield from findings_in(item)
    elif isinstance(value, dict):
        if "severity" in value:
            yield value
        else:
            yield from findings_in(list(value.values()))

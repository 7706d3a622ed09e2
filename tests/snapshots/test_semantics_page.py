"""The page on the semantics shows the table of rules as it is."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from vhdchain.snapshots import Operation

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


def generator(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_semantics", root / "docs" / "generate_semantics.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_diagram_and_table_are_those_of_the_rules(project_root: Path) -> None:
    text = (project_root / "docs" / "semantics.md").read_text(encoding="utf-8")

    assert generator(project_root).page(text) == text


def test_every_operation_stands_in_the_diagram_and_is_explained(project_root: Path) -> None:
    text = (project_root / "docs" / "semantics.md").read_text(encoding="utf-8")
    diagram = text.partition("```mermaid")[2].partition("```")[0]
    explained = text.partition("## The operations")[2].partition("## ")[0]

    for operation in Operation:
        assert str(operation) in diagram
        assert f"`{operation}" in explained

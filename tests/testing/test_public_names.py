"""Does every name that ``vhdchain.testing`` offers resolve, and is none forgotten?"""

from __future__ import annotations

import ast
from pathlib import Path

from vhdchain import testing


def test_every_name_resolves_to_what_its_module_calls_it() -> None:
    assert {name: getattr(testing, name) for name in testing.__all__}.keys() == set(testing.__all__)
    assert set(testing.__all__) <= set(dir(testing))


def test_the_imports_for_type_checkers_the_table_and_the_list_agree() -> None:
    source = Path(testing.__file__ or "").read_text(encoding="utf-8")
    imported = {
        alias.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("vhdchain.testing.")
        for alias in node.names
    }
    assert imported == set(testing.__all__) == set(testing._HOME)


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(testing, "ChainBreaker")

"""Is the page about what readers do with a differencing disk still true of those that are installed?"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.oracles.others import DISSECT, LIBVHDI, QEMU_IMG, SEVEN_ZIP

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from vhdchain.testing.oracles import Oracle

pytestmark = pytest.mark.oracle

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "readers.md").read_text(encoding="utf-8")
NAMES = {"qemu-img": QEMU_IMG, "7zip": SEVEN_ZIP, "libvhdi": LIBVHDI, "dissect": DISSECT}


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_readers", ROOT / "docs" / "generate_readers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


GENERATOR: Any = _generator()


def _cells(number: int, table: str) -> list[str]:
    """Return the cells below the heading of a column, by its number."""
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ")]
    return [row[number].strip(" |") for row in rows[1:]]


@pytest.mark.parametrize("name", GENERATOR.OTHERS)
def test_the_table_holds_what_the_reader_does(name: str, installed: Callable[[str], Oracle]) -> None:
    installed(NAMES[name])
    (report,) = GENERATOR.ask([name], [row.case for row in GENERATOR.ROWS])
    now = "\n".join(GENERATOR.table([report], [name])).partition("\n\n")[0]
    shown = PAGE.partition("\n| case |")[2].partition("\n\n")[0]
    assert _cells(1, now) == _cells(1 + GENERATOR.OTHERS.index(name), f"| case |{shown}")


@pytest.mark.parametrize("name", ["qemu-img", "7zip"])
def test_the_table_of_all_cases_holds_what_a_quick_reader_does(name: str, installed: Callable[[str], Oracle]) -> None:
    installed(NAMES[name])
    (report,) = GENERATOR.ask([name])
    now = "\n".join(GENERATOR.matrix([report]))
    shown = PAGE.partition("\n| trap |")[2].partition("\n\n")[0]
    assert _cells(2, now) == _cells(2 + GENERATOR.OTHERS.index(name), f"| trap |{shown}")


@pytest.mark.parametrize(
    ("earlier", "now", "agrees"),
    [
        ("wrong", "zeros", True),
        ("wrong", "wrong: child", True),
        ("wrong", "right", False),
        ("opens", "right", True),
        ("opens", "refuses", False),
        ("zeros", "wrong: junk", False),
        ("refuses", "told the parent", False),
        ("right", "right", True),
    ],
)
def test_a_difference_from_the_earlier_table_is_told(earlier: str, now: str, agrees: bool) -> None:
    assert GENERATOR.agrees(earlier, now) is agrees

"""docs/plans.md tells of every kind of step."""

from __future__ import annotations

import re
from pathlib import Path

from vhdchain.plan import STEP_KINDS

PAGE = Path(__file__).parents[2] / "docs" / "plans.md"


def test_the_table_of_steps_has_every_kind_with_its_record() -> None:
    rows = [line.split("|")[1:3] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    told = {
        word: name
        for words, names in rows
        for word, name in zip(re.findall(r"`([a-z-]+)`", words), re.findall(r"`([A-Z]\w+)`", names), strict=False)
    }

    assert told == {word: kind.__name__ for word, kind in STEP_KINDS.items()}

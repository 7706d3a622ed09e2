"""What a check of backups finds wrong with a machine, an audit of the same folder tells by the code that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.audit.backup.test_conditions import VIOLATIONS
from vhdchain.audit import audit
from vhdchain.audit.backup import ConditionName, backup_check
from vhdchain.shell.scanning import scan_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vhdchain.testing.lab import HostLab


@pytest.mark.parametrize(("name", "lab"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_a_deep_audit_tells_the_code_of_a_violated_condition(
    name: ConditionName, lab: Callable[[], HostLab], tmp_path: Path
) -> None:
    lab().save(tmp_path)
    with scan_folder(tmp_path) as inventory:
        told = {item.code for item in audit(inventory, deep=True).findings}
        (machine,) = backup_check(inventory).machines
    codes = {condition.name: condition.code for condition in machine.conditions if condition.code is not None}
    assert {each for each, code in codes.items() if code in told} == {name}

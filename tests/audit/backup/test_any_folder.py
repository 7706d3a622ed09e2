"""Whatever a folder holds, a check of backups ends, says what it can in well-formed lines, and calls no more proven."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest

from tests.audit.backup.labs import checked
from vhdchain.audit.backup import Answer, BackupReport, BackupSet, Presence, Verdict, backup_check
from vhdchain.report.documents.backup import backup_document
from vhdchain.report.documents.backup_schema import BACKUP_SCHEMA
from vhdchain.report.lines import plain_text
from vhdchain.report.text.backup import backup_lines
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.damage_folder import FOLDER_RECIPES, FolderRecipe
from vhdchain.testing.lab import HEALTHY_LABS

if TYPE_CHECKING:
    from pathlib import Path

HOSTS = {code: recipe for code, recipe in FOLDER_RECIPES.items() if recipe.host is not None or not recipe.denied}


def _well_formed(report: BackupReport) -> None:
    jsonschema.Draft202012Validator(BACKUP_SCHEMA).validate(json.loads(json.dumps(backup_document(report))))
    for width in (80, None):
        lines = plain_text(backup_lines(report, width=width)).splitlines()
        assert all(line.isprintable() for line in lines)
    for machine in report.machines:
        said = [*machine.reasons, *(clause for item in machine.conditions for clause in item.evidence)]
        assert all(clause and clause.isprintable() and not clause.endswith(".") for clause in said)
        assert (machine.verdict is Verdict.READY) == (not machine.reasons)
        if machine.verdict is Verdict.READY:
            assert machine.complete is Answer.YES
            assert all(file.presence is Presence.PRESENT and not file.detail for file in machine.files)
            assert not any(item.guess for item in machine.conditions)


@pytest.mark.parametrize("recipe", HOSTS.values(), ids=HOSTS)
def test_every_planted_fault_is_lived_with(recipe: FolderRecipe, tmp_path: Path) -> None:
    recipe.plant(tmp_path)
    with scan_folder(tmp_path) as inventory:
        # A folder is a complete set of itself, as far as it holds what its machines need.
        report = backup_check(inventory, held=BackupSet(inventory=inventory))
    _well_formed(report)
    assert report.set is not None
    number = {presence: sum(file.presence is presence for file in report.files) for presence in Presence}
    # Of files that fit one path equally well, any will do.
    least = number[Presence.PRESENT]
    assert least <= report.set.held <= least + number[Presence.UNKNOWN]


@pytest.mark.parametrize("name", [name for name in HEALTHY_LABS if name != "export, 2008 R2"])
def test_of_every_healthy_host_no_more_is_said_than_its_files_prove(name: str, tmp_path: Path) -> None:
    lab = HEALTHY_LABS[name]()
    report = checked(lab, tmp_path)
    _well_formed(report)
    saved = {machine.id for machine in lab.machines if machine.state.saved is not None}
    assert {machine.id for machine in report.machines if machine.verdict is Verdict.READY} == saved
    assert {machine.complete for machine in report.machines} == {Answer.YES}
    assert not any(machine.prediction.interrupts is Answer.YES for machine in report.machines)

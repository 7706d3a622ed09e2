"""Are the reports what their schemas say? Ours for ``vhdchain.audit``, the standard's own for SARIF.

What ``vhdchain.tree`` holds, `test_machine_documents.py` tells.
"""

from __future__ import annotations

import copy
import importlib.util
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from tests.audit.folders import audited, planted
from tests.report.validation import strict, validate
from vhdchain.audit import AuditReport, audit
from vhdchain.findings import code_info
from vhdchain.report.documents.audit import audit_document
from vhdchain.report.documents.audit_schema import AUDIT_SCHEMA
from vhdchain.report.documents.diff_schema import DIFF_SCHEMA
from vhdchain.report.documents.machine_diff_schema import MACHINE_DIFF_SCHEMA
from vhdchain.report.documents.sarif import path_uri, sarif_document
from vhdchain.report.documents.tree_schema import TREE_SCHEMA
from vhdchain.shell.scanning import scan_folder
from vhdchain.testing.damage_folder import FOLDER_RECIPES, Link, healthy_folder

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent.parent
SARIF_SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
OPTIONS = {"fail_on": "warning", "accept": ["VHD603"]}


@pytest.fixture(scope="module")
def broken() -> AuditReport:
    with scan_folder(ROOT / "fixtures" / "broken") as inventory:
        return audit(inventory, now=NOW)


def test_the_schemas_are_schemas() -> None:
    jsonschema.Draft202012Validator.check_schema(AUDIT_SCHEMA)
    jsonschema.Draft202012Validator.check_schema(DIFF_SCHEMA)
    jsonschema.Draft202012Validator.check_schema(MACHINE_DIFF_SCHEMA)
    jsonschema.Draft202012Validator.check_schema(TREE_SCHEMA)
    jsonschema.Draft202012Validator.check_schema(SARIF_SCHEMA)


def test_the_report_of_an_audit_holds_what_the_schema_describes_and_nothing_else(broken: AuditReport) -> None:
    validate(audit_document(broken), strict(AUDIT_SCHEMA))
    validate(audit_document(broken, dict(OPTIONS)), AUDIT_SCHEMA)  # options are further fields


@pytest.mark.parametrize("code", ["VHD001", "VHD601", "VHD701", "VHD714"])
def test_reports_of_folders_fit_both_schemas(code: str) -> None:
    _, report = planted(FOLDER_RECIPES[code])
    validate(audit_document(report), strict(AUDIT_SCHEMA))
    validate(sarif_document(report), SARIF_SCHEMA)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda report: report.pop("summary"),
        lambda report: report["findings"][0].update(severity="fatal"),
        lambda report: report["findings"][0].update(code="VHD1"),
        lambda report: report["findings"][0]["location"].pop("offset"),
        lambda report: report["inputs"][0].update(metadata_sha256="0"),
        lambda report: report.update(version=2),
    ],
)
def test_the_schema_refuses_what_is_no_report(broken: AuditReport, wrong: Callable[[dict[str, Any]], object]) -> None:
    document: dict[str, Any] = copy.deepcopy(dict(audit_document(broken)))
    wrong(document)
    with pytest.raises(jsonschema.ValidationError):
        validate(document, AUDIT_SCHEMA)


def test_the_schema_in_the_docs_is_the_present_one() -> None:
    spec = importlib.util.spec_from_file_location("generate_schemas", ROOT / "docs" / "generate_schemas.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = ROOT / "docs" / "schemas"
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == module.schemas()


# --------------------------------------------------------------------------------------------------------------- SARIF


def test_sarif_fits_the_standard_schema(broken: AuditReport) -> None:
    validate(sarif_document(broken, dict(OPTIONS)), SARIF_SCHEMA)


def test_every_finding_is_a_result_with_its_rule_place_and_evidence(broken: AuditReport) -> None:
    document: Any = sarif_document(broken)
    (run,) = document["runs"]
    rules: Any = run["tool"]["driver"]["rules"]
    results: Any = run["results"]
    assert len(results) == len(broken.findings)
    assert [rule["id"] for rule in rules] == sorted({item.code for item in broken.findings})
    for item, result in zip(broken.findings, results, strict=True):
        assert (result["ruleId"], result["level"], result["message"]["text"]) == (
            item.code,
            item.severity.value,
            item.message,
        )
        assert rules[result["ruleIndex"]]["id"] == item.code
        assert result["partialFingerprints"] == {"vhdchain/v1": broken.fingerprint(item)}
        physical = result.get("locations", [{}])[0].get("physicalLocation", {})
        assert physical.get("artifactLocation", {}).get("uri") == (path_uri(item.location.path) or None)
        assert physical.get("region", {}).get("byteOffset") == item.location.offset
        properties = result.get("properties", {})
        assert (properties.get("expected"), properties.get("found")) == (item.expected, item.found)
        assert properties.get("block") == item.location.block
        others = [place["physicalLocation"]["artifactLocation"]["uri"] for place in result.get("relatedLocations", [])]
        assert others == [path_uri(path) for path in item.related if path != item.location.path]


def test_a_rule_carries_the_page_of_its_code(broken: AuditReport) -> None:
    document: Any = sarif_document(broken)
    rule = next(rule for rule in document["runs"][0]["tool"]["driver"]["rules"] if rule["id"] == "VHD603")
    info = code_info("VHD603")
    assert rule["name"] == "ParentIdentifierMismatch"
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["fullDescription"] == {"text": info.page.finds}
    assert info.page.do in rule["help"]["markdown"]
    assert rule["properties"] == {"windowsError": "0xC03A000E"}


def test_the_run_says_what_was_looked_at_and_what_was_not(tmp_path: Path) -> None:
    report = audited({**healthy_folder(), "loop.avhd": Link("loop.avhd")}, tmp_path, now=NOW)
    document: Any = sarif_document(report)
    (run,) = document["runs"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["endTimeUtc"] == "2026-01-02T03:04:05.000Z"
    assert [note["message"]["text"] for note in invocation["toolExecutionNotifications"]] == [
        f"not looked at: {clause}" for clause in report.skipped
    ]
    assert [item["location"]["uri"] for item in run["artifacts"]] == [path_uri(item.path) for item in report.inputs]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("vms/srv.vhd", "vms/srv.vhd"),
        ("a b%20c#d?.vhd", "a%20b%2520c%23d%3F.vhd"),
        ("/mnt/vms/ä.vhd", "file:///mnt/vms/%C3%A4.vhd"),
        ("c:x.vhd", "c%3Ax.vhd"),
        ("\udcff.vhd", "%FF.vhd"),
    ],
)
def test_paths_become_uris(path: str, uri: str) -> None:
    assert path_uri(path) == uri

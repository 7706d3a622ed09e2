"""Writes the JSON schemas of the documents: ``python docs/generate_schemas.py``."""

from __future__ import annotations

import json
from pathlib import Path

from vhdchain.report.documents.audit_schema import AUDIT_SCHEMA
from vhdchain.report.documents.backup_schema import BACKUP_SCHEMA
from vhdchain.report.documents.diff_schema import DIFF_SCHEMA
from vhdchain.report.documents.machine_diff_schema import MACHINE_DIFF_SCHEMA
from vhdchain.report.documents.manifest_schema import MANIFEST_SCHEMA, MANIFEST_VERIFY_SCHEMA
from vhdchain.report.documents.plan_schema import PLAN_SCHEMA, RESUME_SCHEMA
from vhdchain.report.documents.simulation_schema import SIMULATION_SCHEMA
from vhdchain.report.documents.transfer_schema import EXPORT_SCHEMA, IMPORT_SCHEMA
from vhdchain.report.documents.tree_schema import TREE_SCHEMA
from vhdchain.report.documents.usage_schema import USAGE_SCHEMA
from vhdchain.testing.conformance.document import CONFORMANCE_SCHEMA
from vhdchain.testing.make import recipe_schema

FOLDER = Path(__file__).resolve().parent / "schemas"


def schemas() -> dict[str, str]:
    """Return the text of every schema by its name in the folder."""
    known = {
        "audit": AUDIT_SCHEMA,
        "backup-check": BACKUP_SCHEMA,
        "conformance": CONFORMANCE_SCHEMA,
        "diff": DIFF_SCHEMA,
        "du": USAGE_SCHEMA,
        "export": EXPORT_SCHEMA,
        "import": IMPORT_SCHEMA,
        "machine-diff": MACHINE_DIFF_SCHEMA,
        "manifest": MANIFEST_SCHEMA,
        "manifest-verify": MANIFEST_VERIFY_SCHEMA,
        "plan": PLAN_SCHEMA,
        "resume": RESUME_SCHEMA,
        "recipe": recipe_schema(),
        "simulate": SIMULATION_SCHEMA,
        "tree": TREE_SCHEMA,
    }
    return {f"{name}.schema.json": json.dumps(schema, indent=2) + "\n" for name, schema in known.items()}


def main() -> None:
    """Make the folder hold exactly the schemas."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

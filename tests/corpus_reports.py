"""What is reported of each real disk, as one document that is reviewed by hand?

The files are copied first: their modification times and modes are those of a checkout otherwise, and some facts of
links follow from them. Paths are relative to the collection.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from vhdchain import scan_folder
from vhdchain.audit import audit, check_alone, verdicts_on
from vhdchain.report.documents.image import image_fields
from vhdchain.report.documents.interop import verdict_list

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.findings import Finding
    from vhdchain.graph import Inventory
    from vhdchain.image import Image
    from vhdchain.report.documents.shape import Json

Document: TypeAlias = dict[str, Any]

FILES = (
    "fat-pair/fat-differential.vhd",
    "fat-pair/fat-parent.vhd",
    "single/dfvfs_ext2.vhd",
    "single/govhd_qemu.vhd",
    "single/govhd_vbox.vhd",
    "single/govhd_win81_1GB.vhd",
    "single/govhd_xapi.vhd",
    "single/ronin_origsize_mismatch.vhd",
    "win8-pair/win8-child.vhd",
    "win8-pair/win8.vhd",
)

# Later than everything that the files record: the latest one says that it was made on 2026-07-06.
COPIED = datetime(2026, 8, 1, tzinfo=UTC)
LOOKED_AT = datetime(2027, 1, 1, tzinfo=UTC)

GOLDEN = Path(__file__).parent / "golden" / "corpus"

_FACTS = (
    *("file_size", "disk_type", "virtual_size", "original_size", "block_size"),
    *("unique_id", "guid", "parent_unique_id", "parent_guid", "parent_name", "saved_state"),
    *("creator", "creator_version", "writer", "dialect", "footer_source"),
)


def copy_corpus(corpus: Path, folder: Path) -> None:
    """Copy the disks to ``folder`` with a fixed time and mode."""
    for name in FILES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((corpus / name).read_bytes())
        path.chmod(0o644)
        os.utime(path, (COPIED.timestamp(), COPIED.timestamp()))


def document_of(name: str, folder: Path) -> Document:
    """Return what is reported of the file ``name`` in the copied collection at ``folder``, explanations aside.

    The audits are those of the file's folder, which holds its parent; ``deep`` is what a deep one adds.
    """
    path = folder / name
    with scan_folder(path.parent) as inventory:
        image = next(image for image in inventory.images if image.name == str(path))
        facts = _facts(image)
        plain, deep = (_findings(inventory, path, deep=deep) for deep in (False, True))
    added = [item for item in deep if item not in plain]
    lost = [item for item in plain if item not in deep]
    assert lost == [], "a deep audit says less than an ordinary one"
    return {
        "file": name,
        "facts": facts,
        "findings": [_fields(item, folder) for item in plain],
        "deep": [_fields(item, folder) for item in added],
    }


def golden_path(name: str) -> Path:
    """Return where the reviewed document of the file ``name`` stands."""
    return GOLDEN / f"{Path(name).stem}.json"


def golden_of(name: str) -> Document:
    """Return the reviewed document of the file ``name``, its explanations under ``explained``."""
    found: Document = json.loads(golden_path(name).read_text(encoding="utf-8"))
    return found


def write_golden(name: str, document: Document) -> None:
    """Write the document; what explains a code is kept, and a new code waits for its explanation."""
    known = golden_of(name)["explained"] if golden_path(name).exists() else {}
    explained = {code: known.get(code, "") for code in codes_of(document)}
    text = json.dumps(document | {"explained": explained}, indent=1, ensure_ascii=False)
    golden_path(name).write_text(text + "\n", encoding="utf-8", newline="\n")


def codes_of(document: Document) -> list[str]:
    """Return the codes of a document's findings, ascending."""
    return sorted({item["code"] for part in ("findings", "deep") for item in document[part]})


def _findings(inventory: Inventory, path: Path, *, deep: bool) -> list[Finding]:
    found = audit(inventory, now=LOOKED_AT, deep=deep).findings
    return [item for item in found if item.location.path == str(path)]


def _fields(item: Finding, folder: Path) -> Document:
    fields: Document = {"code": item.code, "severity": item.severity.value}
    for name in ("structure", "field", "offset", "block"):
        if (value := getattr(item.location, name)) is not None:
            fields[name] = value
    fields |= {"expected": item.expected, "found": item.found}
    related = [Path(one).relative_to(folder).as_posix() for one in item.related]
    return fields | ({"related": related} if related else {})


def _facts(image: Image) -> Document:
    fields = image_fields(image)
    facts: Document = {name: fields[name] for name in _FACTS}
    footer = image.footer
    assert footer is not None
    facts["created"] = footer.created.isoformat()
    facts["features"] = footer.features
    facts["geometry"] = f"{footer.geometry} = {footer.geometry.size}"
    facts["footer"] = _place(fields["footer"], "offset", "length", "checksum_valid")
    facts["footer_copy"] = _place(fields["footer_copy"], "offset", "length", "checksum_valid")
    facts["header"] = _place(fields["header"], "offset", "table_offset", "checksum_valid", "parent_time_stamp")
    facts |= {name: fields[name] for name in ("bat", "batmap", "locators", "faults")}
    facts["interop"] = list(_verdicts(image))
    return facts


def _verdicts(image: Image) -> Iterable[str]:
    """Yield what other programs would make of the file, a line each; those that read it right are not named."""
    for item in verdict_list(verdicts_on(image, check_alone(image, now=LOOKED_AT))):
        assert isinstance(item, dict)
        sure = "" if item["certain"] else "may be: "
        code = f" ({item['code']})" if item["code"] else ""
        yield f"{item['program']}: {sure}{item['effect']}: {item['reason']}{code}"


def _place(fields: Json, *names: str) -> Document | None:
    return {name: fields[name] for name in names} if isinstance(fields, dict) else None

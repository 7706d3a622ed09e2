"""Does every code have what a code must have: a row that is whole, a page, a check that reaches it, and a recipe?

The table is looked at as data, and the checks as syntax trees: a code that no check names could never be told, and a
code that the table does not know could never be explained.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from vhdchain.findings import CODES, CodeInfo, Severity
from vhdchain.findings.catalogue import (
    ROWS,
    backup,
    batmap,
    batmap_bits,
    bitmaps,
    configurations,
    containment,
    exports,
    files,
    footer,
    footer_copy,
    footer_fields,
    footer_flags,
    gaps,
    graph,
    header,
    header_fields,
    imports,
    layout,
    layout_shape,
    link_facts,
    link_places,
    links,
    locator_entries,
    locator_targets,
    locator_texts,
    locators,
    machine_disks,
    machine_graph,
    machines,
    merges,
    parent_names,
    parent_paths,
    repair,
    snapshot_disks,
    snapshot_plans,
    tool,
)
from vhdchain.testing.damage import RECIPES
from vhdchain.testing.damage_folder import FOLDER_RECIPES
from vhdchain.testing.damage_plan import PLAN_RECIPES
from vhdchain.testing.damage_set import SET_RECIPES

ROOT = Path(__file__).resolve().parent.parent

# What no file can hold is planted by a source: tests/image/test_checks.py and tests/audit/test_deep_reading.py.
PLANTED_BY_A_SOURCE = {"VHD004", "VHD451"}

FAMILIES = {
    tool: range(1, 100),
    footer: range(101, 139),
    footer_fields: range(104, 127),
    footer_flags: range(129, 148),
    footer_copy: range(139, 150),
    header: range(201, 215),
    header_fields: range(204, 219),
    parent_names: range(219, 231),
    parent_paths: range(225, 229),
    locators: range(301, 308),
    locator_entries: range(308, 326),
    locator_targets: range(320, 325),
    locator_texts: range(314, 323),
    layout: range(401, 408),
    layout_shape: range(408, 421),
    gaps: range(413, 416),
    bitmaps: range(451, 461),
    batmap: range(501, 513),
    batmap_bits: range(507, 510),
    files: range(551, 559),
    links: range(601, 629),
    link_facts: range(604, 627),
    link_places: range(618, 628),
    graph: range(701, 715),
    machine_graph: range(706, 714),
    configurations: range(801, 840),
    machines: range(807, 832),
    machine_disks: range(801, 838),
    snapshot_disks: range(806, 827),
    backup: range(832, 835),
    containment: range(902, 904),
    repair: range(901, 912),
    merges: range(904, 907),
    snapshot_plans: range(907, 930),
    exports: range(931, 936),
    imports: range(941, 950),
}

# The codes are permanent: this list only grows, and a name or a number in it never changes.
PERMANENT = {
    "VHD001": "file-not-read",
    "VHD002": "check-skipped",
    "VHD003": "outside-allowed-roots",
    "VHD004": "changed-while-read",
    "VHD005": "limit-reached",
    "VHD101": "file-too-short",
    "VHD102": "end-footer-missing",
    "VHD103": "no-footer",
    "VHD104": "footer-short",
    "VHD105": "footer-before-end",
    "VHD106": "end-footer-checksum",
    "VHD107": "checksum-without-hidden-byte",
    "VHD108": "checksum-without-reserved",
    "VHD109": "footer-version",
    "VHD110": "footer-minor-version",
    "VHD111": "feature-reserved-missing",
    "VHD112": "features-unknown",
    "VHD113": "feature-temporary",
    "VHD114": "disk-type-unknown",
    "VHD115": "fixed-header-offset",
    "VHD116": "header-offset-missing",
    "VHD117": "header-offset-unaligned",
    "VHD118": "header-elsewhere",
    "VHD119": "header-beyond-end",
    "VHD120": "created-in-future",
    "VHD121": "created-unset",
    "VHD122": "creator-unknown",
    "VHD123": "creator-version-tap",
    "VHD124": "creator-host-unknown",
    "VHD125": "disk-resized",
    "VHD126": "disk-shrunk",
    "VHD127": "size-zero",
    "VHD128": "size-not-whole-sectors",
    "VHD129": "size-over-limit",
    "VHD130": "geometry-short",
    "VHD131": "geometry-unusual",
    "VHD132": "geometry-size-disputed",
    "VHD133": "geometry-zero",
    "VHD134": "identifier-null",
    "VHD135": "saved-state-invalid",
    "VHD136": "saved-state",
    "VHD137": "hidden-flag",
    "VHD138": "reserved-bytes",
    "VHD139": "footer-copy-missing",
    "VHD140": "footer-copy-checksum",
    "VHD141": "footers-differ",
    "VHD142": "footers-torn",
    "VHD143": "fixed-with-copy",
    "VHD144": "fixed-file-size",
    "VHD145": "other-format",
    "VHD146": "poisoned",
    "VHD147": "suffix-mismatch",
    "VHD201": "header-cookie",
    "VHD202": "header-checksum",
    "VHD203": "header-version",
    "VHD204": "header-next-offset",
    "VHD205": "header-chain-loop",
    "VHD206": "second-header",
    "VHD207": "table-offset",
    "VHD208": "table-overlaps-header",
    "VHD209": "table-beyond-end",
    "VHD210": "block-size",
    "VHD211": "block-size-large",
    "VHD212": "block-size-unusual",
    "VHD213": "block-below-sector",
    "VHD214": "table-too-short",
    "VHD215": "table-longer",
    "VHD216": "entries-behind-disk",
    "VHD217": "header-reserved-bytes",
    "VHD218": "leftover-parent",
    "VHD219": "parent-identifier-null",
    "VHD220": "parent-identifier-own",
    "VHD221": "parent-name-empty",
    "VHD222": "parent-name-unterminated",
    "VHD223": "parent-name-undecodable",
    "VHD224": "parent-name-swapped",
    "VHD225": "parent-name-path",
    "VHD226": "parent-name-slashes",
    "VHD227": "parent-name-own",
    "VHD228": "parent-path-unsafe",
    "VHD229": "parent-time-future",
    "VHD230": "parent-time-after-child",
    "VHD301": "locator-platform-unknown",
    "VHD302": "locator-mac-code-wrong",
    "VHD303": "locator-deprecated",
    "VHD304": "locator-unused-with-fields",
    "VHD305": "locator-without-place",
    "VHD306": "locator-longer-than-space",
    "VHD307": "locator-beyond-end",
    "VHD308": "locator-reserved-bytes",
    "VHD309": "locator-duplicate",
    "VHD310": "locator-space-ambiguous",
    "VHD311": "locator-space-unit",
    "VHD312": "locator-overlaps",
    "VHD313": "locator-unaligned",
    "VHD314": "locator-text-broken",
    "VHD315": "locator-text-swapped",
    "VHD316": "locator-absolute-is-relative",
    "VHD317": "locator-relative-is-absolute",
    "VHD318": "locator-url",
    "VHD319": "locator-name-differs",
    "VHD320": "locators-disagree",
    "VHD321": "locator-none-usable",
    "VHD322": "locator-relative-missing",
    "VHD323": "locator-stale",
    "VHD324": "locator-target-no-vhd",
    "VHD325": "locator-slot-order",
    "VHD401": "table-truncated",
    "VHD402": "block-in-metadata",
    "VHD403": "entry-zero",
    "VHD404": "block-beyond-end",
    "VHD405": "last-block-cut",
    "VHD406": "blocks-equal",
    "VHD407": "blocks-overlap",
    "VHD408": "block-over-extras",
    "VHD409": "entry-behind-disk-invalid",
    "VHD410": "table-padding",
    "VHD411": "block-alignment",
    "VHD412": "gap-of-a-block",
    "VHD413": "lost-block",
    "VHD414": "bytes-before-footer",
    "VHD415": "ghost-footer",
    "VHD416": "table-wiped",
    "VHD417": "table-empty-file-large",
    "VHD418": "file-size-odd",
    "VHD419": "fragmentation",
    "VHD420": "file-larger-than-disk",
    "VHD451": "bitmap-unreadable",
    "VHD452": "data-under-clear-bits",
    "VHD453": "bits-beyond-disk",
    "VHD454": "bitmap-empty",
    "VHD455": "bitmap-partial-dynamic",
    "VHD456": "zeros-stored",
    "VHD457": "sectors-redundant",
    "VHD458": "bitmap-bit-order",
    "VHD459": "bitmap-bytes-partial",
    "VHD460": "data-unreadable",
    "VHD501": "batmap-cookie",
    "VHD502": "batmap-version",
    "VHD503": "batmap-checksum",
    "VHD504": "batmap-size",
    "VHD505": "batmap-offset",
    "VHD506": "batmap-beyond-end",
    "VHD507": "batmap-unused-block",
    "VHD508": "batmap-not-whole",
    "VHD509": "batmap-bit-missing",
    "VHD510": "resize-journal",
    "VHD511": "undo-disk",
    "VHD512": "encryption-key",
    "VHD551": "file-refused",
    "VHD552": "file-empty",
    "VHD553": "file-changed",
    "VHD554": "file-aliases",
    "VHD555": "metadata-hole",
    "VHD556": "leftover-name",
    "VHD557": "plain-copy",
    "VHD558": "empty-stub",
    "VHD601": "parent-not-found",
    "VHD602": "parent-found-by-fallback",
    "VHD603": "parent-identifier-mismatch",
    "VHD604": "parent-identifier-elsewhere",
    "VHD605": "parent-identifier-ambiguous",
    "VHD606": "parent-time-differs",
    "VHD607": "parent-time-is-footer-time",
    "VHD608": "parent-modified-after-child",
    "VHD609": "parent-footer-after-child",
    "VHD610": "child-smaller-than-parent",
    "VHD611": "child-larger-than-parent",
    "VHD612": "base-expanded",
    "VHD613": "block-size-differs",
    "VHD614": "geometry-differs",
    "VHD615": "ancestor-damaged",
    "VHD616": "parent-saved-state",
    "VHD617": "parent-is-itself",
    "VHD618": "same-name-as-parent",
    "VHD619": "letter-case",
    "VHD620": "copy-bound-elsewhere",
    "VHD621": "parent-other-volume",
    "VHD622": "grandparent-as-parent",
    "VHD623": "descendant-as-parent",
    "VHD624": "parent-kind",
    "VHD625": "parent-created-after-child",
    "VHD626": "creator-differs",
    "VHD627": "parent-writable",
    "VHD628": "parent-access-denied",
    "VHD701": "cycle",
    "VHD702": "duplicate-identifier",
    "VHD703": "same-name",
    "VHD704": "fork",
    "VHD705": "chain-depth",
    "VHD706": "leaf-unreferenced",
    "VHD707": "base-unused",
    "VHD708": "missing-parent-group",
    "VHD709": "active-disk-has-children",
    "VHD710": "leaf-unexplained",
    "VHD711": "merge-room",
    "VHD712": "hidden-flags-of-chain",
    "VHD713": "base-shared-by-machines",
    "VHD714": "scan-incomplete",
    "VHD801": "machine-disk-missing",
    "VHD802": "snapshot-disk-missing",
    "VHD803": "disk-unreferenced",
    "VHD806": "frozen-disk-written",
    "VHD807": "snapshot-state-missing",
    "VHD808": "deleted-snapshot-disk",
    "VHD809": "path-stale",
    "VHD810": "snapshot-without-disk",
    "VHD812": "disk-claimed-twice",
    "VHD813": "snapshot-limit-exceeded",
    "VHD814": "snapshot-limit-near",
    "VHD815": "configuration-encoding",
    "VHD816": "configuration-malformed",
    "VHD817": "snapshot-list-size",
    "VHD818": "machine-id-duplicate",
    "VHD819": "disk-attached-twice",
    "VHD820": "configuration-name",
    "VHD821": "pass-through-disk",
    "VHD822": "saved-state-missing",
    "VHD823": "saved-state-unreferenced",
    "VHD824": "machine-running",
    "VHD825": "snapshot-tree-unknown",
    "VHD826": "snapshot-ids-contradict",
    "VHD827": "merge-pending",
    "VHD828": "domain-controller",
    "VHD829": "snapshot-volume",
    "VHD830": "backup-service-absent",
    "VHD831": "several-snapshots",
    "VHD832": "guest-dynamic-disk",
    "VHD833": "set-incomplete",
    "VHD834": "set-superfluous",
    "VHD835": "configuration-elsewhere",
    "VHD836": "snapshot-without-machine",
    "VHD837": "disk-path-ambiguous",
    "VHD901": "merge-interrupted",
    "VHD902": "contained-in-parent",
    "VHD903": "partly-contained-in-parent",
    "VHD904": "merge-breaks-siblings",
    "VHD905": "merge-destination-small",
    "VHD906": "merge-takes-between",
    "VHD907": "present-discarded",
    "VHD908": "new-parent-differs",
    "VHD909": "new-parent-size",
    "VHD910": "parent-name-too-long",
    "VHD911": "resize-with-children",
    "VHD921": "snapshot-limit",
    "VHD922": "wrong-power-state",
    "VHD923": "nothing-to-freeze",
    "VHD924": "bad-name",
    "VHD925": "nothing-to-revert-to",
    "VHD926": "slot-conflict",
    "VHD927": "memory-not-in-files",
    "VHD928": "usn-rollback",
    "VHD929": "machine-not-certain",
    "VHD931": "export-not-off",
    "VHD932": "export-source-incomplete",
    "VHD933": "host-will-not-import",
    "VHD934": "export-parent-elsewhere",
    "VHD935": "export-leaves-out",
    "VHD941": "import-incomplete",
    "VHD942": "import-id-taken",
    "VHD943": "import-host-form",
    "VHD944": "import-unrecorded",
    "VHD945": "import-chain-broken",
    "VHD946": "import-path-kept",
}

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)


def test_codes_and_names_are_permanent() -> None:
    assert {row.code: row.name for row in ROWS} == PERMANENT


def test_the_table_is_in_the_order_of_the_codes_and_holds_each_once() -> None:
    codes = [row.code for row in ROWS]
    assert codes == sorted(set(codes))
    assert list(CODES) == codes
    assert len({row.name for row in ROWS}) == len({row.title for row in ROWS}) == len(ROWS)


def test_each_family_keeps_to_its_numbers() -> None:
    for module, numbers in FAMILIES.items():
        assert {int(row.code[3:]) for row in module.ROWS} <= set(numbers), module.__name__
    assert sum(len(module.ROWS) for module in FAMILIES) == len(ROWS)


@each_row
def test_a_row_is_whole(row: CodeInfo) -> None:
    assert re.fullmatch(r"VHD\d{3}", row.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", row.name)
    assert re.fullmatch(r"\d+\.\d+\.\d+", row.since)
    assert row.title[0].isupper()
    assert row.title[-1] not in ".!?"
    assert isinstance(row.severity, Severity)
    assert row.windows_error is None or 0xC03A0001 <= row.windows_error <= 0xC03A001C
    assert row.windows_text is None or row.windows_error is not None


@each_row
def test_a_page_says_something_under_every_heading(row: CodeInfo) -> None:
    for heading, text in row.page.sections:
        assert text == text.strip(), heading
        assert text.endswith("."), heading
        assert len(text.split()) >= 2, heading
        assert "  " not in text, heading


@each_row
def test_a_page_mentions_only_codes_that_exist(row: CodeInfo) -> None:
    told = {code for _, text in row.page.sections for code in re.findall(r"VHD\d{3}", text)}
    assert told <= set(CODES)


def test_every_code_is_planted_by_a_recipe() -> None:
    tables = (RECIPES, FOLDER_RECIPES, SET_RECIPES, PLAN_RECIPES)
    planted = [code for recipes in tables for code in recipes]
    assert set(planted) | PLANTED_BY_A_SOURCE == set(CODES)
    assert len(set(planted)) == len(planted)
    assert all(list(recipes) == sorted(recipes) for recipes in tables)


def test_a_recipe_stands_under_its_code_and_says_why_others_follow() -> None:
    for recipes in (RECIPES, FOLDER_RECIPES, SET_RECIPES, PLAN_RECIPES):
        for code, recipe in recipes.items():
            assert recipe.code == code
            assert recipe.what
            assert code not in recipe.also
            assert set(recipe.also) <= set(CODES)
            assert all(recipe.also.values()), "each with a reason"


def _told(source: str) -> set[str]:
    """Return the codes that are given as text in calls: ``finding("VHD603", …)``, also through helpers."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    texts = {
        node.value
        for call in calls
        for argument in (*call.args, *(keyword.value for keyword in call.keywords))
        for node in ast.walk(argument)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in texts if re.fullmatch(r"VHD\d{3}", text)}


def test_every_code_is_told_by_a_check_and_no_other_is() -> None:
    rooms = ("structures", "image", "locate", "hyperv", "graph", "audit", "merge", "snapshots", "transfer")
    told: set[str] = set()
    for path in sorted(path for room in rooms for path in (ROOT / "vhdchain" / room).rglob("*.py")):
        if path.name != "load.py":  # it decides about findings and makes none
            told |= _told(path.read_text(encoding="utf-8"))
    assert told == set(CODES)


def test_the_search_for_told_codes_sees_them() -> None:
    source = 'yield finding("VHD001", place)\nx = "VHD002"\n_told(file, code="VHD003" if y else "VHD004")\nf("VHD0055")'
    assert _told(source) == {"VHD001", "VHD003", "VHD004"}

"""Does the text for people say it right? Whole outputs are in ``tests/golden``; here are the cases beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.report.inventories import inventory
from vhdchain.audit import audit
from vhdchain.blockmap import EXTENT_DTYPE, UNKNOWN, ZERO
from vhdchain.chain import link_images
from vhdchain.findings import CODES, Location, finding
from vhdchain.image import check_image, scan_image
from vhdchain.report.diagrams import dot_text, mermaid_text
from vhdchain.report.lines import Role, plain_text
from vhdchain.report.text.audit import audit_lines
from vhdchain.report.text.chain import chain_lines
from vhdchain.report.text.codes import code_lines
from vhdchain.report.text.findings import finding_lines
from vhdchain.report.text.image import image_lines
from vhdchain.report.text.map import map_lines
from vhdchain.report.text.tree import tree_lines
from vhdchain.source import BytesSource
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from vhdchain.graph import Inventory

MIB = 1 << 20


def tree_text(disks: Inventory, *findings: str, unicode: bool = True) -> list[str]:
    found = [finding(code, Location(path=path), "details") for path, code in (item.split() for item in findings)]
    return plain_text(tree_lines(disks, found, width=None, unicode=unicode)).splitlines()


def test_a_tree_without_box_drawing_characters_is_ascii() -> None:
    lines = tree_text(inventory({"a": None, "b": "a", "c": "b", "d": "a"}), unicode=False)
    assert [line.partition("  ")[0].rstrip() if line[0] != "|" else line[:6] for line in lines[1:5]] == [
        "a",
        "|- b  ",
        "|  `- ",
        "`- d",
    ]
    assert all(line.isascii() for line in lines)


def test_errors_and_warnings_are_marked_in_place_and_notes_are_not() -> None:
    disks = inventory({"a": None, "b": "a"})
    lines = tree_text(disks, "f/b VHD610", "f/b VHD404", "f/b VHD404", "f/a VHD704")
    assert lines[2].startswith("└─ b  leaf")
    assert lines[3:5] == [
        f"      error VHD610  {CODES['VHD610'].title}",
        f"      error VHD404  {CODES['VHD404'].title} (2 times)",
    ]
    assert lines[-1] == "3 errors: vhdchain audit tells more"


def test_a_deep_chain_is_indented_up_to_a_limit_and_numbered_from_there() -> None:
    names: dict[str, str | None] = {"00": None} | {f"{n:02}": f"{n - 1:02}" for n in range(1, 100)}
    lines = tree_text(inventory(names))
    assert lines[13].startswith(" " * 33 + "└─ 12")
    assert lines[14].startswith(" " * 36 + "(13) 13")
    assert lines[100].startswith(" " * 36 + "(99) 99  leaf")


def test_a_missing_parent_has_a_place_and_a_cycle_its_way_back() -> None:
    lines = tree_text(inventory({"x": "?gone.vhd", "p": "q", "q": "p"}))
    assert lines[1] == "gone.vhd  missing"
    assert lines[2].startswith("└─ x  leaf")
    assert lines[3].startswith("p  comes back to q")


def test_a_finding_names_its_place_and_a_few_related_files() -> None:
    place = Location(path="a", structure="BAT", field="entry", offset=0x600, block=7)
    item = finding("VHD402", place, "it is wrong", related=["a", *(f"r{n}" for n in range(10))])
    lines = plain_text(finding_lines(item, width=None)).splitlines()
    assert lines[:2] == ["  error    VHD402  BAT.entry, block 7 @0x600", "           it is wrong"]
    assert lines[2] == "           also r0"
    assert lines[-1] == "           and 2 more files"


def test_a_clean_audit_is_one_line_and_what_was_skipped() -> None:
    # The filling of a BAT's last sector is a note of every file that has one, so it is left out here.
    text = plain_text(audit_lines(audit(inventory({"a": None, "b": None}), ignore=["VHD410"]), width=80))
    assert text.splitlines() == [
        "clean: nothing found in 2 images",
        "skipped: sector bitmaps and data were not read",
        "skipped: findings of VHD410 were left out",
    ]


def test_an_audit_begins_with_the_worst_file() -> None:
    report = audit(inventory({"a": None, "b": "a", "c": "a", "x": "?gone"}), select=["VHD601", "VHD704"])
    lines = plain_text(audit_lines(report, width=80, notes=True)).splitlines()
    assert [line for line in lines if line.startswith("f/")] == ["f/x", "f/a"]
    assert "1 error, 1 note in 4 images" in lines


def test_notes_are_summed_up_by_code_unless_they_are_asked_for() -> None:
    report = audit(inventory({"a": None, "b": "a", "c": "a"}), select=["VHD704"])
    assert plain_text(audit_lines(report, width=80)).splitlines()[:4] == [
        "notes  (in full with --notes)",
        "  VHD704  fork: f/a",
        "",
        "clean: no errors and no warnings in 3 images, 1 note",
    ]
    two = audit(inventory({"a": None, "b": "a", "c": "a", "d": None, "e": "d", "g": "d"}), select=["VHD704"])
    assert "  VHD704  fork: 2 files" in plain_text(audit_lines(two, width=80)).splitlines()


def test_details_stand_below_the_sentence_and_long_lists_are_cut() -> None:
    place = Location(path="f")
    item = finding("VHD601", place, "it is gone", details=[f"try {number}" for number in range(10)])
    lines = plain_text(finding_lines(item, width=80)).splitlines()
    assert lines[1:] == [" " * 11 + text for text in ("it is gone", *(f"- try {n}" for n in range(8)), "- and 2 more")]


def test_what_the_baseline_holds_is_counted() -> None:
    disks = inventory({"x": "?gone"})
    report = audit(disks, baseline=["VHD601 x link"], select=["VHD601"])
    text = plain_text(audit_lines(report, width=80))
    assert text.splitlines()[0] == "clean: nothing found in 1 image; 1 known finding of the baseline not shown"


def test_a_map_adds_up_what_each_layer_supplies() -> None:
    tree = ChainBuilder(seed=3)
    base = tree.fixed("base.vhd", size=4096)
    chain = link_images([scan_image(tree.source(base))])
    rows = [(0, 512, 0, 0), (512, 1024, ZERO, -1), (1536, 512, 0, 1536), (2048, 2048, UNKNOWN, -1)]
    text = plain_text(map_lines(chain, [np.array(rows, dtype=EXTENT_DTYPE)]))
    assert text.splitlines()[-4:] == [
        "",
        "  layer 0   1,024 bytes (1 KiB) in 2 extents",
        "  zeros     1,024 bytes (1 KiB) in 1 extent",
        "  unknown   2,048 bytes (2 KiB) in 1 extent",
    ]


def test_a_page_has_its_five_headings() -> None:
    lines = list(code_lines(CODES["VHD603"], width=80))
    headings = ["".join(part.text for part in each) for each in lines if each and each[0].role is Role.HEADING]
    assert headings[1:] == ["What it finds", "Why it matters", "Seen in the wild", "False positives", "What to do"]
    assert all(len("".join(part.text for part in each)) <= 80 for each in lines)


def test_an_image_that_is_no_vhd_says_so() -> None:
    image = scan_image(BytesSource(bytes(2000), name="x"))
    lines = plain_text(image_lines(image, check_image(image), width=80)).splitlines()
    assert lines[:3] == ["x", "  type          no VHD footer", "  file          2,000 bytes (2 KiB)"]


def test_a_missing_footer_copy_and_a_saved_state_are_told() -> None:
    tree = ChainBuilder(seed=3)
    disk = tree.dynamic("d.vhd", size=MIB, footer={"saved_state": 1})
    content = bytearray(bytes(tree.file(disk).content))
    content[:8] = bytes(8)
    text = plain_text(image_lines(scan_image(BytesSource(bytes(content), name="d.vhd")), width=80))
    assert "  footer copy   absent\n" in text
    assert "  saved state   yes:" in text


def test_nothing_hostile_reaches_any_text() -> None:
    tree = ChainBuilder(seed=3, windows_folder="C:\\\x1b]0;title\x07")
    base = tree.dynamic("b\x1b[2J\n\u202e.vhd", size=MIB)
    leaf = tree.snapshot(base, "l\x9b31m\x00[bold].avhd", footer={"creator_application": b"\x1b[1m"})
    images = [scan_image(source) for source in tree.chain_sources(leaf)]
    chain = link_images(images)
    lines = [*image_lines(images[1], check_image(images[1])), *chain_lines(chain, width=80)]
    assert all(part.text.isprintable() for each in lines for part in each)


def test_diagrams_quote_names_for_their_language() -> None:
    name = 'a"];x->y;\\ <b>#1`\n'
    disks = inventory({name: None, "z": '?gone\\"q'})
    findings = [finding("VHD404", Location(path=f"f/{name}"), "x")]
    dot = dot_text(disks, findings).splitlines()
    assert dot[3] == '  d0 [label="a\\"];x->y;\\\\ <b>#1`\\\\n\\ndynamic, 4 MiB, file 2.5 KiB", color=red];'
    assert dot[-2] == "  d1 -> m0;"
    mermaid = mermaid_text(disks, findings).splitlines()
    assert mermaid[3] == (
        '  d0["a#quot;];x-#gt;y;#92; #lt;b#gt;#35;1#96;#92;n<br/>dynamic, 4 MiB, file 2.5 KiB"]:::damaged'
    )
    assert mermaid[-1] == "  d1 --> m0"

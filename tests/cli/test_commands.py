"""Does each command do what it says: its document, its options, its exit code?"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.program import run
from vhdchain import __version__
from vhdchain.cli.application import COMMANDS
from vhdchain.findings import CODES

if TYPE_CHECKING:
    from tests.cli.conftest import Built

MIB = 1 << 20


def test_version_and_help_are_there() -> None:
    assert run("--version").out == f"vhdchain {__version__}\n"
    text = run("--help").out
    assert all(f"\n  {name} " in text for name in COMMANDS)
    assert all(run(name, "--help").code == 0 for name in COMMANDS)


# ----------------------------------------------------------------------------------------------------------------- info


def test_info_has_every_file_in_the_order_of_the_arguments(healthy: Built) -> None:
    names = ["leaf.avhd", "base.vhd"]
    ran = run("info", "--json", *map(healthy.path, names))
    assert (ran.code, ran.err) == (0, "")
    assert (ran.document["schema"], ran.document["version"]) == ("vhdchain.info", 1)
    shown = [(image["path"], image["unique_id"], image["disk_type"]) for image in ran.document["images"]]
    assert shown == [
        (healthy.path(name), healthy.image(name).unique_id.hex(), str(healthy.image(name).kind)) for name in names
    ]


def test_info_goes_on_behind_a_file_that_cannot_be_read(healthy: Built) -> None:
    ran = run("info", "--json", healthy.path("gone.vhd"), healthy.path("base.vhd"))
    assert ran.code == 3
    assert [image["path"] for image in ran.document["images"]] == [healthy.path("base.vhd")]
    assert ran.error == f"{healthy.path('gone.vhd')}: No such file or directory"


def test_info_of_nothing_that_can_be_read_writes_nothing(tmp_path: Path) -> None:
    ran = run("info", "--json", tmp_path / "gone.vhd")
    assert (ran.code, ran.out) == (3, "")


def test_info_of_what_is_no_vhd_is_unprocessed_and_shown(tmp_path: Path) -> None:
    (tmp_path / "x.vhd").write_bytes(bytes(4096))
    ran = run("info", "--json", tmp_path / "x.vhd")
    assert ran.code == 3
    assert [item["code"] for item in ran.document["images"][0]["findings"]] == ["VHD103"]
    assert ran.error.startswith(f"{tmp_path / 'x.vhd'}: is no VHD")


def _serious(findings: list[dict[str, Any]]) -> list[str]:
    """Return the codes of errors and warnings: healthy files have notes."""
    return [item["code"] for item in findings if item["severity"] != "note"]


def test_info_of_a_damaged_file_shows_it_and_what_is_wrong(broken: Built) -> None:
    path = broken.folder / "base.vhd"
    content = bytearray(path.read_bytes())
    content[-485] ^= 1  # in the time stamp
    path.write_bytes(content)
    assert [run("info", *options, path).code for options in ([], ["--accept", "VHD106"])] == [1, 0]
    findings = run("info", "--json", path).document["images"][0]["findings"]
    assert _serious(findings) == ["VHD106"]
    assert len(findings) > 1  # its small blocks are a note, for one


# ---------------------------------------------------------------------------------------------------------------- chain


def test_chain_names_the_layers_and_how_they_were_found(healthy: Built) -> None:
    ran = run("chain", "--json", healthy.path("leaf.avhd"))
    assert (ran.code, ran.err, ran.document["complete"]) == (0, "", True)
    assert [(layer["path"], layer["found_by"]) for layer in ran.document["layers"]] == [
        (healthy.path("base.vhd"), "W2ru"),
        (healthy.path("middle.avhd"), "W2ru"),
        (healthy.path("leaf.avhd"), None),
    ]
    assert [item["child"] for item in ran.document["trace"] if item["outcome"] == "found"] == [
        healthy.path("leaf.avhd"),
        healthy.path("middle.avhd"),
    ]


def test_chain_shows_what_there_is_when_asked_for_a_partial_view(broken: Built) -> None:
    ran = run("chain", "--json", "--partial", broken.path("leaf.avhd"))
    assert (ran.code, ran.document["complete"]) == (0, False)
    assert [layer["path"] for layer in ran.document["layers"]] == [broken.path("leaf.avhd")]
    assert {item["outcome"] for item in ran.document["trace"]} == {"missing", "unmapped"}


def test_parents_are_found_inside_what_is_allowed_and_mapped(healthy: Built, tmp_path: Path) -> None:
    folder = tmp_path / "alone"
    folder.mkdir()
    leaf = shutil.copy(healthy.path("leaf.avhd"), folder)
    assert run("chain", leaf).code == 3
    assert run("chain", leaf, "--within", healthy.folder).code == 0
    mapped = run("chain", "--json", leaf, "--map", f"D:\\VMs={healthy.folder}")
    assert mapped.code == 0
    assert mapped.document["layers"][1]["found_by"] == "W2ku"


# ------------------------------------------------------------------------------------------------------------------ map


def test_map_is_the_builders(healthy: Built) -> None:
    ran = run("map", "--json", healthy.path("leaf.avhd"))
    assert (ran.code, ran.err) == (0, "")
    assert (ran.document["schema"], ran.document["version"]) == ("vhdchain.map", 1)
    assert [tuple(extent.values()) for extent in ran.document["extents"]] == [
        (extent.start, extent.length, *((extent.layer, extent.file_offset) if extent.layer >= 0 else (None, None)))
        for extent in healthy.tree.expected_map(healthy.image("leaf.avhd"))
    ]


@pytest.mark.parametrize(
    ("options", "start", "length"),
    [
        (["--start", "512", "--length", "1K"], 512, 1024),
        (["--start", "0x100000"], MIB, 3 * MIB),
        (["--start", "2M", "--length", "4s"], 2 * MIB, 2048),
        (["--length", "1,000"], 0, 1000),
        (["--start", "4M"], 4 * MIB, 0),
    ],
)
def test_map_of_a_range(options: list[str], start: int, length: int, healthy: Built) -> None:
    document = run("map", "--json", healthy.path("leaf.avhd"), *options).document
    extents = document["extents"]
    assert (document["start"], document["length"]) == (start, length)
    assert sum(extent["length"] for extent in extents) == length
    assert [extent["start"] for extent in extents] == [
        start + sum(extent["length"] for extent in extents[:number]) for number in range(len(extents))
    ]


def test_map_explains_every_sector_as_it_maps_it(healthy: Built) -> None:
    extents = run("map", "--json", healthy.path("leaf.avhd")).document["extents"]
    for extent in extents:
        ran = run("map", "--json", healthy.path("leaf.avhd"), "--at", extent["start"])
        (place,) = ran.document["extents"]
        assert (place["start"], place["layer"], place["file_offset"]) == (
            extent["start"],
            extent["layer"],
            extent["file_offset"],
        )
        last = ran.document["at"]["steps"][-1]
        assert (last["reason"] == "supplies", last["file_offset"]) == (
            extent["layer"] is not None,
            extent["file_offset"],
        )


def test_map_explains_in_words(healthy: Built) -> None:
    lines = run("map", healthy.path("leaf.avhd"), "--at", "1s").out.splitlines()
    assert lines[0] == "byte 512 is byte 0 of sector 1"
    assert lines[2].strip() == "block 0 is not allocated: BAT entry @0x600 is unused"
    assert "its bit is set: 0x40 of" in lines[4]
    assert lines[-1].startswith(f"it is supplied by {healthy.path('middle.avhd')} @0x")


def test_a_partial_map_says_unknown(broken: Built) -> None:
    document = run("map", "--json", "--partial", broken.path("leaf.avhd")).document
    assert [extent.get("unknown", False) for extent in document["extents"]] == [True, False, True]


# -------------------------------------------------------------------------------------------------------------- flatten


def test_flatten_writes_the_disk_and_says_so(healthy: Built, tmp_path: Path) -> None:
    out = tmp_path / "out.raw"
    ran = run("flatten", healthy.path("leaf.avhd"), out)
    assert (ran.code, ran.out, ran.err) == (0, f"{out}: 4,194,304 bytes (4 MiB)\n", "")
    expected = healthy.tree.expected(healthy.image("leaf.avhd")).sha256()
    assert hashlib.sha256(out.read_bytes()).hexdigest() == expected
    assert run("flatten", "-q", "--force", healthy.path("leaf.avhd"), out).out == ""
    document = run("flatten", "--force", "--json", healthy.path("leaf.avhd"), out).document
    assert document == {
        "schema": "vhdchain.flatten",
        "version": 1,
        "leaf": healthy.path("leaf.avhd"),
        "out": str(out),
        "virtual_size": 4 * MIB,
        "format": "raw",
        "block_size": None,
        "unique_id": None,
        "file_size": 4 * MIB,
        "hash": None,
        "resumed": False,
    }


def test_flatten_replaces_nothing_unasked(healthy: Built, tmp_path: Path) -> None:
    out = tmp_path / "out.raw"
    out.write_bytes(b"mine")
    ran = run("flatten", healthy.path("leaf.avhd"), out)
    assert (ran.code, ran.out, out.read_bytes()) == (3, "", b"mine")
    assert ran.error.startswith(f"{out}: ")


def test_flatten_over_a_file_of_the_chain_is_a_refused_plan(broken: Built) -> None:
    before = (broken.folder / "base.vhd").read_bytes()
    ran = run("flatten", "--force", "--format", "dynamic", broken.path("base.vhd"), broken.path("base.vhd"))
    assert (ran.code, ran.out) == (1, "")
    assert (broken.folder / "base.vhd").read_bytes() == before


# ----------------------------------------------------------------------------------------------------------------- tree


def errors(findings: list[dict[str, Any]]) -> list[str]:
    """Return the codes of the errors; which notes healthy disks have is told elsewhere."""
    return [item["code"] for item in findings if item["severity"] == "error"]


def test_tree_shows_who_builds_on_whom(healthy: Built) -> None:
    ran = run("tree", "--format", "json", healthy.folder)
    assert (ran.code, ran.err, ran.document["schema"]) == (0, "", "vhdchain.tree")
    parents = {Path(disk["path"]).name: disk["parent"] for disk in ran.document["disks"]}
    assert parents == {
        "base.vhd": None,
        "middle.avhd": healthy.path("base.vhd"),
        "leaf.avhd": healthy.path("middle.avhd"),
        "other.avhd": healthy.path("middle.avhd"),
    }
    assert run("tree", "--json", healthy.folder).out == ran.out


def test_tree_marks_what_is_wrong_and_exits_like_an_audit(broken: Built) -> None:
    ran = run("tree", "--json", broken.folder)
    assert ran.code == run("audit", broken.folder).code == 1
    assert {Path(path).name for path in ran.document["orphans"]} == {"leaf.avhd", "other.avhd"}
    codes = {Path(disk["path"]).name: _serious(disk["findings"]) for disk in ran.document["disks"]}
    assert codes == {"base.vhd": [], "leaf.avhd": ["VHD601"], "other.avhd": ["VHD601"]}
    assert run("tree", "--accept", "VHD601", broken.folder).code == 0


def test_tree_draws_diagrams(healthy: Built) -> None:
    assert run("tree", "--format", "dot", healthy.folder).out.startswith("digraph disks {\n")
    assert run("tree", "--format", "mermaid", healthy.folder).out.startswith("flowchart BT\n")


# ---------------------------------------------------------------------------------------------------------------- audit


def test_audit_of_a_healthy_folder_is_clean(healthy: Built) -> None:
    ran = run("audit", healthy.folder)
    assert (ran.code, ran.err) == (0, "")
    assert run("audit", "--format", "json", healthy.folder).document["summary"]["error"] == 0


def test_the_threshold_decides_between_clean_and_findings(healthy: Built, broken: Built) -> None:
    def codes(folder: Path, *options: str) -> list[int]:
        thresholds = ("error", "warning", "note", "never")
        return [run("audit", folder, "--fail-on", threshold, *options).code for threshold in thresholds]

    assert codes(healthy.folder) == [0, 0, 1, 0]  # a fork is a note
    assert codes(healthy.folder, "--select", "VHD601") == [0, 0, 0, 0]
    assert codes(broken.folder) == [1, 1, 1, 0]
    assert codes(broken.folder, "--accept", "VHD601") == [0, 0, 1, 0]


def test_select_and_ignore_take_codes_and_prefixes(broken: Built) -> None:
    def found(*options: str) -> set[str]:
        return {item["code"] for item in run("audit", "--json", broken.folder, *options).document["findings"]}

    # Two children miss the same parent: that is one finding, unless its code is not asked for.
    assert found() >= {"VHD708", "VHD002", "VHD212"}
    assert found("--select", "VHD601") == {"VHD601"}
    assert found("--ignore", "VHD0") == {code for code in found() if not code.startswith("VHD0")}
    assert found("--select", "VHD601", "--select", "VHD21") == {"VHD601", "VHD212"}
    assert found("--select", "VHD70", "--ignore", "VHD707") == {"VHD708"}
    assert found("--select", "VHD701") == set()


def test_what_cannot_be_read_wins_over_findings(broken: Built) -> None:
    (broken.folder / "loop.vhd").symlink_to("loop.vhd")
    ran = run("audit", "--json", "--fail-on", "never", broken.folder)
    assert ran.code == 3
    assert {"VHD001", "VHD708"} <= {item["code"] for item in ran.document["findings"]}
    assert run("tree", broken.folder).code == 3


def test_an_earlier_report_hides_what_was_known(broken: Built, tmp_path: Path) -> None:
    known = tmp_path / "known.json"
    first = run("audit", "--json", broken.folder)
    assert first.code == 1
    known.write_text(first.out)
    again = run("audit", "--json", broken.folder, "--baseline", known)
    assert (again.code, again.document["findings"]) == (0, [])
    assert again.document["summary"]["suppressed"] == len(first.document["findings"])
    (broken.folder / "base.vhd").write_bytes(b"")
    new = run("audit", "--json", broken.folder, "--baseline", known)
    assert (new.code, {item["code"] for item in new.document["findings"]}) == (1, {"VHD552"})
    # The new report is the next baseline: it holds what is new, and of what was known what is still there.
    assert {item["fingerprint"] for item in new.document["findings"]} < set(new.document["fingerprints"])
    known.write_text(new.out)
    assert run("audit", "--json", broken.folder, "--baseline", known).document["findings"] == []


def test_what_is_no_report_is_no_baseline(broken: Built) -> None:
    assert run("audit", broken.folder, "--baseline", broken.path("base.vhd")).code == 2
    assert run("audit", broken.folder, "--baseline", broken.path("gone.json")).code == 3


def test_the_record_holds_what_was_chosen(healthy: Built) -> None:
    options = ["--map", f"D:\\VMs={healthy.folder}", "--footer", "end", "--accept", "106", "--fail-on", "error"]
    document = run("audit", "--json", healthy.folder, "--within", healthy.folder, *options).document
    record = document["record"]
    assert {name: record[name] for name in ("within", "map", "accept", "footer", "fail_on", "tool_version")} == {
        "within": [str(healthy.folder)],
        "map": [f"D:\\VMs={healthy.folder}"],
        "accept": ["VHD106"],
        "footer": "end",
        "fail_on": "error",
        "tool_version": __version__,
    }
    assert {Path(item["path"]).name: item["size"] for item in document["inputs"]} == {
        path.name: path.stat().st_size for path in healthy.folder.iterdir()
    }


# -------------------------------------------------------------------------------------------------------------- explain


@pytest.mark.parametrize("word", ["VHD603", "vhd603", "603", CODES["VHD603"].name])
def test_explain_knows_a_code_by_all_its_names(word: str) -> None:
    ran = run("explain", word)
    assert (ran.code, ran.out.splitlines()[0]) == (0, f"VHD603  {CODES['VHD603'].title}")
    assert [row["code"] for row in run("explain", "--json", word).document["codes"]] == ["VHD603"]


def test_explain_lists_all_codes() -> None:
    assert [line[:6] for line in run("explain").out.splitlines()] == list(CODES)
    assert [row["code"] for row in run("explain", "--json").document["codes"]] == list(CODES)

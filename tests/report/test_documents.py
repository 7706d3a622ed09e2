"""Do the documents say what the files hold, field by field?

The expected values are the builder's, or numbers of the format: nothing is taken from the code that is tested.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from vhdchain.audit import audit
from vhdchain.blockmap import BlockMap, explain
from vhdchain.chain import Chain, link_images
from vhdchain.errors import ConfigError, ShortReadError
from vhdchain.findings import CODES, Location, finding
from vhdchain.graph import Inventory, Unreadable, build_graph
from vhdchain.image import Image, check_image, raw_image, scan_image
from vhdchain.locate import Attempt, Outcome, Resolution, Rule
from vhdchain.report.documents.audit import audit_document, parse_baseline
from vhdchain.report.documents.chain import chain_document, trace_list
from vhdchain.report.documents.codes import codes_document
from vhdchain.report.documents.findings import finding_fields
from vhdchain.report.documents.image import info_document
from vhdchain.report.documents.map import map_pieces, place_fields
from vhdchain.report.documents.tree import tree_document
from vhdchain.source import BytesSource
from vhdchain.testing import BuiltImage, ChainBuilder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.blockmap import Extents

MIB = 1 << 20


@pytest.fixture(scope="module")
def tree() -> ChainBuilder:
    tree = ChainBuilder(seed="documents", windows_folder="D:\\VMs")
    base = tree.dynamic("base.vhd", size=4 * MIB, original_size=2 * MIB, block_size=1 * MIB)
    tree.fill(base, 0, 3 * 512)
    middle = tree.snapshot(base, "middle.avhd")
    tree.fill(middle, 512, 512)
    leaf = tree.snapshot(middle, "leaf.avhd", footer={"saved_state": 1})
    tree.fill(leaf, 2 * MIB, 512)
    other = tree.snapshot(middle, "other.avhd")
    tree.fill(other, 0, 512)
    return tree


def scanned(tree: ChainBuilder, image: BuiltImage) -> Image:
    return scan_image(tree.source(image))


def info_of(image: Image) -> dict[str, Any]:
    document = json.loads(json.dumps(info_document([(image, check_image(image))])))
    assert (document["schema"], document["version"]) == ("vhdchain.info", 1)
    (fields,) = document["images"]
    assert isinstance(fields, dict)
    return fields


def chain_of(tree: ChainBuilder, leaf: str) -> Chain:
    return link_images([scan_image(source) for source in tree.chain_sources(tree.image(leaf))])


def test_info_of_a_differencing_image(tree: ChainBuilder) -> None:
    leaf, middle = tree.image("leaf.avhd"), tree.image("middle.avhd")
    info = info_of(scanned(tree, leaf))
    guid = leaf.unique_id
    stated = {
        "path": "leaf.avhd",
        "disk_type": "differencing",
        "virtual_size": 4 * MIB,
        "original_size": 4 * MIB,
        "block_size": 1 * MIB,
        "unique_id": leaf.unique_id.hex(),
        "guid": f"{guid[3::-1].hex()}-{guid[5:3:-1].hex()}-{guid[7:5:-1].hex()}-{guid[8:10].hex()}-{guid[10:].hex()}",
        "parent_unique_id": middle.unique_id.hex(),
        "parent_name": "D:\\VMs\\middle.avhd",
        "saved_state": True,
        "creator": "win ",
    }
    assert {name: info[name] for name in stated} == stated
    assert (info["bat"]["entries"], info["bat"]["allocated"]) == (4, 1)
    assert {locator["platform_code"]: locator["path"] for locator in info["locators"]} == {
        "W2ku": "D:\\VMs\\middle.avhd",
        "W2ru": ".\\middle.avhd",
    }


def test_a_locator_says_where_its_text_lies(tree: ChainBuilder) -> None:
    file = bytes(tree.file(tree.image("leaf.avhd")).content)
    for locator in info_of(scanned(tree, tree.image("leaf.avhd")))["locators"]:
        entry = file[512 + 576 + 24 * locator["slot"] :][:24]
        numbers = [int.from_bytes(entry[a:b], "big") for a, b in ((4, 8), (8, 12), (16, 24))]
        assert [locator["data_space_raw"], locator["data_length"], locator["data_offset"]] == numbers
        stored = file[locator["data_offset"] :][: locator["data_length"]]
        assert stored.decode("utf-16-le") == locator["path"]


def test_info_tells_the_size_that_the_guest_sees_and_the_original_one(tree: ChainBuilder) -> None:
    info = info_of(scanned(tree, tree.image("base.vhd")))
    assert (info["virtual_size"], info["original_size"]) == (4 * MIB, 2 * MIB)
    assert (info["parent_unique_id"], info["parent_name"], info["locators"]) == (None, None, [])


def test_info_of_a_fixed_image() -> None:
    tree = ChainBuilder(seed=1)
    info = info_of(scanned(tree, tree.fixed("fixed.vhd", size=1 * MIB)))
    nothing = ("block_size", "parent_unique_id", "parent_name", "bat", "header", "footer_copy", "batmap")
    assert {name: info[name] for name in nothing} == dict.fromkeys(nothing)
    assert (info["disk_type"], info["file_size"], info["saved_state"]) == ("fixed", 1 * MIB + 512, False)
    assert info["footer"]["offset"] == 1 * MIB
    assert info["footer"]["checksum_valid"] is True
    assert info["findings"] == []


def test_info_of_what_is_no_vhd() -> None:
    info = info_of(scan_image(BytesSource(b"no disk" * 100, name="x")))
    nothing = ("disk_type", "original_size", "unique_id", "guid", "creator", "footer", "footer_source", "saved_state")
    assert {name: info[name] for name in nothing} == dict.fromkeys(nothing)
    assert [item["code"] for item in info["findings"]] == ["VHD103"]


def test_info_of_a_damaged_footer_says_which_one_counts(tree: ChainBuilder) -> None:
    content = bytearray(bytes(tree.file(tree.image("base.vhd")).content))
    content[-485] ^= 1  # in the time stamp
    info = info_of(scan_image(BytesSource(bytes(content), name="base.vhd")))
    assert (info["footer_source"], info["footer"]["checksum_valid"], info["footer_copy"]["checksum_valid"]) == (
        "copy",
        False,
        True,
    )
    assert "VHD106" in [item["code"] for item in info["findings"]]


def test_chain_has_its_layers_base_first(tree: ChainBuilder) -> None:
    chain = chain_of(tree, "leaf.avhd")
    document = json.loads(json.dumps(chain_document(chain)))
    assert (document["schema"], document["version"], document["complete"]) == ("vhdchain.chain", 1, True)
    shown = [
        {name: layer[name] for name in ("index", "path", "disk_type", "unique_id", "virtual_size", "found_by")}
        for layer in document["layers"]
    ]
    assert shown == [
        {
            "index": index,
            "path": name,
            "disk_type": kind,
            "unique_id": tree.image(name).unique_id.hex(),
            "virtual_size": 4 * MIB,
            "found_by": found_by,
        }
        for index, (name, kind, found_by) in enumerate(
            [
                ("base.vhd", "dynamic", "given"),
                ("middle.avhd", "differencing", "given"),
                ("leaf.avhd", "differencing", None),
            ]
        )
    ]


def test_the_trace_keeps_every_try_in_order() -> None:
    attempts = (
        Attempt(
            child="c",
            rule=Rule.W2RU,
            slot=1,
            reference=".\\p",
            candidate="/x/p",
            outcome=Outcome.MISMATCH,
            detail="another",
            unique_id=bytes(range(16)),
        ),
        Attempt(child="c", rule=Rule.HEADER_NAME, reference="p", candidate=None, outcome=Outcome.MISSING),
    )
    resolution = Resolution(child="c", outcome=Outcome.MISMATCH, attempts=attempts)
    assert trace_list([resolution]) == [
        {
            "child": "c",
            "rule": "W2ru",
            "candidate": "/x/p",
            "outcome": "mismatch",
            "reference": ".\\p",
            "slot": 1,
            "detail": "another",
            "candidate_unique_id": bytes(range(16)).hex(),
        },
        {
            "child": "c",
            "rule": "header-name",
            "candidate": None,
            "outcome": "missing",
            "reference": "p",
            "slot": None,
            "detail": None,
            "candidate_unique_id": None,
        },
    ]


def test_a_map_is_the_builders(tree: ChainBuilder) -> None:
    chain = chain_of(tree, "leaf.avhd")
    document = json.loads("".join(map_pieces(chain, BlockMap(chain).chunks())))
    assert (document["schema"], document["version"]) == ("vhdchain.map", 1)
    assert (document["virtual_size"], document["complete"]) == (4 * MIB, True)
    assert [(layer["index"], layer["path"]) for layer in document["layers"]] == [
        (0, "base.vhd"),
        (1, "middle.avhd"),
        (2, "leaf.avhd"),
    ]
    assert document["extents"] == [
        {
            "start": extent.start,
            "length": extent.length,
            "layer": extent.layer if extent.layer >= 0 else None,
            "file_offset": extent.file_offset if extent.layer >= 0 else None,
        }
        for extent in tree.expected_map(tree.image("leaf.avhd"))
    ]


def test_a_map_is_one_document_however_the_extents_arrive(tree: ChainBuilder) -> None:
    chain = chain_of(tree, "leaf.avhd")
    extents = BlockMap(chain).extents
    whole = "".join(map_pieces(chain, [extents]))
    assert "".join(map_pieces(chain, [extents[:0], extents[:2], extents[2:2], extents[2:]])) == whole
    assert json.loads("".join(map_pieces(chain, [], start=512, length=0)))["extents"] == []


def test_a_map_is_written_as_it_is_made(tree: ChainBuilder) -> None:
    chain = chain_of(tree, "leaf.avhd")
    extents = BlockMap(chain).extents
    made: list[int] = []

    def chunks() -> Iterator[Extents]:
        for number in range(len(extents)):
            made.append(number)
            yield extents[number : number + 1]

    written = ""
    for piece in map_pieces(chain, chunks()):
        written += piece
        assert len(made) - written.count('"start": ') + 1 <= 1  # the range has a start, too
    assert len(json.loads(written)["extents"]) == len(extents) == len(made)


def test_nothing_of_a_map_is_written_before_its_first_extents_are_known(tree: ChainBuilder) -> None:
    def broken() -> Iterator[Extents]:
        yield from ()
        raise ShortReadError("the file is gone")

    with pytest.raises(ShortReadError):
        next(map_pieces(chain_of(tree, "leaf.avhd"), broken()))


def test_a_partial_map_says_what_is_unknown(tree: ChainBuilder) -> None:
    leaf = scanned(tree, tree.image("leaf.avhd"))
    chain = link_images([leaf], partial=True)
    document = json.loads("".join(map_pieces(chain, BlockMap(chain).chunks())))
    unknown = [extent for extent in document["extents"] if extent.get("unknown")]
    assert document["complete"] is False
    assert [(extent["start"], extent["length"]) for extent in unknown] == [(0, 2 * MIB), (2 * MIB + 512, 2 * MIB - 512)]
    assert {(extent["layer"], extent["file_offset"]) for extent in unknown} == {(None, None)}


def test_a_place_tells_what_each_layer_says(tree: ChainBuilder) -> None:
    chain = chain_of(tree, "leaf.avhd")
    steps = place_fields(600, 1, explain(chain, 600))
    assert (steps["offset"], steps["sector"]) == (600, 1)
    told = json.loads(json.dumps(steps))["steps"]
    assert [(step["path"], step["reason"]) for step in told] == [
        ("leaf.avhd", "unallocated"),
        ("middle.avhd", "supplies"),
    ]
    stored = bytes(tree.file(tree.image("middle.avhd")).content)
    entry = int.from_bytes(stored[told[1]["bat_entry_offset"] :][:4], "big")
    assert told[1]["bat_entry"] == entry
    assert stored[told[1]["bitmap_offset"]] & told[1]["bit"] == 0x40
    assert stored[told[1]["file_offset"] :][:512] == tree.expected(tree.image("leaf.avhd")).read(512, 512)


def inventory_of(tree: ChainBuilder, *names: str) -> Inventory:
    """The images by these names, linked by the builder's own knowledge, without a search."""
    images = tuple(sorted((scanned(tree, tree.image(name)) for name in names), key=lambda image: image.name))
    resolutions = []
    for image in images:
        parent = tree.image(image.name).parent
        if parent is None:
            continue
        found = parent.name in names
        resolutions.append(
            Resolution(
                child=image.name,
                outcome=Outcome.FOUND if found else Outcome.MISSING,
                parent=parent.name if found else None,
                found_by=Rule.W2RU if found else None,
                wanted=parent.unique_id,
            )
        )
    return Inventory(
        images=images,
        resolutions=tuple(resolutions),
        graph=build_graph(images, resolutions),
        roots=("f",),
        scanned=("f",),
        unreadable=(Unreadable(path="f/locked.vhd", reason="Permission denied"),),
    )


def test_tree_lists_every_disk_with_its_neighbours(tree: ChainBuilder) -> None:
    inventory = inventory_of(tree, "base.vhd", "middle.avhd", "leaf.avhd", "other.avhd")
    document = json.loads(json.dumps(tree_document(inventory, ())))
    assert (document["schema"], document["version"]) == ("vhdchain.tree", 1)
    assert {disk["path"]: (disk["parent"], disk["children"]) for disk in document["disks"]} == {
        "base.vhd": (None, ["middle.avhd"]),
        "middle.avhd": ("base.vhd", ["leaf.avhd", "other.avhd"]),
        "leaf.avhd": ("middle.avhd", []),
        "other.avhd": ("middle.avhd", []),
    }
    assert {disk["path"]: disk["unique_id"] for disk in document["disks"]} == {
        image.name: image.unique_id.hex() for image in tree.images
    }
    assert {name: document[name] for name in ("bases", "leaves", "forks", "orphans", "cycles", "unreadable")} == {
        "bases": ["base.vhd"],
        "leaves": ["leaf.avhd", "other.avhd"],
        "forks": ["middle.avhd"],
        "orphans": [],
        "cycles": [],
        "unreadable": [{"path": "f/locked.vhd", "reason": "Permission denied"}],
    }


def test_tree_puts_findings_at_their_disk_and_keeps_the_others(tree: ChainBuilder) -> None:
    inventory = inventory_of(tree, "leaf.avhd")
    here = finding("VHD601", Location(path="leaf.avhd"), "gone")
    general = finding("VHD002", Location(path=""), "skipped")
    document = json.loads(json.dumps(tree_document(inventory, [here, general])))
    assert [disk["findings"] for disk in document["disks"]] == [[finding_fields(here)]]
    assert document["findings"] == [finding_fields(general)]
    assert (document["orphans"], document["disks"][0]["outcome"]) == (["leaf.avhd"], "missing")


def test_a_finding_has_all_its_fields() -> None:
    place = Location(path="f.vhd", structure="BAT", field="entry", offset=1536, block=3, sector=7)
    item = finding("VHD402", place, "it is wrong", expected=5, found="six", related=["g.vhd"], details=["more"])
    assert finding_fields(item) == {
        "code": "VHD402",
        "name": CODES["VHD402"].name,
        "severity": "error",
        "message": "it is wrong",
        "location": {
            "path": "f.vhd",
            "structure": "BAT",
            "field": "entry",
            "offset": 1536,
            "block": 3,
            "sector": 7,
        },
        "expected": 5,
        "found": "six",
        "related": ["g.vhd"],
        "details": ["more"],
    }


def test_audit_tells_findings_sums_and_what_it_is_based_on(tree: ChainBuilder) -> None:
    inventory = inventory_of(tree, "base.vhd", "leaf.avhd")
    report = audit(inventory)
    document = json.loads(json.dumps(audit_document(report, {"fail_on": "error"})))
    assert (document["schema"], document["version"]) == ("vhdchain.audit", 1)
    codes = [(item["code"], item["severity"], item["location"]["path"]) for item in document["findings"]]
    assert codes[:2] == [("VHD001", "error", "f/locked.vhd"), ("VHD601", "error", "leaf.avhd")]
    assert ("VHD002", "note", "") in codes
    # The leaf belongs to a saved machine.
    assert codes[2] == ("VHD136", "warning", "leaf.avhd")
    assert {severity for _, severity, _ in codes[3:]} == {"note"}
    assert document["summary"] == {"error": 2, "warning": 1, "note": len(codes) - 3, "suppressed": 0}
    assert [(item["path"], item["size"]) for item in document["inputs"]] == [
        (name, len(bytes(tree.file(tree.image(name)).content))) for name in ("base.vhd", "leaf.avhd")
    ]
    assert all(len(item["metadata_sha256"]) == 64 for item in document["inputs"])
    assert document["record"]["scanned"] == ["f"]
    assert document["record"]["fail_on"] == "error"


def test_a_report_is_a_baseline(tree: ChainBuilder) -> None:
    report = audit(inventory_of(tree, "leaf.avhd"))
    written = json.loads(json.dumps(audit_document(report)))
    assert parse_baseline(written) == frozenset(report.fingerprints())
    again = audit(inventory_of(tree, "leaf.avhd"), baseline=parse_baseline(written))
    assert again.findings == ()


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {},
        {"schema": "vhdchain.map", "version": 1, "fingerprints": []},
        {"schema": "vhdchain.audit", "version": 2, "fingerprints": []},
        {"schema": "vhdchain.audit", "version": 1},
        {"schema": "vhdchain.audit", "version": 1, "fingerprints": "VHD601"},
        {"schema": "vhdchain.audit", "version": 1, "fingerprints": [1]},
    ],
)
def test_what_is_no_baseline_is_refused(wrong: object) -> None:
    with pytest.raises(ConfigError):
        parse_baseline(wrong)


def test_explain_holds_the_whole_table_with_its_pages() -> None:
    document = json.loads(json.dumps(codes_document(CODES.values())))
    assert (document["schema"], document["version"]) == ("vhdchain.explain", 1)
    assert [row["code"] for row in document["codes"]] == sorted(CODES)
    for row in document["codes"]:
        info = CODES[row["code"]]
        assert (row["name"], row["severity"], row["title"]) == (info.name, info.severity, info.title)
        assert row["page"]["do"] == info.page.do
        assert all(row["page"].values())


def test_hostile_names_survive_a_document_exactly() -> None:
    name = "\x1b[2J\u202e\udcff\n.vhd"
    document = info_document([(raw_image(BytesSource(bytes(512), name=name)), ())])
    text = json.dumps(document)
    assert text.isascii()
    assert text.isprintable()
    assert json.loads(text)["images"][0]["path"] == name

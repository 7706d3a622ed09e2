"""What an export or import is told as before and afterwards, as text and as documents."""

from __future__ import annotations

from dataclasses import replace

import jsonschema
import pytest

from vhdchain.findings import Finding, Location, finding
from vhdchain.plan import CopyFile, CreateFile, FileState, MakeFolder, Plan, RenameFile, WriteDisk
from vhdchain.report.documents.transfer import export_document, import_document
from vhdchain.report.documents.transfer_schema import EXPORT_SCHEMA, IMPORT_SCHEMA
from vhdchain.report.lines import Line, plain_text
from vhdchain.report.text.transfer import done_lines, duration, file_lines, promise_lines, speed_lines
from vhdchain.report.transfers import Speed, Transfer

PLAN = Plan(
    action="export",
    summary="export srv to out/srv",
    steps=(
        MakeFolder(path="out/srv"),
        CopyFile(source="srv.vhd", path="out/srv/srv.vhd", hash="sha256"),
        CreateFile(path="out/srv/srv.xml", content=b"x" * 1000, why="the configuration"),
        RenameFile(path="a", to="b"),
    ),
    files=(FileState(path="srv.vhd", size=3 << 20),),
)
SRV = Transfer(name="srv", id="AB", folder="out/srv", plan=PLAN, files=2, bytes=3146728, bytes_allocated=1 << 20)
DONE = replace(SRV, executed=True, written=3146728, seconds=75.2, hash="sha256", digests={"srv.vhd": "ab" * 32})
SLOW = Speed(bytes_per_second=1 << 20, keeps_holes=True)


def note(number: int = 0, code: str = "VHD933") -> Finding:
    return finding(code, Location(path=f"{number}.xml"), "a host will not have it")


def text(lines: object) -> list[str]:
    return plain_text(list[Line](lines)).splitlines()  # type: ignore[call-overload]  # any iterable of lines


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "1 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (75.2, "1 min 15 s"),
        (3599.9, "1 h"),
        (3600, "1 h"),
        (7170, "2 h"),
        (90000, "25 h"),
    ],
)
def test_times_are_no_finer_than_they_are_known(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_promise_is_files_bytes_place_and_room() -> None:
    assert text(promise_lines(replace(SRV, room=5 << 30), width=None)) == [
        "srv  AB",
        "  files     2 files, 3,146,728 bytes (3 MiB)",
        "  to        out/srv",
        "  room      1,048,576 bytes (1 MiB) needed, 5 GiB are free",
    ]


def test_of_disks_that_are_written_anew_the_most_is_promised() -> None:
    disk = WriteDisk(layers=("a.vhd",), path="out/srv/a.vhd", form="dynamic", disk_size=1 << 20)
    lines = text(promise_lines(replace(SRV, plan=replace(PLAN, steps=(disk,))), width=None))
    assert lines[1] == "  files     2 files, up to 3,146,728 bytes (3 MiB)"


def test_notes_wait_until_it_is_done_unless_they_are_asked_for() -> None:
    item = replace(SRV, findings=(note(),))
    assert not any("VHD933" in line for line in text(promise_lines(item, width=None)))
    assert any("VHD933" in line for line in text(promise_lines(item, width=None, notes=True)))
    assert any("VHD933" in line for line in text(done_lines(item, action="export", width=None)))


def test_many_findings_are_counted_behind_the_first() -> None:
    item = replace(SRV, plan=None, error="refused", findings=tuple(map(note, range(20))))
    lines = text(promise_lines(item, width=None))
    assert sum("VHD933" in line for line in lines) == 8
    assert lines[-1] == "  and 12 more findings"


def test_files_are_listed_with_their_lengths_and_what_else_happens() -> None:
    assert text(file_lines(SRV, width=None)) == [
        "            3,145,728  out/srv/srv.vhd",
        "                1,000  out/srv/srv.xml",
        "    rename a to b",
    ]


def test_what_is_done_is_compared_with_the_promise() -> None:
    kept = text(done_lines(DONE, action="export", width=None))
    assert kept[1] == "  done      2 files, 3,146,728 bytes (3 MiB), as promised in 1 min 15 s"
    assert kept[2] == f"  sha256    {'ab' * 32}  srv.vhd"
    less = text(done_lines(replace(DONE, written=5), action="import", width=None))
    assert less[1] == "  done      2 files, 5 bytes of up to 3,146,728 bytes (3 MiB) in 1 min 15 s"


def test_an_import_tells_what_was_proved_and_no_digests_that_paths_have_changed() -> None:
    copies = tuple(CopyFile(source=name, path=f"in/{name}", hash="sha256", expected="ab" * 32) for name in ("a", "b"))
    plan = Plan(action="import", summary="import", steps=copies)
    proved = text(done_lines(replace(DONE, plan=plan), action="import", width=None))
    assert proved[2] == "  compared  2 copies with the sha256 in vhdchain-export.json: the same"
    unproved = text(done_lines(replace(DONE, plan=replace(plan, steps=())), action="import", width=None))
    assert not any("sha256" in line for line in unproved)


def test_an_export_says_how_it_comes_back_and_where_many_digests_stand() -> None:
    many = replace(DONE, folder="my out/srv", digests={f"{number}.vhd": "cd" * 32 for number in range(100)})
    lines = text(done_lines(many, action="export", width=None))
    assert lines[2] == "  sha256    of 100 files, all in vhdchain-export.json"
    assert lines[-1] == "  import    vhdchain import 'my out/srv' --to FOLDER"


def test_time_is_told_with_the_rate_that_it_comes_from() -> None:
    items = [replace(SRV, estimate=30.0), replace(SRV, estimate=31.0)]
    assert text(speed_lines(items, SLOW, width=None)) == [
        "  time      about 1 min 1 s at 1 MiB a second (measured just now)"
    ]
    limited = Speed(bytes_per_second=1 << 20, keeps_holes=False, limit=1 << 20)
    assert text(speed_lines(items, limited, width=None)) == [
        "  time      about 1 min 1 s at 1 MiB a second (the limit); holes of files take room there"
    ]
    assert text(speed_lines(items, None, width=None)) == []
    assert text(speed_lines([SRV], SLOW, width=None)) == []


def test_the_documents_are_as_their_schemas_have_them() -> None:
    items = [SRV, DONE, replace(SRV, plan=None, error="refused", findings=(note(),))]
    for dry_run in (False, True):
        told = export_document("vms", "out", items, speed=SLOW, dry_run=dry_run)
        jsonschema.validate(told, EXPORT_SCHEMA, cls=jsonschema.Draft202012Validator)
        other = import_document(["out"], None, items, speed=None, dry_run=dry_run)
        jsonschema.validate(other, IMPORT_SCHEMA, cls=jsonschema.Draft202012Validator)
        assert other["in_place"] is True
        machines = told["machines"]
        assert isinstance(machines, list)
        assert [item["plan"] is not None for item in machines] == [dry_run, dry_run, False]


@pytest.mark.parametrize("name", ["files", "error", "findings", "digests"])
def test_a_document_without_a_promised_field_is_none(name: str) -> None:
    told = export_document("vms", "out", [DONE], speed=None, dry_run=False)
    machine = dict(told["machines"][0])  # type: ignore[index,arg-type]  # a list of objects
    del machine[name]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**told, "machines": [machine]}, EXPORT_SCHEMA, cls=jsonschema.Draft202012Validator)

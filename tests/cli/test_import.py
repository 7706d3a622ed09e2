"""`vhdchain import`: copies and imports in place, several at once, refused, stopped, denied, and gone on with."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.audit.folders import open_folder, unprivileged
from tests.cli.moving import SRV, WEB, contents_of, machine_of, run_on, saved_exports, stop_after
from tests.cli.program import command, environment, run
from vhdchain import audit, scan_folder
from vhdchain.findings import Severity
from vhdchain.shell.executor.pending import find_journals
from vhdchain.testing.faults.failing import FailingLayer
from vhdchain.testing.lab import HostLab, LabDisk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AS = ["--as", r"E:\VMs"]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the exports of two machines; it is only read."""
    return saved_exports(tmp_path_factory.mktemp("import"))


@pytest.fixture
def own(exports: Path, tmp_path: Path) -> Path:
    """A copy of the exports that a test may change, with the times of its files."""
    shutil.copytree(exports, tmp_path / "exports")
    return tmp_path / "exports"


def is_clean(folder: Path) -> bool:
    with scan_folder(folder) as inventory:
        return all(item.severity is Severity.NOTE for item in audit(inventory).findings) and bool(inventory.machines)


# --------------------------------------------------------------------------------------------------------------- copies


def test_every_machine_of_a_folder_is_copied_and_its_chains_are_sound(exports: Path, tmp_path: Path) -> None:
    before = contents_of(exports)
    ran = run("import", "--automate", exports, "--to", tmp_path / "new" / "vms", *AS)
    assert (ran.code, ran.err) == (0, "")
    assert (ran.document["in_place"], ran.document["destination"]) == (False, str(tmp_path / "new" / "vms"))
    for name, id_ in (("srv", SRV), ("web", WEB)):
        told = machine_of(ran, name)
        assert (told["executed"], told["id"], told["error"]) == (True, id_, None)
    written = sum(item["written"] for item in ran.document["machines"])
    assert written == sum(item["bytes"] for item in ran.document["machines"])
    assert written == sum(map(len, contents_of(tmp_path / "new" / "vms").values()))
    assert is_clean(tmp_path / "new" / "vms")
    assert contents_of(exports) == before


def test_the_text_says_what_was_done(exports: Path, tmp_path: Path) -> None:
    ran = run("import", exports / "web", "--to", tmp_path, *AS, columns=100)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == f"web  {WEB}"
    assert any(line.startswith("  done      2 files, ") and ", as promised in 1 s" in line for line in lines)
    assert not any(line.startswith("  import ") for line in lines)


def test_a_dry_run_writes_nothing(exports: Path, tmp_path: Path) -> None:
    ran = run("import", "--json", exports, "--to", tmp_path / "vms", *AS, "--dry-run")
    assert (ran.code, list(tmp_path.iterdir())) == (0, [])
    plans = [item["plan"] for item in ran.document["machines"]]
    assert [plan["action"] for plan in plans] == ["import", "import"]
    assert [item["executed"] for item in ran.document["machines"]] == [False, False]


def test_with_new_ids_a_machine_can_be_imported_again(exports: Path, tmp_path: Path) -> None:
    assert run("import", "-q", exports / "web", "--to", tmp_path, *AS).code == 0
    taken = run("import", "--json", exports / "web", "--to", tmp_path, *AS)
    assert taken.code == 1
    assert "VHD942" in [item["code"] for item in machine_of(taken, "web")["findings"]]
    ran = run("import", "--json", exports / "web", "--to", tmp_path, *AS, "--new-id", "--disks", tmp_path / "more")
    assert (ran.code, machine_of(ran, "web")["executed"]) == (0, True)
    assert machine_of(ran, "web")["id"] != WEB
    with scan_folder(tmp_path) as inventory:
        assert [machine.name for machine in inventory.machines] == ["web", "web"]


def test_disks_of_one_name_get_folders_of_their_own(tmp_path: Path) -> None:
    lab = HostLab(seed="alike")
    for name in ("one", "two"):
        lab.fill(lab.machine(name, disks=[LabDisk("disk.vhd")], disks_folder=rf"D:\{name}"), 0, 4096, 512)
    lab.save(tmp_path / "host")
    assert run("export", "-q", tmp_path / "host", tmp_path / "out", "--all").code == 0
    ran = run("import", "--json", tmp_path / "out", "--to", tmp_path / "vms", *AS)
    assert (ran.code, ran.err) == (0, "")
    disks = sorted(path.relative_to(tmp_path / "vms").as_posix() for path in (tmp_path / "vms").rglob("*.vhd"))
    assert disks == ["Virtual Hard Disks/disk.vhd", "Virtual Hard Disks/two/disk.vhd"]
    assert is_clean(tmp_path / "vms")


def test_the_names_of_windows_may_come_from_a_map(exports: Path, tmp_path: Path) -> None:
    vms, disks = tmp_path / "vms", tmp_path / "disks"
    maps = ["--map", rf"V:\vms={vms}", "--map", rf"W:\disks={disks}"]
    assert run("import", "-q", exports / "web", "--to", vms, "--disks", disks, *maps).code == 0
    configuration = (vms / "Virtual Machines" / f"{WEB}.xml").read_bytes()
    assert r"W:\disks\web.vhd".encode("utf-16-le") in configuration


def test_a_place_without_a_name_is_refused_with_what_to_say(exports: Path, tmp_path: Path) -> None:
    ran = run("import", exports / "web", "--to", tmp_path / "vms")
    assert ran.code != 0
    assert "--as" in ran.error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--to", "X", "--in-place"],
        ["--in-place", "--disks", "X"],
        ["--in-place"],  # nobody can be asked here
        ["--to", "X", "--limit-rate", "much"],
        ["--to", "X", "--as", "E:VMs"],
        ["--to", "X", "--map", "nowhere"],
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_a_usage_error(options: list[str], exports: Path, tmp_path: Path) -> None:
    told = [text.replace("X", str(tmp_path / "x")) for text in options]
    ran = run("import", exports, *AS, *told)
    assert (ran.code, ran.out) == (2, "")
    assert list(tmp_path.iterdir()) == []


def test_what_is_missing_is_refused_by_its_name_and_the_others_go_on(own: Path, tmp_path: Path) -> None:
    (own / "srv" / "Virtual Hard Disks" / "data.vhd").unlink()
    ran = run("import", "--json", own, "--to", tmp_path / "vms", *AS)
    assert ran.code == 1
    refused = machine_of(ran, "srv")
    assert "VHD833" in [item["code"] for item in refused["findings"]]
    assert "data.vhd" in refused["error"]
    assert machine_of(ran, "web")["executed"]
    with scan_folder(tmp_path / "vms") as inventory:
        assert [machine.name for machine in inventory.machines] == ["web"]


def test_a_folder_that_is_no_export_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = run("import", tmp_path / "empty", "--to", tmp_path / "vms", *AS)
    assert ran.code == 1
    assert ran.error.startswith(f"{tmp_path}/empty: ")
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


# ------------------------------------------------------------------------------------------------------------- in place


def test_in_place_the_export_becomes_the_machine(own: Path) -> None:
    names = {name for name in contents_of(own) if not name.endswith("vhdchain-export.json")}
    ran = run("import", "--json", own, "--in-place", "--yes", *AS)
    assert (ran.code, ran.document["destination"], ran.document["in_place"]) == (0, None, True)
    assert [item["executed"] for item in ran.document["machines"]] == [True, True]
    assert contents_of(own).keys() == names
    assert is_clean(own)


def test_scripts_must_say_yes_to_a_change_of_files(own: Path) -> None:
    before = contents_of(own)
    assert run("import", "--automate", own, "--in-place", *AS).code == 2
    assert contents_of(own) == before
    assert run("import", "--automate", "--yes", own, "--in-place", *AS).code == 0


def test_damaged_contents_are_found_before_anything_is_changed(own: Path) -> None:
    disk = own / "web" / "Virtual Hard Disks" / "web.vhd"
    content = bytearray(disk.read_bytes())
    content[-1000] ^= 1
    disk.write_bytes(content)
    before = contents_of(own)
    ran = run("import", "--json", own / "web", "--in-place", "--yes", *AS)
    assert ran.code == 1
    assert "VHD833" in [item["code"] for item in machine_of(ran, "web")["findings"]]
    assert contents_of(own) == before


def test_in_place_what_was_stopped_is_finished_or_taken_back(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents_of(own)
    line = ["import", "--json", own, "--in-place", "--yes", *AS, "--new-id"]
    for end in ("--clean-up", None):
        with monkeypatch.context() as patched:
            stop_after(patched, 4)
            ran = run(*line)
            assert (ran.code, len(find_journals(own))) == (3, 2)
            assert all("nothing of the source" not in item["error"] for item in ran.document["machines"])
        ran = run(*line, *([end] if end else []))
        assert ran.code == 0
        assert all(item["undone"] is bool(end) for item in ran.document["machines"])
        assert (contents_of(own) == before) is bool(end)
        assert find_journals(own) == []
    assert is_clean(own)


# --------------------------------------------------------------------------------------------- stopped and gone on with


@pytest.mark.parametrize("steps", [3, 15, 30])
def test_the_same_command_goes_on_where_it_was_stopped(
    steps: int, exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = ["import", "--json", exports / "srv", "--to", tmp_path / "vms", *AS]
    with monkeypatch.context() as patched:
        stop_after(patched, steps)
        ran = run(*line)
        assert ran.code == 3
        assert "nothing of the source was touched" in machine_of(ran, "srv")["error"]
        assert list((tmp_path / "vms").glob("Virtual Machines/*.xml")) == []
    ran = run(*line)
    told = machine_of(ran, "srv")
    assert (ran.code, told["resumed"], told["written"]) == (0, True, told["bytes"])
    assert is_clean(tmp_path / "vms")
    assert find_journals(tmp_path) == []


def test_of_several_machines_those_that_are_done_count_as_done(
    exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = ["import", "--json", exports, "--to", tmp_path / "vms", *AS]
    with monkeypatch.context() as patched:
        stop_after(patched, 26)  # enough for web, too little for srv
        ran = run(*line)
        assert [(item["name"], item["executed"]) for item in ran.document["machines"]] == [
            ("srv", False),
            ("web", True),
        ]
    ran = run(*line)
    assert ran.code == 0
    assert sorted((item["name"], item["executed"]) for item in ran.document["machines"]) == [
        ("srv", True),
        ("web", True),
    ]
    assert is_clean(tmp_path / "vms")


@pytest.mark.parametrize("steps", [1, 4, 8])
def test_several_machines_go_on_wherever_they_were_stopped(
    steps: int, exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = ["import", exports, "--to", tmp_path / "vms", *AS, "-q"]
    with monkeypatch.context() as patched:
        stop_after(patched, steps)
        assert run(*line).code == 3
    again = run(*line)
    assert (again.code, again.err) == (0, "")
    assert is_clean(tmp_path / "vms")


def test_with_other_options_it_says_which_ones_go_on(
    exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        stop_after(patched, 15)
        run("import", exports / "srv", "--to", tmp_path / "vms", *AS)
    ran = run("import", exports / "srv", "--to", tmp_path / "vms", "--as", r"F:\Other")
    assert ran.code == 1
    assert r"'E:\VMs'" in ran.error
    assert run("import", "-q", exports / "srv", "--to", tmp_path / "vms", "--clean-up").code == 0
    assert list(tmp_path.iterdir()) == []
    assert run("import", "-q", exports / "srv", "--to", tmp_path / "vms", "--as", r"F:\Other").code == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_signals_leave_what_the_same_command_finishes(number: int, code: int, exports: Path, tmp_path: Path) -> None:
    line = ["import", exports, "--to", tmp_path / "vms", *AS, "--no-probe", "-q"]
    process = subprocess.Popen(
        command(*line, "--limit-rate", "8K"), env=environment(), stderr=subprocess.PIPE, text=True
    )
    end = time.monotonic() + 60
    while not list(tmp_path.glob("vms/Virtual Hard Disks/*")) and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(number)
    _, told = process.communicate(timeout=60)
    assert process.returncode == code
    assert len(told.splitlines()) == (number != signal.SIGKILL)
    assert list(tmp_path.glob("vms/Virtual Machines/*.xml")) == []
    again = run(*line)
    assert again.err == ""
    assert again.code == 0
    assert is_clean(tmp_path / "vms")


# ------------------------------------------------------------------------------------------------- no right and no room


@pytest.fixture
def shared(exports: Path) -> Iterator[Path]:
    """A folder that every account may enter, with copies of the exports and a target in it."""
    with open_folder() as folder:
        shutil.copytree(exports, folder / "exports")
        (folder / "vms").mkdir()
        (folder / "vms").chmod(0o777)
        # What is loaded later might lie where only root may read.
        assert run("import", "-q", folder / "exports", "--to", folder / "warm", *AS).code == 0
        assert run("import", folder / "exports", "--to", folder / "warm", *AS).code == 1
        yield folder
        subprocess.run(["chmod", "-R", "u+rwX", folder], check=True)


@pytest.mark.parametrize(
    "denying",
    [
        "web/Virtual Hard Disks/web.vhd",
        f"web/Virtual Machines/{WEB}.xml",
        "web/vhdchain-export.json",
        "web/Virtual Hard Disks",
        "web",
    ],
)
def test_an_export_that_denies_is_told_with_what_grants_it(denying: str, shared: Path) -> None:
    (shared / "exports" / denying).chmod(0)
    with unprivileged():
        ran = run("import", shared / "exports" / "web", "--to", shared / "vms", *AS)
    (shared / "exports" / denying).chmod(0o755)
    assert ran.code == 3
    assert f"{shared}/exports/{denying}: access is denied: " in ran.error
    assert "to grant it: setfacl -m u:" in ran.error
    assert list((shared / "vms").iterdir()) == []


@pytest.mark.parametrize("probe", ["--probe", "--no-probe"])
@pytest.mark.parametrize(("mode", "right"), [(0o555, "write"), (0, "")])
def test_a_target_that_denies_is_told_with_what_grants_it(mode: int, right: str, probe: str, shared: Path) -> None:
    (shared / "vms").chmod(mode)
    with unprivileged():
        ran = run("import", shared / "exports" / "web", "--to", shared / "vms" / "in", *AS, probe, "-q")
    (shared / "vms").chmod(0o777)
    assert ran.code == 3
    assert f"has no right to {right}" in ran.error
    assert f"{shared}/vms" in ran.error
    assert list((shared / "vms").iterdir()) == []


def test_in_place_a_file_that_may_not_be_written_is_told_and_nothing_is_changed(shared: Path) -> None:
    folder = shared / "exports" / "web"
    before = contents_of(folder)
    with unprivileged():
        ran = run("import", folder, "--in-place", "--yes", *AS)
    if ran.code == 0:  # these tests run as the owner, who may
        folder.joinpath("Virtual Machines").chmod(0o555)
        pytest.skip("the account that runs the tests owns the files")
    assert ran.code == 3
    assert "has no right to write" in ran.error
    assert contents_of(folder) == before


def test_a_disk_that_is_full_half_way_leaves_what_can_be_gone_on_with(
    exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = ["import", "--json", exports / "srv", "--to", tmp_path / "vms", *AS, "--no-probe"]
    with monkeypatch.context() as patched:
        run_on(patched, FailingLayer(at=60, error=28, full=True))
        ran = run(*line)
    assert ran.code == 3
    assert machine_of(ran, "srv")["error"].startswith(f"{tmp_path}/vms: no room is left on this volume; ")
    assert list((tmp_path / "vms").glob("Virtual Machines/*.xml")) == []
    assert run(*line).code == 0
    assert is_clean(tmp_path / "vms")

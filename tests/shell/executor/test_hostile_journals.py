"""Whatever stands in a journal whose checks fit: one clear line or a plan in its folder, and nothing outside."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

import vhdchain as vc
from tests.shell.executor.exports import export_plan, make_machine
from tests.shell.executor.plans import QUICK, contents_and_times, interrupt, journal_in, make_folder, plan_of
from vhdchain.shell.executor import journal as journal_module

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vhdchain.plan import Plan

SEEDS = 240
ODD: tuple[Any, ...] = (
    *(-1, 0, 1, 1 << 31, 1 << 62, 1 << 70, True, None, "", "\0", "..", "../..", ".", "/", "a\nb", "\udcff"),
    *([], {}, [1], {"a": 1}, 1.5, "ff" * 40, "0g"),
)


def records_of(path: Path) -> list[dict[str, Any]]:
    lines = path.read_bytes().split(b"\n\n")[0].rstrip(b"\n").split(b"\n")
    return [json.loads(line)["record"] for line in lines]


def write(path: Path, records: list[dict[str, Any]]) -> None:
    check, content = "", b""
    for record in records:
        line, check = journal_module._line(check, record)
        content += line
    path.write_bytes(content + b"\n" * 4096)


def places(value: Any, where: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401
    """Return the way to everything inside a value."""
    inner = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [found for key, item in inner for found in ((*where, key), *places(item, (*where, key)))]


def mutate(records: list[dict[str, Any]], chance: random.Random, names: list[str]) -> None:
    for _ in range(chance.randint(1, 2)):
        *way, last = chance.choice(places(records))
        owner: Any = records
        for key in way:
            owner = owner[key]
        match chance.randrange(8), owner[last]:
            case 0, _:
                del owner[last]
            case 1, _:
                owner[last] = chance.choice(ODD)
            case _, int(number):
                owner[last] = chance.choice((number + 1, number * 2, number - 512, 0, 1 << 40, -1))
            case _, str(text):
                owner[last] = chance.choice((*names, text[1:], text + "0", "ff", ""))
            case _:
                owner[last] = chance.choice((owner[last], None, [], {}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A folder, a plan that is stopped in it, and names that lead out of it.

    Attributes:
        make: Makes the folder.
        plan: Makes the plan.
        stops: After how many questions whether to stop it is stopped.
        file: Any file of the folder.
    """

    make: Callable[[Path], None]
    plan: Callable[[Path], Plan]
    stops: range
    file: str


SCENES = {
    "simple steps": Scene(make=make_folder, plan=plan_of, stops=range(1, 15), file="stays.vhd"),
    "export": Scene(make=make_machine, plan=export_plan, stops=range(4, 26), file="host/base.vhd"),
}


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES.keys())
@pytest.mark.parametrize("part", range(4))
def test_mutated_journals_raise_what_is_foreseen_or_do_what_they_say_in_their_folder(
    tmp_path: Path, part: int, scene: Scene
) -> None:
    outside = tmp_path / "outside"
    scene.make(outside)
    before = contents_and_times(outside)
    outcomes = set()
    for seed in range(part, SEEDS, 4):
        chance = random.Random(seed)
        folder = tmp_path / f"folder {seed}"
        scene.make(folder)
        interrupt(scene.plan(folder), after=chance.choice(scene.stops))
        (folder / "link").symlink_to(outside)
        (folder / "file link").symlink_to(outside / scene.file)
        journal = journal_in(folder)
        records = records_of(journal)
        leading_out = (f"{outside}/{scene.file}", f"../outside/{scene.file}", f"{folder}/link/{scene.file}")
        mutate(records, chance, [*leading_out, f"{folder}/file link", str(outside), "sha512"])
        write(journal, records)
        try:
            (vc.undo if seed % 3 == 0 else vc.resume)(journal, layer=QUICK, within=[folder])
            outcomes.add("done")
        except (vc.VhdChainError, OSError) as error:
            outcomes.add(type(error).__name__)
        assert contents_and_times(outside) == before, f"seed {seed}"

    assert {"done", "ConfigError", "PlanRefusedError"} <= outcomes


def test_a_checkpoint_that_makes_no_sense_is_a_fault_of_the_journal(tmp_path: Path) -> None:
    make_folder(tmp_path)
    interrupt(plan_of(tmp_path), after=3)
    journal = journal_in(tmp_path)
    records = records_of(journal)
    for record in records:
        if record["kind"] == "checkpoint":
            record["state"] = {"size": "large"}
    write(journal, records)
    with pytest.raises(vc.ConfigError, match=r"step 2 or its checkpoint makes no sense"):
        vc.undo(journal, layer=QUICK)


def test_random_bytes_are_no_journal(tmp_path: Path) -> None:
    journal = tmp_path / "a.vhd.vhdchain-journal"
    for seed in range(50):
        journal.write_bytes(random.Random(seed).randbytes(seed * 40))
        with pytest.raises(vc.ConfigError):
            vc.resume(journal)
    assert sorted(path.name for path in tmp_path.iterdir()) == [journal.name]

"""What is planned to have a disk as one file, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from vhdchain.errors import ConfigError, PlanRefusedError
from vhdchain.merge.flattening import plan_flatten
from vhdchain.plan import Plan, WriteDisk, plan_document, plan_from_document
from vhdchain.testing import ChainBuilder
from vhdchain.testing.opening import built_chain

KIB = 1024
MIB = 1024 * KIB


def planned(tree: ChainBuilder, name: str, path: str = "folder/out", **options: Any) -> Plan:
    given: dict[str, Any] = {"unique_id": b"\x07" * 16, "time_stamp": 700_000_000, **options}
    return plan_flatten(built_chain(tree, tree.image(name)), path, **given)


def two_layers(block_size: int = MIB) -> ChainBuilder:
    tree = ChainBuilder(seed=2)
    base = tree.dynamic("base.vhd", size=9 * MIB, block_size=block_size)
    tree.fill(base, 0, 512)
    leaf = tree.snapshot(base, "leaf.avhd", block_size=2 * MIB)
    # Two extents in one block of the new image, one across a border, and one that lies over what the base has.
    for offset, length in ((0, 512), (3 * MIB, 512), (3 * MIB + 8 * KIB, 512), (6 * MIB - 512, 1024)):
        tree.fill(leaf, offset, length)
    return tree


def test_a_plan_is_one_step_that_says_all_there_is_to_know() -> None:
    plan = planned(two_layers(), "leaf.avhd", form="dynamic", digest="sha256", accept={"VHD106"}, footer="end")
    assert plan.steps == (
        WriteDisk(
            layers=("base.vhd", "leaf.avhd"),
            path="folder/out",
            form="dynamic",
            disk_size=9 * MIB,
            unique_id=b"\x07" * 16,
            time_stamp=700_000_000,
            block_size=2 * MIB,
            hash="sha256",
            footer="end",
            accept=("VHD106",),
        ),
    )
    assert [state.path for state in plan.files] == ["base.vhd", "leaf.avhd"]
    assert plan.facts == {"disk_size": 9 * MIB, "data_size": 5 * 512}
    assert plan_from_document(plan_document(plan)) == plan


def test_a_raw_image_has_no_identity() -> None:
    (step,) = planned(two_layers(), "leaf.avhd").steps
    assert isinstance(step, WriteDisk)
    assert (step.unique_id, step.time_stamp, step.block_size) == (b"", 0, 0)


@pytest.mark.parametrize(
    ("options", "peak"),
    [
        ({"form": "dynamic"}, 512 + 1024 + 512 + 4 * (512 + 2 * MIB) + 512),  # blocks 0 to 3
        ({"form": "dynamic", "block_size": MIB}, 512 + 1024 + 512 + 4 * (512 + MIB) + 512),  # blocks 0, 3, 5 and 6
        ({"form": "raw"}, 5 * 4 * KIB),  # pages 0, two beside each other, and two at the border
        ({"form": "fixed"}, 6 * 4 * KIB),
    ],
)
def test_the_room_that_is_needed_is_foreseen(options: dict[str, Any], peak: int) -> None:
    (need,) = planned(two_layers(), "leaf.avhd", **options).needs
    assert (need.folder, need.peak, need.lasting) == ("folder", peak, peak)


@pytest.mark.parametrize(
    "options",
    [
        {"form": "vhdx"},
        {"form": "raw", "block_size": MIB},
        {"form": "dynamic", "block_size": 3 * KIB},
        {"form": "dynamic", "block_size": 256},
        {"form": "dynamic", "block_size": 512 * MIB},
        {"digest": "crc32"},
        {"digest": "shake_128"},
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_told(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        planned(two_layers(), "leaf.avhd", **options)


def test_a_disk_of_too_many_blocks_for_memory_is_refused() -> None:
    tree = ChainBuilder(seed=2)
    tree.dynamic("base.vhd", size=1 << 40)
    with pytest.raises(ConfigError, match="more than 16777216 blocks"):
        planned(tree, "base.vhd", form="dynamic", block_size=512)
    assert planned(tree, "base.vhd", form="dynamic", block_size=64 * KIB).needs[0].peak == 2560 + 4 * (1 << 24) - 512


def test_a_partial_view_is_refused() -> None:
    tree = two_layers()
    chain = built_chain(tree, tree.image("leaf.avhd"))
    partial = type(chain)(layers=chain.layers[1:], complete=False)
    with pytest.raises(PlanRefusedError):
        plan_flatten(partial, "out", unique_id=bytes(16), time_stamp=0)

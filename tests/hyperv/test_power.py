"""Whether a machine was on, as a guess with its reason."""

from __future__ import annotations

import pytest

from vhdchain.hyperv import PowerState, SavedState
from vhdchain.hyperv.power import power_guess, taken_in

RUNNING, SAVED, OFF, UNKNOWN = PowerState.RUNNING, PowerState.SAVED, PowerState.OFF, PowerState.UNKNOWN


@pytest.mark.parametrize(
    ("devices", "on", "off", "state"),
    [
        ("", 2, 1, RUNNING),
        ("", 2, None, RUNNING),
        ("", 1, 2, OFF),
        ("", 2, 2, OFF),
        ("", None, 2, OFF),
        ("", 0, 0, OFF),
        ("", 0, None, OFF),
        ("", None, None, UNKNOWN),
        ("x.vsv", 2, 1, SAVED),
        ("x.vsv", None, None, SAVED),
        ("  \n", 2, 1, RUNNING),
    ],
)
def test_the_saved_state_and_the_last_time_of_power_decide(
    devices: str, on: int | None, off: int | None, state: PowerState
) -> None:
    guess = power_guess(SavedState(devices=devices, memory="x.bin"), on, off)
    assert guess.state is state
    assert guess.reason


def test_reasons_tell_what_was_seen() -> None:
    reasons = {
        power_guess(SavedState(), 1, 2).reason,
        power_guess(SavedState(), 0, 2).reason,
        power_guess(SavedState(), None, None).reason,
        power_guess(SavedState(), 2, 1).reason,
        power_guess(SavedState(devices="x"), 2, 1).reason,
        power_guess(SavedState(devices="x", in_progress=True), 2, 1).reason,
    }
    assert len(reasons) == 6


@pytest.mark.parametrize(("devices", "state"), [("x.vsv", SAVED), ("", OFF), (" ", OFF)])
def test_a_snapshot_with_a_saved_state_was_taken_while_the_machine_was_not_off(devices: str, state: PowerState) -> None:
    assert taken_in(SavedState(devices=devices)).state is state

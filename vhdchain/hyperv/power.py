"""Was the machine running when its configuration was copied?

No file says so. What is there allows a guess, which carries its reason: a saved state is named or not, and which of the
times of power was the last.
"""

from __future__ import annotations

from vhdchain.hyperv.records import PowerGuess, PowerState, SavedState


def power_guess(saved: SavedState, on: int | None, off: int | None) -> PowerGuess:
    """Return whether a machine was on.

    Args:
        saved: Its saved state.
        on: When it was last turned on, as a FILETIME; None where that is not stored.
        off: When it was last turned off, likewise.
    """
    if saved:
        under_way = ", which was being written" if saved.in_progress else ""
        reason = f"its configuration names the files of a saved state{under_way}"
        return PowerGuess(state=PowerState.SAVED, reason=reason)
    if on is None and off is None:
        return PowerGuess(state=PowerState.UNKNOWN, reason="no time of power is stored, and no saved state")
    if (on or 0) > (off or 0):
        return PowerGuess(
            state=PowerState.RUNNING,
            reason="it was turned on after it was last turned off, and has no saved state",
        )
    never = "it stores no time at which it was turned on, and no saved state"
    again = "it was not turned on again after it was last turned off"
    return PowerGuess(state=PowerState.OFF, reason=again if on else never)


def taken_in(saved: SavedState) -> PowerGuess:
    """Return in which state a snapshot was taken: with a saved state when the machine was running or saved."""
    if saved:
        return PowerGuess(state=PowerState.SAVED, reason="it names the files of a saved state")
    return PowerGuess(state=PowerState.OFF, reason="it names no saved state")

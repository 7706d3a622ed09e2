"""By which host's rules are snapshots taken, applied and deleted?

Where hosts differ, or where what they do is not known, the choice is a value here and not in the code.
"""

from __future__ import annotations

from dataclasses import dataclass

from vhdchain.snapshots.state import Power

HYPER_V_LIMIT = 50
"""How many snapshots a machine of Hyper-V may have (documented)."""

XENSERVER_DEPTH = 30
"""How many files a chain of XenServer may have."""

LONGEST_NAME = 100
"""How many characters the name of a snapshot may have (documented)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of a host.

    Attributes:
        limit: How many snapshots a machine may have.
        depth: How many files a chain may have; None where the host sets no limit.
        longest_name: How many characters the name of a snapshot may have.
        copy_on_apply: Whether applying works on copies of what the snapshot keeps, as Hyper-V does: new differencing
            disks below the frozen ones. Otherwise the frozen disks become the machine's own, and all that was made
            from the snapshot later is lost.
        merges_while: In which states of power files are merged. Hyper-V 2008 and 2008 R2 wait until the machine is
            off; whether they merge while it is saved is not known, and here they do not. Since 2012 hosts merge while
            it runs.
        beside: Whether a new disk is made beside the one that it builds on, as 2008 R2 does; otherwise in the folder
            of the snapshot, or of the machine where it was applied, as 2008 does.
        export_while: In which states of power a machine may be exported.
    """

    limit: int = HYPER_V_LIMIT
    depth: int | None = None
    longest_name: int = LONGEST_NAME
    copy_on_apply: bool = True
    merges_while: frozenset[Power] = frozenset({Power.OFF})
    beside: bool = True
    export_while: frozenset[Power] = frozenset({Power.OFF})


HYPER_V_2008 = Policy(beside=False)
HYPER_V_2008_R2 = Policy(export_while=frozenset({Power.OFF, Power.SAVED}))
HYPER_V_2012 = Policy(merges_while=frozenset(Power), export_while=frozenset(Power) - {Power.PAUSED})
XENSERVER = Policy(limit=1 << 30, depth=XENSERVER_DEPTH, merges_while=frozenset(Power))

POLICIES = {
    "2008": HYPER_V_2008,
    "2008 R2": HYPER_V_2008_R2,
    "2012": HYPER_V_2012,
    "xenserver": XENSERVER,
}
"""The policies by the names of their hosts."""

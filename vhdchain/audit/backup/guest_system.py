"""Can a guest of this system take part in an online backup?

Microsoft's documents ask for Windows Server 2003 or later in the guest, and say of Windows 2000 that the service is not
supported. Which system a guest has stands in no file of the host; somebody tells it, in his own words. What older ones
and Windows XP are called is in a table; of what is not Windows, nothing is documented for these hosts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vhdchain.audit.backup.answers import Answer, Judgement
from vhdchain.errors import ConfigError
from vhdchain.locate import fold_case, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vhdchain.hyperv import Machines

ANY_GUEST = ""
"""The name under which `backup_check` takes the system of every guest that is not named."""

_LONGEST = 80
_YEARS = "2003|2008|2012|2016|2019|2022|2025"
_NEW = "Windows Server 2003 or later"
_OLD = "older than Windows Server 2003, the first whose guests can be backed up online"
_CLIENT = "later than Windows Server 2003, and no server: the documents speak of servers"
_OTHER = "no Windows: of such guests nothing is documented for hosts of 2008 and 2008 R2"

# Patterns over the text in lower case, all but letters, digits and dots replaced by spaces.
_TABLE: tuple[tuple[re.Pattern[str], Answer, str], ...] = tuple(
    (re.compile(pattern), answer, why)
    for pattern, answer, why in (
        (rf"\b(?:windows|win|ms|microsoft) (?:server )?(?:{_YEARS})\b", Answer.YES, _NEW),
        (rf"^(?:server )?(?:{_YEARS})(?: r2)?(?: sp ?\d)?$", Answer.YES, _NEW),
        (r"\b(?:w2k|win2k|2k)(?:3|8|12|16|19)(?:r2)?\b", Answer.YES, _NEW),
        (r"\b(?:windows|win) ?(?:2000|2k)\b|\bw(?:in)?2k\b|^2000(?: server)?(?: sp ?\d)?$", Answer.NO, _OLD),
        (r"\bxp\b(?!.*64)", Answer.NO, _OLD),
        (r"\bxp\b.*64", Answer.UNKNOWN, "Windows XP x64 is built on Windows Server 2003; more is not known"),
        (r"\bnt ?(?:3|4)|\bnt (?:server|workstation)\b", Answer.NO, _OLD),
        (r"\b(?:windows|win) ?(?:9[58]|me|millennium|3\.\d+)\b|\b(?:ms ?)?dos\b", Answer.NO, _OLD),
        (r"\bvista\b|\b(?:windows|win) ?(?:7|8|8\.1|10|11)\b", Answer.UNKNOWN, _CLIENT),
        (
            r"linux|ubuntu|debian|centos|red ?hat|\brhel|suse|\bsles|fedora|bsd\b|solaris|\bunix|\bos 2\b|netware",
            Answer.UNKNOWN,
            _OTHER,
        ),
    )
)


def guest_system(text: str | None) -> Judgement:
    """Return whether the system of a guest, as somebody calls it, is Windows Server 2003 or later."""
    if text is None or not text.strip():
        return Judgement(
            answer=Answer.UNKNOWN, evidence=("no file of the host says which system the guest has (--guest-os)",)
        )
    said = f"{shortened(text.strip(), _LONGEST)!r} was told"
    plain = re.sub(r"\((?:r|tm)\)|[^a-z0-9.]+", " ", text[:_LONGEST].lower())
    plain = " ".join(plain.split())
    known = {(answer, why) for pattern, answer, why in _TABLE if pattern.search(plain)}
    if len(known) == 1:
        ((answer, why),) = known
        return Judgement(answer=answer, evidence=(f"{said}: {why}",))
    why = "which the table of systems does not know" if not known else "which may be several systems"
    return Judgement(answer=Answer.UNKNOWN, evidence=(f"{said}, {why}",))


def systems_of(machines: Machines, guests: Mapping[str, str]) -> dict[str, str]:
    """Return what was told of the guest of each machine, by the path of its first configuration.

    Args:
        machines: All machines.
        guests: The name or id of a machine, letter case ignored -> its guest's system; under `ANY_GUEST` that of all
            others. A name that several machines have means each of them.

    Raises:
        ConfigError: No machine is called so.
    """
    named = {path: text for name, text in guests.items() if name != ANY_GUEST for path in _called(machines, name)}
    other = guests.get(ANY_GUEST)
    told = {machine.states[0].path: named.get(machine.states[0].path, other) for machine in machines}
    return {path: text for path, text in told.items() if text is not None}


def _called(machines: Machines, name: str) -> list[str]:
    wanted = fold_case(name.strip().strip("{}"))
    fitting = [machine for machine in machines if wanted in (fold_case(machine.name), fold_case(machine.id))]
    if not wanted or not fitting:
        known = ", ".join(shortened(machine.name, 40) for machine in list(machines)[:8]) or "none"
        raise ConfigError(f"guest's system: no machine is called {name!r}; machines that were found: {known}")
    return [machine.states[0].path for machine in fitting]

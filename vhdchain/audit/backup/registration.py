"""Does Windows Server Backup know the VSS writer of Hyper-V on this host?

Microsoft's article 958662 names the value of the registry that it needs, and says that a hotfix can do the same: so its
absence proves nothing. What stands there instead of it does, as far as it cannot be read as the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.backup.answers import Answer, Judgement
from vhdchain.audit.backup.registry import APPLICATION_SUPPORT, APPLICATION_SUPPORT_32
from vhdchain.audit.backup.registry_values import REG_SZ
from vhdchain.locate.paths import shortened

if TYPE_CHECKING:
    from vhdchain.audit.backup.registry import RegistryExport
    from vhdchain.audit.backup.registry_values import RegistryValue

HYPER_V_WRITER = "{66841CD4-6DED-4F4B-8F17-FD23F8DDC3DE}"
"""The Microsoft Hyper-V VSS Writer."""

WRITER_KEY = f"{APPLICATION_SUPPORT}\\{HYPER_V_WRITER}"
WRITER_VALUE = "Application Identifier"
WRITER_DATA = "Hyper-V"

_WRITER_KEY_32 = f"{APPLICATION_SUPPORT_32}\\{HYPER_V_WRITER}"
_HOTFIX = "a hotfix can register the writer as well, so this does not prove that it is not registered"


def wsb_registration(export: RegistryExport) -> Judgement:
    """Return whether the registry that was exported has the value which Windows Server Backup needs.

    Yes where it is there as documented; no where it is there and is something else; unknown where it is absent, the
    export does not cover its key, its case or type differ from the documented ones, or the file deletes anything and so
    is no export but something to be imported.
    """
    key = export.key(WRITER_KEY)
    value = key.value(WRITER_VALUE) if key else None
    if export.deleting is not None:
        what = f"{export.name}, line {export.deleting}, deletes: it is to be imported, and shows no host's registry"
        return Judgement(answer=Answer.UNKNOWN, evidence=(what,))
    if value is None:
        return Judgement(answer=Answer.UNKNOWN, evidence=(_absent(export), *_in_32_bit_view(export), _HOTFIX))
    answer, why = _judged(value)
    return Judgement(answer=answer, evidence=(f"{export.name}, line {value.line}: {_told(value)}", *why))


def _judged(value: RegistryValue) -> tuple[Answer, tuple[str, ...]]:
    if value.data == WRITER_DATA:
        if value.type == REG_SZ:
            return Answer.YES, ()
        return Answer.UNKNOWN, ("documented is REG_SZ; whether another type serves is not known",)
    if isinstance(value.data, str) and value.data.strip().casefold() == WRITER_DATA.casefold():
        return Answer.UNKNOWN, (f'documented is "{WRITER_DATA}"; whether another spelling serves is not known',)
    return Answer.NO, (f'Windows Server Backup needs REG_SZ "{WRITER_DATA}" there',)


def _told(value: RegistryValue) -> str:
    data = value.data
    if isinstance(data, str):
        shown = f'"{shortened(data)}"'
    else:
        shown = str(data) if isinstance(data, int) else f"of {len(data)} bytes"
    return f'"{WRITER_VALUE}" of the key {HYPER_V_WRITER} is {value.type_text} {shown}'


def _absent(export: RegistryExport) -> str:
    """Return a clause that says how near the export comes to the value."""
    if key := export.key(WRITER_KEY):
        return f'{export.name}, line {key.line}: the key of {HYPER_V_WRITER} has no value "{WRITER_VALUE}"'
    if near := export.nearest(WRITER_KEY):
        missing = WRITER_KEY[len(near.path) :].strip("\\")
        return f"{export.name}, line {near.line}: {near.path} is exported, but has no {missing}"
    if export.first_key is None:
        return f"{export.name} holds no key"
    return f"{export.name} does not cover {WRITER_KEY}: it begins with {shortened(export.first_key)}"


def _in_32_bit_view(export: RegistryExport) -> tuple[str, ...]:
    key = export.key(_WRITER_KEY_32)
    value = key.value(WRITER_VALUE) if key else None
    if value is None:
        return ()
    return (f"line {value.line} has the value below Wow6432Node, which is another key",)

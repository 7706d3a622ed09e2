"""Which machines of a scan does the user mean? Nothing is guessed: where there are several, they must be named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.cli.failures import complain
from vhdchain.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Machine


def the_machine(inventory: Inventory, name: str | None, folder: str) -> Machine:
    """Return the machine called ``name``, or the only one.

    Raises:
        KeyError: No machine is called so, or several are.
        ConfigError: No name was given, and there is not exactly one machine; problems of configurations were told.
    """
    if name is not None:
        return inventory.machines[name]
    machines = list(inventory.machines)
    if len(machines) == 1:
        return machines[0]
    for file in inventory.host_files:
        for problem in file.problems:
            complain(f"{file.path}: {problem.message}")
    known = f"; there are {', '.join(repr(item.name) for item in machines)}" if machines else ""
    what = f"{len(machines)} machines are here" if machines else "no configuration of a machine is here"
    raise ConfigError(f"{folder}: {what}, and one must be named with --machine{known}")


def the_machines(inventory: Inventory, names: Sequence[str], folder: str, *, everything: bool) -> list[Machine]:
    """Return the machines called ``names``, each once; all of them where ``everything`` is asked for; or the only one.

    Raises:
        KeyError: As `the_machine`.
        ConfigError: As `the_machine`.
    """
    if everything and inventory.machines:
        return list(inventory.machines)
    chosen = [the_machine(inventory, name, folder) for name in names or (None,)]
    return [machine for index, machine in enumerate(chosen) if machine not in chosen[:index]]

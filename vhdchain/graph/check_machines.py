"""What is wrong with the machines of a scan: their configurations, saved states and disks?

Calls the checks of single configurations and machines (`vhdchain.hyperv`), and those that need the whole scan. Folders
without configurations cost nothing here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError
from vhdchain.graph.check_hosts import check_hosts
from vhdchain.graph.check_machine_disks import check_machine_disks
from vhdchain.graph.check_machine_families import check_machine_families
from vhdchain.graph.check_machine_paths import check_machine_paths
from vhdchain.graph.check_snapshot_disks import check_snapshot_disks
from vhdchain.graph.check_snapshot_trees import check_snapshot_trees
from vhdchain.hyperv import check_configuration, check_domain_controller, check_machine
from vhdchain.locate import fold_case, shortened

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from vhdchain.findings import Finding
    from vhdchain.graph.inventory import Inventory
    from vhdchain.hyperv import Machine, Machines


def check_machines(inventory: Inventory, *, domain_controllers: Collection[str] = ()) -> Iterator[Finding]:
    """Return what is wrong with the machines of ``inventory``: VHD8xx, and VHD7xx of disks that machines use.

    Args:
        inventory: What a scan found.
        domain_controllers: Names or ids of the machines whose guests are domain controllers, letter case ignored.

    Raises:
        ConfigError: No machine has one of these names; raised at once.
    """
    return _findings(inventory, machines_called(inventory.machines, domain_controllers))


def machines_called(machines: Machines, names: Collection[str]) -> tuple[Machine, ...]:
    """Return the machines that have one of ``names``, by name or id, letter case ignored; all of them if several do.

    Raises:
        ConfigError: No machine has one of these names.
    """
    found: dict[int, Machine] = {}
    for name in names:
        wanted = fold_case(name.strip().strip("{}"))
        fitting = [machine for machine in machines if wanted in (fold_case(machine.name), fold_case(machine.id))]
        if not wanted or not fitting:
            known = ", ".join(shortened(machine.name, 40) for machine in list(machines)[:8]) or "none"
            raise ConfigError(f"domain controller: no machine is called {name!r}; machines that were found: {known}")
        found.update((id(machine), machine) for machine in fitting)
    return tuple(found.values())


def _findings(inventory: Inventory, domain_controllers: Sequence[Machine]) -> Iterator[Finding]:
    if not inventory.host_files and not inventory.machines:
        return
    for machine in inventory.machines:
        for state in machine.states:
            yield from check_configuration(state.configuration)
        yield from check_machine(machine)
    for machine in domain_controllers:
        yield from check_domain_controller(machine)
    yield from check_hosts(inventory)
    if inventory.machines:
        yield from check_machine_paths(inventory)
        yield from check_machine_disks(inventory)
        yield from check_machine_families(inventory)
        yield from check_snapshot_disks(inventory)
        yield from check_snapshot_trees(inventory)

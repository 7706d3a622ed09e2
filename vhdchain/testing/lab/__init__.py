"""How does a test get a whole folder of a Hyper-V host: machines, snapshots, saved states, configurations, disks?

`HostLab` builds one, seeded; `HEALTHY_LABS` holds ready ones of every kind that is healthy, and `host_lab` makes the
small one that recipes of damages start from. What is not known of real hosts is an assumption of the lab; the modules
say where.
"""

from __future__ import annotations

from vhdchain.testing.lab.guest import Partitions, partition_table
from vhdchain.testing.lab.histories import LabAction, LabStep, draw_step, run_step
from vhdchain.testing.lab.host import HostLab
from vhdchain.testing.lab.kinds import HEALTHY_LABS, host_lab
from vhdchain.testing.lab.machine import ExportForm, LabDisk, LabMachine, LabSnapshot

__all__ = [
    "HEALTHY_LABS",
    "ExportForm",
    "HostLab",
    "LabAction",
    "LabDisk",
    "LabMachine",
    "LabSnapshot",
    "LabStep",
    "Partitions",
    "draw_step",
    "host_lab",
    "partition_table",
    "run_step",
]

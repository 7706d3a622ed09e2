"""How are operations on snapshots carried out on files?

`vhdchain.snapshots` says what happens; here that becomes a plan of bytes: new disks, configurations written anew,
merges. Names of what is new are made here, since they need chance and a clock.
"""

from __future__ import annotations

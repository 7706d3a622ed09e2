"""What is a chain, told so simply that it cannot be wrong?

Two models that share no code with what they check (nothing of the package but ``units`` and ``errors``): disks as dicts
of sectors, which programs act on, and a naive reader that parses files with ``struct``, sector by sector. They are slow
and meant for small disks.
"""

from __future__ import annotations

from vhdchain.testing.model.disks import ModelDisks, ModelImage
from vhdchain.testing.model.naive import NaiveImage, naive_map, naive_read

__all__ = ["ModelDisks", "ModelImage", "NaiveImage", "naive_map", "naive_read"]

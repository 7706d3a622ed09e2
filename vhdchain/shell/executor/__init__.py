"""How is a plan carried out, so that a crash costs time and never data?

One executor for every plan, whoever made it: a journal beside the files, every step synced before the next one begins,
nothing gone before all of it is done, and a way back until then. Files are changed through a `FileLayer` alone, so that
tests can stop it anywhere. It decides nothing: what is to be done stands in the plan.
"""

from __future__ import annotations

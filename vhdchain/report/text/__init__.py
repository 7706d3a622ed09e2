"""How do people read what was found? As lines of spans, composed for 80 columns and for pipes."""

from __future__ import annotations

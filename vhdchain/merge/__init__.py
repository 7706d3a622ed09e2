"""What has to be done to merge, to give a child another parent, and to mend files?

Plans are made here and carried out elsewhere: each function looks at images, proves what it can, and returns steps as a
value, or refuses with the reason. Nothing here writes, or opens a file.
"""

from __future__ import annotations

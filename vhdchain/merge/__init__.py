"""What would be changed in which files to merge layers, or to give a disk another parent?

Plans, and the arithmetic of the files that they lead to. Nothing here opens a file or writes to one; sources of images
that somebody opened are read where an answer depends on their bitmaps.
"""

from __future__ import annotations

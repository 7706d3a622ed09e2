"""What may happen to a plan while it is carried out, and what does it leave?

File layers that record, fail and forget: one recorded run gives every state in which a crash may leave a folder, and
the harness resumes and takes back each of them. They work on real folders, and know nothing of what a plan is for.
"""

from __future__ import annotations

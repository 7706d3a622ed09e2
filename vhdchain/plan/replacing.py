"""How is the whole content of a small file replaced, as a step?"""

from __future__ import annotations

from vhdchain.plan.steps import Patch, ReplaceFile


def replaced_content(path: str, old: bytes, new: bytes, *, why: str) -> ReplaceFile:
    """Return the step that puts ``new`` in the place of ``old``, the bytes of the file at ``path``.

    Args:
        path: The file.
        old: All of its bytes now.
        new: All of its bytes afterwards, at least one.
        why: What it is, as a clause.
    """
    before = old[: len(new)].ljust(len(new), b"\0")
    return ReplaceFile(path=path, patches=(Patch(offset=0, old=before, new=new, why=why),), size=len(new))

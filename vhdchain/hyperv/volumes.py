r"""On which volume of the host does a stored path lie?

By its text alone: the drive, the share, or the folder below ``C:\ClusterStorage`` in which a cluster shows a volume of
its own. A volume that is mounted in any other folder looks like the drive above it, so that two paths of one drive may
yet lie on two volumes; those of two drives do not lie on one.
"""

from __future__ import annotations

from vhdchain.locate import PathKind, collapse, fold_case, parse_path

CLUSTER_FOLDER = "ClusterStorage"
r"""Below which folder of the system drive clusters show shared volumes: ``C:\ClusterStorage\Volume1``."""


def volume_of(stored: str) -> str | None:
    r"""Return the volume of a path as a configuration stores it: ``D:``, ``C:\ClusterStorage\Volume1``, ``\\srv\vms``.

    None where the path does not say. Compare two of them with `fold_case`.
    """
    path = parse_path(stored)
    if path.problem or path.kind not in (PathKind.DRIVE, PathKind.UNC):
        return None
    names = collapse(path.parts)
    if path.kind is PathKind.DRIVE and len(names) > 1 and fold_case(names[0]) == fold_case(CLUSTER_FOLDER):
        return "\\".join((path.anchor, *names[:2]))
    return path.anchor

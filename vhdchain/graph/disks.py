"""Which file is whose parent, over a whole folder?

Nodes are files, never identifiers or names: both occur twice in real folders. An edge leads from a child to the parent
that was found for it. Every node has at most one parent, so that a path down is a walk; cycles exist, and nothing here
recurses. networkx finds the cycles where there are some; `DiskGraph.to_networkx` hands its own graph out to others.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from networkx import DiGraph

    from vhdchain.image import Image
    from vhdchain.locate import Resolution


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DiskGraph:
    """The files of an inventory and their parents; every sequence is in the order of the paths.

    Attributes:
        nodes: Every file's path.
        parents: Child -> parent, for every child whose parent was found.
        children: Parent -> its children; only parents that have some.
        orphans: Differencing disks without a parent here.
        cycles: Each cycle's members from child to parent, beginning with the first of them by path.
    """

    nodes: tuple[str, ...]
    parents: Mapping[str, str]
    children: Mapping[str, tuple[str, ...]]
    orphans: tuple[str, ...] = ()
    cycles: tuple[tuple[str, ...], ...] = ()

    @property
    def leaves(self) -> tuple[str, ...]:
        """The files that nothing builds on."""
        return tuple(node for node in self.nodes if node not in self.children)

    @property
    def bases(self) -> tuple[str, ...]:
        """The files that need no parent."""
        orphans = set(self.orphans)
        return tuple(node for node in self.nodes if node not in self.parents and node not in orphans)

    @property
    def forks(self) -> tuple[str, ...]:
        """The files with more than one child."""
        return tuple(node for node, children in self.children.items() if len(children) > 1)

    def parent(self, path: str) -> str | None:
        """Return the parent of ``path``, where one was found."""
        return self.parents.get(path)

    def path_to_base(self, path: str) -> tuple[str, ...]:
        """Return ``path``, its parent and so on; a cycle ends it before its first repetition."""
        way: dict[str, None] = {}
        node: str | None = path
        while node is not None and node not in way:
            way[node] = None
            node = self.parents.get(node)
        return tuple(way)

    def descendants(self, path: str) -> tuple[str, ...]:
        """Return every file whose chain goes through ``path``, without itself."""
        met: set[str] = set()
        pending = list(self.children.get(path, ()))
        while pending:
            node = pending.pop()
            if node not in met:
                met.add(node)
                pending.extend(self.children.get(node, ()))
        return tuple(sorted(met - {path}))

    def blast_radius(self, path: str) -> tuple[str, ...]:
        """Return the leaves whose disks change or break when ``path`` does; a leaf is its own."""
        return tuple(node for node in (path, *self.descendants(path)) if node not in self.children)

    def to_networkx(self) -> DiGraph:
        """Return a new networkx graph: nodes are paths, edges lead from child to parent."""
        import networkx as nx  # noqa: PLC0415 - heavy, and only who asks for it pays

        graph = nx.DiGraph()
        graph.add_nodes_from(self.nodes)
        graph.add_edges_from(self.parents.items())
        return graph


def build_graph(images: Iterable[Image], resolutions: Iterable[Resolution]) -> DiskGraph:
    """Return the graph of ``images``, each named by its path once, with the parents that ``resolutions`` found."""
    found = sorted((r.child, r.parent) for r in resolutions if r.parent is not None)
    parents = dict(found)
    children: dict[str, list[str]] = {}
    for child, parent in found:
        children.setdefault(parent, []).append(child)
    by_name = sorted(images, key=lambda image: image.name)
    graph = DiskGraph(
        nodes=tuple(image.name for image in by_name),
        parents=MappingProxyType(parents),
        children=MappingProxyType({parent: tuple(children[parent]) for parent in sorted(children)}),
        orphans=tuple(image.name for image in by_name if image.is_differencing and image.name not in parents),
    )
    return _with_cycles(graph)


def _with_cycles(graph: DiskGraph) -> DiskGraph:
    # Most folders have no cycle, which one walk up from the files without a parent shows.
    if _is_forest(graph):
        return graph
    import networkx as nx  # noqa: PLC0415 - heavy, and only a folder with a cycle needs it

    components = nx.strongly_connected_components(graph.to_networkx())
    firsts = sorted(min(members) for members in components if len(members) > 1)
    return DiskGraph(
        nodes=graph.nodes,
        parents=graph.parents,
        children=graph.children,
        orphans=graph.orphans,
        cycles=tuple(graph.path_to_base(first) for first in firsts),
    )


def _is_forest(graph: DiskGraph) -> bool:
    """Say whether every child is reached from a file that has no parent: the members of a cycle are not."""
    pending = [path for path in graph.children if path not in graph.parents]
    reached = 0
    while pending:
        children = graph.children.get(pending.pop(), ())
        reached += len(children)
        pending.extend(children)
    return reached == len(graph.parents)

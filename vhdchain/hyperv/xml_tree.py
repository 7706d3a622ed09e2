"""Which keys are the elements that the XML parser found?

Elements are visited in document order and put together by counting children, without recursion. White space is
compared with what a host would write at that depth, and kept only where it differs.

What a key tree has no place for is refused: namespaces, references to entities, and more levels than are allowed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NoReturn, TypeAlias

from lxml import etree

from vhdchain.hyperv.keytree import Key, Remark
from vhdchain.hyperv.xml_writing import INDENTS, MAX_ATTRIBUTES, MAX_DEPTH
from vhdchain.locate import shortened

_Element: TypeAlias = Any  # lxml ships no types

_LONGEST_SHARED = 200
_LARGEST_SHARED = 16
_MOST_SHARED = 4096
_XML_NAMESPACE = "{http://www.w3.org/XML/1998/namespace}"


class NotATreeError(ValueError):
    """XML that is no key tree; the text is a clause."""


@dataclass(slots=True, kw_only=True)
class _Open:
    """An element whose children are still to come.

    Attributes:
        node: The element.
        before: As for `Key.before`.
        gap: The characters in front of the child that comes next.
        usual: What ``gap`` is where a host wrote it.
        usual_end: The same behind the last child.
        left: How many children are still to come.
        items: Those that came.
    """

    node: _Element
    before: str | None
    gap: str
    usual: str
    usual_end: str
    left: int
    items: list[Key | Remark] = field(default_factory=list)

    def next_before(self) -> str | None:
        return None if self.gap == self.usual else self.gap

    def add(self, node: _Element, item: Key | Remark) -> None:
        self.items.append(item)
        self.gap = node.tail or ""
        self.left -= 1

    def key(self) -> Key:
        end = None if self.gap == self.usual_end else self.gap
        return _key(self.node, self.before, tuple(self.items), end)


def key_tree(root: _Element, *, before: str | None = None) -> Key:
    """Return ``root`` and all below it as keys.

    Args:
        root: The element that the parser returned.
        before: `Key.before` of the root.

    Raises:
        NotATreeError: It holds what no key tree has.
    """
    opened: list[_Open] = []
    for node in root.iter():
        space = opened[-1].next_before() if opened else before
        children = len(node)
        if children:
            opened.append(_opened(node, space, children, len(opened) + 1))
        elif not isinstance(node.tag, str):
            _put(opened, node, remark_of(node, before=space))
        elif opened:
            _put(opened, node, _key(node, space))
        else:
            return _key(node, space)
        if not opened[0].left:
            return opened[0].key()
    raise NotATreeError("the file holds no XML element")


def refuse_namespaces(root: _Element) -> None:
    """Raise `NotATreeError` where an element below ``root``, or itself, declares a namespace.

    No configuration has any, and keys have no place for what a prefix stands for.
    """
    for node in root.iter(etree.Element):
        if node.nsmap:
            _refuse_namespace(node.tag)


def remark_of(node: _Element, *, before: str | None) -> Remark:
    """Return a comment or an instruction.

    Raises:
        NotATreeError: It is a reference to an entity.
    """
    if node.tag is etree.Comment:
        return Remark(text=node.text or "", before=before)
    if node.tag is etree.ProcessingInstruction:
        return Remark(target=node.target, text=node.text or "", before=before)
    raise NotATreeError(f"the file refers to an entity, {shortened(str(node.text))}, which no host does")


def remark_start(node: _Element, text: str, end: int) -> int:
    """Return where a comment or an instruction begins in ``text`` whose markup ends at ``end``."""
    content = len(node.text or "")
    if node.tag is etree.Comment:
        return end - len("<!---->") - content
    # Between the start and the content stand a name and white space alone.
    return text.rfind("<", 0, end - len("?>") - content)


def _opened(node: _Element, before: str | None, children: int, depth: int) -> _Open:
    if depth > MAX_DEPTH:
        raise NotATreeError(f"there are more than {MAX_DEPTH} levels of keys")
    if node.get("type") is not None:
        return _Open(node=node, before=before, gap="", usual="", usual_end="", left=children)
    usual, usual_end = INDENTS[depth], INDENTS[depth - 1]
    return _Open(node=node, before=before, gap=node.text or "", usual=usual, usual_end=usual_end, left=children)


def _put(opened: list[_Open], node: _Element, item: Key | Remark) -> None:
    """Give ``item``, which is ``node``, to the innermost open element, and close what is complete with it."""
    holder = opened[-1]
    holder.add(node, item)
    while not holder.left and len(opened) > 1:
        opened.pop()
        opened[-1].add(holder.node, holder.key())
        holder = opened[-1]


def _key(node: _Element, before: str | None, items: tuple[Key | Remark, ...] = (), end: str | None = None) -> Key:
    name, stored = node.tag, node.keys()
    if name[0] == "{":
        _refuse_namespace(name)
    key_type: str | None = node.get("type") if stored else None
    attributes = _attributes(node, stored) if stored and stored != ["type"] else ()
    # What stands in front of a container's first item is told as the white space of that item.
    text = "" if items and key_type is None else node.text or ""
    if not attributes and before is None and end is None:
        if not items and len(f"{name}{key_type}{text}") <= _LONGEST_SHARED:
            return _shared(name, key_type, text)
        if key_type is None and not text and _is_small(items):
            return _shared_container(name, items)
    return Key(name=name, type=key_type, text=text, items=items, attributes=attributes, before=before, end=end)


# The configurations of a folder say nearly the same: most of their keys are made once for all of them.
@lru_cache(maxsize=8192)
def _shared(name: str, key_type: str | None, text: str) -> Key:
    return Key(name=name, type=key_type, text=text)


_containers: dict[tuple[object, ...], Key] = {}


def _is_small(items: tuple[Key | Remark, ...]) -> bool:
    """Say whether items are keys with few below them, on one more level at most."""
    if not 0 < len(items) <= _LARGEST_SHARED:
        return False
    below = [item.items for item in items if isinstance(item, Key)]
    size = len(items) + sum(map(len, below))
    return len(below) == len(items) and size <= _LARGEST_SHARED and not any(map(_has_containers, below))


def _has_containers(items: tuple[Key | Remark, ...]) -> bool:
    return any(not isinstance(item, Key) or item.items for item in items)


def _shared_container(name: str, items: tuple[Key | Remark, ...]) -> Key:
    # Items that are shared themselves are told by what they are, not by what they hold; a container keeps its items.
    known = (name, *map(id, items))
    key = _containers.get(known)
    if key is None:
        if len(_containers) >= _MOST_SHARED:
            _containers.clear()
        key = _containers[known] = Key(name=name, items=items)
    return key


def _attributes(node: _Element, stored: list[str]) -> tuple[tuple[str, str], ...]:
    # The library looks each attribute up among all the others, so that their number is asked for first.
    if len(stored) > MAX_ATTRIBUTES:
        raise NotATreeError(f"the key {shortened(node.tag)} has more than {MAX_ATTRIBUTES} attributes")
    return tuple([(_attribute(name), value) for name, value in node.items() if name != "type"])


def _attribute(name: str) -> str:
    if name.startswith(_XML_NAMESPACE):
        return "xml:" + name.removeprefix(_XML_NAMESPACE)
    return name


def _refuse_namespace(name: str) -> NoReturn:
    raise NotATreeError(f"the key {shortened(name)} has a namespace, which no configuration has")

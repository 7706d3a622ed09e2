"""What does a configuration say, whatever its container?

A configuration is a tree of named keys: a key with a type (string, integer, bool, bytes) holds a value as text, a key
without one holds other keys. The tree keeps what it does not understand: unknown types, attributes, the exact text of
each value, comments, and white space that is not the usual one. Nothing here knows XML, which is one codec of the tree:
later hosts keep the same keys in a binary container.

Keys are values: the methods that change something return another tree, which shares what stays. Names may repeat below
one key, as they do in configurations of 2012 and later; a path means the first that fits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vhdchain.hyperv.key_values import KeyKind, Value, kind_of, text_of, type_of, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Key", "KeyKind", "Remark", "Value", "make_key", "ordinal"]

_BLANK = " \t\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A comment or a processing instruction, kept where it stood.

    Attributes:
        text: What stands between the marks.
        target: The name of the program that an instruction is for; None for a comment.
        before: As for `Key.before`.
    """

    text: str
    target: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key with all that is below it.

    Attributes:
        name: The name, as stored; letter case counts.
        type: The type as stored; None for a container.
        text: The characters of the value, exactly as stored, up to the first of `items`. Empty for a container, unless
            it holds characters and nothing else.
        items: What a container holds, in stored order.
        attributes: Name and value of whatever is stored with the key besides its type, in stored order.
        before: The characters in front of the key; None for the usual ones: a line break and two spaces per level below
            a container, none elsewhere.
        end: The same for the place behind the last of `items`.
    """

    name: str
    type: str | None = None
    text: str = ""
    items: tuple[Key | Remark, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    before: str | None = None
    end: str | None = None

    @property
    def kind(self) -> KeyKind:
        """What this key holds."""
        return kind_of(self.type)

    @property
    def children(self) -> tuple[Key, ...]:
        """The keys directly below this one, in stored order."""
        return tuple([item for item in self.items if isinstance(item, Key)])

    @property
    def value(self) -> Value | None:
        """The value as its type says; None for a container, an unknown type, and a text that does not fit the type.

        White space around integers and bools, the letter case of bools and the wrapping of base64 do not matter;
        integers may have any sign and size.
        """
        return None if self.type is None else value_of(self.kind, self._characters())

    def find(self, path: str) -> Key | None:
        """Return the first key at ``path`` (names joined by ``/``) below this one; an empty path is this key."""
        return next(iter(self.find_all(path)), None)

    def find_all(self, path: str) -> tuple[Key, ...]:
        """Return every key at ``path`` below this one, in stored order."""
        level: list[Key] = [self]
        for name in _split(path):
            level = [item for key in level for item in key.items if isinstance(item, Key) and item.name == name]
        return tuple(level)

    def walk(self) -> Iterator[tuple[str, Key]]:
        """Yield every key below this one with its path, in stored order, containers before what they hold."""
        waiting = [(child.name, child) for child in reversed(self.children)]
        while waiting:
            path, key = waiting.pop()
            yield path, key
            waiting += [(f"{path}/{child.name}", child) for child in reversed(key.children)]

    def text_at(self, path: str, default: str = "") -> str:
        """Return the string at ``path``; ``default`` where there is none or a key of another type."""
        value = self._value_at(path)
        return value if isinstance(value, str) else default

    def integer_at(self, path: str) -> int | None:
        """Return the integer at ``path``; None where there is none or a key of another type."""
        value = self._value_at(path)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def bool_at(self, path: str) -> bool | None:
        """Return the bool at ``path``; None where there is none or a key of another type."""
        value = self._value_at(path)
        return value if isinstance(value, bool) else None

    def bytes_at(self, path: str) -> bytes | None:
        """Return the bytes at ``path``; None where there are none or a key of another type."""
        value = self._value_at(path)
        return value if isinstance(value, bytes) else None

    def with_value(self, path: str, value: Value | None) -> Key:
        """Return this tree with ``value`` at ``path``; what is missing on the way there is made.

        A key that exists keeps its type, attributes and place; a new one is put in order and gets the type that fits
        the value. None asks for a container.

        Raises:
            TypeError: The key that exists is of another type, or a key on the way is no container.
        """
        parent, _, name = path.rpartition("/")
        present = self.find(path)
        if present is None:
            return self.with_key(parent, make_key(name, value))
        return self._replaced(path, _revalued(present, value))

    def with_key(self, parent_path: str, key: Key) -> Key:
        """Return this tree with ``key`` below ``parent_path``; containers that are missing on the way are made.

        The first key of the same name is replaced; otherwise ``key`` goes where the ordinal order of names puts it.

        Raises:
            TypeError: A key on the way is no container.
        """
        if self.find(_joined(parent_path, key.name)) is not None:
            return self._replaced(_joined(parent_path, key.name), key)
        while (parent := self.find(parent_path)) is None:
            parent_path, _, name = parent_path.rpartition("/")
            key = make_key(name, None, key)
        if parent.kind is not KeyKind.CONTAINER:
            raise TypeError(f"{parent_path}: holds a value of type {parent.type}, so no key can stand below it")
        return self._replaced(parent_path, _with_item(parent, key))

    def without(self, path: str) -> Key:
        """Return this tree without the first key at ``path``; this tree where there is none.

        Raises:
            ValueError: ``path`` is empty.
        """
        if not path:
            raise ValueError("a tree cannot lose its root")
        return self if self.find(path) is None else self._replaced(path)

    def _value_at(self, path: str) -> Value | None:
        key = self.find(path)
        return None if key is None else key.value

    def _characters(self) -> str:
        if not self.items:
            return self.text
        return "".join([self.text, *[item.before or "" for item in self.items], self.end or ""])

    def _replaced(self, path: str, *new: Key) -> Key:
        """Return this tree with ``new`` in place of the key that `find` gives for ``path``."""
        spine = self._spine(_split(path))
        for parent, old in zip(reversed(spine[:-1]), reversed(spine[1:]), strict=True):
            place = next(index for index, item in enumerate(parent.items) if item is old)
            items = parent.items[:place] + new + parent.items[place + 1 :]
            new = (replace(parent, items=items, end=parent.end if items else None),)
        return new[0]

    def _spine(self, names: list[str]) -> list[Key]:
        """Return the keys from this one to the first at the path of ``names``, which exists."""
        spine = [self]
        for depth in range(len(names)):
            rest = "/".join(names[depth + 1 :])
            same = [child for child in spine[-1].children if child.name == names[depth]]
            spine.append(next(child for child in same if child.find(rest) is not None))
        return spine


def make_key(name: str, value: Value | None, *children: Key) -> Key:
    """Return a key as a host writes it: ``value`` as canonical text, or, for None, a container of ``children``.

    Args:
        name: The key's name.
        value: What it holds; its Python type decides the key's type.
        children: What a container holds, put into the ordinal order of their names.

    Raises:
        TypeError: A value and children were both given.
    """
    if value is None:
        ordered: list[Key | Remark] = [*sorted(children, key=ordinal)]
        return Key(name=name, items=tuple(ordered))
    if children:
        raise TypeError("a key holds a value or other keys, not both")
    return Key(name=name, type=type_of(value), text=text_of(value))


def ordinal(key: Key) -> bytes:
    """Return what orders keys as a host does: the UTF-16 code units of the name."""
    return key.name.encode("utf-16-be", "surrogatepass")


def _revalued(key: Key, value: Value | None) -> Key:
    if value is None and key.kind is KeyKind.CONTAINER:
        return key
    # An unknown type takes the text as it is to stand.
    expected = "string" if key.kind is KeyKind.OTHER else key.type
    if value is None or type_of(value) != expected:
        raise TypeError(f"{key.name}: is of type {key.type or 'container'} and cannot hold {value!r}")
    return replace(key, text=text_of(value), items=(), end=None)


def _with_item(parent: Key, key: Key) -> Key:
    text = parent.text if parent.text.strip(_BLANK) else ""
    later = (at for at, item in enumerate(parent.items) if isinstance(item, Key) and ordinal(item) > ordinal(key))
    place = next(later, len(parent.items))
    return replace(parent, items=(*parent.items[:place], key, *parent.items[place:]), text=text)


def _split(path: str) -> list[str]:
    return path.split("/") if path else []


def _joined(*names: str) -> str:
    return "/".join(filter(None, names))

"""How is a key tree written as XML?

As a host writes it wherever the tree does not say otherwise: two spaces per level, a key with a type always as a pair
of tags, an empty container as ``<x />``, double quotes, and references for what must not stand in a text. Keys and
remarks that carry their own white space get that instead. The tree is walked without recursion.

What XML cannot hold is refused, never replaced: a name that is none in XML, characters without a place in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from vhdchain.errors import ConfigError
from vhdchain.hyperv.keytree import Key, Remark, ordinal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    _Level: TypeAlias = tuple[Iterator[Key | Remark], str, str]

MAX_DEPTH = 64
"""How many levels of keys a configuration may have; those of hosts have about ten."""

MAX_ATTRIBUTES = 64
"""How many attributes a key may have; those of hosts have one at most."""

INDENTS = tuple("\n" + "  " * depth for depth in range(MAX_DEPTH + 2))
"""The white space in front of a key, by its depth; the root's is 0."""

BLANK = " \t\r\n"
"""What XML takes for white space."""

_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = re.compile(f"[{_START}][{_START}.0-9\u00b7\u0300-\u036f\u203f-\u2040-]*")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_items(items: Iterable[Key | Remark], *, canonical: bool = False) -> str:
    """Return ``items``, which stand at the top of a document, as XML with line feeds for line breaks.

    Args:
        items: The root and the remarks around it.
        canonical: Sort the keys of every container by name and pass over white space of their own. A remark then goes
            with the key behind it.

    Raises:
        ConfigError: XML cannot hold the tree.
    """
    out: list[str] = []
    top = tuple(items)
    for item in top:
        if (item.before or "").strip(" \t\n"):
            _refuse(item.before or "", "stands outside of the root, where XML has white space only")
    levels: list[_Level] = [(iter(top), INDENTS[0], "")]
    while levels:
        waiting, usual, closing = levels[-1]
        current = next(waiting, None)
        if current is None:
            out.append(closing)
            levels.pop()
            continue
        out.append(_before(current.before, usual, canonical=canonical))
        if isinstance(current, Remark):
            out.append(_markup(current))
        elif current.items:
            out.append(f"<{_opening(current)}>{_escaped(current.text)}")
            levels.append(_level(current, len(levels), canonical=canonical))
        else:
            out.append(_leaf(current))
    return _checked("".join(out))


def _level(key: Key, depth: int, *, canonical: bool) -> _Level:
    """Return what is written between the tags of ``key``, and its closing tag."""
    if depth > MAX_DEPTH:
        raise ConfigError(f"key {key.name}: more than {MAX_DEPTH} levels of keys; no configuration has so many")
    if key.type is not None:
        return iter(key.items), "", f"{_escaped(key.end or '')}</{key.name}>"
    items = _in_order(key.items) if canonical else key.items
    return iter(items), INDENTS[depth], f"{_before(key.end, INDENTS[depth - 1], canonical=canonical)}</{key.name}>"


def _before(own: str | None, usual: str, *, canonical: bool) -> str:
    if own is None or (canonical and usual and not own.strip(BLANK)):
        return usual
    return _escaped(own)


def _in_order(items: tuple[Key | Remark, ...]) -> list[Key | Remark]:
    groups: list[tuple[bytes, list[Key | Remark]]] = []
    group: list[Key | Remark] = []
    for item in items:
        group.append(item)
        if isinstance(item, Key):
            groups.append((ordinal(item), group))
            group = []
    groups.sort(key=lambda pair: pair[0])
    return [item for _, members in groups for item in members] + group


def _leaf(key: Key) -> str:
    inside = key.text + (key.end or "")
    if key.type is None and not inside:
        return f"<{_opening(key)} />"
    return f"<{_opening(key)}>{_escaped(inside)}</{key.name}>"


def _opening(key: Key) -> str:
    if not _is_name(key.name):
        _refuse(key.name, "is no name that XML has")
    if key.type is None and not key.attributes:
        return key.name
    attributes = [*([] if key.type is None else [("type", key.type)]), *key.attributes]
    names = [name for name, _ in attributes]
    if len(names) > MAX_ATTRIBUTES:
        _refuse(key.name, f"has more than {MAX_ATTRIBUTES} attributes")
    if len(set(names)) < len(names) or not all(_is_attribute(name) for name in names):
        _refuse(key.name, f"cannot have the attributes {', '.join(names)}")
    return " ".join([key.name, *[f'{name}="{_quoted(value)}"' for name, value in attributes]])


def _is_attribute(name: str) -> bool:
    return name != "xmlns" and _is_name(name.removeprefix("xml:"))


def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def _escaped(text: str) -> str:
    # A replacement that finds nothing costs next to nothing, unlike a translation.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', "&quot;").replace("\n", "&#xA;").replace("\t", "&#x9;")


def _markup(remark: Remark) -> str:
    if remark.target is None:
        if "--" in remark.text or remark.text.endswith("-") or "\r" in remark.text:
            _refuse(remark.text, "is no comment that XML can hold")
        return f"<!--{remark.text}-->"
    if not _is_name(remark.target) or remark.target.lower() == "xml":
        _refuse(remark.target, "is no name of an instruction")
    if "?>" in remark.text or "\r" in remark.text:
        _refuse(remark.text, "is no instruction that XML can hold")
    return f"<?{remark.target} {remark.text}?>" if remark.text else f"<?{remark.target}?>"


def _checked(text: str) -> str:
    found = _FORBIDDEN.search(text)
    if found:
        place = text.rfind("<", 0, found.start())
        _refuse(text[place + 1 : found.start()], f"holds the character U+{ord(found.group()):04X}, which XML has not")
    return text


def _refuse(what: str, why: str) -> NoReturn:
    raise ConfigError(f"key {what[:80]!r}: {why}; write another value")

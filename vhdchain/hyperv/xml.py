"""What key tree does the XML of a configuration hold, and how is it written back?

The bytes are decoded by what they are (`encoding`), the declaration is taken off, and what stands before the root is
read here, so that a document type is refused before any parser sees it. libxml2 then gets plain UTF-8 without a way to
entities, files or the network; size, keys and levels are bounded. Whatever is wrong ends in one `ConfigError` with a
VHD816.

A document is written back as it was read: encoding, mark, declaration, white space and comments. Only the spelling of
what means the same may change, because a tree does not hold it: CDATA and character references, quotes and white space
inside of a tag, ``<x></x>`` for an empty container, and line breaks of more than one kind in one file.
`ConfigurationDocument.is_faithful` says whether it does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from lxml import etree

from vhdchain.errors import ConfigError
from vhdchain.hyperv.check_document import malformed
from vhdchain.hyperv.encoding import HOST_DECLARATION, HOST_ENCODING, TextEncoding, declaration_of, decode, sniff
from vhdchain.hyperv.keytree import Key, Remark
from vhdchain.hyperv.xml_tree import NotATreeError, key_tree, refuse_namespaces, remark_of, remark_start
from vhdchain.hyperv.xml_writing import BLANK, INDENTS, MAX_DEPTH, write_items
from vhdchain.locate import shortened

ROOT_NAME = "configuration"
"""The name of every configuration's root."""

MAX_CONFIGURATION_BYTES = 8 * 1024 * 1024
"""How large a file may be that is read as a configuration; those of hosts have some ten thousand bytes."""

MAX_KEYS = 32_768
"""How many keys a configuration may have; those of hosts have some hundreds."""

HEAD_BYTES = 4096
"""How much of a file `is_configuration` wants to see."""

_Element: TypeAlias = Any  # lxml ships no types

_BLANKS = re.compile(f"[{BLANK}]*")
_TARGET = re.compile(rf"<\?([^{BLANK}?]*)[{BLANK}]*")
_PLACE = re.compile(r",? line \d+, column \d+\Z")
_ROOT_OR_TYPE = re.compile(rf"<(?:!DOCTYPE[{BLANK}]+)?{ROOT_NAME}(?:[{BLANK}/>\[]|\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationDocument:
    """A configuration as a file holds it.

    Attributes:
        root: The key ``configuration``.
        encoding: How the characters are stored.
        declaration: The XML declaration, as stored; empty where there is none.
        prolog: The comments and instructions before the root.
        epilog: Those behind it.
        end: The white space at the end of the file; None for one line break.
    """

    root: Key
    encoding: TextEncoding = HOST_ENCODING
    declaration: str = HOST_DECLARATION
    prolog: tuple[Remark, ...] = ()
    epilog: tuple[Remark, ...] = ()
    end: str | None = None

    def to_bytes(self) -> bytes:
        """Return the document as it was read, with the root that it has now.

        Raises:
            ConfigError: XML, the encoding, or a configuration of allowed size cannot hold the tree.
        """
        if (self.end or "").strip(" \t\n"):
            raise ConfigError(f"{self.end!r} cannot stand behind the root, where XML has white space only")
        return _encoded(self, write_items((*self.prolog, self.root, *self.epilog)))

    def is_faithful(self, data: bytes) -> bool:
        """Whether `to_bytes` gives ``data`` again, byte for byte."""
        try:
            return self.to_bytes() == data
        except ConfigError:  # the other spelling is too long
            return False


def build_document(root: Key) -> bytes:
    """Return the file that a host writes for ``root``.

    UTF-16LE with byte order mark, CRLF, two spaces per level, the keys of every container in the ordinal order of their
    names, and a line break at the end. Values are not touched: `vhdchain.hyperv.keytree.make_key` gives them the form
    that hosts write.

    Raises:
        ConfigError: XML, or a configuration of allowed size, cannot hold the tree.
    """
    return _encoded(ConfigurationDocument(root=root), write_items([root], canonical=True))


def is_configuration(head: bytes) -> bool:
    """Whether a file that begins with ``head`` can be a configuration: its root has the right name, in any encoding.

    `HEAD_BYTES` are enough. A file whose root stands behind longer comments is taken for something else.
    """
    codec, mark = sniff(head)
    text = head[len(mark) :].decode(codec, "ignore")
    try:
        _, _, at = _prolog(text, len(declaration_of(text)))
    except NotATreeError:
        return False
    return _ROOT_OR_TYPE.match(text, at) is not None


def parse_document(data: bytes, *, name: str) -> ConfigurationDocument:
    """Return the configuration that ``data`` holds.

    Args:
        data: The whole file.
        name: Its name, for messages.

    Raises:
        ConfigError: It is none that can be read; the one finding is a VHD816.
    """
    if problem := _too_large(data):
        raise malformed(name, f"the file {problem}")
    if not data.strip(b"\0"):
        raise malformed(name, "the file is empty" if not data else "the file holds nothing but zeros")
    try:
        text, encoding = decode(data)
    except UnicodeDecodeError as error:
        what = f"the text cannot be read as {error.encoding}: {error.reason}"
        raise malformed(name, what, offset=error.start) from None
    try:
        return _document(text, encoding)
    except NotATreeError as error:
        raise malformed(name, str(error)) from None
    except etree.XMLSyntaxError as error:
        raise malformed(name, _syntax(str(error.msg)), line=error.lineno) from None


def _encoded(document: ConfigurationDocument, items: str) -> bytes:
    text = document.declaration + items + (INDENTS[0] if document.end is None else document.end)
    try:
        data = document.encoding.encode(text)
    except UnicodeEncodeError:
        _refuse_references(document)
        data = document.encoding.encode(text, references=True)
    problem = _too_large(data) or _too_many(text)
    if problem:
        raise ConfigError(f"the tree gives a file that {problem}, which nothing would read again")
    return data


def _refuse_references(document: ConfigurationDocument) -> None:
    """Raise `ConfigError` where a name or remark holds what the encoding does not: no reference can stand there."""
    keys = [document.root, *[key for _, key in document.root.walk()]]
    remarks = [item for key in keys for item in key.items if isinstance(item, Remark)]
    words = [word for key in keys for word in (key.name, *dict(key.attributes))]
    words += [remark.text for remark in (*document.prolog, *remarks, *document.epilog)]
    try:
        document.encoding.encode(" ".join(words))
    except UnicodeEncodeError as error:
        character = f"U+{ord(error.object[error.start]):04X}"
        raise ConfigError(f"{document.encoding.name} has no {character}; write the configuration as UTF-16") from None


def _document(text: str, encoding: TextEncoding) -> ConfigurationDocument:
    if problem := _too_many(text):
        raise NotATreeError(f"the file {problem}")
    declaration = declaration_of(text)
    prolog, before, at = _prolog(text, len(declaration))
    if text.startswith("<!DOCTYPE", at):
        raise NotATreeError("the file has a document type (DTD), which no host writes; it is not read any further")
    if not text.startswith("<", at):
        raise NotATreeError("the file holds no XML element")
    root = _parsed("\n" * declaration.count("\n") + text[len(declaration) :])
    if "xmlns" in text:
        refuse_namespaces(root)
    key = key_tree(root, before=before)
    if key.name != ROOT_NAME:
        raise NotATreeError(f"the root is {shortened(key.name)}, not {ROOT_NAME}")
    epilog, end = _epilog(text, list(root.itersiblings()))
    return ConfigurationDocument(
        root=key, encoding=encoding, declaration=declaration, prolog=prolog, epilog=epilog, end=end
    )


def _parsed(text: str) -> _Element:
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, recover=False
    )
    return etree.fromstring(text.encode("utf-8"), parser)


def _syntax(message: str) -> str:
    """Return what libxml2 says without the place, which is told beside it."""
    if message.startswith("Excessive depth"):
        return f"there are more than {MAX_DEPTH} levels of keys"
    return shortened(_PLACE.sub("", message).strip())


def _prolog(text: str, at: int) -> tuple[tuple[Remark, ...], str | None, int]:
    """Return the remarks from ``at`` to the root, the white space before the root, and where the root begins."""
    remarks: list[Remark] = []
    while True:
        begin = _BLANKS.match(text, at).end()  # type: ignore[union-attr]  # it matches anywhere
        before = _unless_usual(text[at:begin])
        if text.startswith("<!--", begin):
            end = text.find("-->", begin + len("<!--"))
            if end < 0:
                raise NotATreeError("a comment before the root never ends")
            remarks.append(Remark(text=text[begin + len("<!--") : end], before=before))
            at = end + len("-->")
        elif text.startswith("<?", begin):
            target = _TARGET.match(text, begin)
            end = text.find("?>", begin + len("<?"))
            if end < 0 or target is None:
                raise NotATreeError("an instruction before the root never ends")
            if target.group(1).lower() == "xml":
                raise NotATreeError("the XML declaration is damaged, or does not stand at the start")
            remarks.append(Remark(target=target.group(1), text=text[target.end() : end], before=before))
            at = end + len("?>")
        else:
            return tuple(remarks), before, begin


def _epilog(text: str, nodes: list[_Element]) -> tuple[tuple[Remark, ...], str | None]:
    """Return the remarks behind the root and the white space behind the last of them; the parser keeps no such space.

    The end of the root is not known, but the remarks are, and so is the end of the file: they are met from there.
    """
    at = len(text)
    spaces: list[str | None] = []
    for node in [*reversed(nodes), None]:
        end = at
        at = text.rfind(">", 0, at) + 1
        spaces.append(_unless_usual(text[at:end]))
        if node is not None:
            at = remark_start(node, text, at)
    remarks = [remark_of(node, before=before) for node, before in zip(nodes, reversed(spaces[1:]), strict=True)]
    return tuple(remarks), spaces[0]


def _unless_usual(space: str) -> str | None:
    return None if space == INDENTS[0] else space


def _too_large(data: bytes) -> str | None:
    if len(data) <= MAX_CONFIGURATION_BYTES:
        return None
    return f"has {len(data)} bytes, more than the {MAX_CONFIGURATION_BYTES} that a configuration may have"


def _too_many(text: str) -> str | None:
    # Two tags make a key, and the declaration is one more. What the parser builds is bounded before it begins.
    many = max(text.count("<"), text.count("=")) > 2 * MAX_KEYS + 1
    return f"has more than the {MAX_KEYS} keys that a configuration may have" if many else None

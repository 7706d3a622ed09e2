"""Is this field of a document what it must be?

A thin reader around one JSON object that knows its place, so that every complaint names it:
``manifest.images[3].size: '12' found, a number expected``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self

from vhdchain.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_QUOTE = 60


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one object.

    Attributes:
        raw: As JSON has them. What the document holds beyond the fields that are asked for is passed over.
        where: The object's place in the document.
    """

    raw: Mapping[str, object]
    where: str

    @classmethod
    def of(cls, value: object, where: str) -> Self:
        """Return the fields of ``value``.

        Raises:
            ConfigError: It is no object; so all methods.
        """
        if not isinstance(value, Mapping):
            raise ConfigError(f"{where}: {_quoted(value)} found, an object expected")
        return cls(value, where)

    def inner(self, name: str) -> Self:
        """Return the object in a field."""
        return self.of(self._there(name), self._at(name))

    def inner_or_none(self, name: str) -> Self | None:
        """Return the object in a field that may be null."""
        return None if self._there(name) is None else self.inner(name)

    def each(self, name: str) -> Iterator[Self]:
        """Yield the objects of a list."""
        items = self._there(name)
        if not isinstance(items, list | tuple):
            raise self._wrong(name, "a list")
        for at, item in enumerate(items):
            yield self.of(item, f"{self._at(name)}[{at}]")

    def text(self, name: str) -> str:
        """Return a text."""
        value = self._there(name)
        if not isinstance(value, str):
            raise self._wrong(name, "a text")
        return value

    def text_or_none(self, name: str) -> str | None:
        """Return a text that may be null."""
        return None if self._there(name) is None else self.text(name)

    def integer(self, name: str) -> int:
        """Return a whole number."""
        value = self._there(name)
        if type(value) is not int:
            raise self._wrong(name, "a whole number")
        return value

    def integer_or_none(self, name: str) -> int | None:
        """Return a whole number that may be null."""
        return None if self._there(name) is None else self.integer(name)

    def count(self, name: str) -> int:
        """Return a number of bytes."""
        value = self.integer(name)
        if not 0 <= value < 1 << 64:  # a footer may say so
            raise self._wrong(name, "a number of bytes")
        return value

    def count_or_none(self, name: str) -> int | None:
        """Return a number of bytes that may be null."""
        return None if self._there(name) is None else self.count(name)

    def hex(self, name: str, length: int) -> str:
        """Return ``length`` bytes in lower-case hex."""
        value = self.text(name)
        if len(value) != 2 * length or not set(value) <= set("0123456789abcdef"):
            raise self._wrong(name, f"{2 * length} hexadecimal digits")
        return value

    def hex_or_none(self, name: str, length: int) -> str | None:
        """Return bytes in lower-case hex that may be null."""
        return None if self._there(name) is None else self.hex(name, length)

    def time_or_none(self, name: str) -> datetime | None:
        """Return a time that may be null."""
        text = self.text_or_none(name)
        try:
            return None if text is None else datetime.fromisoformat(text)
        except ValueError:
            raise self._wrong(name, "a time as in ISO 8601") from None

    def _there(self, name: str) -> object:
        if name not in self.raw:
            raise ConfigError(f"{self._at(name)}: is missing")
        return self.raw[name]

    def _at(self, name: str) -> str:
        return f"{self.where}.{name}"

    def _wrong(self, name: str, expected: str) -> ConfigError:
        return ConfigError(f"{self._at(name)}: {_quoted(self.raw[name])} found, {expected} expected")


def _quoted(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"

"""How is a plan written down, and read back?

As one JSON document, ``vhdchain.plan``: a field of it is a field of the record, bytes are hexadecimal, a step names its
kind as ``action``. What is read back is the same plan, or `ConfigError` says where the document is no plan.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from vhdchain.errors import ConfigError
from vhdchain.findings import Finding, Severity
from vhdchain.plan.records import FileState, Plan, VolumeNeed
from vhdchain.plan.steps import STEP_KINDS, Step

SCHEMA = "vhdchain.plan"
VERSION = 1

R = TypeVar("R")
_KIND_OF = {kind: name for name, kind in STEP_KINDS.items()}


def plan_document(plan: Plan) -> dict[str, Any]:
    """Return ``plan`` as a document of JSON's types."""
    steps = [{"action": _KIND_OF[type(step)], **_written(step)} for step in plan.steps]
    return {"schema": SCHEMA, "version": VERSION, **_written(plan), "steps": steps}


def plan_from_document(document: object) -> Plan:
    """Return the plan that ``document`` describes.

    Raises:
        ConfigError: It is no plan, or one of a later version.
    """
    fields = _object(document, "plan")
    if fields.get("schema") != SCHEMA or fields.get("version") != VERSION:
        raise ConfigError(
            f"plan.schema: {fields.get('schema')!r} version {fields.get('version')!r} found; "
            f"this program reads {SCHEMA} version {VERSION}"
        )
    return Plan(
        action=_value(fields.get("action"), str, "plan.action"),
        summary=_value(fields.get("summary"), str, "plan.summary"),
        steps=tuple(_step(item, f"plan.steps[{at}]") for at, item in _items(fields.get("steps"), "plan.steps")),
        files=_records(fields, "files", FileState),
        needs=_records(fields, "needs", VolumeNeed),
        facts=_facts(fields.get("facts", {})),
        findings=_records(fields, "findings", Finding),
    )


def _written(value: Any) -> Any:  # noqa: ANN401  # any field of a record, any type of JSON
    if dataclasses.is_dataclass(value):
        return {item.name: _written(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {str(key): _written(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_written(item) for item in value]
    return str(value) if isinstance(value, Severity) else value


def _step(item: object, where: str) -> Step:
    fields = _object(item, where)
    kind = STEP_KINDS.get(_value(fields.get("action"), str, f"{where}.action"))
    if kind is None:
        raise ConfigError(f"{where}.action: {fields['action']!r} is no step; known are {', '.join(STEP_KINDS)}")
    return _record({name: value for name, value in fields.items() if name != "action"}, kind, where)


def _records(fields: Mapping[str, object], name: str, kind: type[R]) -> tuple[R, ...]:
    where = f"plan.{name}"
    return tuple(
        _record(_object(item, f"{where}[{at}]"), kind, f"{where}[{at}]")
        for at, item in _items(fields.get(name, []), where)
    )


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)  # of a record, whose modules import at run time what their fields name


def _record(fields: Mapping[str, object], kind: type[R], where: str) -> R:
    known = {item.name: item for item in dataclasses.fields(kind)}  # type: ignore[arg-type]  # all of them are records
    if unknown := sorted(fields.keys() - known.keys()):
        raise ConfigError(f"{where}.{unknown[0]}: {kind.__name__} has no such field")
    missing = [
        name
        for name, item in known.items()
        if item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING and name not in fields
    ]
    if missing:
        raise ConfigError(f"{where}.{missing[0]}: is missing")
    hints = _hints(cast("type", kind))
    values = {name: _value(value, hints[name], f"{where}.{name}") for name, value in fields.items()}
    try:
        return kind(**values)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from None


def _value(value: object, kind: Any, where: str) -> Any:  # noqa: ANN401  # a type as `get_type_hints` has it
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (types.UnionType, Union):
        if value is None and type(None) in arguments:
            return None
        plain = [item for item in arguments if item is not type(None)]
        matching = [item for item in plain if not isinstance(item, type) or type(value) is item]
        return _value(value, (matching or plain)[0], where)
    if origin is tuple:
        items = _items(value, where)
        if arguments[-1] is not Ellipsis and len(items) != len(arguments):
            raise ConfigError(f"{where}: {len(items)} items found, {len(arguments)} expected")
        kinds = arguments[:1] * len(items) if arguments[-1] is Ellipsis else arguments
        return tuple(_value(item, each, f"{where}[{at}]") for (at, item), each in zip(items, kinds, strict=True))
    if dataclasses.is_dataclass(kind):
        return _record(_object(value, where), kind, where)  # type: ignore[arg-type]  # a class, no instance
    if kind is bytes:
        return _bytes(value, where)
    if kind is Severity:
        return _severity(value, where)
    if type(value) is not kind:
        raise ConfigError(f"{where}: {value!r} found, {kind.__name__} expected")
    return value


def _bytes(value: object, where: str) -> bytes:
    try:
        return bytes.fromhex(value)  # type: ignore[arg-type]  # the error says what else it was
    except (TypeError, ValueError):
        raise ConfigError(f"{where}: {value!r} found, hexadecimal digits expected") from None


def _severity(value: object, where: str) -> Severity:
    try:
        return Severity(value)  # type: ignore[arg-type]  # the error says what else it was
    except ValueError:
        raise ConfigError(f"{where}: {value!r} is none of {', '.join(Severity)}") from None


def _object(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{where}: {type(value).__name__} found, an object expected")
    return value


def _items(value: object, where: str) -> list[tuple[int, object]]:
    if not isinstance(value, list | tuple):
        raise ConfigError(f"{where}: {type(value).__name__} found, a list expected")
    return list(enumerate(value))


def _facts(value: object) -> dict[str, int | str]:
    facts = _object(value, "plan.facts")
    for name, item in facts.items():
        if type(item) not in (int, str):
            raise ConfigError(f"plan.facts.{name}: {item!r} found, a number or a text expected")
    return dict(facts)  # type: ignore[arg-type]  # looked at one by one above

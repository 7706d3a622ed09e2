"""Are documents what their schemas say?"""

from __future__ import annotations

import json

import jsonschema


def strict(schema: object) -> object:
    """Return ``schema`` with every object closed: nothing may be written that the schema does not describe."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: strict(value) for name, value in schema.items()}
    return {**closed, "additionalProperties": False} if "properties" in closed else closed


def validate(document: object, schema: object) -> None:
    """Raise `jsonschema.ValidationError` where ``document``, once written and read, is not what ``schema`` says."""
    assert isinstance(schema, dict)
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    validator.validate(json.loads(json.dumps(document)))

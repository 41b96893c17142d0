"""A dialect's JSON Schemas as components of its document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ROOT = "#/components/schemas"


def reference(name: str) -> dict[str, str]:
    """A pointer to a component."""
    return {"$ref": f"{ROOT}/{name}"}


def components(
    schemas: Mapping[str, Any], meanings: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """The schemas with every ``$ref`` pointing inside the document.

    ``x-fields`` says what becomes of each field, by its place.
    """
    return {
        name: {
            **_resolved(schema, name),
            **({"x-fields": dict(meanings[name])} if name in meanings else {}),
        }
        for name, schema in schemas.items()
    }


def _resolved(value: Any, name: str) -> Any:
    if isinstance(value, list):
        return [_resolved(item, name) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        key: _inside(item, name)
        if key == "$ref" and isinstance(item, str)
        else _resolved(item, name)
        for key, item in value.items()
        if key != "$schema"
    }


def _inside(target: str, name: str) -> str:
    """``record.json#/$defs/user`` and, in ``record.json`` itself, ``#/$defs/user`` as pointers."""
    file, _, place = target.partition("#")
    return f"{ROOT}/{file.removesuffix('.json') or name}{place}"

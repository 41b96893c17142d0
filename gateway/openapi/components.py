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
    """The schemas, each with the definitions inside of it as components of their own.

    ``$defs/user`` of ``record`` is ``record.user``: what generates a client follows references to
    whole components, and few follow one that points inside. ``x-fields`` says what becomes of each
    field, by its place.
    """
    found: dict[str, Any] = {}
    for name, schema in schemas.items():
        own = {key: item for key, item in schema.items() if key != "$defs"}
        meant = {"x-fields": dict(meanings[name])} if name in meanings else {}
        found[name] = {**_resolved(own, name, schemas), **meant}
        for inside, part in schema.get("$defs", {}).items():
            found[f"{name}.{inside}"] = _untitled(_resolved(part, name, schemas))
    return found


def is_part(name: str) -> bool:
    """Whether a component is a definition inside of another one."""
    return "." in name


def _untitled(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Titles inside are those of profiles, alike in many schemas; generated names must not be."""
    return {key: item for key, item in schema.items() if key != "title"}


def _resolved(value: Any, name: str, schemas: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_resolved(item, name, schemas) for item in value]
    if not isinstance(value, Mapping):
        return value
    said = {
        key: _resolved(item, name, schemas)
        for key, item in value.items()
        if key != "$schema" and not _is_target(key, item)
    }
    target = value.get("$ref")
    return {**_pointed(target, name, schemas), **said} if isinstance(target, str) else said


def _is_target(key: str, item: Any) -> bool:
    """Whether this is a reference, and no property that is called like one."""
    return key == "$ref" and isinstance(item, str)


def _pointed(target: str, name: str, schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """``record.json``, ``record.json#/$defs/user`` and, in ``record.json`` itself, ``#/$defs/user``
    as references; what any other place holds, itself."""
    file, _, place = target.partition("#")
    name = file.removesuffix(".json") or name
    steps = place.split("/")[1:]
    match steps:
        case []:
            return reference(name)
        case ["$defs", part]:
            return reference(f"{name}.{part}")
    held: Any = schemas[name]
    for step in steps:
        held = held[step]
    resolved: Mapping[str, Any] = _resolved(held, name, schemas)
    return resolved

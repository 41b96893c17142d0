"""A JSON Schema as rows that a person reads: one for each field, the inner ones below theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gateway.openapi.components import ROOT

_DEEPEST = 5
_CHOICES = ("anyOf", "oneOf")
_BOUNDS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "from {}",
    "maximum": "to {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "default": "default {}",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field: ``name`` is dotted, ``[]`` stands for the items of a list."""

    name: str
    kind: str
    rules: str
    pattern: str
    note: str
    is_required: bool
    depth: int

    @property
    def leaf(self) -> str:
        """The last step of the name."""
        return self.name.rpartition(".")[2] if self.depth else self.name


def rows(schema: Mapping[str, Any], document: Mapping[str, Any]) -> list[Field]:
    """The fields of a schema of the document, each with what becomes of it."""
    meant = _followed(schema, document).get("x-fields", {})
    found = _rows(schema, document, "", 0)
    return [replace(one, note=_note(meant.get(one.name, ""), one.note)) for one in found]


def kind_of(schema: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """What a value is, in a word or two."""
    schema = _followed(schema, document)
    if "const" in schema:
        return _plain(schema["const"])
    if "enum" in schema:
        return " | ".join(map(_plain, schema["enum"]))
    for choice in _CHOICES:
        if choice in schema:
            return " | ".join(dict.fromkeys(kind_of(one, document) for one in schema[choice]))
    said = schema.get("type", "any")
    words = said if isinstance(said, list) else [said]
    return " | ".join(_kind(word, schema, document) for word in words)


def _kind(word: str, schema: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    if word == "array" and "items" in schema:
        return f"list of {kind_of(schema['items'], document)}"
    return str(schema.get("format", word)) if word == "string" else word


def _rows(
    schema: Mapping[str, Any], document: Mapping[str, Any], place: str, depth: int
) -> Iterator[Field]:
    schema = _followed(schema, document)
    if depth > _DEEPEST:
        return
    for choice in (*_CHOICES, "allOf"):
        for one in schema.get(choice, ()):
            yield from _rows(one, document, place, depth)
    if "items" in schema:
        yield from _rows(schema["items"], document, f"{place}[]", depth)
    required = schema.get("required", ())
    for name, own in schema.get("properties", {}).items():
        here = f"{place}.{name}".removeprefix(".")
        is_required = name in required
        yield field(here, own, document, is_required=is_required, depth=depth)
        yield from _rows(own, document, here, depth + 1)


def field(
    name: str,
    schema: Mapping[str, Any],
    document: Mapping[str, Any],
    *,
    is_required: bool,
    depth: int = 0,
) -> Field:
    """One field of a schema, without the fields inside."""
    followed = _followed(schema, document)
    rules = [
        words.format(_plain(followed[key])) for key, words in _BOUNDS.items() if key in followed
    ]
    return Field(
        name=name,
        kind=kind_of(followed, document),
        rules=", ".join(rules),
        pattern="" if "format" in followed else str(followed.get("pattern", "")),
        note=str(schema.get("description", followed.get("description", ""))),
        is_required=is_required,
        depth=depth,
    )


def _followed(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema that a reference points to."""
    target = schema.get("$ref")
    if not isinstance(target, str):
        return schema
    found: Any = document["components"]["schemas"]
    for step in target.removeprefix(f"{ROOT}/").split("/"):
        found = found[step]
    return _followed(found, document)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _note(meaning: str, said: str) -> str:
    """The fact that a field carries and what the schema says of it, or the one of both there is."""
    if meaning.startswith("`") and said:
        return f"{meaning}; {said}"
    return said or meaning

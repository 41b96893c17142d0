"""Create bodies of a dialect: its own examples, varied as its schema allows, and then mutated."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from hypothesis import strategies as st

from gateway.conformance.hostile import json_values
from gateway.conformance.schemas import Schema, resolved, schemas_by_name
from gateway.conformance.strategies_records import hexes, texts
from gateway.dialect import Dialect
from gateway.dialect.resources import load_json

_CHOICES = ("anyOf", "oneOf")
_MAX_ITEMS = 5


def golden_bodies(dialect: Dialect) -> list[Mapping[str, Any]]:
    """The create bodies of the dialect's examples that say what command they are."""
    found: list[Mapping[str, Any]] = []
    for _, said in load_json(dialect.examples):
        body = said["request"].get("json", said["request"].get("form"))
        if "command" in said and isinstance(body, dict):
            found.append(body)
    return found


def bodies(dialect: Dialect) -> st.SearchStrategy[Any]:
    """Examples with up to three members changed as the schema allows; most are a command."""
    schema = schemas_by_name(dialect)["create"]
    made = {name: _valued(dialect, schema, inner) for name, inner in schema["properties"].items()}
    return _varied(st.sampled_from(golden_bodies(dialect)), made, set(schema.get("required", ())))


def near_bodies(dialect: Dialect) -> st.SearchStrategy[Any]:
    """Good bodies with one or two members that are anything."""
    names = sorted(schemas_by_name(dialect)["create"].get("properties", {}))
    strange = st.dictionaries(st.sampled_from(names) | texts, json_values, min_size=1, max_size=2)
    return st.builds(lambda body, more: {**body, **more}, bodies(dialect), strange)


@st.composite
def _varied(
    draw: st.DrawFn,
    golden: st.SearchStrategy[Mapping[str, Any]],
    made: Mapping[str, st.SearchStrategy[Any]],
    required: Set[str],
) -> dict[str, Any]:
    body = dict(draw(golden))
    for name in draw(st.lists(st.sampled_from(sorted(made)), max_size=3, unique=True)):
        if name not in required and draw(st.booleans()):
            body.pop(name, None)
        else:
            body[name] = draw(made[name])
    return body


def _valued(dialect: Dialect, document: Schema, schema: Schema) -> st.SearchStrategy[Any]:
    """Values that a schema allows, as far as the words go that our schemas use."""
    while "$ref" in schema:
        schema, document = resolved(dialect, "create", schema)
    choices = [choice for word in _CHOICES for choice in schema.get(word, ())]
    if choices:
        return st.one_of([_valued(dialect, document, choice) for choice in choices])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    kinds = schema.get("type", "string")
    return st.one_of(
        [
            _of_kind(dialect, document, schema, kind)
            for kind in ([kinds] if isinstance(kinds, str) else kinds)
        ]
    )


def _of_kind(
    dialect: Dialect, document: Schema, schema: Schema, kind: str
) -> st.SearchStrategy[Any]:
    match kind:
        case "string":
            return _text(schema)
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema.get("minimum", -(2**31)), schema.get("maximum", 2**31))
        case "number":
            return st.integers(0, 2**31) | st.floats(0, 2**31, allow_nan=False)
        case "array":
            items = _valued(dialect, document, schema.get("items", {}))
            most = min(schema.get("maxItems", _MAX_ITEMS), _MAX_ITEMS)
            unique = repr if schema.get("uniqueItems") else None
            return st.lists(items, max_size=most, unique_by=unique)
        case "object":
            return _object(dialect, document, schema)
        case _:
            return st.none()


def _object(dialect: Dialect, document: Schema, schema: Schema) -> st.SearchStrategy[Any]:
    if "properties" not in schema:
        inner = schema.get("additionalProperties") or {}
        values = _valued(dialect, document, inner if isinstance(inner, dict) else {})
        most = min(schema.get("maxProperties", _MAX_ITEMS), _MAX_ITEMS)
        return st.dictionaries(_text(schema.get("propertyNames", {})), values, max_size=most)
    made = {name: _valued(dialect, document, inner) for name, inner in schema["properties"].items()}
    required = set(schema.get("required", ()))
    return st.fixed_dictionaries(
        {name: made[name] for name in made if name in required},
        optional={name: made[name] for name in made if name not in required},
    )


def _text(schema: Schema) -> st.SearchStrategy[str]:
    """A text by its examples or its pattern, else any within its lengths."""
    examples = st.sampled_from(schema["examples"]) if schema.get("examples") else st.nothing()
    if "pattern" in schema:
        pattern: str = schema["pattern"]
        fitting = st.from_regex(pattern)  # where "$" may stand before a line's end
        return examples | fitting.filter(lambda text: not text.endswith("\n"))
    if schema.get("format") == "date-time":
        return examples | st.just("2026-11-20T08:00:00Z") | st.just("2026-11-20T08:00:00.5+02:00")
    least, most = schema.get("minLength", 0), schema.get("maxLength", 64)
    any_text = texts if least else st.just("") | texts
    cut = any_text.map(lambda text: text[:most]).filter(lambda text: len(text) >= least)
    return examples | cut | hexes(64).map(lambda text: f"sha256:{text}"[:most])

"""A dialect's hand-written JSON Schemas: what fits them, and which fields they know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError
from referencing import Registry, Resource

from gateway.dialect import Dialect
from gateway.dialect.resources import BadFile, load_json

NEEDED = frozenset({"create", "record", "list", "error"})
_CHOICES = ("anyOf", "oneOf", "allOf")

Schema = Mapping[str, Any]


def validator(dialect: Dialect, name: str) -> Draft202012Validator:
    """The validator of ``schemas/<dialect>/<name>.json``; its siblings are known by file name."""
    key = str(dialect.schemas), name
    if key not in _validators:
        _validators[key] = _validator(dialect.schemas, name)
    return _validators[key]


def misfits(dialect: Dialect, name: str, body: object) -> list[str]:
    """Where a body does not fit, one line each."""
    return [
        f"{error.json_path}: {error.message}"
        for error in validator(dialect, name).iter_errors(body)
    ]


def problems(dialect: Dialect) -> list[str]:
    """What is wrong with the schemas themselves."""
    return list(_problems(dialect))


def schemas_by_name(dialect: Dialect) -> Mapping[str, Schema]:
    """Every schema of a dialect."""
    return _loaded(dialect.schemas)


def fields_of(dialect: Dialect, name: str) -> frozenset[str]:
    """The leaves that a schema knows, dotted; ``[]`` stands after a list (``errors[].field``)."""
    schemas = _loaded(dialect.schemas)
    schema = _called(schemas, name)
    places = set(_leaves(schemas, schema, schema, "")) - {""}
    holders = {place.rpartition(".")[0] for place in places}  # a null beside an object is no leaf
    return frozenset(places - holders)


def resolved(dialect: Dialect, name: str, schema: Schema) -> tuple[Schema, Schema]:
    """A schema with its ``$ref`` followed, and the document that it stands in."""
    schemas = _loaded(dialect.schemas)
    return _followed(schemas, schema, _called(schemas, name))


def _loaded(folder: Traversable) -> Mapping[str, Schema]:
    if str(folder) not in _read:
        _read[str(folder)] = dict(load_json(folder))
    return _read[str(folder)]


_read: dict[str, Mapping[str, Schema]] = {}
_validators: dict[tuple[str, str], Draft202012Validator] = {}


def _called(schemas: Mapping[str, Schema], name: str) -> Schema:
    if name not in schemas:
        raise BadFile(f"there is no schemas/{name}.json")
    return schemas[name]


def _validator(folder: Traversable, name: str) -> Draft202012Validator:
    schemas = _loaded(folder)
    resources = [
        (f"{sibling}.json", Resource.from_contents(schema)) for sibling, schema in schemas.items()
    ]
    registry: Registry[Any] = Registry().with_resources(resources)
    return Draft202012Validator(
        _called(schemas, name), registry=registry, format_checker=FormatChecker()
    )


def _problems(dialect: Dialect) -> Iterator[str]:
    schemas = _loaded(dialect.schemas)
    for name in sorted(NEEDED - schemas.keys()):
        yield f"{name}.json is missing"
    for name, schema in schemas.items():
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            yield f"{name}.json: {error.message}"
        if "checked" not in schema.get("$comment", ""):
            yield f"{name}.json: $comment names no source and date"


def _leaves(
    schemas: Mapping[str, Schema], schema: Schema, document: Schema, place: str
) -> Iterator[str]:
    schema, document = _followed(schemas, schema, document)
    choices = [choice for word in _CHOICES for choice in schema.get(word, ())]
    for choice in choices:
        yield from _leaves(schemas, choice, document, place)
    for name, inner in schema.get("properties", {}).items():
        yield from _leaves(schemas, inner, document, f"{place}.{name}" if place else name)
    if "items" in schema:
        yield from _leaves(schemas, schema["items"], document, f"{place}[]")
    elif not choices and not schema.get("properties"):
        yield place


def _followed(
    schemas: Mapping[str, Schema], schema: Schema, document: Schema
) -> tuple[Schema, Schema]:
    while "$ref" in schema:
        file, _, pointer = schema["$ref"].partition("#")
        document = _called(schemas, file.removesuffix(".json")) if file else document
        schema = document
        for step in pointer.split("/")[1:]:
            schema = schema[step]
    return schema, document

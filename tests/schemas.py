"""A dialect's hand-written JSON Schemas, and whether an answer fits them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError
from referencing import Registry, Resource

from gateway.dialect import Dialect
from gateway.dialect.resources import load_json

NEEDED = frozenset({"create", "record", "list", "error"})


def validator(dialect: Dialect, name: str) -> Draft202012Validator:
    """The validator of ``schemas/<dialect>/<name>.json``; its siblings are known by file name."""
    schemas = dict(load_json(dialect.schemas))
    resources = [
        (f"{sibling}.json", Resource.from_contents(schema)) for sibling, schema in schemas.items()
    ]
    registry: Registry[Any] = Registry().with_resources(resources)
    return Draft202012Validator(schemas[name], registry=registry, format_checker=FormatChecker())


def misfits(dialect: Dialect, name: str, body: object) -> list[str]:
    """Where a body does not fit, one line each."""
    return [
        f"{error.json_path}: {error.message}"
        for error in validator(dialect, name).iter_errors(body)
    ]


def problems(dialect: Dialect) -> list[str]:
    """What is wrong with the schemas themselves."""
    return list(_problems(dialect))


def _problems(dialect: Dialect) -> Iterator[str]:
    schemas = dict(load_json(dialect.schemas))
    for name in sorted(NEEDED - schemas.keys()):
        yield f"{name}.json is missing"
    for name, schema in schemas.items():
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            yield f"{name}.json: {error.message}"
        if "checked" not in schema.get("$comment", ""):
            yield f"{name}.json: $comment names no source and date"

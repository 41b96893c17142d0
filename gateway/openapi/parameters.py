"""Path and query parameters of an operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator
from starlette.routing import compile_path

from gateway.dialect.accounts import IN_PATHS, header_keys
from gateway.dialect.http import Endpoint
from gateway.openapi.exchanges import Exchange


def path_of(endpoint: Endpoint) -> str:
    """The path as documents write it, without convertors."""
    return compile_path(endpoint.path)[1]


def parameters(
    endpoint: Endpoint,
    exchanges: Sequence[Exchange],
    schemas: Mapping[str, Any],
    meanings: Mapping[str, Mapping[str, str]],
) -> list[dict[str, Any]]:
    """The path's, the query's in the order of its schema, each with what examples say; headers."""
    succeeded = [exchange for exchange in exchanges if exchange.is_success]
    names = compile_path(endpoint.path)[2]
    meant = meanings.get(IN_PATHS, {})
    found = [
        _in_path(name, meant.get(name, ""), [e.arguments[name] for e in succeeded])
        for name in names
    ]
    if endpoint.query is not None:
        found += _in_query(schemas[endpoint.query], succeeded)
    return [*found, *_in_headers(endpoint, meanings)]


def _in_path(name: str, meaning: str, said: Sequence[str]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        **({"description": meaning} if meaning else {}),
        "schema": {"type": "string"},
        **_examples(said),
    }


def _in_query(schema: Mapping[str, Any], exchanges: Sequence[Exchange]) -> list[dict[str, Any]]:
    required = schema.get("required", ())
    return [
        {
            "name": key,
            "in": "query",
            "required": key in required,
            **({"description": own["description"]} if "description" in own else {}),
            "schema": own,
            **_examples(_asked(key, own, exchanges)),
        }
        for key, own in schema["properties"].items()
    ]


def _in_headers(
    endpoint: Endpoint, meanings: Mapping[str, Mapping[str, str]]
) -> Iterator[dict[str, Any]]:
    for key in header_keys(endpoint.method, endpoint.path):
        for name, meaning in meanings.get(key, {}).items():
            if name not in _ELSEWHERE:
                yield {
                    "name": name,
                    "in": "header",
                    "required": False,
                    "description": meaning,
                    "schema": {"type": "string"},
                }


_ELSEWHERE = frozenset({"Accept", "Authorization", "Content-Type"})
"""OpenAPI has other places for these and ignores them as parameters."""


def _asked(key: str, schema: Mapping[str, Any], exchanges: Sequence[Exchange]) -> list[Any]:
    """What was asked with success in words of the schema; a dialect may take others too."""
    values = [typed(e.query[key], schema) for e in exchanges if key in e.query]
    return [value for value in values if Draft202012Validator(schema).is_valid(value)]


def _examples(said: Sequence[Any]) -> dict[str, Any]:
    """Each value once."""
    values = list(dict.fromkeys(said))
    return {"examples": {str(value): {"value": value} for value in values}} if values else {}


def typed(text: Any, schema: Mapping[str, Any]) -> Any:
    """A text as the type that its schema gives it; what is of no such type stays a text."""
    if not isinstance(text, str):
        return text
    if schema.get("type") == "boolean" and text in {"true", "false"}:
        return text == "true"
    if schema.get("type") == "integer" and text.removeprefix("-").isdecimal():
        return int(text)
    return text

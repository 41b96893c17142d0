"""Documents read as their readers read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from gateway.dialect import Dialect, Options
from gateway.openapi import document, served
from gateway.registry import installed

Document = Mapping[str, Any]

DOCUMENTS: Mapping[str, tuple[Dialect, Options, Document]] = {
    f"{dialect.name}-{profile}": (
        dialect,
        options,
        served(document(dialect, options), dialect, "https://gateway.example"),
    )
    for dialect in installed().values()
    for profile, options in dialect.options.items()
}
"""Every installed dialect's document in each of its profiles."""


def operations(read: Document) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Each operation with its verb and path."""
    for path, methods in read["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def contents(operation: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Where an operation has a body, and what it says of it: of the request, by status."""
    bodies = {"request": operation.get("requestBody", {}), **operation["responses"]}
    for where, body in bodies.items():
        for media_type, content in body.get("content", {}).items():
            yield f"{where} {media_type}", content


def misfits(read: Document, schema: Mapping[str, Any], value: object) -> list[str]:
    """Why a value is not of a schema of the document."""
    whole = {"components": read["components"], **schema}
    validator = Draft202012Validator(whole, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

"""The law about what a client should not send: any value in any field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.conformance.broken import Broken
from gateway.conformance.exchanges import exchanges_of
from gateway.conformance.laws_writing import parse_is_safe
from gateway.conformance.schemas import schemas_by_name
from gateway.dialect import Dialect

WILD: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1.5, 10**18, -(10**18), 10**30, 1e308),
    *("", " ", "x" * 5000, "9" * 30, "-1", "\u202e\U0001f600", "\r\nSet-Cookie: a=b", "%s{0}"),
    *([], [None], ["x"], {}, {"": None}),
)
"""What a field may hold that nobody meant for it."""


def every_value_is_met(dialect: Dialect, options: Any) -> None:
    """Whatever one field of a good body holds, it gives a command or a refusal in words."""
    for example in exchanges_of(dialect, options.profile):
        if example.is_create and isinstance(example.body, dict):
            for place in _places(dialect, example.body):
                for value in WILD:
                    _try(dialect, options, example.body, place, value)


def _try(dialect: Dialect, options: Any, body: Any, place: tuple[str, ...], value: object) -> None:
    try:
        parse_is_safe(dialect, options, value=_with(body, place, value))
    except Broken as broken:
        *_, why = broken.detail.rpartition(" raises ")
        detail = f"{value!r:.100} raises {why}"
        raise Broken("every value is met", dialect.name, ".".join(place), detail) from broken


def _places(dialect: Dialect, body: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Every field of a body, however deep, and those that it might have at its top."""
    yield from _held(body)
    known = schemas_by_name(dialect)["create"].get("properties", {})
    yield from ((name,) for name in sorted(known.keys() - body.keys()))


def _held(body: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, value in body.items():
        yield (name,)
        if isinstance(value, dict):
            yield from ((name, *inner) for inner in _held(value))


def _with(body: Any, place: tuple[str, ...], value: object) -> Any:
    changed = json.loads(json.dumps(body))
    holder = changed
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
    return changed

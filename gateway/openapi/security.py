"""The places of a dialect's credential as OpenAPI's security schemes."""

from __future__ import annotations

from typing import Any, assert_never

from gateway.dialect import Dialect
from gateway.dialect.credentials import CredentialPlace, Kind


def schemes(dialect: Dialect) -> dict[str, Any]:
    """Every place by its name."""
    return {place.name: _scheme(place) for place in dialect.credentials}


def requirement(dialect: Dialect, *, is_public: bool) -> list[dict[str, list[str]]]:
    """Any one of the places; for what is public none is needed."""
    return [] if is_public else [{place.name: []} for place in dialect.credentials]


def _scheme(place: CredentialPlace) -> dict[str, Any]:
    said = {"description": place.note} if place.note else {}
    match place.kind:
        case Kind.BEARER | Kind.BASIC:
            return {"type": "http", "scheme": place.kind.value, **said}
        case Kind.HEADER | Kind.QUERY:
            return {"type": "apiKey", "in": place.kind.value, "name": place.key, **said}
        case _:
            assert_never(place.kind)

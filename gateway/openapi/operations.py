"""One endpoint with its examples as an OpenAPI operation."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from gateway.dialect.http import Endpoint
from gateway.openapi.components import reference
from gateway.openapi.described import Described
from gateway.openapi.exchanges import Exchange
from gateway.openapi.parameters import parameters, path_of, typed
from gateway.openapi.responses import examples, responses
from gateway.openapi.security import requirement


def operation(endpoint: Endpoint, described: Described) -> dict[str, Any]:
    """The operation of an endpoint; ``x-exchanges`` are its examples whole, as they were sent."""
    exchanges = described.exchanges_of(endpoint)
    summary, description = _said_of(endpoint)
    return {
        "operationId": _identity(endpoint),
        "tags": [tag_of(endpoint)],
        "summary": summary,
        **({"description": description} if description else {}),
        "parameters": parameters(endpoint, exchanges, described.components, described.meanings),
        **_request(endpoint, exchanges, described),
        "responses": responses(endpoint, exchanges, described),
        "security": requirement(described.dialect, is_public=endpoint.is_public),
        "x-exchanges": [_whole(exchange) for exchange in exchanges],
    }


def tag_of(endpoint: Endpoint) -> str:
    """What the endpoint is about: the first word of its path behind whose it is."""
    steps = [step for step in path_of(endpoint).split("/") if step]
    behind = [
        step
        for before, step in pairwise(steps)
        if before.startswith("{") and not step.startswith("{")
    ]
    return behind[0] if behind else steps[0] if steps else "root"


def _identity(endpoint: Endpoint) -> str:
    words = re.findall(r"[A-Za-z0-9]+", path_of(endpoint))
    return "_".join([endpoint.method.lower(), *words])


def _said_of(endpoint: Endpoint) -> tuple[str, str]:
    said = inspect.getdoc(endpoint.answer) or ""
    summary, _, rest = said.partition("\n\n")
    return " ".join(summary.split()).replace("``", "`"), rest.strip().replace("``", "`")


def _request(
    endpoint: Endpoint, exchanges: Sequence[Exchange], described: Described
) -> dict[str, Any]:
    if endpoint.body is None:
        return {}
    content = {
        media_type: {
            "schema": reference(endpoint.body),
            **examples(_sent(endpoint.body, media_type, exchanges, described)),
        }
        for media_type in described.dialect.body_types
    }
    is_required = bool(described.schemas[endpoint.body].get("required"))
    return {"requestBody": {"required": is_required, "content": content}}


def _sent(
    schema: str, media_type: str, exchanges: Sequence[Exchange], described: Described
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What was sent with success and is of the schema; a form's texts are read as its types."""
    properties = described.schemas[schema].get("properties", {})
    for exchange in exchanges:
        if exchange.body is None or exchange.body[0] != media_type or not exchange.is_success:
            continue
        value = exchange.body[1]
        if isinstance(value, dict):
            value = {key: typed(item, properties.get(key, {})) for key, item in value.items()}
        if described.fits(schema, value):
            yield exchange.name, {"summary": exchange.said["title"], "value": value}


def _whole(exchange: Exchange) -> dict[str, Any]:
    kept = ("title", "source", "checked", "evidence", "settings", "request", "response")
    return {
        "name": exchange.name,
        **{key: exchange.said[key] for key in kept if key in exchange.said},
    }

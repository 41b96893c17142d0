"""The answers of an operation, one for each status that its examples have shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from gateway.core.errors import NotFound
from gateway.dialect.accounts import header_keys
from gateway.dialect.frame import Frame
from gateway.dialect.http import FIDELITY_HEADER, REQUEST_HEADER, Endpoint
from gateway.openapi.components import reference
from gateway.openapi.described import Described
from gateway.openapi.exchanges import Exchange

_ERROR = "error"
_LINES = "application/x-ndjson"
_FIRST_REDIRECT, _FIRST_REFUSAL = 300, 400
_FIDELITY = {
    "description": (
        "What the dialect loses of the record in the answer, and what stands in for what the "
        "record does not hold: `loses=…; stands-in=…`. Left out where there is neither, or where "
        "the answer holds more than one record."
    ),
    "schema": {"type": "string"},
}
_OF_EVERY_ANSWER = {
    REQUEST_HEADER: {
        "description": "The id under which the gateway's log and audit know the request.",
        "schema": {"type": "string"},
    }
}


def responses(
    endpoint: Endpoint, exchanges: Sequence[Exchange], described: Described
) -> dict[str, Any]:
    """By status; a success that no example shows is there when none of the others is either.

    304 is there where its request header is read. ``default`` is every other refusal.
    """
    seen = {exchange.status for exchange in exchanges} | _unmodified(endpoint, described)
    succeeded = {status for status in seen if status < _FIRST_REDIRECT} or set(endpoint.shapes)
    found = {
        str(status): _response(status, endpoint, exchanges, described)
        for status in sorted(seen | succeeded)
    }
    return {**found, "default": _refusal(described)}


def examples(found: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """Named examples, if there are any."""
    named = dict(found)
    return {"examples": named} if named else {}


def _response(
    status: int, endpoint: Endpoint, exchanges: Sequence[Exchange], described: Described
) -> dict[str, Any]:
    schema = _ERROR if status >= _FIRST_REFUSAL else endpoint.shapes.get(status)
    answered = [exchange for exchange in exchanges if exchange.status == status]
    held = [exchange for exchange in answered if _body(exchange) is not None]
    types = dict.fromkeys(_media_type(exchange, described) for exchange in held)
    if not answered and schema is not None:
        types = dict.fromkeys([_bare(described.dialect.media_type)])
    content = {
        media_type: {
            **({"schema": _schema(schema, media_type)} if schema is not None else {}),
            **examples(
                (exchange.name, {"summary": exchange.said["title"], "value": _body(exchange)})
                for exchange in held
                if _media_type(exchange, described) == media_type
            ),
        }
        for media_type in types
    }
    headers = {**_headers(answered), **_OF_EVERY_ANSWER}
    if endpoint.tells_fidelity and status < _FIRST_REDIRECT:
        headers[FIDELITY_HEADER] = _FIDELITY
    return {
        "description": HTTPStatus(status).phrase,
        "headers": headers,
        **({"content": content} if content else {}),
    }


def _unmodified(endpoint: Endpoint, described: Described) -> set[int]:
    keys = header_keys(endpoint.method, endpoint.path)
    heard = {name for key in keys for name in described.meanings.get(key, {})}
    return {HTTPStatus.NOT_MODIFIED.value} if "If-None-Match" in heard else set()


def _headers(answered: Sequence[Exchange]) -> dict[str, Any]:
    """The headers that examples name, each once in whatever case; the content's type is none."""
    names = {
        name.lower(): name
        for exchange in answered
        for name in exchange.said["response"].get("headers", {})
    }
    text = {"schema": {"type": "string"}}
    return {name: text for low, name in sorted(names.items()) if low != "content-type"}


def _schema(name: str, media_type: str) -> dict[str, str]:
    """A refusal in text, or lines of values, is a text, whatever the other answers are."""
    if media_type == _LINES or (name == _ERROR and media_type.startswith("text/")):
        return {"type": "string"}
    return reference(name)


def _refusal(described: Described) -> dict[str, Any]:
    """Any other refusal, in the media type in which the dialect refuses."""
    frame = Frame(options=described.options)
    refused = described.dialect.render_error(NotFound("record"), frame)
    media_type = _bare(refused.media_type or described.dialect.media_type)
    return {
        "description": "A refusal in the dialect's own words",
        "headers": dict(_OF_EVERY_ANSWER),
        "content": {media_type: {"schema": _schema(_ERROR, media_type)}},
    }


def _body(exchange: Exchange) -> Any:
    return exchange.said["response"].get("body")


def _media_type(exchange: Exchange, described: Described) -> str:
    """What the example says, else the dialect's own."""
    headers = exchange.said["response"].get("headers", {})
    said = {name.lower(): value for name, value in headers.items()}.get("content-type")
    return _bare(said or described.dialect.media_type)


def _bare(media_type: str) -> str:
    return media_type.partition(";")[0].strip()

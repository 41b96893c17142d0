"""What surrounds iftrue's deployments: body, credential, the record a path names, and pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from adapters.iftrue.translate import from_record
from gateway.core.commands import RecordId
from gateway.core.context import Context
from gateway.core.errors import BadBody, BodyFault, NotFound
from gateway.core.search import Found
from gateway.dialect.frame import Frame, Wire
from gateway.dialect.http import Call
from gateway.dialect.paging import Page
from gateway.dialect.text import parse_json

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


async def body(call: Call) -> object:
    """The body as JSON or a form; any other type, and no body, is an empty object.

    Raises ``BadBody``, ``BadText`` and ``TooLarge``.
    """
    if call.media_type == FORM:
        return dict(await call.form())
    raw = await call.body()
    return _parsed(raw) if raw and call.media_type == JSON else {}


def _parsed(raw: bytes) -> object:
    """JSON that is an object or an array; a word or a number alone counts as malformed."""
    try:
        value = parse_json(raw)
    except BadBody as error:
        if error.fault is not BodyFault.SYNTAX:
            raise
        raise replace(error, detail=_unexpected(raw.decode(), error)) from None
    if not isinstance(value, dict | list):
        text = raw.decode()
        start = len(text) - len(text.lstrip())
        raise BadBody(
            BodyFault.SHAPE, f"Unexpected token {text[start]} in JSON at position {start}"
        )
    return value


def _unexpected(text: str, error: BadBody) -> str:
    """As Node words it: a position counted from 0 instead of line and column."""
    lines = text.split("\n")
    at = sum(len(line) + 1 for line in lines[: error.line - 1]) + error.column - 1
    if at >= len(text):
        return "Unexpected end of JSON input"
    return f"Unexpected token {text[at]} in JSON at position {at}"


def credential(header: str | None) -> str | None:
    """The token after ``Bearer``, in any case of letters and any number of spaces."""
    match (header or "").split():
        case [scheme, token, *_] if scheme.lower() == "bearer":
            return token
    return None


async def entered(call: Call) -> Context:
    """The caller inside the token's org. Raises ``Unauthenticated`` and ``NotFound``."""
    caller = await call.admit(credential(call.header("authorization")))
    return await call.enter(caller)


def record_id(text: str) -> RecordId:
    """The record a path names. Raises ``NotFound``: what is no id names none."""
    try:
        return RecordId(UUID(text))
    except ValueError:
        raise NotFound("record", text) from None


def dress(found: Found, page: Page, frame: Frame) -> Wire:
    """One page; the gateway's own shape, iftrue documents no list."""
    data: Sequence[Wire] = [from_record(record, frame) for record in found.records]
    return {"data": data, "page": page.number, "limit": page.size, "total": found.total}

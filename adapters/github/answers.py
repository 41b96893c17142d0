"""How a success is dressed: a validator, how long it is fresh, and 304 for who has it already.

A 304 counts against no limit, source:
https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api, checked
2026-11-20.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from adapters.github import headers
from gateway.core.model import Record
from gateway.dialect.http import Call

_READS = frozenset({"GET", "HEAD"})


def fresh(
    call: Call,
    body: object,
    record: Record | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A JSON answer with its ``ETag``; ``record`` is the one it holds, if it holds exactly one."""
    encoded, extra = call.dialect.encode(body), headers or {}
    tag = _tag(encoded)
    dress = {**_success(call), **extra, "ETag": tag}
    if call.frame.method in _READS and _is_known(call, tag):
        call.uncount()
        return call.reply(None, status=304, headers=dress)
    if record is not None:
        return call.reply_record(encoded, record, status=status, headers=dress)
    return call.reply(encoded, status=status, headers=dress)


def public(call: Call, body: object) -> Response:
    """As ``fresh``, for what is the same for everybody."""
    headers.check_request(call.frame.headers)
    encoded = call.dialect.encode(body)
    dress = {"Cache-Control": "public, max-age=60, s-maxage=60", "ETag": _tag(encoded)}
    if _is_known(call, dress["ETag"]):
        return call.reply(None, status=304, headers=dress)
    return call.reply(encoded, headers=dress)


async def preflight(call: Call) -> Response:
    """The answer to the CORS preflight of a browser."""
    return call.reply(None, status=204, headers=headers.PREFLIGHT)


def _success(call: Call) -> Mapping[str, str]:
    return headers.of_success(call.frame.method)


def _tag(encoded: bytes) -> str:
    return headers.etag(encoded)


def _is_known(call: Call, tag: str) -> bool:
    return headers.is_known(call.header("if-none-match"), tag)

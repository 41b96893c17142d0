"""``/gateway/v1/audit``: who did what, a page at a time or all of it as lines of JSON."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from starlette.responses import Response, StreamingResponse

from adapters.canonical import envelope
from adapters.canonical.reading import entered
from adapters.canonical.translate import from_user, rfc3339
from gateway.core.audit import Act, AuditSearch
from gateway.core.errors import Invalid
from gateway.dialect.frame import Wire
from gateway.dialect.http import Call
from gateway.dialect.text import compact_json

LINES = "application/x-ndjson"

_FILTERS = frozenset({"org", "since", "until", "actor", "action", "limit", "cursor"})


async def audit(call: Call) -> Response:
    """What was done in an org, the newest first; asked for as NDJSON, all of it from there on."""
    said = envelope.single(call.query, _FILTERS)
    ctx = await entered(call, said.get("org"))
    search = AuditSearch(
        since=envelope.moment(said, "since"),
        until=envelope.moment(said, "until"),
        actor=said.get("actor"),
        action=said.get("action"),
        below=_from_cursor(said.get("cursor")),
        limit=envelope.limit(said.get("limit")),
    )
    if LINES in (call.header("accept") or ""):
        search = replace(search, limit=envelope.MAX_LIMIT)
        first = await call.services.audit.page(ctx, search)
        lines = (line_of(act) async for act in call.services.audit.lines(ctx, search, first))
        return StreamingResponse(lines, media_type=LINES)
    found = await call.services.audit.page(ctx, search)
    return call.reply(
        {"acts": [_from_act(act) for act in found], "next_cursor": _next(found, search)}
    )


def line_of(act: Act) -> bytes:
    """An act as a line of NDJSON."""
    return compact_json(_from_act(act)) + b"\n"


def _next(found: tuple[Act, ...], search: AuditSearch) -> str | None:
    return str(found[-1].id) if len(found) == search.limit else None


def _from_cursor(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(field="cursor", reason="format") from None


def _from_act(act: Act) -> Wire:
    return {
        "id": str(act.id),
        "at": rfc3339(act.at),
        "actor": from_user(act.actor),
        "token_id": str(act.token_id) if act.token_id else None,
        "dialect": act.dialect,
        "request_id": act.request_id,
        "action": str(act.action),
        "subject": act.subject,
        "outcome": act.outcome,
    }

"""``/gateway/v1``: records, what is live now, history, fidelity and views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from starlette.responses import Response

from adapters.canonical import envelope
from adapters.canonical.administration import administration
from adapters.canonical.audit import audit
from adapters.canonical.reading import at_record, entered, json_body
from adapters.canonical.translate import from_record, from_user, rfc3339, to_command
from gateway.core.commands import RecordId
from gateway.core.context import Context
from gateway.core.errors import Invalid, NotFound
from gateway.core.events import Event
from gateway.core.model import Record
from gateway.core.search import View
from gateway.dialect.frame import Owner, Wire
from gateway.dialect.http import Call, Endpoint

MAX_IDEMPOTENCY_KEY = 255


def routes() -> Sequence[Endpoint]:
    """Every endpoint below ``/gateway/v1``."""
    return (
        Endpoint(
            "POST",
            "/records",
            create,
            body="create",
            shapes={201: "record", 200: "record"},
            records=True,
        ),
        Endpoint("GET", "/records", listed, query="records_query", shapes={200: "list"}),
        Endpoint("GET", "/now", now, query="records_query", shapes={200: "list"}),
        Endpoint("GET", "/records/{id}", show, shapes={200: "record"}),
        Endpoint("GET", "/records/{id}/events", events, shapes={200: "events"}),
        Endpoint("GET", "/records/{id}/fidelity", fidelity, shapes={200: "fidelity"}),
        Endpoint(
            "GET", "/records/{id}/views/{dialect}", view, shapes={200: "view"}, tells_fidelity=True
        ),
        Endpoint("GET", "/audit", audit, query="audit_query", shapes={200: "audit"}),
        *administration(),
    )


async def create(call: Call) -> Response:
    """Record a deployment: 201 for a new record, 200 for one restated or changed."""
    said = await json_body(call)
    org = said.get("org") if isinstance(said, dict) else None
    ctx = await entered(call, org if isinstance(org, str) else None)
    command = to_command(said, Owner(), call.frame)
    outcome = await call.services.deployments.record(_idempotent(call, ctx), command)
    status = 201 if outcome.is_new else 200
    (record,) = await call.services.deployments.with_seen_successors(ctx, [outcome.record])
    return call.reply_record(from_record(record, call.frame), record, status=status)


async def listed(call: Call) -> Response:
    """Records, newest first."""
    return await _page(call, View.HISTORY)


async def now(call: Call) -> Response:
    """What is live where: one record per occupied slot."""
    return await _page(call, View.LIVE)


async def show(call: Call) -> Response:
    """One record."""
    record = await _record(call)
    return call.reply_record(from_record(record, call.frame), record)


async def events(call: Call) -> Response:
    """A record's history, oldest first; it outlives the record."""
    ctx = await at_record(call)
    found = await call.services.deployments.events(ctx, envelope.record_id(call.segment("id")))
    return call.reply({"events": [_from_event(event) for event in found]})


async def fidelity(call: Call) -> Response:
    """What each dialect loses of a record, and what stands in."""
    record = await _record(call)
    reports = {
        name: dialect.fidelity(record) for name, (dialect, _) in call.services.dialects.items()
    }
    return call.reply(
        {
            name: {"losses": list(report.losses), "stand_ins": list(report.stand_ins)}
            for name, report in reports.items()
        }
    )


async def view(call: Call) -> Response:
    """The bare record exactly as another dialect writes it."""
    ctx, record = await _record_of(call)
    dialect, options = call.services.dialects.get(call.segment("dialect"), (None, None))
    if dialect is None or not dialect.shows(record):
        raise NotFound("view", call.segment("dialect"))
    there = Call(call.request, dialect, call.services, replace(call.frame, options=options))
    return there.reply_record(await dialect.view(there, ctx, record), record)


async def _record(call: Call) -> Record:
    return (await _record_of(call))[1]


async def _record_of(call: Call) -> tuple[Context, Record]:
    ctx = await at_record(call)
    choice = RecordId(envelope.record_id(call.segment("id")))
    record = await call.services.deployments.get(ctx, choice)
    (seen,) = await call.services.deployments.with_seen_successors(ctx, [record])
    return ctx, seen


async def _page(call: Call, looked_at: View) -> Response:
    org, search = envelope.search(call.query, looked_at)
    ctx = await entered(call, org)
    found = await call.services.deployments.search(ctx, search)
    records = await call.services.deployments.with_seen_successors(ctx, found.records)
    body: Wire = {
        "records": [from_record(record, call.frame) for record in records],
        "next_cursor": envelope.next_cursor(found.records, search.limit),
    }
    return call.reply(body)


def _idempotent(call: Call, ctx: Context) -> Context:
    """Keys belong to the user, so that nobody learns of another's."""
    key = call.header("idempotency-key")
    if key is None:
        return ctx
    if not 0 < len(key) <= MAX_IDEMPOTENCY_KEY:
        raise Invalid(field="Idempotency-Key", reason="length")
    return replace(ctx, idempotency_key=f"{ctx.caller.user.id}:{key}")


def _from_event(event: Event) -> Wire:
    return {
        "kind": event.kind.value,
        "occurred_at": rfc3339(event.occurred_at),
        "recorded_at": rfc3339(event.recorded_at),
        "dialect": event.dialect,
        "actor": from_user(event.actor),
        "state": event.state.value,
        "presence": event.presence.value,
    }

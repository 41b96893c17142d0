"""``/cdevents/events``: take an event, list, show."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from gateway.core.commands import RecordId
from gateway.core.context import Permission
from gateway.core.errors import NotFound
from gateway.dialect.frame import Owner
from gateway.dialect.http import Call, Endpoint
from gateway.dialect.text import parse_json
from toy_cdevents import envelope
from toy_cdevents.translate import from_record, shows, to_command


def routes() -> Sequence[Endpoint]:
    """The endpoints below ``/cdevents``."""
    return (
        Endpoint(
            "POST",
            "/events",
            take,
            body="create",
            shapes={201: "record"},
            records=True,
            tells_fidelity=True,
        ),
        Endpoint("GET", "/events", listed, shapes={200: "list"}),
        Endpoint("GET", "/events/{id}", show, shapes={200: "record"}, tells_fidelity=True),
    )


async def take(call: Call) -> Response:
    """Record what an event tells."""
    ctx = await envelope.entered(call)
    ctx.require(Permission.WRITE)
    command = to_command(parse_json(await call.body()), Owner(), call.frame)
    ctx = await call.inside(ctx.caller, ctx.org)
    outcome = await call.services.deployments.record(ctx, command)
    return call.reply_record(from_record(outcome.record, call.frame), outcome.record, status=201)


async def listed(call: Call) -> Response:
    """One page of what was deployed."""
    ctx = await envelope.entered(call)
    search, page = envelope.search(call.query)
    found = await call.services.deployments.search(ctx, search)
    events = [from_record(record, call.frame) for record in found.records]
    return call.reply(
        {"events": events, "page": page.number, "size": page.size, "total": found.total}
    )


async def show(call: Call) -> Response:
    """One deployment as its event."""
    ctx = await envelope.entered(call)
    choice = RecordId(envelope.record_id(call.segment("id")))
    record = await call.services.deployments.get(ctx, choice)
    if not shows(record):
        raise NotFound("event")
    return call.reply_record(from_record(record, call.frame), record)

"""``/v1/organization/deployment``: create and, the gateway's own, list and show.

The inferred stack reads a body before it looks at the credential, and validates after.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from adapters.iftrue import envelope, filters
from adapters.iftrue.translate import from_record, to_command
from gateway.core.context import Permission
from gateway.dialect.frame import Owner
from gateway.dialect.http import Call, Endpoint


def routes() -> Sequence[Endpoint]:
    """The endpoints below ``/v1/organization``."""
    return (
        Endpoint(
            "POST",
            "/deployment",
            create,
            body="create",
            shapes={201: "record"},
            records=True,
            tells_fidelity=True,
        ),
        Endpoint("GET", "/deployment", listed, query="deployments_query", shapes={200: "list"}),
        Endpoint("GET", "/deployment/{id}", show, shapes={200: "record"}, tells_fidelity=True),
    )


async def create(call: Call) -> Response:
    """Record an attempt to deploy; 201, also when its node id names an earlier one."""
    body = await envelope.body(call)
    ctx = await envelope.entered(call)
    ctx.require(Permission.WRITE)
    command = to_command(body, Owner(), call.frame)
    outcome = await call.services.deployments.record(ctx, command)
    return call.reply_record(from_record(outcome.record, call.frame), outcome.record, status=201)


async def listed(call: Call) -> Response:
    """One page of records, newest first."""
    ctx = await envelope.entered(call)
    search, page = filters.search(call.query, ctx.org)
    found = await call.services.deployments.search(ctx, search)
    return call.reply(envelope.dress(found, page, call.frame))


async def show(call: Call) -> Response:
    """One record."""
    ctx = await envelope.entered(call)
    choice = envelope.record_id(call.segment("id"))
    record = await call.services.deployments.get(ctx, choice)
    return call.reply_record(from_record(record, call.frame), record)

"""``/v1/deployments``: record and list.

go-kratos decodes body and query before it looks at the credential, so each endpoint does.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from adapters.chainloop import envelope, paging
from adapters.chainloop.translate import from_message, from_record, spelled
from gateway.core.context import Permission
from gateway.dialect.http import Call, Endpoint


def routes() -> Sequence[Endpoint]:
    """The endpoints below ``/v1``."""
    return (
        Endpoint("POST", "/deployments", record),
        Endpoint("GET", "/deployments", listed),
    )


async def record(call: Call) -> Response:
    """Record that an artifact was deployed, or decommissioned."""
    request = await envelope.record_request(call)
    ctx = await envelope.entered(call)
    ctx.require(Permission.WRITE)
    outcome = await call.services.deployments.record(ctx, from_message(request))
    body = {"deployment_record": from_record(outcome.record, call.frame)}
    return call.reply_record(spelled(body, call.frame.options), outcome.record)


async def listed(call: Call) -> Response:
    """One page of what each slot shows or, with ``full_history``, of every record."""
    request = envelope.list_request(call)
    ctx = await envelope.entered(call)
    search, page = envelope.search(request, call.frame.options)
    found = await call.services.deployments.search(ctx, search)
    total = envelope.EXACT_COUNT if found.total is None else found.total
    body = {
        "deployment_records": [from_record(record, call.frame) for record in found.records],
        "pagination": paging.dress(page, total),
    }
    return call.reply(spelled(body, call.frame.options))

"""``/v1/deployments`` and ``/v1/environments``.

go-kratos decodes body and query before it looks at the credential, so each endpoint does.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from adapters.chainloop import envelope, environments, paging
from adapters.chainloop.translate import from_message, from_record, spelled
from adapters.chainloop.wire import (
    CreateEnvironment,
    GetEnvironment,
    ListDeploymentRecords,
    ListEnvironments,
    RecordDeployment,
)
from gateway.core.context import Permission
from gateway.dialect.http import Call, Endpoint, Shapes

_ENVIRONMENT: Shapes = {200: "environment_answer"}


def routes() -> Sequence[Endpoint]:
    """The endpoints below ``/v1``."""
    return (
        Endpoint(
            "POST",
            "/deployments",
            record,
            body="create",
            shapes={200: "created"},
            records=True,
            tells_fidelity=True,
        ),
        Endpoint("GET", "/deployments", listed, query="deployments_query", shapes={200: "list"}),
        Endpoint(
            "POST",
            "/environments",
            make_environment,
            body="create_environment",
            shapes=_ENVIRONMENT,
        ),
        Endpoint(
            "GET",
            "/environments",
            list_environments,
            query="environments_query",
            shapes={200: "environments"},
        ),
        Endpoint(
            "GET",
            "/environments/{id}",
            get_environment,
            query="environment_query",
            shapes=_ENVIRONMENT,
        ),
    )


async def record(call: Call) -> Response:
    """Record that an artifact was deployed, or decommissioned."""
    request = await envelope.from_body(call, RecordDeployment)
    ctx = await envelope.entered(call)
    ctx.require(Permission.WRITE)
    outcome = await call.services.deployments.record(ctx, from_message(request))
    body = {"deployment_record": from_record(outcome.record, call.frame)}
    return call.reply_record(spelled(body, call.frame.options), outcome.record)


async def listed(call: Call) -> Response:
    """One page of what each slot shows or, with ``full_history``, of every record."""
    request = envelope.from_query(call, ListDeploymentRecords)
    ctx = await envelope.entered(call)
    search, page = envelope.search(request, call.frame.options)
    found = await call.services.deployments.search(ctx, search)
    total = envelope.EXACT_COUNT if found.total is None else found.total
    body = {
        "deployment_records": [from_record(record, call.frame) for record in found.records],
        "pagination": paging.dress(page, total),
    }
    return call.reply(spelled(body, call.frame.options))


async def make_environment(call: Call) -> Response:
    """Make an environment of the org."""
    request = await envelope.from_body(call, CreateEnvironment)
    ctx = await envelope.entered(call)
    ctx.require(Permission.WRITE)
    new = environments.new_environment(request)
    made = await call.services.org_environments.make(ctx, new)
    return call.reply(
        {"environment": environments.from_environment(made, ctx.org, call.frame.options)}
    )


async def list_environments(call: Call) -> Response:
    """One page of the org's environments, the newest first."""
    request = envelope.from_query(call, ListEnvironments)
    ctx = await envelope.entered(call)
    options = call.frame.options
    search, page = environments.search(request, options)
    found = await call.services.org_environments.listed(ctx, search)
    shown = [environments.from_environment(one, ctx.org, options) for one in found.environments]
    body = {"environments": shown, "pagination": paging.dress(page, found.total)}
    return call.reply(spelled(body, options))


async def get_environment(call: Call) -> Response:
    """One environment by its id."""
    request = envelope.from_query(call, GetEnvironment)
    identity = call.segment("id")
    ctx = await envelope.entered(call)
    environment_id = environments.chosen(request, identity)
    found = await call.services.org_environments.get(ctx, environment_id)
    return call.reply(
        {"environment": environments.from_environment(found, ctx.org, call.frame.options)}
    )

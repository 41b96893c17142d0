"""GitLab's endpoints about environments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from starlette.responses import Response

from adapters.gitlab import envelope, neighbours, paging, places, wire, wire_environments
from adapters.gitlab.calls import admit, dress, enter, today
from adapters.gitlab.dates import parse_moment
from adapters.gitlab.families import NO_CACHE
from gateway.core.context import Context
from gateway.core.errors import Invalid
from gateway.core.places import Place
from gateway.dialect.http import Call

_OLDEST, _NEWEST = timedelta(days=3652), timedelta(days=7)
_STOPPED = "Successfully requested stop for all stale environments"


async def listed(call: Call) -> Response:
    """A project's environments, by number."""
    admitted = await admit(call)
    asked = wire.validated(wire_environments.ListEnvironments, admitted.said)
    wire_environments.check_listed(admitted.said)
    ctx, choice = await enter(call, admitted.caller)
    await call.services.deployments.project(ctx, choice)
    search = wire_environments.search_of(asked, offset=paging.offset(asked))
    project, found = await call.services.environments.listed(ctx, choice, search)
    rows, listing = paging.cut(found.places, asked, total=found.total)
    theirs = neighbours.basic_project(project, ctx.org, call.frame)
    shown = [places.listed_environment(place, theirs) for place in rows]
    return call.reply(shown, headers=dress(call, listing, asked))


async def show(call: Call) -> Response:
    """One environment, by its number in the project, with what was last deployed to it."""
    admitted = await admit(call)
    number = envelope.identifier("environment_id", call.segment("environment_id"))
    ctx, choice = await enter(call, admitted.caller)
    place, last = await call.services.environments.get(ctx, choice, number)
    return call.reply(places.from_environment(place, last, call.frame))


async def create(call: Call) -> Response:
    """A new environment."""
    admitted = await admit(call)
    asked = wire.validated(wire_environments.CreateEnvironment, admitted.said)
    ctx, choice = await enter(call, admitted.caller)
    new = wire_environments.new_place(asked)
    place = await call.services.environments.make(ctx, choice, new)
    return _one(call, ctx, place, status=201)


async def update(call: Call) -> Response:
    """What a project says anew of its environment."""
    admitted = await admit(call)
    number = envelope.identifier("environment_id", call.segment("environment_id"))
    asked = wire.validated(wire_environments.ChangeEnvironment, admitted.said)
    ctx, choice = await enter(call, admitted.caller)
    await call.services.environments.get(ctx, choice, number)
    change = wire_environments.change_of(asked)
    place = await call.services.environments.change(ctx, choice, number, change)
    return _one(call, ctx, place)


async def stop(call: Call) -> Response:
    """Stop an environment: what is live there is decommissioned."""
    admitted = await admit(call)
    number = envelope.identifier("environment_id", call.segment("environment_id"))
    asked = wire.validated(wire_environments.StopEnvironment, admitted.said)
    ctx, choice = await enter(call, admitted.caller)
    stop_it = call.services.environments.stop
    return _one(call, ctx, await stop_it(ctx, choice, number, is_forced=asked.force))


async def stop_stale(call: Call) -> Response:
    """Stop all that nobody has changed or deployed to for long."""
    admitted = await admit(call)
    asked = wire.validated(wire_environments.StopStale, admitted.said, today=today())
    ctx, choice = await enter(call, admitted.caller)
    await call.services.protections.of_project(ctx, choice)
    if not _OLDEST >= datetime.now(UTC) - asked.before >= _NEWEST:
        raise Invalid(field="before", reason="finder", value="date")
    await call.services.environments.stop_stale(ctx, choice, asked.before)
    return call.reply({"message": _STOPPED})


async def remove(call: Call) -> Response:
    """Remove a stopped environment and the project's deployments to it."""
    admitted = await admit(call)
    number = envelope.identifier("environment_id", call.segment("environment_id"))
    ctx, choice = await enter(call, admitted.caller)
    since = parse_moment(call.header("if-unmodified-since") or "", today())
    remove_it = call.services.environments.remove
    await remove_it(ctx, choice, number, unmodified_since=since)
    return call.reply(None, status=204, headers=NO_CACHE)


def _one(call: Call, ctx: Context, place: Place, *, status: int = 200) -> Response:
    theirs = neighbours.basic_project(place.project, ctx.org, call.frame)
    return call.reply(places.listed_environment(place, theirs), status=status)

"""GitLab's endpoints. Each says its own order of checks, which is the order of its lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from starlette.responses import Response

from adapters.gitlab import envelope, neighbours, paging, parameters, translate, wire
from adapters.gitlab.dates import parse_moment
from adapters.gitlab.refusals import NO_CACHE
from gateway.core.commands import (
    ChangeState,
    ProjectChoice,
    ProjectNumber,
    RecordNumber,
    RemoveRecord,
)
from gateway.core.context import Caller, Context
from gateway.core.errors import Doubt, NotFound, Unauthenticated
from gateway.dialect.http import Call, Endpoint

DEPLOYMENTS = "/projects/{id}/deployments"
DEPLOYMENT = f"{DEPLOYMENTS}/{{deployment_id}}"
ENVIRONMENTS = "/projects/{id}/environments"


def routes() -> Sequence[Endpoint]:
    """Every endpoint below ``/api/v4``, and OPTIONS on each of their paths."""
    endpoints = (
        Endpoint("GET", DEPLOYMENTS, listed),
        Endpoint("POST", DEPLOYMENTS, create),
        Endpoint("GET", DEPLOYMENT, show),
        Endpoint("PUT", DEPLOYMENT, update),
        Endpoint("DELETE", DEPLOYMENT, remove),
        Endpoint("GET", ENVIRONMENTS, environments),
        Endpoint("GET", f"{ENVIRONMENTS}/{{environment_id}}", environment),
        Endpoint("GET", "/projects/{id}", project),
        Endpoint("GET", "/user", user),
        Endpoint("GET", "/version", version),
        Endpoint("GET", "/metadata", version),
    )
    return (*endpoints, *_options(endpoints))


@dataclass(frozen=True, slots=True)
class _Admitted:
    """A caller whose credential holds, and what the request says."""

    caller: Caller
    said: parameters.Said


async def listed(call: Call) -> Response:
    """A project's deployments."""
    admitted = await _admit(call)
    asked = envelope.deployments_asked(admitted.said, call.frame.options, _today())
    ctx, choice = await _enter(call, admitted.caller)
    broken = envelope.broken_rule(asked, call.frame.options)
    if broken is not None:
        await call.services.deployments.project(ctx, choice)
        raise broken
    found = await call.services.deployments.search(ctx, envelope.search(asked, choice))
    rows, listing = paging.cut(found.records, asked, total=found.total)
    shown = [translate.deployment(record, call.frame) for record in rows]
    return call.reply(shown, headers=_dress(call, listing, asked))


async def show(call: Call) -> Response:
    """One deployment, by its number."""
    admitted = await _admit(call)
    number = envelope.identifier("deployment_id", call.segment("deployment_id"))
    ctx, choice = await _enter(call, admitted.caller)
    asked = RecordNumber(translate.known_number(number))
    record = await call.services.deployments.get(ctx, asked, choice)
    return call.reply_record(translate.from_record(record, call.frame), record)


async def create(call: Call) -> Response:
    """Record a deployment: 201, also for one that repeats what is live."""
    admitted = await _admit(call)
    said = wire.validated(wire.CreateDeployment, admitted.said)
    ctx, choice = await _enter(call, admitted.caller)
    outcome = await call.services.deployments.record(ctx, translate.to_command(said, choice))
    shown = translate.from_record(outcome.record, call.frame)
    return call.reply_record(shown, outcome.record, status=201)


async def update(call: Call) -> Response:
    """Move a deployment to another status."""
    admitted = await _admit(call)
    said = wire.validated(wire.UpdateDeployment, admitted.said)
    ctx, choice = await _enter(call, admitted.caller)
    number = translate.leading_number(call.segment("deployment_id"))
    command = ChangeState(RecordNumber(number), translate.STATE_IN[said.status], choice)
    outcome = await call.services.deployments.change_state(ctx, command)
    return call.reply_record(translate.from_record(outcome.record, call.frame), outcome.record)


async def remove(call: Call) -> Response:
    """Remove a deployment that neither runs nor is the last of its environment."""
    admitted = await _admit(call)
    number = envelope.identifier("deployment_id", call.segment("deployment_id"))
    ctx, choice = await _enter(call, admitted.caller)
    since = parse_moment(call.header("if-unmodified-since") or "", _today())
    asked = RecordNumber(translate.known_number(number))
    await call.services.deployments.remove(ctx, RemoveRecord(asked, choice, since))
    if call.frame.options.accepts_deletion:
        return call.reply({"message": "202 Accepted"}, status=202, headers=NO_CACHE)
    return call.reply(None, status=204, headers=NO_CACHE)


async def environments(call: Call) -> Response:
    """A project's environments, by number."""
    admitted = await _admit(call)
    asked = envelope.environments_asked(admitted.said)
    ctx, choice = await _enter(call, admitted.caller)
    owner, found = await call.services.deployments.environments(ctx, choice, name=asked.name)
    envelope.check_search(asked)
    chosen = [pair for pair in found if neighbours.is_asked(asked, *pair)]
    begin = paging.page_of(asked).offset
    rows, listing = paging.cut(chosen[begin:], asked, total=len(chosen))
    theirs = neighbours.basic_project(owner, ctx.org, call.frame)
    shown = [neighbours.listed_environment(*pair, theirs) for pair in rows]
    return call.reply(shown, headers=_dress(call, listing, asked))


async def environment(call: Call) -> Response:
    """One environment, by its number in the project, with what was last deployed to it."""
    admitted = await _admit(call)
    number = envelope.identifier("environment_id", call.segment("environment_id"))
    ctx, choice = await _enter(call, admitted.caller)
    owner, found = await call.services.deployments.environments(ctx, choice)
    pair = next((pair for pair in found if pair[1].number == number), None)
    if pair is None:
        raise NotFound("environment", str(number))
    last = await call.services.deployments.last_deployment(ctx, owner, pair[0])
    return call.reply(neighbours.from_environment(*pair, last, call.frame))


async def project(call: Call) -> Response:
    """One project."""
    admitted = await _admit(call)
    ctx, choice = await _enter(call, admitted.caller)
    found = await call.services.deployments.project(ctx, choice)
    return call.reply(neighbours.from_project(found, ctx.org, admitted.caller, call.frame))


async def user(call: Call) -> Response:
    """Whose token it is."""
    admitted = await _admit(call)
    return call.reply(neighbours.from_user(admitted.caller, call.frame))


async def version(call: Call) -> Response:
    """Which GitLab this speaks like."""
    await _admit(call)
    return call.reply(neighbours.from_version())


async def _admit(call: Call) -> _Admitted:
    """What comes before every endpoint: body, text, format, credential, scope, in this order."""
    said = await parameters.read(call)
    envelope.check_request(call.frame, call.query)
    caller = await _caller(call, said)
    envelope.check_scope(call.frame.method, caller.permission)
    return _Admitted(caller, said)


async def _caller(call: Call, said: parameters.Said) -> Caller:
    """Who holds the first credential that holds; else the first one's fault."""
    first = None
    for credential in envelope.credentials(call.frame.headers, said):
        try:
            return await call.admit(credential)
        except Unauthenticated as fault:
            first = first or fault
    raise first or Unauthenticated(Doubt.MISSING)


async def _enter(call: Call, caller: Caller) -> tuple[Context, ProjectChoice]:
    """The caller inside the project's org, and the project as the path names it."""
    said = call.segment("id")
    choice = translate.project_choice(said)
    if isinstance(choice, ProjectNumber):
        org = await call.services.access.org_of_project(caller, choice.number)
        return await call.inside(caller, org), choice
    return await call.enter(caller, said.partition("/")[0]), choice


def _dress(call: Call, listing: paging.Listing, asked: wire.Paged) -> dict[str, str]:
    """The headers of a page, with links that repeat what was asked."""
    return paging.headers(
        listing,
        url=f"{call.frame.base_url}{call.frame.path}",
        parameters=paging.echo(call.query, asked, call.segment("id")),
    )


def _options(endpoints: Sequence[Endpoint]) -> Iterator[Endpoint]:
    """OPTIONS on every known path, which needs a credential as any other method does."""
    for path in dict.fromkeys(endpoint.path for endpoint in endpoints):
        verbs = [endpoint.method for endpoint in endpoints if endpoint.path == path]
        yield Endpoint("OPTIONS", path, _Allowed(", ".join(("OPTIONS", *verbs, "HEAD"))))


@dataclass(frozen=True, slots=True)
class _Allowed:
    allow: str

    async def __call__(self, call: Call) -> Response:
        await _admit(call)
        return call.reply(None, status=204, headers={**NO_CACHE, "Allow": self.allow})


def _today() -> date:
    return datetime.now(UTC).date()

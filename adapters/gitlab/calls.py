"""The way into every endpoint: parameters, format, credential, scope, project, in this order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from adapters.gitlab import envelope, paging, parameters, translate, wire
from adapters.gitlab.headers import is_preflight
from gateway.core.commands import ProjectChoice, ProjectNumber
from gateway.core.context import Caller, Context
from gateway.core.errors import Doubt, Forbidden, NotFound, Unauthenticated
from gateway.dialect.http import Call
from gateway.listings import Namespace


@dataclass(frozen=True, slots=True)
class Admitted:
    """A caller whose credential holds, and what the request says."""

    caller: Caller
    said: parameters.Said


async def arrive(call: Call) -> None:
    """What GitLab refuses before it looks for an endpoint."""
    if not is_preflight(call):
        await parameters.check_json(call)
        envelope.check_text(call.frame, call.query)


async def admit(call: Call, *, takes_jobs: bool = True) -> Admitted:
    """Who asks, and what. Raises what comes before a look at the parameters."""
    envelope.check_format(call.query)
    said = await parameters.read(call)
    call.conceal(envelope.secrets(said))
    caller = await _caller(call, said, takes_jobs=takes_jobs)
    caller = await _spoken_for(call, caller, said)
    envelope.check_scope(call.frame.method, caller.permission)
    return Admitted(caller, said)


async def admit_person(call: Call, what: str) -> Admitted:
    """As ``admit``, for the calls that ask nobody to sign in.

    To somebody without a credential, and to a CI job, what they guard does not exist.
    """
    try:
        return await admit(call, takes_jobs=False)
    except Unauthenticated as fault:
        if fault.doubt is not Doubt.MISSING:
            raise
        raise NotFound(what) from None


async def enter(call: Call, caller: Caller) -> tuple[Context, ProjectChoice]:
    """The caller inside the project's org, and the project as the path names it."""
    said = call.segment("id")
    choice = translate.project_choice(said)
    if isinstance(choice, ProjectNumber):
        org = await call.services.access.org_of_project(caller, choice.number)
        return await call.inside(caller, org), choice
    return await call.enter(caller, said.partition("/")[0]), choice


async def enter_group(call: Call, caller: Caller) -> tuple[Context, Namespace]:
    """The caller inside the group's org, and the group."""
    space = await call.services.listings.namespace(caller, call.segment("id"))
    return await call.inside(caller, space.org), space


def dress(call: Call, listing: paging.Listing, asked: wire.Paged) -> dict[str, str]:
    """The headers of a page, with links that repeat what was asked."""
    route = {name: call.segment(name) for name in call.request.path_params}
    return paging.headers(
        listing,
        url=f"{call.frame.base_url}{call.frame.path}",
        parameters=paging.echo(call.query, asked, route),
    )


def today() -> date:
    """The day that loosely said dates are read on."""
    return datetime.now(UTC).date()


async def _spoken_for(call: Call, caller: Caller, said: parameters.Said) -> Caller:
    """The user whom an administrator names with ``sudo``; without it the caller.

    Source: https://docs.gitlab.com/ee/api/rest/authentication.html#sudo, checked 2026-11-20.
    """
    name = said.get("sudo") or call.header("sudo")
    if not name:
        return caller
    if not caller.is_instance_admin:
        raise Forbidden(needs="sudo")
    return await call.services.access.speaking_for(str(name))


async def _caller(call: Call, said: parameters.Said, *, takes_jobs: bool) -> Caller:
    """Who holds the first credential that holds; else the first one's fault."""
    first = None
    offered = envelope.credentials(call.frame.headers, said, takes_jobs=takes_jobs)
    for credential in offered:
        try:
            return await call.admit(credential)
        except Unauthenticated as fault:
            first = first or fault
    raise first or Unauthenticated(Doubt.MISSING)

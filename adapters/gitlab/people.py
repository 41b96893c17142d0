"""GitLab's endpoints about who and what is there: users, projects, groups, the version."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from starlette.responses import Response

from adapters.gitlab import envelope, neighbours, paging, translate, wire
from adapters.gitlab.calls import Admitted, admit, dress, enter, enter_group
from adapters.gitlab.wire_listing import ListProjects, ListUsers
from gateway.core.context import Caller, Context
from gateway.core.errors import NotFound
from gateway.core.listing import mentions
from gateway.core.members import ROOT
from gateway.core.model import Org, Project, User
from gateway.core.protection import LEVELS
from gateway.dialect.frame import Wire
from gateway.dialect.http import Call

Finder = Callable[[Context, int, int], Awaitable[tuple[list[Wire], int | None]]]
"""(inside an org, offset, limit) → the items there, and how many there are in all."""


async def project(call: Call) -> Response:
    """One project."""
    admitted = await admit(call)
    ctx, choice = await enter(call, admitted.caller)
    found = await call.services.deployments.project(ctx, choice)
    return call.reply(neighbours.from_project(found, ctx.org, admitted.caller, call.frame))


async def projects(call: Call) -> Response:
    """The projects that the caller may see."""
    admitted = await admit(call)
    asked = wire.validated(ListProjects, admitted.said)
    return await _projects(call, admitted, asked, await _orgs(call, admitted.caller))


async def group_projects(call: Call) -> Response:
    """The projects of an org; a group of its users has none."""
    admitted = await admit(call)
    asked = wire.validated(ListProjects, admitted.said)
    ctx, space = await enter_group(call, admitted.caller)
    return await _projects(call, admitted, asked, () if space.group is not None else (ctx.org,))


async def _projects(
    call: Call, admitted: Admitted, asked: ListProjects, orgs: Sequence[Org]
) -> Response:
    """A page of the projects of these orgs."""

    def shape(item: Project, ctx: Context) -> Wire:
        if asked.simple:
            return neighbours.basic_project(item, ctx.org, call.frame)
        return neighbours.from_project(item, ctx.org, admitted.caller, call.frame)

    async def find(ctx: Context, offset: int, limit: int) -> tuple[list[Wire], int | None]:
        search = asked.search_of(offset=offset, limit=limit)
        found = await call.services.listings.projects(ctx, search)
        return [shape(item, ctx) for item in found.projects], found.total

    level = LEVELS[admitted.caller.permission]
    found = () if asked.finds_nothing(level) else orgs
    return await _listed(call, admitted.caller, asked, find, found)


async def users(call: Call) -> Response:
    """The users of the caller's org, those who are called so, or the one of a name.

    To the administrator they are those of all orgs. Each has ``root`` as its oldest user, who is
    told with the last of them alone.
    """
    admitted = await admit(call)
    asked = wire.validated(ListUsers, admitted.said)
    orgs = await _orgs(call, admitted.caller)

    def shaped(found: Iterable[User]) -> list[Wire]:
        return [translate.user(who, call.frame) for who in found]

    async def find(ctx: Context, offset: int, limit: int) -> tuple[list[Wire], int | None]:
        tells_root = ctx.org.id == orgs[-1].id
        if asked.username is not None:
            who = await call.services.listings.user(ctx, asked.username)
            known = [who] if who is not None and (tells_root or who.id != ROOT.id) else []
            return shaped(known[offset : offset + limit]), len(known)
        text = asked.text
        found = await call.services.listings.users(ctx, offset=offset, limit=limit, text=text)
        if tells_root or not (text is None or mentions(ROOT, text)):
            return shaped(found.users), found.total
        return shaped(who for who in found.users if who.id != ROOT.id), found.total - 1

    return await _listed(call, admitted.caller, asked, find, () if asked.finds_nothing else orgs)


async def other(call: Call) -> Response:
    """A user by number."""
    admitted = await admit(call)
    number = translate.known_number(envelope.identifier("id", call.segment("id")))
    for org in await _orgs(call, admitted.caller):
        ctx = await call.inside(admitted.caller, org)
        who = await call.services.listings.user_with_number(ctx, number)
        if who is not None:
            return call.reply(neighbours.from_other(who, call.frame))
    raise NotFound("user")


async def group(call: Call) -> Response:
    """An org, or a group of users in it."""
    admitted = await admit(call)
    _, space = await enter_group(call, admitted.caller)
    return call.reply(neighbours.from_group(space, call.frame))


async def user(call: Call) -> Response:
    """Whose token it is."""
    admitted = await admit(call)
    return call.reply(neighbours.from_user(admitted.caller, call.frame))


async def version(call: Call) -> Response:
    """Which GitLab this speaks like."""
    await admit(call)
    return call.reply(neighbours.from_version())


async def _orgs(call: Call, caller: Caller) -> Sequence[Org]:
    """All orgs that the caller may enter, which for most is one."""
    return await call.services.listings.orgs(caller)


async def _listed(
    call: Call, caller: Caller, asked: wire.Paged, find: Finder, orgs: Sequence[Org]
) -> Response:
    """One page over these orgs."""
    rows: list[Wire] = []
    total = 0
    begin, wanted = paging.offset(asked), asked.per_page + 1
    for org in orgs:
        found, count = await find(await call.inside(caller, org), begin, wanted - len(rows))
        rows += found
        if count is None:  # more than the page reaches
            total = paging.TOTAL_LIMIT + 1
            break
        begin, total = max(0, begin - count), total + count
    shown, listing = paging.cut(rows, asked, total=total)
    return call.reply(shown, headers=dress(call, listing, asked))

"""GitLab's endpoints about protected environments, of a project and of a group."""

from __future__ import annotations

from starlette.responses import Response

from adapters.gitlab import envelope, paging, places, wire, wire_protection
from adapters.gitlab.calls import Admitted, admit_person, dress, enter, enter_group
from adapters.gitlab.families import NO_CACHE
from gateway.core.context import Context
from gateway.core.errors import Conflict
from gateway.core.protection import Owner
from gateway.dialect.http import Call
from gateway.protection import Guarded


async def listed(call: Call) -> Response:
    """All of them, by name."""
    admitted, ctx, guarded = await _enter(call)
    asked = wire.validated(wire.Paged, admitted.said)
    found, total = await call.services.protections.listed(
        ctx, guarded, offset=paging.offset(asked), limit=asked.per_page + 1
    )
    rows, listing = paging.cut(found, asked, total=total)
    shown = [places.from_protection(protection) for protection in rows]
    return call.reply(shown, headers=dress(call, listing, asked))


async def show(call: Call) -> Response:
    """One, by the name of its environment or tier."""
    _, ctx, guarded = await _enter(call)
    found = await call.services.protections.get(ctx, guarded, call.segment("name"))
    return call.reply(places.from_protection(found))


async def create(call: Call) -> Response:
    """Protect an environment, which need not exist, or a tier."""
    admitted, ctx, guarded = await _enter(call)
    said = wire_protection.protection_said(admitted.said, is_new=True)
    name = wire_protection.name_of(admitted.said)
    protections = call.services.protections
    if await protections.knows(ctx, guarded, name):
        raise Conflict("protection", name)
    wire_protection.check_count(admitted.said)
    wire_protection.check_name(name, is_tier=guarded.owner is Owner.GROUP)
    made = await protections.make(ctx, guarded, name, said)
    return call.reply(places.from_protection(made), status=201)


async def update(call: Call) -> Response:
    """Change, add and take away who may deploy and who has to approve."""
    admitted, ctx, guarded = await _enter(call)
    said = wire_protection.protection_said(admitted.said, is_new=False)
    wire_protection.check_count(admitted.said)
    name = call.segment("name")
    changed = await call.services.protections.change(ctx, guarded, name, said)
    return call.reply(places.from_protection(changed))


async def remove(call: Call) -> Response:
    """Protect it no longer."""
    _, ctx, guarded = await _enter(call)
    await call.services.protections.remove(ctx, guarded, call.segment("name"))
    return call.reply(None, status=204, headers=NO_CACHE)


async def _enter(call: Call) -> tuple[Admitted, Context, Guarded]:
    """The role is looked at before the parameters."""
    if envelope.is_of_group(call.frame.path):
        admitted = await admit_person(call, "group")
        ctx, space = await enter_group(call, admitted.caller)
        return admitted, ctx, call.services.protections.of_group(ctx, space.id)
    admitted = await admit_person(call, "project")
    ctx, choice = await enter(call, admitted.caller)
    return admitted, ctx, await call.services.protections.of_project(ctx, choice)

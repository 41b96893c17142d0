"""GitLab's endpoints about deployments. Each says its own order of checks, line by line."""

from __future__ import annotations

from starlette.responses import Response

from adapters.gitlab import envelope, merge_requests, paging, places, translate, wire
from adapters.gitlab.calls import admit, dress, enter, today
from adapters.gitlab.dates import parse_moment
from adapters.gitlab.families import NO_CACHE
from adapters.gitlab.wire_listing import ListMergeRequests
from adapters.gitlab.wire_protection import Approve
from gateway.approvals import Opinion
from gateway.core.commands import ChangeState, RecordNumber, RemoveRecord
from gateway.core.context import Context
from gateway.core.model import Record
from gateway.core.protection import Verdict
from gateway.dialect.frame import Wire
from gateway.dialect.http import Call


async def listed(call: Call) -> Response:
    """A project's deployments."""
    admitted = await admit(call)
    asked = envelope.deployments_asked(admitted.said, call.frame.options, today())
    ctx, choice = await enter(call, admitted.caller)
    broken = envelope.broken_rule(asked, call.frame.options)
    if broken is not None:
        await call.services.deployments.project(ctx, choice)
        raise broken
    found = await call.services.deployments.search(ctx, envelope.search(asked, choice))
    rows, listing = paging.cut(found.records, asked, total=found.total)
    shown = [translate.deployment(record, call.frame) for record in rows]
    return call.reply(shown, headers=dress(call, listing, asked))


async def show(call: Call) -> Response:
    """One deployment, by its number."""
    admitted = await admit(call)
    number = envelope.identifier("deployment_id", call.segment("deployment_id"))
    ctx, choice = await enter(call, admitted.caller)
    asked = RecordNumber(translate.known_number(number))
    return await _one(call, ctx, await call.services.deployments.get(ctx, asked, choice))


async def create(call: Call) -> Response:
    """Record a deployment: 201, also for one that repeats what is live."""
    admitted = await admit(call)
    said = wire.validated(wire.CreateDeployment, admitted.said)
    ctx, choice = await enter(call, admitted.caller)
    outcome = await call.services.deployments.record(ctx, translate.to_command(said, choice))
    return await _one(call, ctx, outcome.record, status=201)


async def update(call: Call) -> Response:
    """Move a deployment to another status."""
    admitted = await admit(call)
    said = wire.validated(wire.UpdateDeployment, admitted.said)
    ctx, choice = await enter(call, admitted.caller)
    number = translate.leading_number(call.segment("deployment_id"))
    command = ChangeState(RecordNumber(number), translate.STATE_IN[said.status], choice)
    outcome = await call.services.deployments.change_state(ctx, command)
    return await _one(call, ctx, outcome.record)


async def remove(call: Call) -> Response:
    """Remove a deployment that neither runs nor is the last of its environment."""
    admitted = await admit(call)
    number = envelope.identifier("deployment_id", call.segment("deployment_id"))
    ctx, choice = await enter(call, admitted.caller)
    since = parse_moment(call.header("if-unmodified-since") or "", today())
    asked = RecordNumber(translate.known_number(number))
    await call.services.deployments.remove(ctx, RemoveRecord(asked, choice, since))
    if call.frame.options.accepts_deletion:
        return call.reply({"message": "202 Accepted"}, status=202, headers=NO_CACHE)
    return call.reply(None, status=204, headers=NO_CACHE)


async def approve(call: Call) -> Response:
    """Approve or reject a deployment to a protected environment."""
    admitted = await admit(call)
    number = envelope.identifier("deployment_id", call.segment("deployment_id"))
    said = wire.validated(Approve, admitted.said)
    ctx, choice = await enter(call, admitted.caller)
    opinion = Opinion(Verdict(said.status), said.comment, said.represented_as or None)
    known = translate.known_number(number)
    approval = await call.services.approvals.decide(ctx, choice, known, opinion)
    return call.reply(places.from_approval(approval, call.frame), status=201)


async def merged(call: Call) -> Response:
    """The merge requests that a deployment delivered. An unknown deployment delivered none."""
    admitted = await admit(call)
    number = envelope.identifier("deployment_id", call.segment("deployment_id"))
    asked = wire.validated(ListMergeRequests, admitted.said, today=today())
    ctx, choice = await enter(call, admitted.caller)
    known = translate.known_number(number)
    records = await call.services.approvals.carriers(ctx, choice, known)
    found = merge_requests.chosen(records, asked, admitted.said, admitted.caller.user)
    rows, listing = paging.cut(found[paging.offset(asked) :], asked, total=len(found))
    shown = [merge_requests.from_carrier(record, call.frame) for record in rows]
    return call.reply(shown, headers=dress(call, listing, asked))


async def view(call: Call, ctx: Context, record: Record) -> Wire:
    """One deployment with what was said of it."""
    approvals = await call.services.approvals.of(ctx, record)
    return places.approved(record, approvals, call.frame)


async def _one(call: Call, ctx: Context, record: Record, *, status: int = 200) -> Response:
    return call.reply_record(await view(call, ctx, record), record, status=status)

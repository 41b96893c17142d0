"""From a command to a plan: where it belongs, what its slot holds, what is to happen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import uuid_utils.compat as uuid_utils

from gateway.admission import place_of, require_access, require_access_beside
from gateway.auditing import noted
from gateway.core import status
from gateway.core.commands import RecordDeployment
from gateway.core.context import Context
from gateway.core.errors import Invalid
from gateway.core.model import Artifact, ProjectRule, Record, User
from gateway.placement import Placement, reached
from gateway.ports import Transaction
from gateway.writing import Outcome, Writer, is_learning, known_artifact


@dataclass(frozen=True, slots=True)
class Decision:
    """What recording a command will do. ``actor`` deployed; ``recorded_at`` is our clock's."""

    command: RecordDeployment
    placement: Placement
    plan: status.Plan
    actor: User
    moment: datetime
    recorded_at: datetime

    async def artifact(self, tx: Transaction, ctx: Context) -> Artifact | None:
        """The artifact that the record will hold, made where it is new.

        ``None`` where nothing new is said of one.
        """
        said = self.command.artifact
        if self.plan.draft is None:
            restated = status.subject(self.plan.changes)
            if not is_learning(restated):
                return None
            said = restated.artifact
        return await known_artifact(tx, ctx, said, self.moment)

    async def carry_out(
        self, tx: Transaction, ctx: Context, artifact: Artifact | None = None
    ) -> Outcome:
        """Do it. ``artifact`` is what ``artifact`` said, where that was asked before."""
        writer = Writer(tx, ctx, self.moment, self.recorded_at)
        return await writer.carry_out(self.plan, self.placement, self.command, self.actor, artifact)


async def decide(
    tx: Transaction,
    ctx: Context,
    command: RecordDeployment,
    placement: Placement,
    recorded_at: datetime,
) -> Decision:
    """What recording the command does to its slot, which is locked. Nothing is written yet.

    Raises ``Forbidden`` for a protected environment that does not let the caller in, also for that
    of another project whose record it changes, and ``Invalid`` for an actor who is said by the
    username of one user and the external id of another.
    """
    await require_access(tx, ctx, placement.place, recorded_at)
    moment = command.occurred_at or recorded_at
    attempt = await _earlier_attempt(tx, ctx, command, placement, recorded_at)
    if attempt is not None:
        found = await situation_of(tx, attempt)
    else:
        found = status.Situation(
            live=await tx.live_record(ctx.org.id, placement.slot.id),
            same=await _newest_of_artifact(tx, ctx, command, placement),
            project=placement.project.id if placement.rule is ProjectRule.NAMED else None,
        )
    plan = _planned(command, attempt, found, moment)
    changed = [change.record for change in plan.changes]
    await require_access_beside(tx, ctx, placement.project.id, changed, recorded_at)
    actor = await _actor(tx, ctx, command, recorded_at)  # whoever is not let in makes none
    if actor is not None:
        plan = _planned(command, attempt, replace(found, actor=actor), moment)
    return Decision(command, placement, plan, actor or ctx.caller.user, moment, recorded_at)


def _planned(
    command: RecordDeployment, attempt: Record | None, found: status.Situation, moment: datetime
) -> status.Plan:
    if attempt is not None:
        return status.plan_attempt(attempt, found, command, moment)
    return status.plan(found, command, moment, uuid_utils.uuid7())


async def situation_of(tx: Transaction, record: Record) -> status.Situation:
    """What the slot of a record holds beside it."""
    org_id, slot_id = record.org.id, record.slot.id
    return status.Situation(
        live=await tx.live_record(org_id, slot_id),
        fallback=await tx.fallback_record(org_id, slot_id, but=record.id),
    )


async def _actor(
    tx: Transaction, ctx: Context, command: RecordDeployment, now: datetime
) -> User | None:
    said = command.actor
    if said is None:
        return None
    org_id, name = ctx.org.id, said.name
    if said.external_id is not None:
        user = await tx.user_with_external_id(
            org_id, said.external_id, username=said.username, name=name, now=now
        )
        if said.username is not None and said.username.casefold() != user.username.casefold():
            raise Invalid(field="actor.username", reason="contradiction", value=said.username)
    elif said.username is not None:
        user = await tx.user_named(org_id, said.username, name=name, now=now)
    else:
        return None
    return await noted(tx, ctx, user, now)


async def _newest_of_artifact(
    tx: Transaction, ctx: Context, command: RecordDeployment, placement: Placement
) -> Record | None:
    if not command.is_decommission:
        return None
    return await tx.newest_of_artifact(
        ctx.scope, placement.slot.id, command.artifact, command.source
    )


async def _earlier_attempt(
    tx: Transaction,
    ctx: Context,
    command: RecordDeployment,
    placement: Placement,
    now: datetime,
) -> Record | None:
    node_id = command.delivery.node_id
    if not command.is_attempt or node_id is None:
        return None
    found = await tx.record_with_node_id(ctx.org.id, placement.project.id, node_id)
    if found is None or found.slot.id == placement.slot.id:
        return found
    there = (found.environment.id, found.slot.name)
    await reached(tx, ctx, await tx.lock_slot(ctx.org.id, *there, found.created_at))
    await require_access(tx, ctx, place_of(found), now)
    return await tx.record(ctx.scope, found.id)

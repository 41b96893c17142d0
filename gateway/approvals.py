"""The use cases on approvals: saying yes or no to a deployment, and what is still missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import uuid_utils.compat as uuid_utils

from gateway.admission import person, place_of
from gateway.auditing import note
from gateway.choosing import visible_project
from gateway.core import status
from gateway.core.audit import Action
from gateway.core.commands import ProjectChoice
from gateway.core.context import Context, Permission
from gateway.core.errors import Invalid, NotFound
from gateway.core.model import Record, State
from gateway.core.protection import Approval, Approvals, Rule, Verdict, rule_for
from gateway.core.trace import Phase
from gateway.ports import Clock, Reading, Store, Transaction
from gateway.writing import Writer

MAX_COMMENT = 255


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody says of a deployment; ``represented_as`` names the rule they speak under."""

    verdict: Verdict
    comment: str | None = None
    represented_as: str | None = None


class Approving:
    """Approvals of deployments to protected environments."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of(self, ctx: Context, record: Record) -> Approvals:
        """The rules that hold for a record, and what was said of it."""
        is_discussed = ctx.caller.is_discussed
        if is_discussed is None:
            with ctx.trace.during(Phase.STORE):
                is_discussed = await self._store.is_discussed(ctx.org.id)
        if not is_discussed:
            return Approvals()
        async with self._store.reading(ctx.trace) as reading:
            return await _approvals(reading, ctx, record)

    async def carriers(
        self, ctx: Context, choice: ProjectChoice, number: int
    ) -> tuple[Record, ...]:
        """Per pull request of a record's commit, the first record of the project to carry it.

        A record that does not exist carries none. Raises ``NotFound`` for the project.
        """
        async with self._store.reading(ctx.trace) as reading:
            project = await visible_project(reading, ctx, choice)
            record = await reading.record_by_number(ctx.scope, project.id, number)
            if record is None or record.source.commit is None:
                return ()
            return await reading.carriers(ctx.scope, project.id, record.source.commit)

    async def decide(
        self, ctx: Context, choice: ProjectChoice, number: int, opinion: Opinion
    ) -> Approval:
        """Approve or reject; a rejected record that was blocked has failed.

        Raises ``Forbidden``, ``NotFound``, and ``Invalid`` (field ``approval``) with the reason:
        ``unprotected``, ``own``, ``no_rules``, ``not_waiting``, ``no_rule``, ``represented_as``,
        ``comment``.
        """
        ctx.require(Permission.WRITE)
        async with self._store.writing(ctx.trace) as tx:
            now = self._clock.now()
            record = await _locked(tx, ctx, choice, number, now)
            rule = await self._rule(tx, ctx, record, opinion, now)
            approval = await _saved(tx, ctx, record, rule, opinion, now)
            subject = f"{record.id} {approval.verdict}"
            await note(tx, ctx, Action.APPROVAL_GIVEN, subject, now=now)
            if approval.verdict is Verdict.REJECTED and record.state is State.BLOCKED:
                plan = status.plan_state(record, State.FAILED, status.Situation(), now)
                await Writer(tx, ctx, now, now).change(plan, record)
            return approval

    async def _rule(
        self, tx: Transaction, ctx: Context, record: Record, opinion: Opinion, now: datetime
    ) -> Rule:
        protections = await tx.protections_of(ctx.org.id, place_of(record))
        if not protections:
            raise _refused("unprotected")
        if opinion.verdict is Verdict.APPROVED and await _is_own(tx, ctx, record):
            raise _refused("own")
        approvals = await _approvals(tx, ctx, record)
        if not approvals.rules:
            raise _refused("no_rules")
        if not approvals.pending:
            raise _refused("not_waiting")
        who = await person(tx, ctx, record.project.id, now)
        if rule_for(approvals.rules, who, None) is None:
            raise _refused("no_rule")
        rule = rule_for(approvals.rules, who, opinion.represented_as)
        if rule is None:
            raise _refused("represented_as")
        if opinion.comment is not None and len(opinion.comment) > MAX_COMMENT:
            raise _refused("comment")
        return rule


async def _is_own(reading: Reading, ctx: Context, record: Record) -> bool:
    """Whether the caller deployed it, or recorded it and named somebody else who did."""
    user_id = ctx.caller.user.id
    if record.actor.id == user_id:
        return True
    if ctx.caller.is_instance_admin:
        return False
    first, *_ = await reading.events(ctx.scope, record.id)
    return first.actor.id == user_id


async def _approvals(reading: Reading, ctx: Context, record: Record) -> Approvals:
    protections = await reading.protections_of(ctx.org.id, place_of(record))
    return Approvals(
        rules=tuple(rule for protection in protections for rule in protection.rules),
        given=await reading.approvals(ctx.org.id, record.id),
    )


async def _locked(
    tx: Transaction, ctx: Context, choice: ProjectChoice, number: int, now: datetime
) -> Record:
    project = await visible_project(tx, ctx, choice)
    found = await tx.record_by_number(ctx.scope, project.id, number)
    if found is not None:
        await tx.lock_slot(ctx.org.id, found.environment.id, found.slot.name, now)
        found = await tx.record_by_number(ctx.scope, project.id, number)
    if found is None:
        raise NotFound("record")
    return found


async def _saved(
    tx: Transaction, ctx: Context, record: Record, rule: Rule, opinion: Opinion, now: datetime
) -> Approval:
    """The same verdict again changes nothing; another takes its comment with it."""
    given = await tx.approvals(ctx.org.id, record.id)
    user = ctx.caller.user
    before = next((a for a in given if a.rule_id == rule.id and a.user.id == user.id), None)
    if before is not None and before.verdict is opinion.verdict:
        return before
    if before is not None:
        approval = replace(before, verdict=opinion.verdict, comment=opinion.comment)
    else:
        approval = Approval(
            id=uuid_utils.uuid7(),
            record_id=record.id,
            rule_id=rule.id,
            user=user,
            verdict=opinion.verdict,
            comment=opinion.comment,
            created_at=now,
        )
    await tx.save_approval(ctx.org.id, approval)
    return approval


def _refused(reason: str) -> Invalid:
    return Invalid(field="approval", reason=reason)

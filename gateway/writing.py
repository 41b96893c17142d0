"""Carrying a plan out: records saved and made, environments settled, events appended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.core import status
from gateway.core.commands import RecordDeployment
from gateway.core.context import Context
from gateway.core.drafts import record_of
from gateway.core.events import EventKind
from gateway.core.model import Artifact, Presence, Record, User
from gateway.core.places import AVAILABLE
from gateway.placement import Placement
from gateway.ports import Transaction
from gateway.ports_records import Happening


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a write came to.

    ``record`` is the one the command was about, ``current`` the one its slot shows now, if any.
    """

    record: Record
    current: Record | None
    is_new: bool


class Writer:
    """Carries a plan out and appends its events."""

    def __init__(
        self, tx: Transaction, ctx: Context, moment: datetime, recorded_at: datetime
    ) -> None:
        self._tx = tx
        self._ctx = ctx
        self._moment = moment
        self._recorded_at = recorded_at

    async def carry_out(
        self,
        plan: status.Plan,
        placement: Placement,
        command: RecordDeployment,
        actor: User,
        artifact: Artifact | None = None,
    ) -> Outcome:
        """Save the changes, then make the record the plan drafts.

        ``artifact`` is that of the record the command is about, where it was made before.
        """
        known = artifact if plan.draft is None else None
        changes = [await self._identified(change, known) for change in plan.changes]
        for change in changes:
            await self._tx.save(change.record)
        happenings = [self._happening(change) for change in changes]
        if plan.draft is None:
            record = status.subject(changes)
        else:
            moment = plan.draft.moment
            made = artifact or await known_artifact(self._tx, self._ctx, command.artifact, moment)
            record = await self._make(plan.draft, placement, command, actor, made)
            happenings.append(self._happening(status.Change(EventKind.RECORDED, record)))
        return await self._finish(record, happenings, is_new=plan.draft is not None)

    async def _identified(self, change: status.Change, known: Artifact | None) -> status.Change:
        """The change, its record with the id of the artifact that now has all its digests."""
        record = change.record
        if not is_learning(record):
            return change
        known = known or await known_artifact(self._tx, self._ctx, record.artifact, self._moment)
        artifact = replace(record.artifact, id=known.id)
        return replace(change, record=replace(record, artifact=artifact))

    async def change(self, plan: status.Plan, record: Record) -> Outcome:
        """Save the changes; ``record`` is the one the command was about."""
        for change in plan.changes:
            await self._tx.save(change.record)
        changed = next(c.record for c in plan.changes if c.record.id == record.id)
        happenings = [self._happening(change) for change in plan.changes]
        return await self._finish(changed, happenings, is_new=False)

    async def remove(self, record: Record, plan: status.Plan) -> None:
        """Remove the record, then let the slot fall back."""
        await self._tx.remove(record)
        for change in plan.changes:
            await self._tx.save(change.record)
        removed = status.Change(EventKind.REMOVED, record)
        await self._settle([change.record for change in plan.changes])
        await self._tx.refresh_slot(self._ctx.org.id, record.slot.id)
        await self._tx.append([self._happening(c) for c in (removed, *plan.changes)])

    async def note(self, changes: Iterable[status.Change]) -> None:
        """Append what happened to records that are written elsewhere."""
        await self._tx.append([self._happening(change) for change in changes])

    async def _make(
        self,
        draft: status.Draft,
        placement: Placement,
        command: RecordDeployment,
        actor: User,
        artifact: Artifact,
    ) -> Record:
        org = self._ctx.org
        number, project_number = await self._tx.next_numbers(org.id, placement.project.id)
        record = record_of(
            draft,
            command,
            number=number,
            project_number=project_number,
            org=org,
            project=placement.project,
            project_rule=placement.rule,
            slot=placement.slot,
            environment=placement.environment,
            project_environment=placement.project_environment,
            artifact=artifact,
            actor=actor,
            dialect=self._ctx.dialect,
        )
        await self._tx.insert(record)
        return record

    async def _finish(
        self, record: Record, happenings: Sequence[Happening], *, is_new: bool
    ) -> Outcome:
        await self._settle([happening.record for happening in happenings])
        slot = await self._tx.refresh_slot(self._ctx.org.id, record.slot.id)
        await self._tx.append(happenings)
        record = replace(record, slot=slot)
        if slot.current == record.id:
            return Outcome(record, record, is_new)
        current = await self._tx.current_record(self._ctx.scope, slot.id)
        return Outcome(record, current, is_new)

    async def _settle(self, records: Sequence[Record]) -> None:
        """A success starts its environment; the last decommissioned record stops it."""
        org_id = self._ctx.org.id
        for record in records:
            project_id, environment_id = record.project.id, record.environment.id
            if record.presence is Presence.LIVE:
                await self._tx.set_environment_state(
                    org_id, project_id, environment_id, AVAILABLE, self._recorded_at
                )
            elif record.presence is Presence.DECOMMISSIONED:
                await self._tx.stop_if_empty(org_id, project_id, environment_id, self._recorded_at)

    def _happening(self, change: status.Change) -> Happening:
        return Happening(
            kind=change.kind,
            record=change.record,
            occurred_at=self._moment,
            recorded_at=self._recorded_at,
            dialect=self._ctx.dialect,
            actor=self._ctx.caller.user,
            raw=self._ctx.raw,
            idempotency_key=None if change.is_aside else self._ctx.idempotency_key,
            token_id=self._ctx.caller.token_id,
            request_id=self._ctx.request_id or None,
        )


async def known_artifact(tx: Transaction, ctx: Context, said: Artifact, now: datetime) -> Artifact:
    """``said`` with its id, and for a caller who sees the whole org with what is known of it.

    A caller limited to projects neither learns what others said of an artifact nor teaches them.
    Digests stay as said: a record holds no digest that nobody said of it.
    """
    if ctx.caller.projects is None:
        known = await tx.artifact(ctx.org.id, said, now)
        is_as_said = known.digests is said.digests
        return known if is_as_said else replace(known, digests=said.digests)
    known = await tx.artifact(ctx.org.id, Artifact(digests=said.digests), now)
    return replace(said, id=known.id)


def is_learning(record: Record) -> bool:
    """Whether something new was said of the artifact of a record that was restated."""
    return record.artifact.id is None and bool(record.artifact.digests)

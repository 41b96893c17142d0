"""The use cases on records: one async method each, one transaction each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from gateway.admission import place_of, require_access, require_access_beside
from gateway.again import begins_again
from gateway.choosing import Rules, is_chosen, visible_project
from gateway.core import status
from gateway.core.commands import (
    ChangeState,
    EnvironmentName,
    OnNew,
    ProjectChoice,
    RecordChoice,
    RecordDeployment,
    RecordNumber,
    RemoveRecord,
)
from gateway.core.context import Context, Permission
from gateway.core.errors import Forbidden, Invalid, NotFound
from gateway.core.events import Event, EventKind
from gateway.core.model import Project, Record
from gateway.core.search import Found, Search
from gateway.core.trace import Phase
from gateway.deciding import decide, situation_of
from gateway.grouping import Grouping
from gateway.placement import make_environment, place, reached
from gateway.ports import Clock, Reading, Store, Transaction
from gateway.ports_records import Replay
from gateway.writing import Outcome, Writer


class Deployments:
    """Recording, changing, removing and finding deployment records.

    ``rules`` say what a write may make and must find.
    """

    def __init__(self, store: Store, clock: Clock, rules: Rules | None = None) -> None:
        self._store = store
        self._clock = clock
        self._rules = rules or Rules()
        self._grouping = Grouping(store, clock, self._rules, self._record_alone)

    async def record(self, ctx: Context, command: RecordDeployment) -> Outcome:
        """Record that an artifact was put, or tried, in a slot, or taken out of it.

        Raises ``Forbidden``, ``NotFound`` for a project or environment that may not be made, and
        ``Invalid`` for an idempotency key that came with another body before.
        """
        ctx.require(Permission.WRITE)
        ctx.trace.receive(1)
        ctx.trace.turn_to(Phase.STORE)
        try:
            outcome = await self._grouping.record(ctx, command)
        finally:
            ctx.trace.turn_to(Phase.RENDER)
        ctx.trace.store([outcome.record])
        return outcome

    @begins_again()
    async def _record_alone(self, ctx: Context, command: RecordDeployment) -> Outcome:
        try:
            async with self._store.writing(ctx.trace) as tx:
                if ctx.idempotency_key is not None:
                    ctx, earlier = await _earlier(tx, ctx, ctx.idempotency_key)
                    if earlier is not None:
                        return await _replayed(tx, ctx, earlier)
                placement = await place(tx, ctx, command, self._clock.now(), self._rules)
                decision = await decide(tx, ctx, command, placement, self._clock.now())
                return await decision.carry_out(tx, ctx)
        except Forbidden as refusal:
            if refusal.needs == "deploy" and _makes_environment_first(command):
                async with self._store.writing(ctx.trace) as tx:
                    await make_environment(tx, ctx, command, self._clock.now(), self._rules)
            raise

    @begins_again()
    async def change_state(self, ctx: Context, command: ChangeState) -> Outcome:
        """Move a record's delivery on.

        Raises ``Forbidden``, ``NotFound`` and ``IllegalMove``.
        """
        ctx.require(Permission.WRITE)
        async with self._store.writing(ctx.trace) as tx:
            record = await _locked(tx, ctx, command.record, command.project, self._clock.now())
            await require_access(tx, ctx, place_of(record), self._clock.now())
            status.check_move(record.state, command.state)
            recorded_at = self._clock.now()
            moment = command.occurred_at or recorded_at
            plan = status.plan_state(record, command.state, await situation_of(tx, record), moment)
            await _require_changes(tx, ctx, record, plan, recorded_at)
            return await Writer(tx, ctx, moment, recorded_at).change(plan, record)

    @begins_again()
    async def remove(self, ctx: Context, command: RemoveRecord) -> None:
        """Take a record away; its events stay.

        Raises ``NotFound``, ``Forbidden``, ``Invalid`` (``unmodified_since``), ``Undeletable``.
        """
        async with self._store.writing(ctx.trace) as tx:
            record = await _locked(tx, ctx, command.record, command.project, self._clock.now())
            ctx.require(Permission.ADMIN)
            await require_access(tx, ctx, place_of(record), self._clock.now())
            since = command.unmodified_since
            if since is not None and record.updated_at.replace(microsecond=0) > since:
                raise Invalid(field="unmodified_since", reason="precondition", value=since)
            last = await tx.last_deployment(ctx.scope, record.project.id, record.environment.id)
            is_last = last is not None and last.id == record.id
            situation = await situation_of(tx, record)
            plan = status.plan_removal(record, situation, is_last_deployment=is_last)
            moment = self._clock.now()
            await _require_changes(tx, ctx, record, plan, moment)
            await Writer(tx, ctx, moment, moment).remove(record, plan)

    async def get(
        self, ctx: Context, choice: RecordChoice, project: ProjectChoice | None = None
    ) -> Record:
        """One record; a number is looked up in ``project``. Raises ``NotFound``."""
        if isinstance(choice, RecordNumber) and project is not None:
            with ctx.trace.during(Phase.STORE):
                found = await self._store.numbered(ctx.org.id, choice.number)
            if found is not None and is_chosen(ctx, found.project, project):
                return found
        async with self._store.reading(ctx.trace) as reading:
            return await _find(reading, ctx, choice, project)

    async def search(self, ctx: Context, search: Search) -> Found:
        """One page of records. Raises ``NotFound`` for a named project that does not exist."""
        async with self._store.reading(ctx.trace) as reading:
            project = None
            if search.project is not None:
                project = await visible_project(reading, ctx, search.project)
            return await reading.search(ctx.scope, search, project.id if project else None)

    async def with_seen_successors(
        self, ctx: Context, records: Sequence[Record]
    ) -> tuple[Record, ...]:
        """The same records, each ``superseded_by`` only one that the caller may see.

        It may be of a project outside the token, or may have been removed.
        """
        successors = {record.superseded_by for record in records} - {None}
        seen: frozenset[UUID | None] = frozenset()
        if successors:
            async with self._store.reading(ctx.trace) as reading:
                seen = await reading.visible_records(ctx.scope, [s for s in successors if s])
        return tuple(
            record if record.superseded_by in seen else replace(record, superseded_by=None)
            for record in records
        )

    async def events(self, ctx: Context, record_id: UUID) -> tuple[Event, ...]:
        """A record's history, oldest first. Raises ``NotFound``."""
        async with self._store.reading(ctx.trace) as reading:
            events = await reading.events(ctx.scope, record_id)
            if not events:
                raise NotFound("record")
            return events

    async def project(self, ctx: Context, choice: ProjectChoice) -> Project:
        """One project. Raises ``NotFound``."""
        async with self._store.reading(ctx.trace) as reading:
            return await visible_project(reading, ctx, choice)

    async def projects(self, ctx: Context) -> tuple[Project, ...]:
        """The projects that the caller may see, by path."""
        async with self._store.reading(ctx.trace) as reading:
            return await reading.projects(ctx.scope)


def _makes_environment_first(command: RecordDeployment) -> bool:
    """Whether the environment stays although the caller may not deploy to it."""
    said = command.environment
    return isinstance(said, EnvironmentName) and said.on_new is OnNew.MAKE_FIRST


async def _locked(
    tx: Transaction,
    ctx: Context,
    choice: RecordChoice,
    project: ProjectChoice | None,
    now: datetime,
) -> Record:
    """The record as it is once its slot is locked.

    Raises ``Forbidden`` where the slot shows a project that the token may not see.
    """
    record = await _find(tx, ctx, choice, project)
    slot = await tx.lock_slot(ctx.org.id, record.environment.id, record.slot.name, now)
    await reached(tx, ctx, slot)
    return await _find(tx, ctx, choice, project)


async def _require_changes(
    tx: Transaction, ctx: Context, record: Record, plan: status.Plan, now: datetime
) -> None:
    """Raise ``Forbidden`` for another project's record that the caller may not deploy over."""
    changed = [change.record for change in plan.changes]
    await require_access_beside(tx, ctx, record.project.id, changed, now)


async def _find(
    reading: Reading, ctx: Context, choice: RecordChoice, project: ProjectChoice | None
) -> Record:
    owner = await visible_project(reading, ctx, project) if project is not None else None
    if isinstance(choice, RecordNumber):
        if owner is None:
            raise NotFound("project")
        record = await reading.record_by_number(ctx.scope, owner.id, choice.number)
    else:
        record = await reading.record(ctx.scope, choice.id)
    if record is None or (owner is not None and record.project.id != owner.id):
        raise NotFound("record")
    return record


async def _earlier(tx: Transaction, ctx: Context, key: str) -> tuple[Context, Replay | None]:
    """The earlier request under a key, if there is one, and the context that spends the key.

    A key that was spent on a project outside the token is another one to the token: the request
    is neither refused for what its sender does not see nor taken for it.
    """
    earlier = await tx.replay(ctx.org.id, key)
    if earlier is None or ctx.scope.sees(earlier.project_id):
        return ctx, earlier
    own = f"{ctx.caller.limits}:{key}"
    return replace(ctx, idempotency_key=own), await tx.replay(ctx.org.id, own)


async def _replayed(tx: Transaction, ctx: Context, replay: Replay) -> Outcome:
    if replay.raw_digest != sha256(ctx.raw).digest():
        raise Invalid(field="Idempotency-Key", reason="reused")
    record = await tx.record(ctx.scope, replay.record_id)
    if record is None:
        raise NotFound("record")
    current = await tx.current_record(ctx.scope, record.slot.id)
    return Outcome(record, current, replay.kind is EventKind.RECORDED)

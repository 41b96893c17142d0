"""Events: what happened to records, append-only."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

import uuid_utils.compat as uuid_utils
from sqlalchemy import and_, bindparam, func, insert, select

from gateway.core.events import Event, EventKind
from gateway.core.search import Scope
from gateway.ports_records import Happening, Replay
from gateway.store.numbers import has_sequences
from gateway.store.queries import Queries, visible
from gateway.store.rows import EVENT, USER, event_of
from gateway.store.tables import events, users

_RAW_LIMIT = 64 * 1024

_OF_RECORD = (
    select(*EVENT, *USER)
    .join(users, and_(users.c.org_id == events.c.org_id, users.c.id == events.c.actor_id))
    .where(events.c.org_id == bindparam("org"), events.c.record_id == bindparam("record"))
    .order_by(events.c.id)
)
_WITH_KEY = select(
    events.c.record_id, events.c.project_id, events.c.kind, events.c.raw_digest
).where(events.c.org_id == bindparam("org"), events.c.idempotency_key == bindparam("spent"))
_LOCK_KEY = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("key"), 0)))
APPEND = insert(events)


class EventQueries(Queries):
    """Reading history."""

    async def events(self, scope: Scope, record_id: UUID) -> tuple[Event, ...]:
        """A record's history, oldest first; it outlives the record."""
        statement = visible(_OF_RECORD, scope, events.c.project_id)
        rows = await self._all(statement, {"org": scope.org_id, "record": record_id})
        return tuple(map(event_of, rows))


class EventWrites(EventQueries):
    """Adding to history."""

    async def append(self, happenings: Sequence[Happening]) -> None:
        """Add events, in their order."""
        if happenings:
            await self._run_together(APPEND, [event_values(happening) for happening in happenings])

    async def replay(self, org_id: UUID, key: str) -> Replay | None:
        """The earlier request under this idempotency key.

        The same key at the same time waits here: the second finds what the first one did.
        """
        if has_sequences(self._connection):
            await self._first(_LOCK_KEY, {"key": f"{org_id}:{key}"})
        row = await self._first(_WITH_KEY, {"org": org_id, "spent": key})
        if row is None:
            return None
        return Replay(row.record_id, row.project_id, EventKind(row.kind), row.raw_digest)


def event_values(happening: Happening) -> dict[str, Any]:
    """The row of an event."""
    record, raw = happening.record, happening.raw
    return {
        "org_id": record.org.id,
        "id": uuid_utils.uuid7(),
        "record_id": record.id,
        "project_id": record.project.id,
        "kind": happening.kind,
        "occurred_at": happening.occurred_at,
        "recorded_at": happening.recorded_at,
        "dialect": happening.dialect,
        "actor_id": happening.actor.id,
        "state": record.state,
        "presence": record.presence,
        "raw": raw if len(raw) <= _RAW_LIMIT else None,
        "raw_digest": sha256(raw).digest(),
        "idempotency_key": happening.idempotency_key,
        "token_id": happening.token_id,
        "request_id": happening.request_id,
    }

"""The audit's lines: acts, and the events of records read as acts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Table, and_, bindparam, literal, select

from gateway.core.audit import DONE, RECORD, Act, AuditSearch
from gateway.store.queries import Queries, fold, insert_missing
from gateway.store.rows import USER, user_of
from gateway.store.tables import acts, events, users

_ADD = insert_missing(acts)
_SLACK = 24 * 60 * 60 * 1000
"""How many milliseconds an id's moment may be from the line's own: ids are only used to leave most
rows out."""


def _lines(table: Table, *columns: Any) -> Select[Any]:
    own = table.c
    actor = and_(users.c.org_id == own.org_id, users.c.id == own.actor_id)
    return (
        select(own.id, own.token_id, own.dialect, own.request_id, *columns, *USER)
        .join(users, actor)
        .where(own.org_id == bindparam("org"))
        .order_by(own.id.desc())
    )


_ACTS = _lines(acts, acts.c.at, acts.c.action, acts.c.subject, literal(DONE).label("outcome"))
_EVENTS = _lines(
    events,
    events.c.recorded_at.label("at"),
    (RECORD + events.c.kind).label("action"),
    events.c.record_id.label("subject"),
    (events.c.state + " " + events.c.presence).label("outcome"),
)


class AuditQueries(Queries):
    """Reading the audit."""

    async def acts(self, org_id: UUID, search: AuditSearch) -> tuple[Act, ...]:
        """One page, the newest first; either kind of line is asked for with a limit.

        An action is of one kind. Among the others, which may be very many, it is not looked for.
        """
        found: list[Act] = []
        for statement, table, at, action in (
            (_ACTS, acts, acts.c.at, acts.c.action),
            (_EVENTS, events, events.c.recorded_at, RECORD + events.c.kind),
        ):
            is_of_records = table is events
            if search.action is not None and search.action.startswith(RECORD) != is_of_records:
                continue
            asked = statement.where(*_asked(search, table, at, action)).limit(search.limit)
            rows = await self._all(asked, {"org": org_id})
            found += (_act_of(org_id, row) for row in rows)
        return tuple(sorted(found, key=lambda act: act.id, reverse=True)[: search.limit])


class AuditWrites(AuditQueries):
    """Adding to it."""

    async def note(self, act: Act) -> None:
        """Add a line, unless one with this id is there."""
        values = {name: getattr(act, name) for name in ("org_id", "id", "at", "token_id")}
        words = {name: getattr(act, name) for name in ("dialect", "request_id", "subject")}
        await self._run(
            _ADD, {**values, **words, "action": str(act.action), "actor_id": act.actor.id}
        )


def _asked(search: AuditSearch, table: Table, at: Any, action: Any) -> list[Any]:
    asked = []
    if search.since is not None:
        asked += [at >= search.since, table.c.id >= _first_id(search.since, -_SLACK)]
    if search.until is not None:
        asked += [at <= search.until, table.c.id <= _first_id(search.until, _SLACK)]
    if search.actor is not None:
        asked.append(users.c.username_key == fold(search.actor))
    if search.action is not None:
        asked.append(action == search.action)
    if search.below is not None:
        asked.append(table.c.id < search.below)
    return asked


def _first_id(moment: datetime, slack: int) -> UUID:
    """The smallest UUIDv7 of so many milliseconds after a moment, which need not be in a year."""
    return UUID(int=max(0, int(moment.timestamp() * 1000) + slack) << 80)


def _act_of(org_id: UUID, row: Row[Any]) -> Act:
    return Act(
        org_id=org_id,
        id=row.id,
        at=row.at,
        actor=user_of(row),
        token_id=row.token_id,
        dialect=row.dialect,
        request_id=row.request_id,
        action=row.action,
        subject=str(row.subject),
        outcome=row.outcome,
    )

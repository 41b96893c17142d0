"""Records, found one by one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, literal_column, select

from gateway.core.model import Record
from gateway.core.search import Scope
from gateway.store.queries import Queries, storable, visible
from gateway.store.tables import records, slots
from gateway.store.whole import record_of, whole

# Written out, not bound: only a constant can be seen to match a partial index's predicate.
IS_LIVE = records.c.presence == literal_column("'live'")
IS_SUCCESS = records.c.state == literal_column("'success'")

IN_ORG = records.c.org_id == bindparam("org")
IN_SLOT = and_(IN_ORG, records.c.slot_id == bindparam("slot"))
NEWEST_FIRST = records.c.number.desc()

CHOSEN = select(*records.c)

_BY_ID = whole(CHOSEN.where(IN_ORG, records.c.id == bindparam("record")))
_BY_NUMBER = whole(
    CHOSEN.where(
        IN_ORG,
        records.c.project_id == bindparam("project"),
        records.c.number == bindparam("number"),
    )
)
_THESE = select(records.c.id).where(IN_ORG, records.c.id.in_(bindparam("ids", expanding=True)))
_CURRENT = whole(
    CHOSEN.join(
        slots,
        and_(slots.c.org_id == records.c.org_id, slots.c.current_record_id == records.c.id),
    ).where(slots.c.org_id == bindparam("org"), slots.c.id == bindparam("slot"))
)
IN_PLACE = and_(
    IN_ORG,
    records.c.project_id == bindparam("project"),
    records.c.environment_id == bindparam("environment"),
)
_LAST_DEPLOYMENT = whole(
    CHOSEN.where(IN_PLACE, IS_SUCCESS, records.c.finished_at.is_not(None))
    .order_by(records.c.finished_at.desc(), NEWEST_FIRST)
    .limit(1)
)
_WITH_NODE_ID = whole(
    CHOSEN.where(
        IN_ORG,
        records.c.project_id == bindparam("project"),
        records.c.node_id == bindparam("node"),
    )
    .order_by(NEWEST_FIRST)
    .limit(1)
)


class RecordQueries(Queries):
    """Finding one record."""

    async def record(self, scope: Scope, record_id: UUID) -> Record | None:
        """By id."""
        return await self._record(_BY_ID, scope, record=record_id)

    async def record_by_number(self, scope: Scope, project_id: UUID, number: int) -> Record | None:
        """By its number, in a project."""
        return await self._record(_BY_NUMBER, scope, project=project_id, number=storable(number))

    async def visible_records(self, scope: Scope, ids: Collection[UUID]) -> frozenset[UUID]:
        """Those of these ids that name a record the caller may see."""
        statement = visible(_THESE, scope, records.c.project_id)
        rows = await self._all(statement, {"org": scope.org_id, "ids": list(ids)})
        return frozenset(row.id for row in rows)

    async def current_record(self, scope: Scope, slot_id: UUID) -> Record | None:
        """The record shown for a slot."""
        return await self._record(_CURRENT, scope, slot=slot_id)

    async def last_deployment(
        self, scope: Scope, project_id: UUID, environment_id: UUID
    ) -> Record | None:
        """The success with the newest ``finished_at``, then number, of project and environment."""
        place = {"project": project_id, "environment": environment_id}
        return await self._record(_LAST_DEPLOYMENT, scope, **place)

    async def record_with_node_id(
        self, org_id: UUID, project_id: UUID, node_id: str
    ) -> Record | None:
        """The newest record of the project with this delivery node id."""
        return await self._record(_WITH_NODE_ID, Scope(org_id), project=project_id, node=node_id)

    async def _record(self, statement: Any, scope: Scope, **values: Any) -> Record | None:
        row = await self._first(statement, {"org": scope.org_id, **values})
        record = None if row is None else record_of(row)
        return record if record is not None and scope.sees(record.project.id) else None

"""What was done, by whom."""

from __future__ import annotations

from uuid import UUID

from gateway.store.tables.columns import IdKey, Line, LineOrNone, Row, Time, refers


class ActRow(Row, table=True):
    """Append-only, which the database itself sees to, as for events."""

    __tablename__ = "acts"
    __table_args__ = (refers("org_id", "actor_id", to="users(org_id,id)", named="acts_actor_fkey"),)

    org_id: IdKey
    id: IdKey
    at: Time
    actor_id: UUID
    token_id: UUID | None
    dialect: Line
    request_id: LineOrNone
    action: Line
    subject: Line

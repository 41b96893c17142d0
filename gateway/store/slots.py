"""Slots: what one artifact occupies at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import uuid_utils.compat as uuid_utils
from sqlalchemy import bindparam, select, update

from gateway.core.model import Slot
from gateway.store.queries import Queries, insert_missing
from gateway.store.rows import SLOT, slot_of
from gateway.store.session import Session
from gateway.store.tables import slots

_BY_NAME = select(*SLOT).where(
    slots.c.org_id == bindparam("org"),
    slots.c.environment_id == bindparam("environment"),
    slots.c.name == bindparam("said"),
)
# No stronger than needed: records refer to the slot, and their foreign keys must not wait.
_LOCK = _BY_NAME.with_for_update(key_share=True)
_MAKE = insert_missing(slots)
POINT_MANY = (
    update(slots)
    .where(slots.c.org_id == bindparam("org"), slots.c.id == bindparam("slot"))
    .values(
        current_record_id=bindparam("record"),
        current_number=bindparam("record_number"),
        current_created_at=bindparam("record_created_at"),
    )
)
"""Takes what ``pointing`` gives."""

_POINT = POINT_MANY.returning(*SLOT)


class Current(NamedTuple):
    """What a slot keeps of the record it shows."""

    id: UUID
    number: int
    created_at: datetime


class SlotWrites(Queries):
    """Locking slots and pointing them at what they show."""

    def __init__(self, connection: Session) -> None:
        super().__init__(connection)
        self._locked: dict[UUID, Slot] = {}

    async def lock_slot(
        self, org_id: UUID, environment_id: UUID, name: str, since: datetime
    ) -> Slot:
        """Found or made, a new one as old as ``since``, and locked until the transaction ends."""
        place = {"org": org_id, "environment": environment_id, "said": name}
        row = await self._first(_LOCK, place)
        if row is None:
            number = await self._number(org_id, "slot")
            await self._run(_MAKE, slot_values(org_id, environment_id, name, number, since))
            row = await self._first(_LOCK, place)
        assert row is not None  # noqa: S101 (it was just inserted, or met)
        slot = self._locked[row.slots__id] = slot_of(row)
        return slot

    async def _point(self, org_id: UUID, slot_id: UUID, current: Current | None) -> Slot:
        known = self._locked.get(slot_id)
        if known is not None and known.current == (current.id if current else None):
            return known
        row = await self._first(_POINT, pointing(org_id, slot_id, current))
        assert row is not None  # noqa: S101 (slots are never removed)
        slot = self._locked[slot_id] = slot_of(row)
        return slot


def slot_values(
    org_id: UUID, environment_id: UUID, name: str, number: int, since: datetime
) -> dict[str, Any]:
    """The row of a new, empty slot."""
    return {
        "org_id": org_id,
        "id": uuid_utils.uuid7(),
        "number": number,
        "environment_id": environment_id,
        "name": name,
        "created_at": since,
        "current_record_id": None,
        "current_number": None,
        "current_created_at": None,
    }


def pointing(org_id: UUID, slot_id: UUID, current: Current | None) -> dict[str, Any]:
    """The values that point a slot at what it shows."""
    return {
        "org": org_id,
        "slot": slot_id,
        "record": current.id if current else None,
        "record_number": current.number if current else None,
        "record_created_at": current.created_at if current else None,
    }

"""Many slots in one transaction: found or made, locked in one order, each with what it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from gateway.core.model import Slot
from gateway.store.numbers import next_numbers
from gateway.store.queries import chunks, insert_missing
from gateway.store.records import CHOSEN
from gateway.store.rows import SLOT, slot_of
from gateway.store.session import Session
from gateway.store.slots import Current, slot_values
from gateway.store.tables import records, slots
from gateway.store.transaction import SqlTransaction
from gateway.store.whole import record_of, whole

_IN_ORG = slots.c.org_id == bindparam("org")
_LOCK_SLOTS = (
    select(*SLOT, slots.c.environment_id)
    .where(
        _IN_ORG,
        slots.c.environment_id == bindparam("environment"),
        slots.c.name.in_(bindparam("names", expanding=True)),
    )
    .order_by(slots.c.name)
    .with_for_update(key_share=True)
)
_MAKE_SLOTS = insert_missing(slots)
_SHOWN = whole(
    CHOSEN.where(
        records.c.org_id == bindparam("org"),
        records.c.id.in_(bindparam("ids", expanding=True)),
    )
)
_NEWEST = (
    select(records.c.number)
    .where(
        records.c.org_id == slots.c.org_id,
        records.c.slot_id == slots.c.id,
        records.c.presence != "none",
    )
    .order_by(records.c.number.desc())
    .limit(1)
    .correlate(slots)
    .scalar_subquery()
)
_NEWEST_OF_SLOTS = select(
    records.c.slot_id, records.c.id, records.c.number, records.c.created_at
).where(
    records.c.org_id == bindparam("org"),
    records.c.number.in_(
        select(_NEWEST).where(_IN_ORG, slots.c.id.in_(bindparam("ids", expanding=True)))
    ),
)


class BulkSlots(SqlTransaction):
    """Locking the slots of a batch. A batch is about one org."""

    def __init__(self, connection: Session) -> None:
        super().__init__(connection)
        self._named_slots: dict[tuple[UUID, str], Slot] = {}
        self._made_slots: set[UUID] = set()
        self._newest: dict[UUID, Current] = {}

    async def lock_slots(self, org_id: UUID, places: Mapping[tuple[UUID, str], datetime]) -> None:
        """Find or make the slots (environment, name), lock them in one order for all writers.

        With each stands how old it is if it is new. The record that each of them shows is read too.
        """
        for environment_id in sorted({environment for environment, _ in places}):
            names = sorted({name for environment, name in places if environment == environment_id})
            await self._lock_slots(org_id, environment_id, names)
            missing = [name for name in names if (environment_id, name) not in self._named_slots]
            if missing:
                since = [places[environment_id, name] for name in missing]
                await self._make_slots(org_id, environment_id, missing, since)
                await self._lock_slots(org_id, environment_id, missing)
        current = [slot.current for slot in self._named_slots.values() if slot.current is not None]
        for ids in chunks(current):
            for row in await self._all(_SHOWN, {"org": org_id, "ids": ids}):
                record = record_of(row)
                self._shown[record.slot.id] = self._read[record.id] = record

    async def foresee_newest(self, org_id: UUID, places: Sequence[tuple[UUID, str]]) -> None:
        """What was said last in these locked slots will be asked for."""
        slot_ids = [self._named_slots[place].id for place in places]
        for some in chunks(slot_ids):
            rows = await self._all(_NEWEST_OF_SLOTS, {"org": org_id, "ids": some})
            for row in rows:
                self._newest[row.slot_id] = Current(row.id, row.number, row.created_at)

    async def _lock_slots(self, org_id: UUID, environment_id: UUID, names: Sequence[str]) -> None:
        """Lock those that are there."""
        for some in chunks(names):
            said = {"org": org_id, "environment": environment_id, "names": some}
            for row in await self._all(_LOCK_SLOTS, said):
                slot = slot_of(row)
                self._locked[slot.id] = self._named_slots[environment_id, slot.name] = slot

    async def _make_slots(
        self, org_id: UUID, environment_id: UUID, names: Sequence[str], since: Sequence[datetime]
    ) -> None:
        numbers = await next_numbers(self._connection, org_id, "slot", len(names))
        rows = [
            slot_values(org_id, environment_id, name, number, moment)
            for name, number, moment in zip(names, numbers, since, strict=True)
        ]
        await self._run_together(_MAKE_SLOTS, rows)
        self._made_slots |= {row["id"] for row in rows}

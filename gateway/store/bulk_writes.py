"""Many writes in one transaction, written at once, each kind in one order for all writers.

The order of the locks is that of a single write: slots, projects, places, artifacts, counters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete

from gateway.core.model import Presence, Record, Slot
from gateway.core.search import Scope
from gateway.ports_records import Happening
from gateway.store.bulk_making import BulkMaking
from gateway.store.bulk_states import is_live
from gateway.store.changes import INSERT, SAVE, record_values, saved_values
from gateway.store.events import APPEND, event_values
from gateway.store.session import Session
from gateway.store.slots import POINT_MANY, Current, pointing
from gateway.store.tables import slots

_DROP_SLOTS = delete(slots).where(
    slots.c.org_id == bindparam("the_org"), slots.c.id == bindparam("the_slot")
)


class SqlBatch(BulkMaking):
    """``gateway.ports.Batch``: much is said before any of it is written."""

    def __init__(self, connection: Session) -> None:
        super().__init__(connection)
        self._saved: dict[UUID, Record] = {}
        self._inserted: dict[UUID, Record] = {}
        self._pointed: dict[UUID, dict[str, Any]] = {}
        self._happened: list[Happening] = []
        self._is_used: set[UUID] = set()

    async def insert(self, record: Record) -> None:
        """Add a record."""
        self._inserted[record.id] = record
        self._is_used.add(record.slot.id)
        self._count_entry(record, was_live=False)
        if record.presence is not Presence.NONE:
            self._note(record)
            self._newest[record.slot.id] = Current(record.id, record.number, record.created_at)

    async def save(self, record: Record) -> None:
        """All that a plan may change of a record, whose artifact has its id."""
        shown = self._saved.get(record.id) or self._shown.get(record.slot.id)
        was_live = shown is not None and shown.id == record.id and is_live(shown)
        self._count_entry(record, was_live=was_live)
        self._saved[record.id] = record
        self._note(record)

    async def current_record(self, scope: Scope, slot_id: UUID) -> Record | None:
        """The record shown for a slot."""
        slot = self._locked.get(slot_id)
        if slot is not None and slot.current is not None:
            written = self._saved.get(slot.current) or self._inserted.get(slot.current)
            if written is not None:
                return written if scope.sees(written.project.id) else None
        return await super().current_record(scope, slot_id)

    async def refresh_slot(self, org_id: UUID, slot_id: UUID) -> Slot:
        """Point the slot at its current record: the live one, else the newest with a presence."""
        slot = self._locked.get(slot_id)
        if slot is None:
            await self.flush()
            return await super().refresh_slot(org_id, slot_id)
        if slot_id not in self._is_changed:
            return slot
        shown = self._shown.get(slot_id)
        is_still_live = (
            shown is not None
            and shown.presence is Presence.LIVE
            and self._saved.get(shown.id, shown).presence is Presence.LIVE
        )
        current = self._entered.get(slot_id)
        if current is None and is_still_live:
            return slot
        current = current or self._newest.get(slot_id)
        if current is None:
            await self.flush()
            return await super().refresh_slot(org_id, slot_id)
        if slot.current != current.id:
            self._pointed[slot_id] = pointing(org_id, slot_id, current)
            self._locked[slot_id] = replace(slot, current=current.id)
        return self._locked[slot_id]

    async def append(self, happenings: Sequence[Happening]) -> None:
        """Add events, in their order."""
        self._happened += happenings

    async def flush(self) -> None:
        """Write what was said so far."""
        await self.settle()
        inserted = [record_values(record) for record in self._inserted.values()]
        await self._save_all()  # what leaves its slot, before what enters it
        for statement, rows in (
            (INSERT, inserted),
            (POINT_MANY, list(self._pointed.values())),
            (APPEND, [event_values(happening) for happening in self._happened]),
        ):
            if rows:
                await self._run_together(statement, rows)
        await self._settle_states()
        for held in (self._saved, self._inserted, self._pointed):
            held.clear()
        self._happened.clear()

    async def finish(self, org_id: UUID) -> None:
        """Write the rest, and take away the slots that were made and stayed empty."""
        await self.flush()
        empty = [
            {"the_org": org_id, "the_slot": slot_id}
            for slot_id in sorted(self._made_slots & self._locked.keys())
            if self._locked[slot_id].current is None and slot_id not in self._is_used
        ]
        if empty:
            await self._run(_DROP_SLOTS, empty)
        await self._give_back(org_id)

    async def _save_all(self) -> None:
        """Those that leave their slots, then those that enter one; each set of columns at once."""
        alike: defaultdict[tuple[bool, *tuple[str, ...]], list[dict[str, Any]]] = defaultdict(list)
        for record in self._saved.values():
            values = saved_values(record, self._read.get(record.id))
            self._read[record.id] = record
            alike[is_live(record), *values].append(values)
        for key in sorted(alike):
            await self._run(SAVE, alike[key])

"""What occupies a slot: the live record, those that were, and the one that is shown.

A transaction that has locked a slot is alone with its records, so what it has read of them, or
written, it need not ask for again.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, and_, literal_column, or_, select, type_coerce

from gateway.core.model import Artifact, Presence, Record, Slot, Source
from gateway.core.search import Scope
from gateway.store.artifacts import artifacts_with
from gateway.store.queries import visible
from gateway.store.records import CHOSEN, IN_SLOT, IS_LIVE, IS_SUCCESS, NEWEST_FIRST, RecordQueries
from gateway.store.session import Session
from gateway.store.slots import Current, SlotWrites
from gateway.store.tables import records
from gateway.store.whole import whole

_HAS_PRESENCE = records.c.presence != literal_column("'none'")
_IS_SUPERSEDED = records.c.presence == literal_column("'superseded'")

_LIVE = whole(CHOSEN.where(IN_SLOT, IS_LIVE))
_OCCUPANTS = CHOSEN.where(IN_SLOT, _HAS_PRESENCE).order_by(NEWEST_FIRST).limit(1)
_FORMER = CHOSEN.where(IN_SLOT, IS_SUCCESS, _IS_SUPERSEDED).order_by(NEWEST_FIRST).limit(1)

_SHOWN = select(records.c.id, records.c.number, records.c.created_at)
_SHOWN_LIVE = _SHOWN.where(IN_SLOT, IS_LIVE)
_SHOWN_NEWEST = _SHOWN.where(IN_SLOT, _HAS_PRESENCE).order_by(NEWEST_FIRST).limit(1)

_digests = type_coerce(records.c.artifact_digests, JSON)


class OccupancyWrites(SlotWrites, RecordQueries):
    """Knowing what a locked slot holds."""

    def __init__(self, connection: Session) -> None:
        super().__init__(connection)
        self._shown: dict[UUID, Record] = {}
        self._read: dict[UUID, Record] = {}
        self._entered: dict[UUID, Current] = {}
        self._is_changed: set[UUID] = set()

    async def current_record(self, scope: Scope, slot_id: UUID) -> Record | None:
        """The record shown for a slot."""
        found = await super().current_record(scope, slot_id)
        if found is not None and slot_id in self._locked and slot_id not in self._is_changed:
            self._shown[slot_id] = found
        return found

    async def live_record(self, org_id: UUID, slot_id: UUID) -> Record | None:
        """The record that occupies the slot: the one it shows, if that one is live."""
        slot = self._locked.get(slot_id)
        if slot is not None and slot_id not in self._is_changed:
            shown = self._shown.get(slot_id)
            if slot.current is None:
                return None
            if shown is not None:
                return shown if shown.presence is Presence.LIVE else None
        return await self._record(_LIVE, Scope(org_id), slot=slot_id)

    async def newest_of_artifact(
        self, scope: Scope, slot_id: UUID, artifact: Artifact, source: Source
    ) -> Record | None:
        """The newest record of the same artifact in the slot whose presence is not ``none``.

        ``None`` for an artifact of which nothing is said: no other is the same.
        """
        if not artifact.digests and source.commit is None:
            return None
        same = _OCCUPANTS.where(_is_same(scope.org_id, artifact, source))
        seen = visible(same, scope, records.c.project_id)
        return await self._record(whole(seen), scope, slot=slot_id)

    async def fallback_record(
        self, org_id: UUID, slot_id: UUID, *, but: UUID | None = None
    ) -> Record | None:
        """The newest success in the slot that is superseded, other than ``but``."""
        statement = _FORMER if but is None else _FORMER.where(records.c.id != but)
        return await self._record(whole(statement), Scope(org_id), slot=slot_id)

    async def refresh_slot(self, org_id: UUID, slot_id: UUID) -> Slot:
        """Point the slot at its current record: the live one, else the newest with a presence."""
        if slot_id in self._locked and slot_id not in self._is_changed:
            return self._locked[slot_id]
        current = self._entered.get(slot_id) or await self._current(org_id, slot_id)
        return await self._point(org_id, slot_id, current)

    async def _record(self, statement: Any, scope: Scope, **values: Any) -> Record | None:
        found = await super()._record(statement, scope, **values)
        if found is not None:
            self._read[found.id] = found
        return found

    def _note(self, record: Record) -> None:
        """Remember what writing this record did to its slot."""
        slot_id = record.slot.id
        self._is_changed.add(slot_id)
        if record.presence is Presence.LIVE:
            entered = Current(record.id, record.number, record.created_at)
            self._entered[slot_id] = entered
        else:
            self._forget(record)

    def _forget(self, record: Record) -> None:
        slot_id = record.slot.id
        self._is_changed.add(slot_id)
        entered = self._entered.get(slot_id)
        if entered is not None and entered.id == record.id:
            del self._entered[slot_id]

    async def _current(self, org_id: UUID, slot_id: UUID) -> Current | None:
        place = {"org": org_id, "slot": slot_id}
        row = await self._first(_SHOWN_LIVE, place) or await self._first(_SHOWN_NEWEST, place)
        return None if row is None else Current(row.id, row.number, row.created_at)


def _is_same(org_id: UUID, artifact: Artifact, source: Source) -> ColumnElement[bool]:
    """``core.status.is_same_artifact``, asked of the table."""
    if artifact.digests:
        shares = [
            _digests[algorithm].as_string() == digits
            for algorithm, digits in sorted(artifact.digests.items())
        ]
        # The artifact's index finds the few; the digests said of each record decide.
        few = records.c.artifact_id.in_(artifacts_with(org_id, artifact.digests))
        return and_(few, or_(*shares))
    same_ref = (
        records.c.source_ref.is_(None) | (records.c.source_ref == source.ref)
        if source.ref is not None
        else literal_column("1") == literal_column("1")
    )
    return and_(
        records.c.artifact_digests.is_(None), records.c.source_commit == source.commit, same_ref
    )

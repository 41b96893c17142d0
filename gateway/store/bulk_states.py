"""The states of a batch's places, as one write after another would have left them.

A success starts its place; the last record to leave stops it. Which one was the last is counted
when all is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, func, select

from gateway.core.model import Presence, Record
from gateway.core.places import STOPPED
from gateway.store.bulk import Foreseen
from gateway.store.environments import SET_STATE
from gateway.store.queries import chunks
from gateway.store.records import IS_LIVE
from gateway.store.session import Session
from gateway.store.tables import project_environments, records

_LIVE_THERE = (
    select(records.c.project_id, records.c.environment_id, func.count().label("live"))
    .where(
        records.c.org_id == bindparam("org"),
        records.c.project_id.in_(bindparam("projects", expanding=True)),
        IS_LIVE,
    )
    .group_by(records.c.project_id, records.c.environment_id)
)

_here = project_environments.c
# Held before anybody counts what is live there, in one order for all writers.
_LOCK_STATES = (
    select(_here.project_id, _here.environment_id, _here.state)
    .where(
        _here.org_id == bindparam("org"),
        _here.project_id.in_(bindparam("projects", expanding=True)),
        _here.environment_id.in_(bindparam("environments", expanding=True)),
    )
    .order_by(_here.project_id, _here.environment_id)
    .with_for_update(key_share=True)
)

Place = tuple[UUID, UUID]
"""Project and environment."""


class _Wish(NamedTuple):
    """A state for a place; ``None`` is stopped, if nothing was live there after ``entries``."""

    state: str | None
    entries: int
    moment: datetime


class BulkStates(Foreseen):
    """The states that places are to have, written at the end."""

    def __init__(self, connection: Session) -> None:
        super().__init__(connection)
        self._wishes: dict[Place, list[_Wish]] = {}
        self._entries: Counter[Place] = Counter()

    async def set_environment_state(
        self, org_id: UUID, project_id: UUID, environment_id: UUID, state: str, now: datetime
    ) -> None:
        """``available`` or ``stopped``, once all is written."""
        self._wish((project_id, environment_id), state, now)

    async def stop_if_empty(
        self, org_id: UUID, project_id: UUID, environment_id: UUID, now: datetime
    ) -> None:
        """Set the state to ``stopped``, unless something of the project is live there now."""
        self._wish((project_id, environment_id), None, now)

    def _wish(self, place: Place, state: str | None, now: datetime) -> None:
        wish = _Wish(state, self._entries[place], now)
        self._wishes.setdefault(place, []).append(wish)

    def _count_entry(self, record: Record, *, was_live: bool) -> None:
        place = (record.project.id, record.environment.id)
        self._entries[place] += is_live(record) - was_live

    async def _settle_states(self) -> None:
        """Give each place the state that it is to have."""
        known = await self._lock_states()
        live = await self._live_there()
        states = []
        for place in sorted(self._wishes):
            before = live.get(place, 0) - self._entries[place]
            moves = _moves(known.get(place), self._wishes[place], before)
            if moves:
                there = {"org": self._org_id, "project": place[0], "environment": place[1]}
                states.append({**there, **moves[-1]})
        if states:
            await self._run(SET_STATE, states)
        self._wishes.clear()
        self._entries.clear()

    async def _lock_states(self) -> dict[Place, str]:
        """The places' states, which nobody else changes now: most are what they are to be."""
        environments = sorted({environment_id for _, environment_id in self._wishes})
        known: dict[Place, str] = {}
        for some in chunks(sorted({project_id for project_id, _ in self._wishes})):
            said = {"org": self._org_id, "projects": some, "environments": environments}
            rows = await self._all(_LOCK_STATES, said)
            known |= {(row.project_id, row.environment_id): row.state for row in rows}
        return known

    async def _live_there(self) -> dict[Place, int]:
        """How many records are live in the places that may be empty."""
        doubtful = [p for p, wishes in self._wishes.items() if any(not w.state for w in wishes)]
        live: dict[Place, int] = {}
        for some in chunks(sorted({project_id for project_id, _ in doubtful})):
            rows = await self._all(_LIVE_THERE, {"org": self._org_id, "projects": some})
            live |= {(row.project_id, row.environment_id): row.live for row in rows}
        return live


def _moves(state: str | None, wishes: Sequence[_Wish], before: int) -> list[dict[str, Any]]:
    """The changes that the wishes come to, in a place where so many were live before them."""
    moves = []
    for wish in wishes:
        wanted = wish.state or (STOPPED if before + wish.entries == 0 else state)
        if wanted != state:
            state = wanted
            moves.append({"new_state": state, "moment": wish.moment})
    return moves


def is_live(record: Record) -> bool:
    """Whether a record occupies its slot."""
    return record.presence is Presence.LIVE

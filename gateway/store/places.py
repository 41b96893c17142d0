"""Environments as projects have them: pages, locks and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from gateway.core.model import Record
from gateway.core.places import AVAILABLE, FoundPlaces, Place, PlaceSearch
from gateway.core.protection import Owner
from gateway.core.search import Scope
from gateway.store.changes import ChangeWrites
from gateway.store.environments import IN_PROJECT
from gateway.store.numbers import has_sequences
from gateway.store.queries import Queries, fold, page_number, storable, visible
from gateway.store.records import CHOSEN, IN_PLACE, IS_LIVE
from gateway.store.rows import (
    ENVIRONMENT,
    PROJECT,
    PROJECT_ENVIRONMENT,
    environment_of,
    project_environment_of,
    project_of,
)
from gateway.store.tables import (
    environments,
    project_environments,
    projects,
    protections,
    records,
    slots,
)
from gateway.store.whole import record_of, whole

_here = project_environments.c
_PLACES = (
    select(*PROJECT_ENVIRONMENT, *PROJECT, *ENVIRONMENT)
    .select_from(project_environments)
    .join(projects, and_(projects.c.org_id == _here.org_id, projects.c.id == _here.project_id))
    .join(
        environments,
        and_(environments.c.org_id == _here.org_id, environments.c.id == _here.environment_id),
    )
    .where(_here.org_id == bindparam("org"), _here.project_id == bindparam("project"))
)
_BY_NUMBER = _PLACES.where(_here.number == bindparam("number"))
_LOCK = select(_here.number).where(IN_PROJECT).with_for_update()
_AGAIN = _PLACES.where(_here.environment_id == bindparam("environment"))
_CHANGE = update(project_environments).where(IN_PROJECT)
_REMOVE = delete(project_environments).where(IN_PROJECT)

_SLOTS = (
    select(slots.c.name)
    .where(
        slots.c.org_id == bindparam("org"),
        slots.c.environment_id == bindparam("environment"),
        exists().where(
            records.c.org_id == slots.c.org_id,
            records.c.slot_id == slots.c.id,
            records.c.project_id == bindparam("project"),
        ),
    )
    .order_by(slots.c.name)
)
_LIVE = whole(CHOSEN.where(IN_PLACE, IS_LIVE))
_RECORDS = CHOSEN.where(IN_PLACE, records.c.number > bindparam("above"))
_REMOVE_RECORDS = delete(records).where(IN_PLACE)
_STALE = (
    _PLACES.where(
        _here.state == AVAILABLE,
        _here.updated_at < bindparam("moment"),
        ~exists().where(
            records.c.org_id == _here.org_id,
            records.c.project_id == _here.project_id,
            records.c.environment_id == _here.environment_id,
            records.c.updated_at >= bindparam("moment"),
        ),
        ~exists().where(
            protections.c.org_id == _here.org_id,
            or_(
                and_(
                    protections.c.owner_id == _here.project_id,
                    protections.c.name == environments.c.name,
                ),
                and_(protections.c.owner == Owner.GROUP, protections.c.name == _here.tier),
            ),
        ),
    )
).order_by(_here.number)


class PlaceQueries(Queries):
    """Finding environments of a project."""

    async def places(self, scope: Scope, project_id: UUID, search: PlaceSearch) -> FoundPlaces:
        """One page of a project's environments, by number."""
        values = {"org": scope.org_id, "project": project_id}
        matching = visible(_PLACES, scope, _here.project_id).where(*self._asked(search))
        page = matching.order_by(_here.number).limit(page_number(search.limit))
        rows = await self._all(page.offset(page_number(search.offset)), values)
        total = await self._count_up_to(matching, search.count_limit, values)
        return FoundPlaces(tuple(map(_place_of, rows)), total)

    async def place(self, scope: Scope, project_id: UUID, number: int) -> Place | None:
        """A project's environment by the number it has there."""
        statement = visible(_BY_NUMBER, scope, _here.project_id)
        values = {"org": scope.org_id, "project": project_id, "number": storable(number)}
        row = await self._first(statement, values)
        return None if row is None else _place_of(row)

    def _asked(self, search: PlaceSearch) -> list[ColumnElement[bool]]:
        asked: list[ColumnElement[bool]] = []
        if search.name is not None:
            asked.append(environments.c.name == search.name)
        if search.state is not None:
            asked.append(_here.state == search.state)
        if search.beginning is not None:
            key = environments.c.search_key
            position = func.strpos if has_sequences(self._connection) else func.instr
            below = func.substr(key, position(key, "/") + 1)  # all of it where there is no folder
            asked.append(or_(_begins(key, search.beginning), _begins(below, search.beginning)))
        return asked


class PlaceWrites(PlaceQueries, ChangeWrites):
    """Changing and removing environments of a project."""

    async def lock_place(self, org_id: UUID, place: Place) -> Place | None:
        """The place as it is now; nobody else writes a record into it until the end."""
        this = _values(org_id, place)
        if await self._first(_LOCK, this) is None:
            return None
        row = await self._first(_AGAIN, this)
        return None if row is None else _place_of(row)

    async def change_place(
        self, org_id: UUID, place: Place, facts: Mapping[str, str | None], now: datetime
    ) -> None:
        """Say these facts anew."""
        await self._run(_CHANGE.values(**facts, updated_at=now), _values(org_id, place))

    async def remove_place(self, org_id: UUID, place: Place) -> None:
        """The project no longer has the environment, nor any record there; events stay."""
        this = _values(org_id, place)
        await self._run(_REMOVE_RECORDS, this)
        await self._run(_REMOVE, this)
        self._is_changed.update(self._locked)

    async def slots_of_place(self, org_id: UUID, place: Place) -> Sequence[str]:
        """The names of the slots that hold records of the project there, sorted."""
        return [row.name for row in await self._all(_SLOTS, _values(org_id, place))]

    async def live_records(self, org_id: UUID, place: Place) -> tuple[Record, ...]:
        """What of the project is live there, by slot."""
        rows = await self._all(_LIVE, _values(org_id, place))
        return tuple(sorted(map(record_of, rows), key=lambda record: record.slot.name))

    async def records_of_place(
        self, org_id: UUID, place: Place, *, above: int, limit: int
    ) -> tuple[Record, ...]:
        """The next records by number."""
        page = _RECORDS.order_by(records.c.number).limit(limit)
        statement = whole(page, [("number", lambda column: column.asc())])
        rows = await self._all(statement, {**_values(org_id, place), "above": above})
        return tuple(map(record_of, rows))

    async def stale_places(
        self, org_id: UUID, project_id: UUID, before: datetime
    ) -> tuple[Place, ...]:
        """The available, unprotected ones that were last changed and deployed to before then."""
        values = {"org": org_id, "project": project_id, "moment": before}
        return tuple(map(_place_of, await self._all(_STALE, values)))


def _begins(folded: ColumnElement[str], said: str) -> ColumnElement[bool]:
    beginning = fold(said)
    return func.substr(folded, 1, len(beginning)) == beginning


def _values(org_id: UUID, place: Place) -> dict[str, Any]:
    return {"org": org_id, "project": place.project.id, "environment": place.environment.id}


def _place_of(row: Row[Any]) -> Place:
    return Place(project_of(row), environment_of(row), project_environment_of(row))

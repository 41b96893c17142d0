"""The use cases on the environments of a project: making, changing, stopping, deleting them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from gateway.admission import require_access
from gateway.again import begins_again
from gateway.auditing import note
from gateway.choosing import Rules, made, named_project, visible_project
from gateway.core import placing, status
from gateway.core.audit import Action
from gateway.core.commands import ProjectChoice
from gateway.core.context import Context, Permission
from gateway.core.errors import Conflict, Forbidden, Invalid, NotFound
from gateway.core.events import EventKind
from gateway.core.model import Environment, Project, Record
from gateway.core.places import (
    STOPPED,
    WITH_ACTION,
    FoundPlaces,
    NewPlace,
    Place,
    PlaceChange,
    PlaceSearch,
)
from gateway.ports import Clock, Reading, Store, Transaction
from gateway.writing import Writer

_CHUNK = 500
"""Records whose events are written in one go."""


class Environments:
    """Environments as projects have them. ``rules`` say whether a new one makes its project."""

    def __init__(self, store: Store, clock: Clock, rules: Rules | None = None) -> None:
        self._store = store
        self._clock = clock
        self._rules = rules or Rules()

    async def listed(
        self, ctx: Context, choice: ProjectChoice, search: PlaceSearch
    ) -> tuple[Project, FoundPlaces]:
        """A project and one page of its environments, by number. Raises ``NotFound``."""
        async with self._store.reading(ctx.trace) as reading:
            project = await visible_project(reading, ctx, choice)
            return project, await reading.places(ctx.scope, project.id, search)

    async def get(
        self, ctx: Context, choice: ProjectChoice, number: int
    ) -> tuple[Place, Record | None]:
        """One by its number in the project, and its last deployment. Raises ``NotFound``."""
        async with self._store.reading(ctx.trace) as reading:
            place = await _find(reading, ctx, choice, number)
            last = await reading.last_deployment(ctx.scope, place.project.id, place.environment.id)
            return place, last

    async def make(self, ctx: Context, choice: ProjectChoice, new: NewPlace) -> Place:
        """Raises ``Forbidden``, ``NotFound``, ``Conflict`` for one that the project has."""
        ctx.require(Permission.WRITE)
        async with self._store.writing(ctx.trace) as tx:
            now = self._clock.now()
            named = await named_project(tx, ctx, choice, self._rules)
            project = await made(tx, ctx, named, now)
            environment = await _environment(tx, ctx, new, now)
            here = await tx.project_environment(ctx.org.id, project, environment, now)
            if here.created_at != now:
                raise Conflict("environment", new.name)
            place = Place(project, environment, here)
            await _noted(tx, ctx, Action.ENVIRONMENT_CREATED, place, now)
            return await _changed(
                tx,
                ctx,
                place,
                PlaceChange(
                    tier=new.tier or here.tier,
                    external_url=new.external_url,
                    description=new.description,
                    auto_stop=new.auto_stop,
                ),
                now,
            )

    async def change(
        self, ctx: Context, choice: ProjectChoice, number: int, change: PlaceChange
    ) -> Place:
        """Raises ``Forbidden``, ``NotFound``."""
        ctx.require(Permission.WRITE)
        async with self._store.writing(ctx.trace) as tx:
            place = await _find(tx, ctx, choice, number)
            now = self._clock.now()
            await _noted(tx, ctx, Action.ENVIRONMENT_CHANGED, place, now)
            return await _changed(tx, ctx, place, change, now)

    @begins_again()
    async def stop(
        self, ctx: Context, choice: ProjectChoice, number: int, *, is_forced: bool = False
    ) -> Place:
        """Decommission what is live there for the project.

        Raises ``Forbidden``, ``NotFound``, and ``Invalid`` (``unstoppable``) for one that only a
        job of its own may stop, which takes force.
        """
        ctx.require(Permission.WRITE)
        async with self._store.writing(ctx.trace) as tx:
            place = await _locked(tx, ctx, await _find(tx, ctx, choice, number), self._clock.now())
            await require_access(tx, ctx, place, self._clock.now())
            if place.here.state == STOPPED:
                return place
            if place.here.auto_stop == WITH_ACTION and not is_forced:
                raise Invalid(field="environment", reason="unstoppable")
            return await self._stop(tx, ctx, place)

    async def stop_stale(self, ctx: Context, choice: ProjectChoice, before: datetime) -> int:
        """Stop what nobody has changed or deployed to since; protected ones go on.

        Each is stopped in a transaction of its own. Raises ``Forbidden``, ``NotFound``.
        """
        async with self._store.writing(ctx.trace) as tx:
            project = await visible_project(tx, ctx, choice)
            ctx.require(Permission.ADMIN)
            stale = await tx.stale_places(ctx.org.id, project.id, before)
        for place in stale:
            await self._stop_one(ctx, place)
        return len(stale)

    @begins_again()
    async def remove(
        self,
        ctx: Context,
        choice: ProjectChoice,
        number: int,
        *,
        unmodified_since: datetime | None = None,
    ) -> None:
        """Remove a stopped one and the project's records in it; their events stay.

        Raises ``NotFound``, ``Forbidden``, ``Invalid`` (``unmodified_since``).
        """
        async with self._store.writing(ctx.trace) as tx:
            place = await _locked(tx, ctx, await _find(tx, ctx, choice, number), self._clock.now())
            ctx.require(Permission.ADMIN)
            await require_access(tx, ctx, place, self._clock.now())
            if place.here.state != STOPPED:
                raise Forbidden(needs="stopped")
            changed_at = place.here.updated_at.replace(microsecond=0)
            if unmodified_since is not None and changed_at > unmodified_since:
                raise Invalid(field="unmodified_since", reason="precondition")
            await self._remove(tx, ctx, place)
            await _noted(tx, ctx, Action.ENVIRONMENT_REMOVED, place, self._clock.now())

    @begins_again()
    async def _stop_one(self, ctx: Context, place: Place) -> None:
        async with self._store.writing(ctx.trace) as tx:
            locked = await _locked(tx, ctx, place, self._clock.now())
            if locked.here.state != STOPPED:
                await self._stop(tx, ctx, locked)

    async def _remove(self, tx: Transaction, ctx: Context, place: Place) -> None:
        now = self._clock.now()
        writer = Writer(tx, ctx, now, now)
        slots: set[UUID] = set()
        above = 0
        while records := await tx.records_of_place(ctx.org.id, place, above=above, limit=_CHUNK):
            await writer.note(status.Change(EventKind.REMOVED, record) for record in records)
            slots |= {record.slot.id for record in records}
            above = records[-1].number
        await tx.remove_place(ctx.org.id, place)
        for slot_id in slots:
            await tx.refresh_slot(ctx.org.id, slot_id)

    async def _stop(self, tx: Transaction, ctx: Context, place: Place) -> Place:
        now = self._clock.now()
        writer = Writer(tx, ctx, now, now)
        for record in await tx.live_records(ctx.org.id, place):
            await writer.change(status.plan_decommission(record, now), record)
        where = (ctx.org.id, place.project.id, place.environment.id)
        await tx.set_environment_state(*where, STOPPED, now)
        await _noted(tx, ctx, Action.ENVIRONMENT_STOPPED, place, now)
        return replace(place, here=replace(place.here, state=STOPPED, updated_at=now))


async def _noted(
    tx: Transaction, ctx: Context, action: Action, place: Place, now: datetime
) -> None:
    subject = f"{place.project.path} {place.environment.name}"
    await note(tx, ctx, action, subject, now=now)


async def _find(reading: Reading, ctx: Context, choice: ProjectChoice, number: int) -> Place:
    project = await visible_project(reading, ctx, choice)
    place = await reading.place(ctx.scope, project.id, number)
    if place is None:
        raise NotFound("environment", str(number))
    return place


async def _locked(tx: Transaction, ctx: Context, place: Place, now: datetime) -> Place:
    """The place as it is once its slots, in the order of their names, and itself are locked."""
    for name in await tx.slots_of_place(ctx.org.id, place):
        await tx.lock_slot(ctx.org.id, place.environment.id, name, now)
    locked = await tx.lock_place(ctx.org.id, place)
    if locked is None:
        raise NotFound("environment", str(place.here.number))
    return locked


async def _changed(
    tx: Transaction, ctx: Context, place: Place, change: PlaceChange, now: datetime
) -> Place:
    facts = change.of(place.here)
    if not facts:
        return place
    await tx.change_place(ctx.org.id, place, facts, now)
    said: dict[str, object] = {**facts, "updated_at": now}
    return replace(place, here=replace(place.here, **said))  # type: ignore[arg-type]  # by name


async def _environment(tx: Transaction, ctx: Context, new: NewPlace, now: datetime) -> Environment:
    found = await tx.environment_named(ctx.org.id, new.name)
    return found or await tx.make_environment(
        ctx.org.id,
        logical=new.name,
        physical=None,
        cluster=None,
        name=new.name,
        tier=new.tier or placing.guess_tier(new.name),
        now=now,
        by_name=True,
    )

"""Who may deploy to a protected environment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from gateway.core.context import Context
from gateway.core.errors import Forbidden
from gateway.core.model import Record
from gateway.core.places import Place
from gateway.core.protection import LEVELS, Level, Person, admits
from gateway.ports import Reading


async def person(reading: Reading, ctx: Context, project_id: UUID, now: datetime) -> Person:
    """The caller, with the level that their tokens give them in the project."""
    if ctx.caller.is_instance_admin:
        return Person(ctx.caller.user, Level.ADMIN)
    user = ctx.caller.user
    held = await reading.permissions(ctx.org.id, (user.id,), project_id, now)
    return Person(user, LEVELS[held[user.id]] if user.id in held else Level.NONE)


async def require_access(reading: Reading, ctx: Context, place: Place, now: datetime) -> None:
    """Raise ``Forbidden`` where the environment is protected and the caller is not let in."""
    protections = await reading.protections_of(ctx.org.id, place)
    if protections and not admits(protections, await person(reading, ctx, place.project.id, now)):
        raise Forbidden(needs="deploy")


async def require_access_beside(
    reading: Reading, ctx: Context, project_id: UUID, changed: Iterable[Record], now: datetime
) -> None:
    """The same for the records that a write of a project changes beside its own.

    A slot may hold another project's, which it takes the place of or leaves it to.
    """
    for record in changed:
        if record.project.id != project_id:
            await require_access(reading, ctx, place_of(record), now)


def place_of(record: Record) -> Place:
    """Where a record belongs."""
    return Place(record.project, record.environment, record.project_environment)

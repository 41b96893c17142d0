"""The use cases on an org's environments as such: making, listing and getting them."""

from __future__ import annotations

from uuid import UUID

import uuid_utils.compat as uuid_utils

from gateway.auditing import note
from gateway.core import placing
from gateway.core.audit import Action
from gateway.core.context import Context, Permission
from gateway.core.errors import Conflict, Forbidden, NotFound
from gateway.core.model import Environment
from gateway.core.org_environments import (
    EnvironmentSearch,
    FoundEnvironments,
    NewEnvironment,
    tier_of,
)
from gateway.ports import Clock, Store


class OrgEnvironments:
    """Environments of an org, those included that records of any dialect have made.

    A caller limited to projects sees those that the projects have.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def make(self, ctx: Context, new: NewEnvironment) -> Environment:
        """Raises ``Forbidden``, ``Conflict``, and ``NotFound`` for an unknown logical one.

        A caller limited to projects makes none: it would be outside them.
        """
        ctx.require(Permission.WRITE)
        if ctx.caller.projects is not None:
            raise Forbidden(needs="project")
        now = self._clock.now()
        environment = Environment(
            id=uuid_utils.uuid7(),
            logical=new.name,
            physical=None,
            cluster=None,
            name=new.name,
            tier=_tier(ctx, new),
            kind=new.kind,
            created_at=now,
            updated_at=now,
            description=new.description,
        )
        async with self._store.writing(ctx.trace) as tx:
            if not await tx.add_environment(ctx.org.id, environment):
                raise Conflict("environment", new.name)
            await note(tx, ctx, Action.ENVIRONMENT_CREATED, new.name, now=now)
        return environment

    async def listed(self, ctx: Context, search: EnvironmentSearch) -> FoundEnvironments:
        """One page of the environments that the caller may see, the newest first."""
        tier = None
        if search.logical is not None:
            tier = tier_of(ctx.org, search.logical)
            if tier is None:
                return FoundEnvironments((), 0)
        async with self._store.reading(ctx.trace) as reading:
            return await reading.environments_found(ctx.scope, search, tier)

    async def get(self, ctx: Context, environment_id: UUID) -> Environment:
        """By its id in the org. Raises ``NotFound``."""
        async with self._store.reading(ctx.trace) as reading:
            environment = await reading.environment(ctx.scope, environment_id)
        if environment is None:
            raise NotFound("environment", str(environment_id))
        return environment


def _tier(ctx: Context, new: NewEnvironment) -> str:
    if new.logical is None:
        return placing.guess_tier(new.name)
    tier = tier_of(ctx.org, new.logical)
    if tier is None:
        raise NotFound("logical environment", str(new.logical))
    return tier

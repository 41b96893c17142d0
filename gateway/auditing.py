"""The audit: a line for each administrative act and write, in the transaction of the act.

What happens to records is on their events already, which say who, when and through what; so a
write of a record adds no line of its own, and both are read as one. What it makes on its way, a
project, an environment or a user, has a line.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import uuid_utils.compat as uuid_utils

from gateway.core.audit import Act, Action, AuditSearch
from gateway.core.context import Context
from gateway.core.model import Environment, Project, User
from gateway.ports import Store, Transaction

Made = TypeVar("Made", Project, Environment, User)

_MAKING: Mapping[type, tuple[Action, str]] = {
    Project: (Action.PROJECT_CREATED, "path"),
    Environment: (Action.ENVIRONMENT_CREATED, "name"),
    User: (Action.USER_CREATED, "username"),
}
"""What making one is called, and what the one made is called by."""


async def note(
    tx: Transaction,
    ctx: Context,
    action: Action,
    subject: str,
    *,
    now: datetime,
    own_id: UUID | None = None,
) -> None:
    """Add a line about what the transaction does."""
    await tx.note(
        Act(
            org_id=ctx.org.id,
            id=own_id or uuid_utils.uuid7(),
            at=now,
            actor=ctx.caller.user,
            token_id=ctx.caller.token_id,
            dialect=ctx.dialect,
            request_id=ctx.request_id or None,
            action=action,
            subject=subject,
        )
    )


async def noted(tx: Transaction, ctx: Context, thing: Made, now: datetime) -> Made:
    """The thing, found or made on the way of a write; a line if it was made now.

    That line has its id: however many commands of a transaction meet the thing, it is one line.
    """
    if thing.created_at == now:
        action, name = _MAKING[type(thing)]
        await note(tx, ctx, action, getattr(thing, name), now=now, own_id=thing.id)
    return thing


class Audit:
    """Reading the audit of an org."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(self, ctx: Context, search: AuditSearch) -> tuple[Act, ...]:
        """The newest lines first. Raises ``Forbidden`` but for administrators of the whole org."""
        ctx.require_whole_org_admin()
        async with self._store.reading(ctx.trace) as reading:
            return await reading.acts(ctx.org.id, search)

    async def lines(
        self, ctx: Context, search: AuditSearch, page: tuple[Act, ...]
    ) -> AsyncIterator[Act]:
        """The lines of a page and of all that follow, of which one is held at a time."""
        while True:
            for act in page:
                yield act
            if len(page) < search.limit:
                return
            search = replace(search, below=page[-1].id)
            page = await self.page(ctx, search)

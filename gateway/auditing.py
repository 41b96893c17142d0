"""The audit: a line for each administrative act and write, in the transaction of the act.

What happens to records is on their events already, which say who, when and through what; so a
write of a record adds no line of its own, and both are read as one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

import uuid_utils.compat as uuid_utils

from gateway.core.audit import Act, Action, AuditSearch
from gateway.core.context import Context, Permission
from gateway.core.errors import Forbidden
from gateway.ports import Store, Transaction


async def note(
    tx: Transaction, ctx: Context, action: Action, subject: str, *, now: datetime
) -> None:
    """Add a line about what the transaction does."""
    await tx.note(
        Act(
            org_id=ctx.org.id,
            id=uuid_utils.uuid7(),
            at=now,
            actor=ctx.caller.user,
            token_id=ctx.caller.token_id,
            dialect=ctx.dialect,
            request_id=ctx.request_id or None,
            action=action,
            subject=subject,
        )
    )


class Audit:
    """Reading the audit of an org."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(self, ctx: Context, search: AuditSearch) -> tuple[Act, ...]:
        """The newest lines first. Raises ``Forbidden`` but for administrators of the whole org."""
        ctx.require(Permission.ADMIN)
        if ctx.caller.projects is not None:
            raise Forbidden(needs="whole_org")
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

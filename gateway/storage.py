"""The use cases on storage records."""

from __future__ import annotations

from gateway.auditing import note
from gateway.choosing import Clues, Rules, choose_project, named_project
from gateway.core.audit import Action
from gateway.core.context import Context, Permission
from gateway.core.errors import Forbidden
from gateway.core.storage import RecordStorage, StorageRecord
from gateway.ports import Clock, Store


class Storage:
    """Saying where an artifact is kept, and asking. A record has a project by the same rules."""

    def __init__(self, store: Store, clock: Clock, rules: Rules | None = None) -> None:
        self._store = store
        self._clock = clock
        self._rules = rules or Rules()

    async def record(self, ctx: Context, command: RecordStorage) -> StorageRecord:
        """Make a storage record, or say one anew.

        Raises ``NotFound``, and ``Forbidden``, also for one of a project outside the token.
        """
        ctx.require(Permission.WRITE)
        now = self._clock.now()
        async with self._store.writing(ctx.trace) as tx:
            named = None
            if command.project is not None:
                named = await named_project(tx, ctx, command.project, self._rules)
            clues = Clues(named, command.artifact)
            project = await choose_project(tx, ctx, clues, now, self._rules)
            made = await tx.record_storage(ctx.scope, command, project, ctx.caller.user, now)
            if made is None:
                raise Forbidden(needs="project")
            await note(tx, ctx, Action.STORAGE_RECORDED, f"{made.number}", now=now)
            return made

    async def of_artifact(self, ctx: Context, digest: tuple[str, str]) -> tuple[StorageRecord, ...]:
        """Where an artifact is kept, by number, as far as the caller may see it."""
        async with self._store.reading(ctx.trace) as reading:
            return await reading.storage_records(ctx.scope, digest)

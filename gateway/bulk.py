"""Recording many deployments at once: one transaction, each question asked once for all."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.core.bulk import Recorded, RecordMany
from gateway.core.context import Context, Permission
from gateway.core.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, Refused
from gateway.core.model import Project, Record
from gateway.deciding import admit, decide
from gateway.placement import Address, Placement, Rules, locate, place_at, project_paths
from gateway.ports import Batch, Clock, Store

_ATTEMPTS = 5
_BREATH = 100
"""After so many items others get a turn of the event loop."""


class Bulk:
    """Recording many deployments in one go, by the rules of one."""

    def __init__(self, store: Store, clock: Clock, rules: Rules | None = None) -> None:
        self._store = store
        self._clock = clock
        self._rules = rules or Rules()

    async def record(self, ctx: Context, many: RecordMany) -> Recorded:
        """Record them all, or with ``is_partial`` those that are not refused.

        Raises ``Forbidden``, ``Refused`` and, for a slot named twice, ``Invalid``.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with self._store.batching() as batch:
                    return await self.record_in(batch, ctx, many)
            except Conflict:  # somebody else has made a project of ours meanwhile: now it is there
                if attempt == _ATTEMPTS:
                    raise
        raise AssertionError("a loop that returns or raises")

    async def record_in(self, batch: Batch, ctx: Context, many: RecordMany) -> Recorded:
        """The same inside a transaction; its caller may begin again after a ``Conflict``."""
        ctx.require(Permission.WRITE)
        work = _Work(batch, ctx, many, self._rules, self._clock.now())
        placed, refusals = await work.place()
        if refusals and not many.is_partial:
            raise Refused(refusals)
        return Recorded(await work.carry_out(placed), refusals)

    async def refusals(self, ctx: Context, many: RecordMany) -> tuple[Refusal, ...]:
        """Which items would be refused now; nothing is written. Raises as ``record``."""
        ctx.require(Permission.WRITE)
        try:
            async with self._store.batching() as batch:
                work = _Work(batch, ctx, many, self._rules, self._clock.now())
                raise Refused((await work.place())[1])  # which rolls back what was made for it
        except Refused as refused:
            return refused.refusals


@dataclass(frozen=True, slots=True)
class _Work:
    """One bulk write inside its transaction. Items are known by their index."""

    batch: Batch
    ctx: Context
    many: RecordMany
    rules: Rules
    now: datetime

    async def place(self) -> tuple[list[tuple[int, Placement]], tuple[Refusal, ...]]:
        """Lock the slots and find the place of each item; those aside that are refused."""
        await self._foresee()
        refused: list[Refusal] = []
        located = await self._locate(refused)
        await self._lock([address for _, address in located])
        placed = []
        for index, address in located:
            await _breathe(index)
            command = self.many.items[index]
            try:
                placement = await place_at(
                    self.batch, self.ctx, command, address, self.now, self.rules
                )
                await admit(self.batch, self.ctx, placement, self.now)
            except (NotFound, Forbidden) as error:
                refused.append(_refusal(index, error, address))
            else:
                placed.append((index, placement))
        return placed, tuple(sorted(refused, key=lambda refusal: refusal.index))

    async def carry_out(self, placed: Sequence[tuple[int, Placement]]) -> tuple[Record, ...]:
        """Decide on each item, number the new records, and write all of it."""
        org_id = self.ctx.org.id
        leaving = [p.slot.id for index, p in placed if self.many.items[index].is_decommission]
        await self.batch.foresee_newest(org_id, leaving)
        decided = []
        for index, placement in placed:
            await _breathe(index)
            command = self.many.items[index]
            decision = await decide(self.batch, self.ctx, command, placement, self.now)
            # Artifacts are made before the counters are locked, as in a single write.
            artifact = await decision.artifact(self.batch, self.ctx)
            decided.append((index, decision, artifact))
        await self.batch.settle()
        new = (d.placement.project.id for _, d, _ in decided if d.plan.draft is not None)
        await self.batch.reserve(org_id, Counter(new))
        shown = []
        for index, decision, artifact in decided:
            await _breathe(index)
            outcome = await decision.carry_out(self.batch, self._saying(index), artifact)
            shown.append(outcome.current or outcome.record)
        await self.batch.finish(org_id)
        return tuple(shown)

    async def _foresee(self) -> None:
        scope, commands = self.ctx.scope, self.many.items
        paths = [path for command in commands for path in project_paths(self.ctx, command)]
        await self.batch.foresee_projects(scope, paths)
        digests = [d for command in commands for d in command.artifact.digests.items()]
        await self.batch.foresee_artifacts(scope, digests)

    async def _locate(self, refused: list[Refusal]) -> list[tuple[int, Address]]:
        found = []
        for index, command in enumerate(self.many.items):
            await _breathe(index)
            try:
                address = await locate(self.batch, self.ctx, command, self.now, self.rules)
            except (NotFound, Forbidden) as error:
                refused.append(_refusal(index, error))
            else:
                found.append((index, address))
        return found

    async def _lock(self, addresses: Sequence[Address]) -> None:
        slots = Counter((address.environment.id, address.slot_name) for address in addresses)
        for (_, name), times in slots.items():
            if times > 1:
                raise Invalid(field="deployment_name", reason="duplicate", value=name)
        await self.batch.lock_slots(self.ctx.org.id, list(slots), self.now)
        environments = sorted({environment_id for environment_id, _ in slots})
        await self.batch.foresee_places(self.ctx.org.id, environments)

    def _saying(self, index: int) -> Context:
        """The request as far as one item's events keep it."""
        raws = self.many.raws
        return replace(self.ctx, raw=raws[index]) if raws else self.ctx


def _refusal(index: int, error: NotFound | Forbidden, address: Address | None = None) -> Refusal:
    named = address.named if address is not None else None
    return Refusal(index, error, named.number if isinstance(named, Project) else None)


async def _breathe(index: int) -> None:
    if index % _BREATH == _BREATH - 1:
        await asyncio.sleep(0)

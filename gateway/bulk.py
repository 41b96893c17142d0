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
from gateway.core.model import Artifact, Project, Record
from gateway.deciding import Decision, decide
from gateway.placement import Address, Rules, locate, place_at, project_paths
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
        decided, refusals = await work.decide()
        if refusals and not many.is_partial:
            raise Refused(refusals)
        return Recorded(await work.carry_out(decided), refusals)

    async def refusals(self, ctx: Context, many: RecordMany) -> tuple[Refusal, ...]:
        """Which items would be refused now; nothing is written. Raises as ``record``."""
        ctx.require(Permission.WRITE)
        try:
            async with self._store.batching() as batch:
                work = _Work(batch, ctx, many, self._rules, self._clock.now())
                raise Refused((await work.decide())[1])  # which rolls back what was made for it
        except Refused as refused:
            return refused.refusals


@dataclass(frozen=True, slots=True)
class _Decided:
    """One item by its index, what will be done about it, and the artifact it will hold."""

    index: int
    decision: Decision
    artifact: Artifact | None


@dataclass(frozen=True, slots=True)
class _Work:
    """One bulk write inside its transaction. Items are known by their index."""

    batch: Batch
    ctx: Context
    many: RecordMany
    rules: Rules
    now: datetime

    async def decide(self) -> tuple[list[_Decided], tuple[Refusal, ...]]:
        """Lock the slots and decide on each item; those aside that are refused."""
        await self._foresee()
        refused: list[Refusal] = []
        located = await self._locate(refused)
        await self._lock(located)
        decided = []
        for index, address in located:
            await _breathe(index)
            try:
                decided.append(await self._decided(index, address))
            except (NotFound, Forbidden) as error:
                refused.append(_refusal(index, error, address))
        return decided, tuple(sorted(refused, key=lambda refusal: refusal.index))

    async def carry_out(self, decided: Sequence[_Decided]) -> tuple[Record, ...]:
        """Number the new records, and write all of it."""
        org_id = self.ctx.org.id
        await self.batch.settle()
        plans = [d.decision for d in decided]
        new = Counter(d.placement.project.id for d in plans if d.plan.draft is not None)
        await self.batch.reserve(org_id, new)
        shown = []
        for item in decided:
            await _breathe(item.index)
            ctx = self._saying(item.index)
            outcome = await item.decision.carry_out(self.batch, ctx, item.artifact)
            shown.append(outcome.current or outcome.record)
        await self.batch.finish(org_id)
        return tuple(shown)

    async def _decided(self, index: int, address: Address) -> _Decided:
        batch, ctx, command = self.batch, self.ctx, self.many.items[index]
        placement = await place_at(batch, ctx, command, address, self.now, self.rules)
        decision = await decide(batch, ctx, command, placement, self.now)
        artifact = await decision.artifact(batch, ctx)
        if artifact is not None and decision.plan.draft is not None:
            batch.foretell(artifact, placement.project)
        return _Decided(index, decision, artifact)

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

    async def _lock(self, located: Sequence[tuple[int, Address]]) -> None:
        org_id, batch = self.ctx.org.id, self.batch
        slots = Counter((a.environment.id, a.slot_name) for _, a in located)
        for (_, name), times in slots.items():
            if times > 1:
                raise Invalid(field="deployment_name", reason="duplicate", value=name)
        await batch.lock_slots(org_id, list(slots), self.now)
        await batch.foresee_places(org_id, sorted({environment for environment, _ in slots}))
        leaving = [a for index, a in located if self.many.items[index].is_decommission]
        await batch.foresee_newest(org_id, [(a.environment.id, a.slot_name) for a in leaving])

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

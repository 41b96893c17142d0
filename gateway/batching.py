"""Recording many deployments in one transaction, each question asked once for all."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.choosing import Rules, project_paths
from gateway.core.commands import RecordDeployment
from gateway.core.context import Context
from gateway.core.errors import Forbidden, Invalid, NotFound
from gateway.core.model import Artifact
from gateway.deciding import Decision, decide
from gateway.placement import Address, locate, place_at
from gateway.ports import Batch, Clock
from gateway.writing import Outcome

_BREATH = 100
"""After so many items others get a turn of the event loop."""


@dataclass(frozen=True, slots=True)
class Item:
    """One command, and the request as far as its events keep it."""

    ctx: Context
    command: RecordDeployment


@dataclass(frozen=True, slots=True)
class Located:
    """An item by its index, and where it points."""

    index: int
    address: Address

    @property
    def slot(self) -> tuple[object, str]:
        """The slot it is about."""
        return self.address.environment.id, self.address.slot_name


@dataclass(frozen=True, slots=True)
class Decided:
    """An item by its index, what will be done about it, and the artifact it will hold."""

    index: int
    decision: Decision
    artifact: Artifact | None


@dataclass(frozen=True, slots=True)
class Turned:
    """A refused item by its index, and where it points, as far as that is known."""

    index: int
    error: NotFound | Forbidden | Invalid
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """One write of many inside its transaction: locate, decide, carry out.

    ``ctx`` says the org and the scope, which are those of all items; each slot is named at most
    once. ``left_out`` are the items, by their index, that nothing is done about.
    """

    batch: Batch
    ctx: Context
    items: Sequence[Item]
    rules: Rules
    clock: Clock
    left_out: frozenset[int] = frozenset()

    async def locate(self) -> tuple[list[Located], list[Turned]]:
        """Where the items point, and those that point nowhere. Nothing is locked yet."""
        await self._foresee()
        now = self.clock.now()
        found, turned = [], []
        for index, item in enumerate(self.items):
            await _breathe(index)
            if index in self.left_out:
                continue
            try:
                address = await locate(self.batch, item.ctx, item.command, now, self.rules)
            except (NotFound, Forbidden, Invalid) as error:
                turned.append(Turned(index, error))
            else:
                found.append(Located(index, address))
        return found, turned

    async def decide(self, located: Sequence[Located]) -> tuple[list[Decided], list[Turned]]:
        """Lock the slots and decide on each item; the refused ones are told apart.

        The time is read once the slots are locked, so that it is later than what others wrote to
        them.
        """
        await self._lock(located)
        now = self.clock.now()
        decided, turned = [], []
        for one in located:
            await _breathe(one.index)
            try:
                decided.append(await self._decided(one, now))
            except (NotFound, Forbidden) as error:
                turned.append(Turned(one.index, error, one.address))
        return decided, turned

    async def carry_out(self, decided: Sequence[Decided]) -> list[Outcome]:
        """Number the new records, and write all of it."""
        org_id = self.ctx.org.id
        await self.batch.settle()
        plans = [d.decision for d in decided]
        new = Counter(d.placement.project.id for d in plans if d.plan.draft is not None)
        await self.batch.reserve(org_id, new)
        outcomes = []
        for one in decided:
            await _breathe(one.index)
            ctx = self.items[one.index].ctx
            outcomes.append(await one.decision.carry_out(self.batch, ctx, one.artifact))
        await self.batch.finish(org_id)
        return outcomes

    async def _decided(self, one: Located, now: datetime) -> Decided:
        batch, item = self.batch, self.items[one.index]
        ctx, command = item.ctx, item.command
        placement = await place_at(batch, ctx, command, one.address, now, self.rules)
        decision = await decide(batch, ctx, command, placement, now)
        artifact = await decision.artifact(batch, ctx)
        if artifact is not None and decision.plan.draft is not None:
            batch.foretell(artifact, placement.project)
        return Decided(one.index, decision, artifact)

    async def _foresee(self) -> None:
        scope = self.ctx.scope
        paths = [path for item in self.items for path in project_paths(item.ctx, item.command)]
        await self.batch.foresee_projects(scope, paths)
        digests = [d for item in self.items for d in item.command.artifact.digests.items()]
        await self.batch.foresee_artifacts(scope, digests)

    async def _lock(self, located: Sequence[Located]) -> None:
        org_id, batch = self.ctx.org.id, self.batch
        slots = [(one.address.environment.id, one.address.slot_name) for one in located]
        now = self.clock.now()
        first: dict[tuple[UUID, str], datetime] = {}
        for one, slot in zip(located, slots, strict=True):
            first.setdefault(slot, self.items[one.index].command.occurred_at or now)
        await batch.lock_slots(org_id, first)
        await batch.foresee_places(org_id, sorted({environment for environment, _ in slots}))
        leaving = [
            slot
            for one, slot in zip(located, slots, strict=True)
            if self.items[one.index].command.is_decommission
        ]
        await batch.foresee_newest(org_id, leaving)


async def _breathe(index: int) -> None:
    if index % _BREATH == _BREATH - 1:
        await asyncio.sleep(0)

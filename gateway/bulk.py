"""Recording many deployments that one request says: all or nothing, or those that are let in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from gateway.again import begins_again
from gateway.batching import Decided, Item, Located, Turned, Work
from gateway.choosing import Rules
from gateway.core.bulk import Recorded, RecordMany
from gateway.core.context import Context, Permission
from gateway.core.errors import Conflict, Invalid, Refusal, Refused
from gateway.core.model import Project
from gateway.ports import Batch, Clock, Store

Done = TypeVar("Done")


@dataclass
class TurnedAway(Exception):
    """Items are refused: places made for them go with the transaction, which begins again."""

    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is decided, and what is refused."""

    decided: Sequence[Decided]
    refusals: tuple[Refusal, ...]


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
        ctx.trace.receive(len(many.items))
        recorded = await self._record(ctx, many)
        recorded.note_in(ctx.trace)
        return recorded

    @begins_again(Conflict)  # with a project that somebody else has made meanwhile
    async def _record(self, ctx: Context, many: RecordMany) -> Recorded:
        async def attempt(refused: tuple[Refusal, ...]) -> Recorded:
            async with self._store.batching(ctx.trace) as batch:
                return await self.record_in(batch, ctx, many, refused)

        return await leaving_out(attempt)

    async def record_in(
        self, batch: Batch, ctx: Context, many: RecordMany, refused: tuple[Refusal, ...]
    ) -> Recorded:
        """The same inside a transaction, without what an attempt before has ``refused``.

        Raises ``TurnedAway`` where more is; its caller may begin again after a ``Conflict``.
        """
        ctx.require(Permission.WRITE)
        work = self._work(batch, ctx, many, refused)
        answer = await _decide(work)
        if answer.refusals and not many.is_partial:
            raise Refused(answer.refusals)
        if answer.refusals:
            raise TurnedAway((*refused, *answer.refusals))
        outcomes = await work.carry_out(answer.decided)
        shown = (outcome.current or outcome.record for outcome in outcomes)
        return Recorded(tuple(shown), tuple(sorted(refused, key=lambda one: one.index)))

    async def refusals(self, ctx: Context, many: RecordMany) -> tuple[Refusal, ...]:
        """Which items would be refused now; nothing is written. Raises as ``record``."""
        ctx.require(Permission.WRITE)
        try:
            async with self._store.batching(ctx.trace) as batch:
                answer = await _decide(self._work(batch, ctx, many))
                raise Refused(answer.refusals)  # which rolls back what was made for it
        except Refused as refused:
            return refused.refusals

    def _work(
        self, batch: Batch, ctx: Context, many: RecordMany, refused: tuple[Refusal, ...] = ()
    ) -> Work:
        left_out = frozenset(refusal.index for refusal in refused)
        return Work(batch, ctx, list(_items(ctx, many)), self._rules, self._clock, left_out)


async def leaving_out(attempt: Callable[[tuple[Refusal, ...]], Awaitable[Done]]) -> Done:
    """What an attempt comes to, made again without those items that it has refused."""
    refused: tuple[Refusal, ...] = ()
    while True:
        try:
            return await attempt(refused)
        except TurnedAway as turned:
            refused = turned.refusals


def _items(ctx: Context, many: RecordMany) -> Iterator[Item]:
    for index, command in enumerate(many.items):
        yield Item(replace(ctx, raw=many.raws[index]) if many.raws else ctx, command)


async def _decide(work: Work) -> _Answer:
    located, nowhere = await work.locate()
    for turned in nowhere:
        if isinstance(turned.error, Invalid):
            raise turned.error
    _check_names(located)
    decided, refused = await work.decide(located)
    turned_away = sorted((*nowhere, *refused), key=lambda turned: turned.index)
    return _Answer(decided, tuple(map(_refusal, turned_away)))


def _check_names(located: Sequence[Located]) -> None:
    for (_, name), times in Counter(one.slot for one in located).items():
        if times > 1:
            raise Invalid(field="deployment_name", reason="duplicate", value=name)


def _refusal(turned: Turned) -> Refusal:
    assert not isinstance(turned.error, Invalid)  # noqa: S101 (raised before)
    named = turned.address.named if turned.address is not None else None
    return Refusal(turned.index, turned.error, named.number if isinstance(named, Project) else None)

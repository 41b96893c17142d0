"""Group commit: callers who record at the same time share a transaction.

Whoever comes while a transaction of the org is under way waits for the next one, which takes all
who wait. Each is answered after what it said is durable. A command that cannot share (it was said
under an idempotency key, or it is an attempt that may be found again), and one that shares and is
refused after something was made for it, has a transaction of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from gateway.batching import Item, Located, Turned, Work
from gateway.choosing import Rules
from gateway.core.commands import RecordDeployment
from gateway.core.context import Context
from gateway.core.errors import Collided, Unavailable
from gateway.core.trace import Trace
from gateway.lanes import Lane, Lanes, Writer
from gateway.ports import Clock, Store
from gateway.writing import Outcome

Alone = Callable[[Context, RecordDeployment], Awaitable[Outcome]]
"""Records one command in a transaction of its own."""


class Grouping:
    """Lets the commands of callers share transactions."""

    def __init__(self, store: Store, clock: Clock, rules: Rules, alone: Alone) -> None:
        self._store = store
        self._clock = clock
        self._rules = rules
        self._alone = alone
        self._lanes = Lanes()
        self._tasks: set[asyncio.Task[None]] = set()

    async def record(self, ctx: Context, command: RecordDeployment) -> Outcome:
        """Record it, with whatever else is to be recorded now. Raises what it alone would."""
        if ctx.idempotency_key is not None or command.is_attempt:
            return await self._alone(ctx, command)
        scope = (ctx.org.id, ctx.caller.projects)
        lane = self._lanes.find(scope)
        writer = Writer(Item(ctx, command), asyncio.get_running_loop().create_future())
        lane.add(writer)
        if lane.is_free():
            lane.under_way += 1
            lane.began = time.monotonic()
            task = asyncio.create_task(self._serve(lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await writer.outcome

    async def _serve(self, lane: Lane) -> None:
        """Transaction after transaction, until nobody waits."""
        try:
            while lane.waiting:
                await lane.gather()
                lane.began = time.monotonic()
                taken = lane.take()
                if not taken:
                    return  # another transaction has them all
                await self._serve_taken(lane, taken)
                lane.expected = len(taken) + len(lane.waiting)
                lane.seconds = time.monotonic() - lane.began
        finally:
            lane.under_way -= 1

    async def _serve_taken(self, lane: Lane, taken: Sequence[Writer]) -> None:
        try:
            left = await self._write(taken)
        except Unavailable as error:
            # Whoever stands behind would find the same, one long wait after the other.
            for writer in (*taken, *lane.waiting):
                _fail(writer, error)
            lane.waiting = []
        else:
            lane.waiting = left + lane.waiting

    async def _write(self, writers: Sequence[Writer]) -> list[Writer]:
        """Serve them; those who turn out to be about a slot of another's are left.

        Raises ``Unavailable`` when the database does not answer: nobody left is served.
        """
        if len(writers) == 1:
            await self._write_alone(writers[0])
            return []
        try:
            left, single = await self._write_together(writers)
        except Exception as error:
            if _is_out(error):
                raise
            left, single = [], list(writers)  # one of them is at fault: each finds out for itself
        for writer in single:
            await self._write_alone(writer)
        return left

    async def _write_alone(self, writer: Writer) -> None:
        try:
            outcome = await self._alone(writer.item.ctx, writer.item.command)
        except Exception as error:
            _fail(writer, error)
            if _is_out(error):
                raise
        else:
            _succeed(writer, outcome)

    async def _write_together(self, writers: Sequence[Writer]) -> tuple[list[Writer], list[Writer]]:
        """One transaction for all; those who are left for the next, and those for one each."""
        shared = Trace()
        try:
            async with self._store.batching(shared) as batch:
                items = [writer.item for writer in writers]
                work = Work(batch, items[0].ctx, items, self._rules, self._clock)
                located, nowhere = await work.locate()
                first, left = _one_per_slot(located)
                decided, refused = await work.decide(first)
                if refused:
                    raise _Apart(refused)
                outcomes = await work.carry_out(decided)
        except _Apart as apart:
            alone = {turned.index for turned in apart.refused}
            others = [writer for index, writer in enumerate(writers) if index not in alone]
            return others, [writers[index] for index in sorted(alone)]
        for turned in nowhere:
            _fail(writers[turned.index], turned.error)
        for one, outcome in zip(decided, outcomes, strict=True):
            writers[one.index].item.ctx.trace.share(shared)
            _succeed(writers[one.index], outcome)
        return [writers[index] for index in left], []


@dataclass
class _Apart(Exception):
    """Some are refused after something was made for them: all of it is rolled back."""

    refused: Sequence[Turned]


def _is_out(error: Exception) -> bool:
    """Whether it says that the database does not answer, to anybody."""
    return isinstance(error, Unavailable) and not isinstance(error, Collided)


def _one_per_slot(located: Sequence[Located]) -> tuple[list[Located], list[int]]:
    """The first to name each slot, and the indexes of the others."""
    first: dict[object, Located] = {}
    for one in located:
        first.setdefault(one.slot, one)
    chosen = list(first.values())
    return chosen, sorted({one.index for one in located} - {one.index for one in chosen})


def _succeed(writer: Writer, outcome: Outcome) -> None:
    if not writer.outcome.done():
        writer.outcome.set_result(outcome)


def _fail(writer: Writer, error: Exception) -> None:
    if not writer.outcome.done():
        writer.outcome.set_exception(error)

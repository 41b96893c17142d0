"""Who waits to record: those of one org and scope share transactions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable
from dataclasses import dataclass, field

from gateway.batching import Item
from gateway.writing import Outcome

_MOST = 64
"""So many share one transaction at most."""

_MOST_LANES = 256
"""So many are remembered; beyond that, those that nobody waits in are forgotten."""

_PATIENCE_SECONDS = 0.1
"""A transaction that takes longer is waiting for something: callers behind it begin another."""

_GATHERING = 0.25
"""The part of the last transaction's time that the next one waits for the same callers at most."""


@dataclass(frozen=True, slots=True)
class Writer:
    """A caller who waits for an outcome."""

    item: Item
    outcome: asyncio.Future[Outcome]

    @property
    def key(self) -> Hashable:
        """What two commands about the same slot mostly have in common."""
        command = self.item.command
        return command.environment, command.project, command.deployment_name


@dataclass(slots=True)
class Lane:
    """The callers of one org and scope: those who wait, and how many transactions are under way.

    The last transaction took so many ``seconds``; those it served are ``expected`` again, with
    those who came meanwhile.
    """

    waiting: list[Writer] = field(default_factory=list)
    under_way: int = 0
    began: float = 0.0
    expected: int = 1
    seconds: float = 0.0
    enough: asyncio.Future[None] | None = None

    def is_free(self) -> bool:
        """Whether a caller who comes now begins a transaction."""
        return not self.under_way or time.monotonic() - self.began > _PATIENCE_SECONDS

    def is_used(self) -> bool:
        """Whether anybody waits in it, or is served."""
        return bool(self.under_way or self.waiting)

    def add(self, writer: Writer) -> None:
        """One more waits; perhaps the last who was waited for."""
        self.waiting.append(writer)
        if self.enough is not None and len(self.waiting) >= self.expected:
            _end(self.enough)

    async def gather(self) -> None:
        """Wait a moment for the callers of the last transaction to come again.

        At most for a part of the time that it took. One that took longer than ``_PATIENCE_SECONDS``
        counts as that long: the database had stalled, and the next will be faster.
        """
        if len(self.waiting) >= self.expected:
            return
        loop = asyncio.get_running_loop()
        self.enough = loop.create_future()
        usual = min(self.seconds, _PATIENCE_SECONDS)
        most = loop.call_later(usual * _GATHERING, _end, self.enough)
        try:
            await self.enough
        finally:
            most.cancel()
            self.enough = None

    def take(self) -> list[Writer]:
        """Those who can share: one per slot, in the order in which they came."""
        taken: dict[Hashable, Writer] = {}
        left = []
        for writer in self.waiting:
            if len(taken) < _MOST and writer.key not in taken:
                taken[writer.key] = writer
            else:
                left.append(writer)
        self.waiting = left
        # Environments that are new are made in this order, the same for all who make some.
        return sorted(taken.values(), key=lambda writer: repr(writer.item.command.environment))


class Lanes:
    """The lanes by org and scope; those that nobody uses are forgotten when there are many."""

    def __init__(self) -> None:
        self._lanes: dict[Hashable, Lane] = {}

    def __len__(self) -> int:
        return len(self._lanes)

    def find(self, scope: Hashable) -> Lane:
        """The lane of a scope, new where there is none."""
        if scope not in self._lanes and len(self._lanes) >= _MOST_LANES:
            self._lanes = {s: lane for s, lane in self._lanes.items() if lane.is_used()}
        return self._lanes.setdefault(scope, Lane())


def _end(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)

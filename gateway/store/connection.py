"""How the connections of a pool are used."""

from __future__ import annotations

from sqlalchemy import QueuePool
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.ports import Connections


class Pool:
    """An engine, and how many want or have one of its connections now.

    ``begin`` is what begins a transaction.
    """

    __slots__ = ("begin", "engine", "wanted")

    def __init__(self, engine: AsyncEngine, begin: str) -> None:
        self.engine = engine
        self.begin = begin
        self.wanted = 0

    def connections(self) -> Connections:
        """How they are used now."""
        pool = self.engine.pool
        assert isinstance(pool, QueuePool)  # noqa: S101 (narrows the type)
        in_use = pool.checkedout()
        return Connections(pool.size(), in_use, max(0, self.wanted - in_use))

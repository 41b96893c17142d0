"""A connection whose statements are timed, and how the connections of a pool are used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Dialect, Executable, QueuePool
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway.core.trace import Phase, Trace
from gateway.ports import Connections

Values = Mapping[str, Any]


class Connection:
    """One transaction's connection; what its statements take is noted in the request's trace."""

    __slots__ = ("_connection", "_trace", "dialect")

    def __init__(self, connection: AsyncConnection, trace: Trace) -> None:
        self._connection = connection
        self._trace = trace
        self.dialect: Dialect = connection.dialect

    async def execute(
        self, statement: Executable, values: Values | Sequence[Values] | None = None
    ) -> CursorResult[Any]:
        """What the statement came to, all of it fetched."""
        before = self._trace.turn_to(Phase.STORE)
        try:
            return await self._connection.execute(statement, values)
        finally:
            self._trace.turn_to(before)


class Pool:
    """An engine, and how many want or have one of its connections now."""

    __slots__ = ("engine", "wanted")

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.wanted = 0

    def connections(self) -> Connections:
        """How they are used now."""
        pool = self.engine.pool
        assert isinstance(pool, QueuePool)  # noqa: S101 (narrows the type)
        in_use = pool.checkedout()
        return Connections(pool.size(), in_use, max(0, self.wanted - in_use))

"""The store: one implementation for both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.trace import Phase, Trace
from gateway.ports import Batch, Connections, Reading, Transaction
from gateway.store.bulk_writes import SqlBatch
from gateway.store.connection import Connection, Pool
from gateway.store.engine import open_engines
from gateway.store.faults import worded
from gateway.store.keys import KeyQueries, KeyWrites
from gateway.store.readiness import Readiness
from gateway.store.transaction import SqlReading, SqlTransaction

_Opened = TypeVar("_Opened")


class SqlStore:
    """``gateway.ports.Store`` over SQLite or PostgreSQL."""

    def __init__(self, database_url: str) -> None:
        """Connects to nothing yet. Raises ``ValueError`` for another database."""
        self._engines = open_engines(database_url)
        self._readers = Pool(self._engines.readers)
        self._writers = Pool(self._engines.writers)
        self._readiness = Readiness(self._engines.probe)

    def reading(self, trace: Trace | None = None) -> AbstractAsyncContextManager[Reading]:
        """A consistent view; nothing is written. Raises ``Unavailable``."""
        return self._opened(self._readers, self._engines.readers.connect, SqlReading, trace)

    def writing(self, trace: Trace | None = None) -> AbstractAsyncContextManager[Transaction]:
        """Committed when the block ends, rolled back when it raises. Raises ``Unavailable``."""
        return self._opened(self._writers, self._engines.writers.begin, SqlTransaction, trace)

    def batching(self, trace: Trace | None = None) -> AbstractAsyncContextManager[Batch]:
        """As ``writing``, for many writes. Raises ``Unavailable``."""
        return self._opened(self._writers, self._engines.writers.begin, SqlBatch, trace)

    async def signing_key(self) -> str:
        """The instance's own key for signing credentials, made on first use and then kept."""
        readers, writers = self._engines.readers, self._engines.writers
        async with self._opened(self._readers, readers.connect, KeyQueries) as queries:
            known = await queries.signing_key()
        if known is not None:
            return known
        async with self._opened(self._writers, writers.begin, KeyWrites) as writes:
            return await writes.make_signing_key()

    async def is_ready(self) -> bool:
        """Whether the database answers, within a second, and its schema is at head."""
        return await self._readiness.is_ready()

    def connections(self) -> Mapping[str, Connections]:
        """How the connections for reading and for writing are used now."""
        return {
            "readers": self._readers.connections(),
            "writers": self._writers.connections(),
        }

    async def close(self) -> None:
        """Give the connections back."""
        await self._readiness.close()
        await self._engines.dispose()

    @asynccontextmanager
    async def _opened(
        self,
        pool: Pool,
        connect: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
        make: Callable[[Connection], _Opened],
        trace: Trace | None = None,
    ) -> AsyncIterator[_Opened]:
        """The block is the use case's; before, after and in its statements it is the store's."""
        trace = trace or Trace()
        before = trace.turn_to(Phase.STORE)
        pool.wanted += 1
        try:
            with worded():
                async with connect() as connection:
                    trace.turn_to(Phase.CORE)
                    try:
                        yield make(Connection(connection, trace))
                    finally:
                        trace.turn_to(Phase.STORE)
        finally:
            pool.wanted -= 1
            trace.turn_to(Phase.RENDER if before is Phase.PARSE else before)


def open_store(database_url: str) -> SqlStore:
    """A store for a URL as operators write it: ``sqlite:///path`` or ``postgresql://…``.

    Connects to nothing yet. Raises ``ValueError`` for another database.
    """
    return SqlStore(database_url)

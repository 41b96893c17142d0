"""The store: one implementation for both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar
from uuid import UUID

from gateway.core.members import Held
from gateway.core.model import Record
from gateway.core.trace import Phase, Trace
from gateway.ports import Batch, Connections, Reading, Transaction
from gateway.store.bulk_writes import SqlBatch
from gateway.store.connection import Pool
from gateway.store.engine import open_engines
from gateway.store.faults import worded
from gateway.store.glances import Glances
from gateway.store.keys import KeyQueries, KeyWrites
from gateway.store.prepared import Statements
from gateway.store.readiness import Readiness
from gateway.store.session import Session, opened
from gateway.store.transaction import SqlReading, SqlTransaction

_Opened = TypeVar("_Opened")


class SqlStore:
    """``gateway.ports.Store`` over SQLite or PostgreSQL."""

    def __init__(self, database_url: str) -> None:
        """Connects to nothing yet. Raises ``ValueError`` for another database."""
        self._engines = engines = open_engines(database_url)
        self._statements = Statements(engines.writers.dialect)
        self._readers = Pool(engines.readers, engines.begin_reading)
        self._writers = Pool(engines.writers, engines.begin_writing)
        self._readiness = Readiness(engines.probe)
        self._glances = Glances(self._readers, self._statements)

    def reading(self, trace: Trace | None = None) -> AbstractAsyncContextManager[Reading]:
        """A consistent view; nothing is written. Raises ``Unavailable``."""
        return self._opened(self._readers, SqlReading, trace)

    def writing(self, trace: Trace | None = None) -> AbstractAsyncContextManager[Transaction]:
        """Committed when the block ends, rolled back when it raises. Raises ``Unavailable``."""
        return self._opened(self._writers, SqlTransaction, trace)

    def batching(self, trace: Trace | None = None) -> AbstractAsyncContextManager[Batch]:
        """As ``writing``, for many writes. Raises ``Unavailable``."""
        return self._opened(self._writers, SqlBatch, trace)

    async def held(self, org_id: UUID, token_id: UUID) -> Held | None:
        """A token and what it opens, as they are committed."""
        return await self._glances.held.find((org_id, token_id))

    async def numbered(self, org_id: UUID, number: int) -> Record | None:
        """The org's record of this number, as it is committed."""
        return await self._glances.numbered.find((org_id, number))

    async def is_discussed(self, org_id: UUID) -> bool:
        """Whether the org's records may need approvals, or have any: if not, nobody need look."""
        return bool(await self._glances.discussed.find(org_id))

    async def signing_key(self) -> str:
        """The instance's own key for signing credentials, made on first use and then kept."""
        async with self._opened(self._readers, KeyQueries) as queries:
            known = await queries.signing_key()
        if known is not None:
            return known
        async with self._opened(self._writers, KeyWrites) as writes:
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
        await self._glances.close()
        await self._engines.dispose()

    @asynccontextmanager
    async def _opened(
        self,
        pool: Pool,
        make: Callable[[Session], _Opened],
        trace: Trace | None = None,
    ) -> AsyncIterator[_Opened]:
        """The block is the use case's; before, after and in its statements it is the store's."""
        trace = trace or Trace()
        before = trace.turn_to(Phase.STORE)
        pool.wanted += 1
        try:
            with worded():
                async with opened(pool, self._statements, trace) as session:
                    trace.turn_to(Phase.CORE)
                    try:
                        yield make(session)
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
